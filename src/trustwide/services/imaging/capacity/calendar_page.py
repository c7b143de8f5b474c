"""The week calendar of a service: its blocks, what was moved and not saved yet, and what the engine says of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django import forms

from trustwide.services.imaging.capacity.description import Described, checked
from trustwide.services.imaging.capacity.figures import hours_a_week
from trustwide.services.imaging.capacity.part_form import ReasonForm
from trustwide.services.imaging.capacity.problems import put_beside_fields
from trustwide.services.imaging.capacity.sessions import (
    DAY_NAMES,
    Block,
    Move,
    blocks_of,
    moved,
    number_of,
    scanner_of,
    with_sessions,
)
from trustwide.services.imaging.number_fields import number_field

if TYPE_CHECKING:
    from trustwide.services.imaging.capacity.models import ServiceVersion

EARLIEST, LATEST = 6 * 60, 22 * 60  # the part of a day that is drawn at least
MOST_CHANGES = 200_000  # characters
NARROW = "nhsuk-input--width-5"
PICK_FIRST = "Choose a session of the calendar first."


@dataclass(frozen=True)
class CalendarBlock:
    """A block as the calendar draws it: minutes after midnight, and the words that name it."""

    number: int
    block: Block
    opens: int
    closes: int
    words: str


@dataclass(frozen=True)
class CalendarRow:
    """A scanner of the file with its blocks by weekday."""

    scanner: str
    title: str
    mobile: bool
    always: bool
    days: tuple[tuple[CalendarBlock, ...], ...]


@dataclass(frozen=True)
class CalendarPage:
    """`changes`: sessions by scanner, not saved yet. `picked`: scanner and number of the block in the form."""

    version: ServiceVersion
    changes: dict[str, Any]
    form: SessionForm
    picked: tuple[str, int | None]
    rows: tuple[CalendarRow, ...] = ()
    hours: float = 0.0
    first: int = EARLIEST
    last: int = LATEST
    said: str = ""

    @property
    def changes_text(self) -> str:
        """The changes as the page sends them back."""
        return json.dumps(self.changes)

    @property
    def more_hours(self) -> float:
        """Hours a week that the changes add."""
        return self.hours - float(self.version.facts["hours"])


class SessionForm(forms.Form):
    """One block of the calendar."""

    scanner = forms.ChoiceField(label="Scanner")
    day = forms.ChoiceField(label="Day", choices=[(str(day), name) for day, name in enumerate(DAY_NAMES)])
    opens = forms.CharField(label="Opens", max_length=20, widget=forms.TextInput(attrs={"class": NARROW}))
    closes = forms.CharField(label="Closes", max_length=20, widget=forms.TextInput(attrs={"class": NARROW}))
    every_weeks = number_field(
        "Every … weeks", "Every … weeks: a whole number is needed, such as 1 for each week or 2 for a fortnight.", 52,
        whole=True,
    )  # fmt: skip

    def __init__(self, described: Described, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(one["id"], one["id"]) for one in described["scanners"]]
        self.fields["scanner"] = forms.ChoiceField(label="Scanner", choices=choices)
        self.order_fields(["scanner", "day", "opens", "closes", "every_weeks"])

    def block(self) -> Block:
        """What a valid form says; the engine judges the hours."""
        given = self.cleaned_data
        return Block(int(given["day"]), given["opens"].strip(), given["closes"].strip(), given["every_weeks"])


class SaveSessionsForm(ReasonForm):
    """Why the sessions are moved, and where the new hours come from."""

    source = forms.CharField(label="Where these hours come from (optional)", required=False, max_length=1000)
    field_order = ("source", "reason")


def calendar_of(version: ServiceVersion) -> CalendarPage:
    """The calendar as it is saved, with nothing picked."""
    return _drawn(CalendarPage(version, {}, _blank(version.mapping), ("", None)), version.mapping)


def calendar_after(version: ServiceVersion, sent: Mapping[str, str]) -> CalendarPage:
    """The calendar after what the page sent: a block picked, changed, added or taken away, or all changes undone."""
    changes = {} if sent.get("do") == "reset" else _changes(version.mapping, sent.get("changes", ""))
    described = with_sessions(version.mapping, changes)
    page = CalendarPage(version, changes, _blank(described), ("", None))
    if "pick" in sent:
        return _drawn(_pick(page, described, sent["pick"]), described)
    if sent.get("do") in ("change", "add", "remove"):
        return _acted(page, described, sent)
    return _drawn(page, described)


def changes_sent(version: ServiceVersion, sent: Mapping[str, str]) -> Described:
    """The description with the changes that a page kept, to be saved."""
    return with_sessions(version.mapping, _changes(version.mapping, sent.get("changes", "")))


def _acted(page: CalendarPage, described: Described, sent: Mapping[str, str]) -> CalendarPage:
    """After a change: with it, or, where the engine refuses it, without it and with the sentence beside its field."""
    from trustwide.analysis.capacity import ServiceError

    adds, removes = sent["do"] == "add", sent["do"] == "remove"
    picked = ("", None) if adds else (sent.get("picked_scanner", ""), _number(sent.get("picked_number", "")))
    page = replace(page, form=SessionForm(described, sent), picked=picked)
    if not removes and not page.form.is_valid():
        return _drawn(page, described)
    to = None if removes else page.form.block()
    scanner = picked[0] if removes else page.form.cleaned_data["scanner"]
    try:
        changes, changed = _applied(described, _moves(picked, scanner, to, adds))
        checked(changed)
    except KeyError:
        return _drawn(replace(page, said=PICK_FIRST), described)
    except ServiceError as error:
        return _drawn(_refused(page, described, scanner, error.problems), described)
    form = page.form if to is not None else _blank(changed)
    number = None if to is None else number_of(changed, scanner, to)
    page = replace(page, changes={**page.changes, **changes}, picked=(scanner, number), form=form)
    return _drawn(replace(page, said=_said(scanner, to)), changed)


def _moves(picked: tuple[str, int | None], scanner: str, to: Block | None, adds: bool) -> list[Move]:
    if adds:
        return [Move(scanner, None, to)]
    if picked[1] is None:
        raise KeyError(scanner)
    if scanner == picked[0]:
        return [Move(scanner, picked[1], to)]
    return [Move(picked[0], picked[1]), Move(scanner, None, to)]


def _applied(described: Described, moves: list[Move]) -> tuple[dict[str, Any], Described]:
    changes: dict[str, Any] = {}
    for move in moves:
        changes[move.scanner] = moved(described, move)
        described = with_sessions(described, changes)
    return changes, described


def _refused(page: CalendarPage, described: Described, scanner: str, problems: tuple[str, ...]) -> CalendarPage:
    ids = [one["id"] for one in described["scanners"]]
    sessions = f"scanners[{ids.index(scanner)}].sessions"
    where = {sessions: "opens"}
    for number in range(len(blocks_of(scanner_of(described, scanner)["sessions"])) + 1):
        where |= {f"{sessions}[{number}].{name}": name for name in ("opens", "closes", "every_weeks")}
    form = page.form
    if page.picked[1] is not None and not form.is_valid():  # it was taken away, not changed
        blocks = blocks_of(scanner_of(described, scanner)["sessions"])
        form = SessionForm(described, _shown(scanner, blocks[page.picked[1]]))
        form.is_valid()  # a form takes errors only once it was checked
    put_beside_fields(form, problems, where)
    return replace(page, form=form)


def _pick(page: CalendarPage, described: Described, value: str) -> CalendarPage:
    scanner, _, number = value.rpartition("|")
    try:
        blocks = blocks_of(scanner_of(described, scanner)["sessions"])
        block = blocks[int(number)]
    except (KeyError, ValueError, IndexError):
        return replace(page, said=PICK_FIRST)
    form = SessionForm(described, initial=_shown(scanner, block))
    return replace(page, picked=(scanner, int(number)), form=form)


def _shown(scanner: str, block: Block) -> dict[str, Any]:
    """A block as the fields of the form show it."""
    return {
        "scanner": scanner, "day": str(block.day), "opens": block.opens, "closes": block.closes,
        "every_weeks": str(block.every_weeks),
    }  # fmt: skip


def _blank(described: Described) -> SessionForm:
    return SessionForm(described, initial={"opens": "08:00", "closes": "20:00", "every_weeks": 1})


def _drawn(page: CalendarPage, described: Described) -> CalendarPage:
    service = checked(described)
    rows = tuple(_row(one, described) for one in described["scanners"])
    blocks = [block for row in rows for day in row.days for block in day]
    first = min([EARLIEST, *(block.opens for block in blocks)]) // 60 * 60
    last = -(-max([LATEST, *(block.closes for block in blocks)]) // 60) * 60
    return replace(page, rows=rows, hours=hours_a_week(service), first=first, last=last)


def _row(scanner: Mapping[str, Any], described: Described) -> CalendarRow:
    from trustwide.analysis.capacity.service_words import minute_of

    sites = {site["id"]: site.get("name") or site["id"] for site in described["sites"]}
    count = scanner.get("count", 1)
    title = f"{sites[scanner['site']]}{f', {count} scanners' if count > 1 else ''}"
    days: list[list[CalendarBlock]] = [[] for _ in range(7)]
    for number, block in enumerate(blocks_of(scanner["sessions"])):
        often = "" if block.every_weeks == 1 else f", every {block.every_weeks} weeks"
        words = f"{scanner['id']}, {DAY_NAMES[block.day]}, {block.opens} to {block.closes}{often}"
        days[block.day].append(CalendarBlock(number, block, minute_of(block.opens), minute_of(block.closes), words))
    always = isinstance(scanner["sessions"], str)
    return CalendarRow(scanner["id"], title, bool(scanner.get("mobile")), always, tuple(tuple(day) for day in days))


def _said(scanner: str, to: Block | None) -> str:
    if to is None:
        return f"A session of {scanner} is taken away. Nothing is saved yet."
    return f"{scanner}, {DAY_NAMES[to.day]}, {to.opens} to {to.closes}. Nothing is saved yet."


def _changes(described: Described, text: str) -> dict[str, Any]:
    """What the page kept of the changes so far; nothing where it is not what a page would send."""
    try:
        read = json.loads(text) if len(text) <= MOST_CHANGES else {}
        known = {one["id"]: read[one["id"]] for one in described["scanners"] if one["id"] in read}
        checked(with_sessions(described, known))
    except (ValueError, TypeError):  # a ServiceError is a ValueError
        return {}
    return known


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 6 else None
