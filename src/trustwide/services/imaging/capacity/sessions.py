"""Sessions of a scanner as single blocks of one day, which can be moved, and as the file groups them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from trustwide.services.imaging.capacity.description import Described

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
Sessions = list[dict[str, Any]]
Rest = tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Block:
    """One session of one weekday (0 is Monday). `rest`: what else the file says of it, such as from which week."""

    day: int
    opens: str
    closes: str
    every_weeks: int = 1
    rest: Rest = ()


@dataclass(frozen=True)
class Move:
    """What becomes of the sessions of a scanner: block `number` is replaced, taken away, or one is added."""

    scanner: str
    number: int | None = None
    to: Block | None = None


def blocks_of(sessions: str | Iterable[Mapping[str, Any]]) -> list[Block]:
    """The blocks of a scanner by day and hour; none for one that is always open."""
    if isinstance(sessions, str):
        return []
    blocks = [
        Block(day, one["opens"], one["closes"], one.get("every_weeks", 1), _rest(one))
        for one in sessions
        for day in days_of(one["days"])
    ]
    return sorted(blocks, key=lambda block: (block.day, block.opens))


def sessions_of(blocks: Iterable[Block]) -> Sessions:
    """Blocks as the file writes them: days of equal hours together."""
    groups: dict[Block, list[int]] = {}
    for block in blocks:
        groups.setdefault(replace(block, day=0), []).append(block.day)
    return [_session(block, sorted(set(days))) for block, days in groups.items()]


def days_of(days: str | Sequence[str]) -> list[int]:
    """Numbers of the weekdays that a session names."""
    if isinstance(days, str):
        return list(range(7 if days == "daily" else 5))
    return [DAYS.index(day) for day in days]


def days_as_written(days: Sequence[int]) -> str | list[str]:
    """Weekdays as the file names them."""
    if list(days) == list(range(7)):
        return "daily"
    return "weekdays" if list(days) == list(range(5)) else [DAYS[day] for day in days]


def moved(described: Described, move: Move) -> Sessions:
    """The sessions of the scanner after the move. Raises KeyError where there is no such scanner or block."""
    scanner = scanner_of(described, move.scanner)
    blocks = blocks_of(scanner["sessions"])
    if move.number is not None:
        if not 0 <= move.number < len(blocks):
            raise KeyError(move.number)
        before = blocks.pop(move.number)
        rest = before.rest
    else:
        rest = ()
    if move.to is not None:
        blocks.append(replace(move.to, rest=rest))
    return sessions_of(sorted(blocks, key=lambda block: (block.day, block.opens)))


def with_sessions(described: Described, changes: Mapping[str, Any]) -> Described:
    """The description with other sessions of the scanners named."""
    scanners = [
        {**one, "sessions": changes[one["id"]]} if one["id"] in changes else one for one in described["scanners"]
    ]
    return {**described, "scanners": scanners}


def scanner_of(described: Described, scanner: str) -> dict[str, Any]:
    """The scanner of this id. Raises KeyError where there is none."""
    found: dict[str, Any] | None = next((one for one in described["scanners"] if one["id"] == scanner), None)
    if found is None:
        raise KeyError(scanner)
    return found


def number_of(described: Described, scanner: str, block: Block) -> int | None:
    """Where a block stands among those of its scanner."""
    there = [replace(one, rest=()) for one in blocks_of(scanner_of(described, scanner)["sessions"])]
    wanted = replace(block, rest=())
    return there.index(wanted) if wanted in there else None


def _rest(session: Mapping[str, Any]) -> Rest:
    known = {"days", "opens", "closes", "every_weeks"}
    return tuple((name, value) for name, value in session.items() if name not in known)


def _session(block: Block, days: Sequence[int]) -> dict[str, Any]:
    often = {} if block.every_weeks == 1 else {"every_weeks": block.every_weeks}
    written = days_as_written(days)
    return {"days": written, **often, "opens": block.opens, "closes": block.closes, **dict(block.rest)}
