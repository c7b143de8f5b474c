"""Hours a scanner usually works, as blocks that can be moved about before they are saved."""

from __future__ import annotations

import datetime
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from trustwide.services.imaging.booking.cells import CELL_MINUTES
from trustwide.services.imaging.booking.exceptions import BookingError
from trustwide.services.imaging.booking.hours.days import A_DAY, A_WEEK, DAY_NAMES, monday_of
from trustwide.services.imaging.booking.hours.rules import MOST_OVERBOOKED
from trustwide.services.imaging.booking.models import SessionTemplate
from trustwide.services.imaging.booking.sessions import days_of
from trustwide.services.imaging.requests.models import Priority

MOST_WEEKS = 12  # a rhythm longer than that is no usual one
LOOKED_AHEAD = 2 * MOST_WEEKS * MOST_WEEKS  # weeks in which two rhythms meet if ever they do
LONGEST_DRAFT = 200_000  # characters


@dataclass(frozen=True)
class Block:
    """Usual hours of a weekday. of: id of the template it stands for, None for a new one. site: id."""

    of: int | None
    day: int
    opens: str
    closes: str
    every_weeks: int
    site: int
    limit: int = 0
    competences: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()

    @property
    def minutes(self) -> int:
        """Its length."""
        return minute_of(self.closes) - minute_of(self.opens)

    @property
    def hours_a_week(self) -> float:
        """What it comes to in an average week."""
        return self.minutes / 60 / self.every_weeks


@dataclass(frozen=True)
class Draft:
    """Other blocks for one scanner. base: ids of the templates that were in force when it was begun."""

    base: tuple[int, ...]
    blocks: tuple[Block, ...]


Drafts = dict[int, Draft]


@dataclass(frozen=True)
class Turn:
    """What becomes of a scanner's templates. `ended` end the day before, `begun` are new and not saved yet."""

    ended: tuple[SessionTemplate, ...]
    begun: tuple[SessionTemplate, ...]
    stay: tuple[SessionTemplate, ...]

    @property
    def templates(self) -> tuple[SessionTemplate, ...]:
        """All of them, as they will be."""
        return (*self.ended, *self.begun, *self.stay)


def block_of(template: SessionTemplate) -> Block:
    """A template as a block."""
    return Block(
        template.pk, template.weekday, f"{template.opens:%H:%M}", f"{template.closes:%H:%M}", template.every_weeks,
        template.site_id, template.overbook_limit, tuple(template.competences), tuple(template.priorities),
    )  # fmt: skip


def in_force(templates: Iterable[SessionTemplate], day: datetime.date) -> list[SessionTemplate]:
    """Templates that work in the rhythm that begins with the week of `day`."""
    return [one for one in templates if _works(one, day)]


def _works(template: SessionTemplate, day: datetime.date) -> bool:
    return next(days_of(template, day, day + template.every_weeks * A_WEEK - A_DAY), None) is not None


def check_block(block: Block, scanner: str, competences: Collection[str]) -> None:
    """Raise BookingError, naming scanner and day, for hours that cannot be. competences: those an exam asks for."""
    where = f"{scanner}, {DAY_NAMES[block.day]}"
    for text in (block.opens, block.closes):
        if minute_of(text) % CELL_MINUTES:
            raise BookingError(
                f"{where}: {text} is between two slots; choose a time in steps of {CELL_MINUTES} minutes."
            )
    if minute_of(block.opens) >= minute_of(block.closes):
        raise BookingError(f"{where}: it opens at {block.opens} and closes at {block.closes}; it must close later.")
    if not 1 <= block.every_weeks <= MOST_WEEKS:
        raise BookingError(f"{where}: every 1 to {MOST_WEEKS} weeks, got {block.every_weeks}.")
    if not 0 <= block.limit <= MOST_OVERBOOKED:
        raise BookingError(f"{where}: over-booking of 0 to {MOST_OVERBOOKED} patients, got {block.limit}.")
    if not set(block.priorities) <= set(Priority.values):
        raise BookingError(f"{where}: one of the priorities is not known; choose them from the list.")
    if not set(block.competences) <= set(competences):
        raise BookingError(f"{where}: no exam asks for one of the competences; choose them from the list.")


def check_apart(turn: Turn, from_on: datetime.date, scanner: str) -> None:
    """Raise BookingError where two templates of a scanner would be open at once."""
    last = from_on + LOOKED_AHEAD * A_WEEK
    everything = sorted(turn.templates, key=lambda one: (one.weekday, one.opens))
    for number, one in enumerate(everything):
        for other in everything[number + 1 :]:
            if one.weekday != other.weekday or one.opens >= other.closes or other.opens >= one.closes:
                continue
            if both := set(days_of(one, from_on, last)) & set(days_of(other, from_on, last)):
                raise BookingError(
                    f"{scanner}, {DAY_NAMES[one.weekday]}: {one.opens:%H:%M} to {one.closes:%H:%M} and "
                    f"{other.opens:%H:%M} to {other.closes:%H:%M} overlap, first on {min(both):%-d %B %Y}."
                )


