"""The week of usual hours: its blocks, what was moved and not saved yet, and what would follow from it."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from trustwide.commons.accounts.models import User
from trustwide.commons.organisations.models import Site
from trustwide.services.imaging.booking.exceptions import BookingError
from trustwide.services.imaging.booking.hours.actions import change_of
from trustwide.services.imaging.booking.hours.days import DAY_NAMES
from trustwide.services.imaging.booking.hours.follows import Follows
from trustwide.services.imaging.booking.hours.forms import BlockForm, competences_known
from trustwide.services.imaging.booking.hours.rules import scanners_to_change
from trustwide.services.imaging.booking.hours.usual import (
    Block,
    Draft,
    Drafts,
    as_text,
    block_of,
    changed,
    from_text,
    in_force,
    in_order,
    minute_of,
)
from trustwide.services.imaging.booking.models import Scanner, SessionTemplate

EARLIEST, LATEST = 6 * 60, 22 * 60  # the part of a day that is drawn at least
PICK_FIRST = "Choose hours of the calendar first."


@dataclass(frozen=True)
class UsualBlock:
    """A block as the calendar draws it: minutes after midnight, the words that name it, the rest of its fields."""

    number: int
    block: Block
    opens: int
    closes: int
    words: str
    more: str


@dataclass(frozen=True)
class UsualRow:
    """A scanner with its blocks by weekday. locked: somebody else changes its hours."""

    scanner: int
    name: str
    title: str
    mobile: bool
    locked: bool
    days: tuple[tuple[UsualBlock, ...], ...]


@dataclass(frozen=True)
class Saved:
    """Usual hours as they are saved, from a day on. scanners: all that are shown. mine: those that may be changed."""

    start: datetime.date
    scanners: dict[int, Scanner]
    mine: dict[int, Scanner]
    sites: dict[int, Site]
    competences: list[tuple[str, str]]
    drafts: Drafts

    def form(self, *args: Any, **kwargs: Any) -> BlockForm:
        """A form for one block of these scanners."""
        kwargs = (
            kwargs
            if args
            else {"initial": {"opens": "08:00", "closes": "20:00", "every_weeks": 1, "limit": 0}} | kwargs
        )
        return BlockForm(list(self.mine.values()), list(self.sites.values()), self.competences, *args, **kwargs)


@dataclass(frozen=True)
class UsualPage:
    """`drafts`: other hours by scanner, not saved yet. `picked`: scanner and number of the block in the form."""

    saved: Saved
    drafts: Drafts
    form: BlockForm
    picked: tuple[str, int | None] = ("", None)
    said: str = ""
    problem: str = ""
    follows: Follows | None = None
    last: datetime.date | None = None
    rows: tuple[UsualRow, ...] = field(default=())

    @property
    def changes_text(self) -> str:
        """The drafts as the page sends them back."""
        return as_text(self.drafts)

    @property
    def hours(self) -> float:
        """Hours in an average week, with what is not saved yet."""
        return _hours({**self.saved.drafts, **self.drafts})

    @property
    def more_hours(self) -> float:
        """Hours a week that the drafts add."""
        return self.hours - _hours(self.saved.drafts)

    @property
    def first_minute(self) -> int:
        """Where a drawn day begins: a whole hour."""
        return min([EARLIEST, *(one.opens for one in self._blocks())]) // 60 * 60

    @property
    def last_minute(self) -> int:
        """Where a drawn day ends: a whole hour."""
        return -(-max([LATEST, *(one.closes for one in self._blocks())]) // 60) * 60

    def _blocks(self) -> list[UsualBlock]:
        return [block for row in self.rows for day in row.days for block in day]


def saved_hours(user: User, start: datetime.date) -> Saved:
    """Usual hours from a day on of the scanners that this person may see."""
    mine = {one.pk: one for one in scanners_to_change(user).select_related("site__partner")}
    seen = Scanner.objects.for_user(user).filter(in_use=True).select_related("site")
    scanners = {one.pk: one for one in seen.order_by("site__name", "mobile", "modality", "code")}
    scanners |= {pk: one for pk, one in mine.items() if pk not in scanners}
    templates = SessionTemplate.objects.filter(scanner__in=list(scanners))
    held: dict[int, list[SessionTemplate]] = {pk: [] for pk in scanners}
    for template in templates:
        held[template.scanner_id].append(template)
    partnerships = sorted({one.site.partner.partnership_id for one in mine.values()})
    sites = {one.pk: one for one in Site.objects.filter(partner__partnership__in=partnerships).order_by("name")}
    drafts = {pk: _draft(in_force(of, start)) for pk, of in held.items()}
    return Saved(start, scanners, mine, sites, competences_known(partnerships), drafts)


def page_of(saved: Saved) -> UsualPage:
    """The calendar as it is saved, with nothing picked."""
    return _drawn(UsualPage(saved, {}, saved.form()))


def page_after(saved: Saved, sent: Mapping[str, Any]) -> UsualPage:
    """The calendar after what the page sent: a block picked, changed, added or taken away, or all changes undone."""
    drafts = {} if sent.get("do") == "reset" else from_text(sent.get("changes", ""), saved.mine)
    page = UsualPage(saved, drafts, saved.form())
    if "pick" in sent:
        return _seen_ahead(_pick(page, sent["pick"]))
    if sent.get("do") in ("change", "add", "remove"):
        return _acted(page, sent)
    return _seen_ahead(page)


def _acted(page: UsualPage, sent: Mapping[str, Any]) -> UsualPage:
    """After a change: with it, or, where it cannot be, without it and with the sentence above the form."""
    adds, removes = sent["do"] == "add", sent["do"] == "remove"
    picked = ("", None) if adds else (sent.get("picked_scanner", ""), _number(sent.get("picked_number", "")))
    page = replace(page, form=page.saved.form(sent), picked=picked)
    if not removes and not page.form.is_valid():
        return _seen_ahead(page)
    scanner = _number(picked[0] if removes else page.form.cleaned_data["scanner"])
    try:
        to = None if removes or scanner is None else page.form.block(page.saved.mine[scanner])
        drafts = _moved(page, picked, scanner, to)
        seen = change_of(drafts, page.saved.start, page.saved.mine.values()) if drafts else None
    except KeyError:
        return _seen_ahead(replace(page, said=PICK_FIRST))
    except BookingError as refusal:
        page.form.full_clean()
        page.form.add_error(None, str(refusal))
        return _seen_ahead(page)
    page = replace(page, drafts=drafts, follows=seen.follows if seen else None, last=seen.last if seen else None)
    return _drawn(_told(page, scanner, to))


def _moved(page: UsualPage, picked: tuple[str, int | None], scanner: int | None, to: Block | None) -> Drafts:
    drafts = {**page.saved.drafts, **page.drafts}
    before = _number(picked[0])
    if scanner is None or scanner not in page.saved.mine:
        raise KeyError(scanner)
    if picked[0] and (picked[1] is None or before not in page.saved.mine):
        raise KeyError(picked)
    if before is None:
        if to is None:
            raise KeyError(picked)
        drafts[scanner] = changed(drafts[scanner], None, to)
    elif before == scanner:
        drafts[scanner] = changed(drafts[scanner], picked[1], to)
    else:
        drafts[before] = changed(drafts[before], picked[1], None)
        drafts[scanner] = changed(drafts[scanner], None, to)
    return {pk: one for pk, one in drafts.items() if one.blocks != page.saved.drafts[pk].blocks}


def _told(page: UsualPage, scanner: int | None, to: Block | None) -> UsualPage:
    name = page.saved.mine[scanner].name if scanner else ""
    if to is None:
        said = f"Hours of {name} are taken away. Nothing is saved yet."
        return replace(page, said=said, form=page.saved.form(), picked=("", None))
    there = {**page.saved.drafts, **page.drafts}[scanner or 0].blocks
    number = next((number for number, one in enumerate(there) if replace(one, of=None) == replace(to, of=None)), None)
    said = f"{name}, {DAY_NAMES[to.day]}, {to.opens} to {to.closes}. Nothing is saved yet."
    return replace(page, said=said, picked=(str(scanner), number))


def _seen_ahead(page: UsualPage) -> UsualPage:
    """With what would follow from the drafts; without them, where they can no longer be."""
    if page.drafts:
        try:
            seen = change_of(page.drafts, page.saved.start, page.saved.mine.values())
        except BookingError as refusal:
            page = replace(page, problem=str(refusal))
        else:
            page = replace(page, follows=seen.follows, last=seen.last)
    return _drawn(page)


def _pick(page: UsualPage, value: str) -> UsualPage:
    scanner, _, number = value.partition("|")
    try:
        pk, at = int(scanner), int(number)
        block = {**page.saved.drafts, **page.drafts}[page.saved.mine[pk].pk].blocks[at]
    except (KeyError, ValueError, IndexError):
        return replace(page, said=PICK_FIRST)
    initial = {"scanner": scanner, "day": str(block.day), "opens": block.opens, "closes": block.closes,
               "every_weeks": block.every_weeks, **_more(block)}  # fmt: skip
    return replace(page, picked=(scanner, at), form=page.saved.form(initial=initial))


def _drawn(page: UsualPage) -> UsualPage:
    drafts = {**page.saved.drafts, **page.drafts}
    rows = tuple(_row(page.saved, scanner, drafts[pk].blocks) for pk, scanner in page.saved.scanners.items())
    return replace(page, rows=rows)


def _row(saved: Saved, scanner: Scanner, blocks: tuple[Block, ...]) -> UsualRow:
    days: list[list[UsualBlock]] = [[] for _ in DAY_NAMES]
    for number, block in enumerate(blocks):
        often = "" if block.every_weeks == 1 else f", every {block.every_weeks} weeks"
        at = f", at {saved.sites[block.site].short_name}" if scanner.mobile and block.site in saved.sites else ""
        words = f"{scanner}, {DAY_NAMES[block.day]}, {block.opens} to {block.closes}{often}{at}"
        days[block.day].append(
            UsualBlock(number, block, minute_of(block.opens), minute_of(block.closes), words, json.dumps(_more(block)))
        )
    locked = scanner.pk not in saved.mine
    shown = tuple(tuple(day) for day in days)
    return UsualRow(scanner.pk, scanner.name, scanner.site.short_name, scanner.mobile, locked, shown)


def _more(block: Block) -> dict[str, Any]:
    """The fields of a block that dragging does not change."""
    return {"site": str(block.site), "limit": str(block.limit), "priorities": list(block.priorities),
            "competences": list(block.competences)}  # fmt: skip


def _draft(templates: list[SessionTemplate]) -> Draft:
    return Draft(tuple(sorted(one.pk for one in templates)), in_order(block_of(one) for one in templates))


def _hours(drafts: Drafts) -> float:
    return sum(block.hours_a_week for draft in drafts.values() for block in draft.blocks)


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 10 else None
