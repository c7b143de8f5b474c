"""What a described service and its runs say in words, built only from what is stored."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from trustwide.commons.nhsuk.formats import day, percent, thousands
from trustwide.services.imaging.capacity.sessions import DAY_NAMES, days_of
from trustwide.services.imaging.plan_words import count, day_of, money, price, weeks

__all__ = ["count", "day_of", "money", "price", "weeks"]  # words of ours that templates ask here for

Figures = Mapping[str, Any]


def service(facts: Figures, used: float | None) -> str:
    """The first line of a service: 11 scanners, 756 hours a week, 92% used."""
    number, vans = facts["scanners"] + facts["vans"], facts["vans"]
    mobile = ", one of them a visiting van" if vans == 1 else f", {vans:,} of them visiting vans" if vans else ""
    said = f"{number:,} scanner{'' if number == 1 else 's'}{mobile}, {thousands(facts['hours'])} hours a week"
    if used is not None:
        return f"{said}, {percent(used, 0)} used."
    if facts["load"] is None:
        return f"{said}, none of them open."
    return f"{said}; the demand would take {percent(facts['load'], 0)} of them."


def listed(facts: Figures) -> str:
    """How many wait at the start, and how long it runs."""
    start = day(datetime.date.fromisoformat(facts["start"]))
    who = f"{facts['waiting']:,} people wait on {start}" if facts["waiting"] else f"It starts on {start} with no list"
    return f"{who}; {facts['requests']:,.0f} requests come a week."


def sessions(written: str | Iterable[Mapping[str, Any]]) -> str:
    """Monday to Friday 08:00–20:00, Saturday 08:00–16:00; every 2 weeks"""
    if isinstance(written, str):
        return "Always open"
    return "; ".join(session(one) for one in written)


def session(one: Mapping[str, Any]) -> str:
    """One session of the file: Monday and Tuesday 08:00–20:00 every 2 weeks"""
    often = one.get("every_weeks", 1)
    parts = [f"{day_words(days_of(one['days']))} {one['opens']}–{one['closes']}"]
    parts += [f"every {often} weeks"] if often > 1 else []
    parts += [f"from week {one['from_week']}"] if one.get("from_week") else []
    parts += [f"until week {one['until_week']}"] if one.get("until_week") else []
    return " ".join(parts)


def day_words(days: Sequence[int]) -> str:
    """Every day; Monday to Friday; Monday and Tuesday"""
    if len(days) == len(DAY_NAMES):
        return "Every day"
    if len(days) > 2 and list(days) == list(range(days[0], days[-1] + 1)):
        return f"{DAY_NAMES[days[0]]} to {DAY_NAMES[days[-1]]}"
    names = [DAY_NAMES[one] for one in days]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def length(law: Mapping[str, Any] | None, unit: str = "") -> str:
    """24 ± 8; 30 days; nothing where the file says none"""
    if not law:
        return ""
    if "fixed" in law:
        return f"{law['fixed']:g}{unit}"
    if "lognormal" in law:
        return f"{law['lognormal']['mean']:g} ± {law['lognormal']['sd']:g}{unit}"
    return f"{law['exponential']['mean']:g}{unit} on average"


def breakdowns(scanner: Mapping[str, Any]) -> str:
    """every 45 days for 9 hours; never"""
    given = scanner.get("breakdowns")
    return f"every {_time(given['up'])} for {_time(given['down'])}" if given else "not in the file"


def _time(law: Mapping[str, Any]) -> str:
    inner: Mapping[str, float] = next(iter(law.values()))
    for name, value in inner.items():
        if not name.startswith("sd_"):
            return f"{value:g} {name.removeprefix('mean_')}"
    return "?"


def closed(described: Mapping[str, Any]) -> str:
    """On which days everything is closed."""
    days = described.get("closed_on") or []
    if isinstance(days, str):
        return "England's bank holidays"
    dates = [day(datetime.date.fromisoformat(str(one))) for one in days]
    return ", ".join(dates) if dates else "No day"


def held(described: Figures) -> str:
    """10% for suspected_cancer, 22% for urgent; nothing"""
    hold = (described.get("booking") or {}).get("hold") or {}
    return ", ".join(f"{percent(share, 0)} for {stream}" for stream, share in hold.items()) or "Nothing"


def target(described: Figures) -> str:
    """Mean wait of those scanned: two weeks"""
    asked = described.get("target") or {}
    statistic = {"mean": "Mean", "median": "Median", "p95": "95%"}[asked.get("statistic", "mean")]
    who = {"scanned": "those scanned", "waiting": "those waiting"}[asked.get("who", "scanned")]
    return f"{statistic} wait of {who}: {weeks(asked.get('weeks', 2))}"


def lever_title(lever: Figures) -> str:
    """What a measure is called: its title, or its id in words."""
    return str(lever.get("title") or lever["id"].replace("-", " ").replace("_", " ").capitalize())


def lever_does(lever: Figures) -> str:
    """What a measure changes, in words."""
    parts = lever["does"] if isinstance(lever["does"], list) else [lever["does"]]
    return "; ".join(_change(kind, change) for part in parts for kind, change in part.items())


def _change(kind: str, change: Any) -> str:
    given = change if isinstance(change, Mapping) else {}
    after = f" after {count(given['from_week'], 'week')}" if given.get("from_week") else ""
    said = _CHANGES.get(kind)
    return f"{said(given, change) if said else kind.replace('_', ' ')}{after}"


# each kind of change in words, from its fields and, where a number alone may stand for them, that number
_CHANGES: dict[str, Callable[[Figures, Any], str]] = {
    "add_sessions": lambda given, _: f"more sessions of {given['scanner']}: {sessions(given['sessions'])}",
    "set_sessions": lambda given, _: f"{given['scanner']} works {sessions(given['sessions'])}",
    "remove": lambda given, _: f"{given['scanner']} goes",
    "add_scanner": lambda given, _: f"a scanner {given['id']} at {given['site']}: {sessions(given['sessions'])}",
    "scale_did_not_attend": lambda _, change: f"{percent(1 - _factor(change), 0)} fewer missed appointments",
    "pool_lists": lambda _, change: "one list for all sites",
    "set_slot": lambda given, _: f"slots of {given['minutes']} minutes for {percent(given.get('share', 1), 0)} of "
                                 f"{', '.join(given['streams'])}",
    "scale_breakdowns": lambda given, change: f"{percent(1 - _factor(change), 0)} fewer breakdowns of "
                                              f"{given['scanner']}",
    "add_staff": lambda given, _: f"{given['hours_per_week']:g} more hours a week of {given['role']}",
}  # fmt: skip


def _factor(change: Any) -> float:
    return float(change["factor"] if isinstance(change, Mapping) else change)


def staff(lever: Figures) -> str:
    """needs 3.5 radiographer; nothing"""
    needs = ", ".join(f"{number:g} {role}" for role, number in lever.get("needs_staff", {}).items())
    return f"needs {needs}" if needs else ""