def turned(templates: Sequence[SessionTemplate], draft: Draft, from_on: datetime.date, scanner_id: int) -> Turn:
    """What a draft makes of a scanner's templates from a day on. Raises BookingError if they changed meanwhile."""
    now = {one.pk: one for one in in_force(templates, from_on)}
    if set(now) != set(draft.base):
        raise BookingError("Somebody changed these hours meanwhile; undo your changes and look at them again.")
    same = {block.of for block in draft.blocks if block.of in now and block == block_of(now[block.of])}
    ended = [one for pk, one in now.items() if pk not in same]
    begun = [
        _begun(block, now.get(block.of or 0), from_on, scanner_id) for block in draft.blocks if block.of not in same
    ]
    for one in ended:
        one.until_on = from_on - A_DAY
    stay = [one for one in templates if one.pk not in now or one.pk in same]
    return Turn(tuple(ended), tuple(begun), tuple(stay))


def _begun(block: Block, before: SessionTemplate | None, from_on: datetime.date, scanner_id: int) -> SessionTemplate:
    return SessionTemplate(
        scanner_id=scanner_id, site_id=block.site, weekday=block.day,
        opens=datetime.time.fromisoformat(block.opens), closes=datetime.time.fromisoformat(block.closes),
        every_weeks=block.every_weeks, from_on=_first_day(block, before, from_on),
        until_on=_until(before, from_on), overbook_limit=block.limit,
        competences=list(block.competences), priorities=list(block.priorities),
    )  # fmt: skip


def _first_day(block: Block, before: SessionTemplate | None, from_on: datetime.date) -> datetime.date:
    """The first day of other hours. What came every other week stays in its weeks."""
    if before is None or before.every_weeks == 1 or before.every_weeks != block.every_weeks:
        return from_on
    begun = next(days_of(_endless(before), before.from_on, before.from_on + A_WEEK))
    week = monday_of(begun)
    while week + block.day * A_DAY < from_on:
        week += block.every_weeks * A_WEEK
    return week + block.day * A_DAY


def _endless(template: SessionTemplate) -> SessionTemplate:
    return SessionTemplate(weekday=template.weekday, every_weeks=template.every_weeks, from_on=template.from_on)


def _until(before: SessionTemplate | None, from_on: datetime.date) -> datetime.date | None:
    return before.until_on if before is not None and before.until_on and before.until_on >= from_on else None


def minute_of(text: str) -> int:
    """Minutes after midnight of 08:30."""
    return int(text[:2]) * 60 + int(text[3:])


def changed(draft: Draft, number: int | None, to: Block | None) -> Draft:
    """The draft with block `number` replaced by `to`, taken away, or one added. Raises KeyError for no such block."""
    blocks = list(draft.blocks)
    if number is not None:
        if not 0 <= number < len(blocks):
            raise KeyError(number)
        before = blocks.pop(number)
        to = replace(to, of=before.of) if to is not None else None
    if to is not None:
        blocks.append(to)
    return replace(draft, blocks=in_order(blocks))


def in_order(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """By day and hour."""
    return tuple(sorted(blocks, key=lambda one: (one.day, one.opens, one.closes, one.of or 0)))


def as_text(drafts: Drafts) -> str:
    """Drafts as a page sends them back."""
    return json.dumps({str(scanner): asdict(draft) for scanner, draft in drafts.items()})


def from_text(text: str, scanners: Mapping[int, Any]) -> Drafts:
    """What a page kept of the drafts; nothing where it is not what a page would send."""
    if len(text) > LONGEST_DRAFT:
        return {}
    try:
        read = json.loads(text or "{}")
        return {int(key): _draft(one) for key, one in read.items() if int(key) in scanners}
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return {}


def _draft(read: Mapping[str, Any]) -> Draft:
    return Draft(tuple(int(one) for one in read["base"]), tuple(_block(one) for one in read["blocks"]))


def _block(read: Mapping[str, Any]) -> Block:
    opens, closes = (f"{datetime.time.fromisoformat(read[name]):%H:%M}" for name in ("opens", "closes"))
    day = int(read["day"])
    if not 0 <= day < len(DAY_NAMES):
        raise ValueError(day)
    return Block(
        of=None if read["of"] is None else int(read["of"]), day=day, opens=opens, closes=closes,
        every_weeks=max(1, int(read["every_weeks"])), site=int(read["site"]), limit=max(0, int(read["limit"])),
        competences=tuple(str(one) for one in read["competences"]),
        priorities=tuple(str(one) for one in read["priorities"]),
    )  # fmt: skip
