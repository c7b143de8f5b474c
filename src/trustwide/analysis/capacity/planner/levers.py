"""Levers: read from a file, and put to a service. A service with levers is a service like any other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from trustwide.analysis.capacity.costs import LeverCost
from trustwide.analysis.capacity.exceptions import LeverError, ServiceError
from trustwide.analysis.capacity.model import Service
from trustwide.analysis.capacity.planner.lever_fields import (
    AddSessions,
    AddStaff,
    Lever,
    PoolLists,
    Remove,
    ScaleBreakdowns,
    ScaleDidNotAttend,
    SetSessions,
    SetSlot,
)
from trustwide.analysis.capacity.service import checked_fields, read_yaml, sentence
from trustwide.analysis.capacity.service_fields import Scanner

MOST_LEVERS = 60

Data = dict[str, Any]  # the fields of a service as plain mappings and lists
Put = Callable[[Any, int, Data], None]  # (change, week it acts from, service): writes the change into the service


def load_levers(source: str | Path | Sequence[Mapping[str, Any]]) -> tuple[Lever, ...]:
    """Levers from a YAML file or a list of mappings. Raises LeverError, one sentence for each fault, with its path."""
    if isinstance(source, str | Path):
        try:
            data = read_yaml(Path(source))
        except ServiceError as error:
            raise LeverError(str(error)) from error
        return _levers(data, f"{Path(source).name}: ")
    return _levers(list(source), "")


def _levers(data: Any, where: str) -> tuple[Lever, ...]:
    if not isinstance(data, list) or not 0 < len(data) <= MOST_LEVERS:
        raise LeverError(f"{where}must be a list of 1 to {MOST_LEVERS} levers, each with id and does.")
    problems: list[str] = []
    levers: list[Lever] = []
    for number, entry in enumerate(data):
        if not isinstance(entry, Mapping):
            problems.append(f"lever {number}: must be a mapping with id and does, got {entry!r:.60}")
            continue
        try:
            levers.append(Lever.model_validate(entry))
        except ValidationError as error:
            problems += [f"lever {entry.get('id', number)}: {sentence(detail)}" for detail in error.errors()]
    problems = problems or _problems_together(levers)
    if problems:
        raise LeverError("\n".join(f"{where}{problem}" for problem in dict.fromkeys(problems)))
    return tuple(levers)


def _problems_together(levers: Sequence[Lever]) -> list[str]:
    ids = [lever.id for lever in levers]
    problems = [f"lever {one}: this id stands twice; give each lever its own" for one in ids if ids.count(one) > 1]
    for lever in levers:
        problems += [
            f"lever {lever.id}: excludes: there is no lever {other!r} in the file"
            for other in lever.excludes
            if other not in ids
        ]
        if not all(lever.changes) or len(lever.changes) < (len(lever.does) if isinstance(lever.does, list) else 1):
            problems.append(f"lever {lever.id}: does: must say one change such as add_sessions or pool_lists")
    return problems


def cost_of(lever: Lever) -> LeverCost:
    return LeverCost(lever.cost_per_year, lever.one_off, lever.capital)


def acts_from(lever: Lever, start: int) -> int:
    """First week in which every part of the lever acts, if it starts in week `start`."""
    return start + max(int(change.from_week) for _, change in lever.changes)


def with_levers(service: Service, levers: Sequence[Lever], starts: Sequence[int] | None = None) -> Service:
    """The service with these levers, the first that may begin (or `starts`, weeks) being their start.

    The waiting list stays. Raises LeverError where a lever does not fit the service or another lever.
    """
    data = service.fields.model_dump()
    weeks = [lever.start_weeks[0] for lever in levers] if starts is None else starts
    for lever, start in zip(levers, weeks, strict=True):
        for kind, change in lever.changes:
            try:
                _PUT[kind](change, start + change.from_week, data)
            except LeverError as error:
                raise LeverError(f"lever {lever.id}: {kind}: {error}") from error
    names = " with ".join(lever.id for lever in levers)
    try:
        return Service(checked_fields(data, service.name), service.waiting_list)
    except ServiceError as error:
        raise LeverError(f"{'levers' if len(levers) > 1 else 'lever'} {names}: {'; '.join(error.problems)}") from error


def _named(rows: list[Data], key: str, what: str) -> Data:
    for row in rows:
        if row["id"] == key:
            return row
    raise LeverError(f"there is no {what} {key!r} in the service; it has {', '.join(row['id'] for row in rows)}")


def _own_sessions(change: AddSessions | SetSessions, data: Data) -> list[Data]:
    sessions = _named(data["scanners"], change.scanner, "scanner")["sessions"]
    if isinstance(sessions, str):
        raise LeverError(f"scanner {change.scanner!r} is {sessions} open, so its sessions cannot be changed")
    return list(sessions)


def _from(week: int, sessions: Sequence[Any]) -> list[Data]:
    return [{**one.model_dump(), "from_week": max(week, one.from_week)} for one in sessions]


def _until(week: int, row: Data) -> Data:
    """A session or a scanner that ends with this week, if it has not ended before."""
    until = row["until_week"]
    return {**row, "until_week": week if until is None else min(until, week)}


def _add_sessions(change: AddSessions, week: int, data: Data) -> None:
    row = _named(data["scanners"], change.scanner, "scanner")
    row["sessions"] = _own_sessions(change, data) + _from(week, change.sessions)


def _set_sessions(change: SetSessions, week: int, data: Data) -> None:
    before = [_until(week, one) for one in _own_sessions(change, data) if one["from_week"] < week]
    _named(data["scanners"], change.scanner, "scanner")["sessions"] = before + _from(week, change.sessions)


def _remove(change: Remove, week: int, data: Data) -> None:
    row = _named(data["scanners"], change.scanner, "scanner")
    if row["from_week"] < week:
        row.update(_until(week, row))
    elif len(data["scanners"]) == 1:
        raise LeverError(f"scanner {change.scanner!r} is the only one")
    else:
        data["scanners"].remove(row)


def _add_scanner(change: Scanner, week: int, data: Data) -> None:
    data["scanners"].append({**change.model_dump(), "from_week": week})


def _streams(names: Sequence[str] | None, data: Data) -> list[Data]:
    if names is None:
        return [row for row in data["demand"] if row["access"] == "booked"]
    return [_named(data["demand"], name, "stream") for name in names]


def _scale_did_not_attend(change: ScaleDidNotAttend, week: int, data: Data) -> None:
    for row in _streams(change.streams, data):
        missed = row["did_not_attend"]
        if missed is None:
            continue
        scaled = min(1.0, missed["probability"] * change.factor)
        if missed["then"] is not None:
            raise LeverError(f"stream {row['id']!r} has a change of its own to come (did_not_attend.then)")
        if week == 0:
            missed["probability"] = scaled
        else:
            missed["then"] = {"from_week": week, "probability": scaled}


def _pool_lists(_: PoolLists, week: int, data: Data) -> None:
    if data["travel"] is None:
        raise LeverError("the service says nothing of travel between its sites; add travel.minutes and travel.willing")
    booking = data["booking"] or {}
    earlier = booking.get("pool_from_week", 0) if booking.get("pool_lists") else week
    data["booking"] = {**booking, "pool_lists": True, "pool_from_week": min(week, earlier)}


def _set_slot(change: SetSlot, week: int, data: Data) -> None:
    for row in _streams(change.streams, data):
        if row["access"] != "booked" or change.minutes >= row["slot"]:
            raise LeverError(f"stream {row['id']!r} must be booked with slots longer than {change.minutes} minutes")
        if row["short_slot"] is not None:
            raise LeverError(f"stream {row['id']!r} already has a shorter slot")
        row["short_slot"] = {"minutes": change.minutes, "share": change.share, "from_week": week}


def _scale_breakdowns(change: ScaleBreakdowns, week: int, data: Data) -> None:
    breakdowns = _named(data["scanners"], change.scanner, "scanner")["breakdowns"]
    if breakdowns is None:
        raise LeverError(f"scanner {change.scanner!r} never breaks down in this service")
    if breakdowns["then"] is not None:
        raise LeverError(f"scanner {change.scanner!r} has a change of its own to come (breakdowns.then)")
    breakdowns["then"] = {"from_week": week, "factor": change.factor}


def _add_staff(change: AddStaff, week: int, data: Data) -> None:
    if not data["staff"]:
        raise LeverError("the service has no staff limits, so more staff change nothing")
    data["staff"].append({**change.model_dump(), "from_week": week})


_PUT: dict[str, Put] = {
    "add_sessions": _add_sessions,
    "set_sessions": _set_sessions,
    "remove": _remove,
    "add_scanner": _add_scanner,
    "scale_did_not_attend": _scale_did_not_attend,
    "pool_lists": _pool_lists,
    "set_slot": _set_slot,
    "scale_breakdowns": _scale_breakdowns,
    "add_staff": _add_staff,
}
