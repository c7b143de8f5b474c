"""What is said of a waiting request, and writing it without losing what somebody else wrote meanwhile.

Notes are kept; the newest comment counts, and an action stays open, meeting after meeting, until it is done or another
takes its place.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from trustwide.commons.accounts.models import User
from trustwide.commons.accounts.rules import sites_where
from trustwide.commons.audit.actions import record
from trustwide.services.imaging.requests.models import ImagingRequest
from trustwide.services.imaging.waiting.models import ListNote

VALIDATED = "Validated: "  # begins the comment by which somebody vouches for an entry
AT_ONCE = 500


@dataclass(frozen=True)
class Standing:
    """What stands of a request: the newest comment, the open action with its owner and day.

    newest, open: ids of the notes they come from, 0 for none. `version` changes whenever somebody writes.
    """

    comment: str = ""
    action: str = ""
    owner: str = ""
    due_on: datetime.date | None = None
    newest: int = 0
    open: int = 0

    @property
    def version(self) -> str:
        """Tells this standing from the one before and the one after."""
        return f"{self.newest}.{self.open}"

    @property
    def words(self) -> tuple[str, str, str, str]:
        """What a person may change, as text."""
        return self.comment, self.action, self.owner, self.due_on.isoformat() if self.due_on else ""


@dataclass(frozen=True)
class Change:
    """What somebody wants to stand of a request, and the version they saw. done: the open action is done."""

    request_id: int
    version: str
    comment: str = ""
    action: str = ""
    owner: str = ""
    due_on: datetime.date | None = None
    done: bool = False


@dataclass(frozen=True)
class Written:
    """What became of changes: how many were written, and why the others were not, by request."""

    done: int
    refused: dict[int, str]


NOTHING = Standing()


def standings(request_ids: Collection[int]) -> dict[int, Standing]:
    """What stands of each of these requests that has a note."""
    found: dict[int, Standing] = {}
    ids = list(request_ids)
    for begin in range(0, len(ids), AT_ONCE):
        notes = ListNote.objects.filter(request__in=ids[begin : begin + AT_ONCE]).order_by("pk")
        for note in notes:
            found[note.request_id] = _with(found.get(note.request_id, NOTHING), note)
    return found


def _with(before: Standing, note: ListNote) -> Standing:
    # vouching for an entry is no comment of the meeting
    comment = before.comment if not note.comment or note.comment.startswith(VALIDATED) else note.comment
    if note.action and note.done_at is None:
        return Standing(comment, note.action, note.owner, note.due_on, note.pk, note.pk)
    return Standing(comment, before.action, before.owner, before.due_on, note.pk, before.open)


def write_notes(changes: Sequence[Change], *, by: User) -> Written:
    """Write changes where nobody else wrote since; the others come back with a sentence. Atomic in groups."""
    done, refused = 0, dict[int, str]()
    for begin in range(0, len(changes), AT_ONCE):
        group = changes[begin : begin + AT_ONCE]
        with transaction.atomic():
            fine = _writable(group, refused, by)
            _write(fine, by)
        done += len(fine)
    return Written(done, refused)


def why_refused(changes: Sequence[Change], *, by: User) -> dict[int, str]:
    """Which of these changes could not be written now, and why; nothing is changed."""
    refused = dict[int, str]()
    for begin in range(0, len(changes), AT_ONCE):
        _writable(changes[begin : begin + AT_ONCE], refused, by, hold=False)
    return refused


@transaction.atomic
def validate_entries(request_ids: Iterable[int], words: str, *, by: User) -> int:
    """Vouch that entries are right although something about them looks wrong; how many were marked."""
    mine = ImagingRequest.objects.for_user(by, "make_bookings").waiting().filter(pk__in=list(request_ids))
    ids = list(mine.values_list("pk", flat=True))
    now = timezone.now()
    ListNote.objects.bulk_create(
        ListNote(request_id=pk, comment=f"{VALIDATED}{words}"[:500], done_at=now, made_by=by.audit_name) for pk in ids
    )
    record("validated entries of the list", by=by, details={"requests": ids, "what": words})
    return len(ids)


def _writable(
    group: Sequence[Change], refused: dict[int, str], by: User, *, hold: bool = True
) -> list[tuple[Change, Standing]]:
    """Changes that may be written now, with what they replace; why the others may not goes to `refused`."""
    ids = [change.request_id for change in group]
    visible = ImagingRequest.objects.for_user(by).filter(pk__in=ids)
    # held until the notes are written, so that two who save at once cannot both be right
    held = dict((visible.select_for_update() if hold else visible).values_list("pk", "site_id"))
    may = set(sites_where(by, "make_bookings").values_list("pk", flat=True))
    now_stands = standings(ids)
    fine = []
    for change in group:
        stands = now_stands.get(change.request_id, NOTHING)
        why = _why_not(change, stands, held, may)
        if why:
            refused[change.request_id] = why
        else:
            fine.append((change, stands))
    return fine


def _why_not(change: Change, stands: Standing, held: dict[int, int], may: set[int]) -> str:
    if change.request_id not in held:
        return "There is no such request on a list you may see."
    if held[change.request_id] not in may:
        return "You may see this site's list but not change it; ask its booking office."
    if change.version != stands.version:
        said = f': "{stands.comment}"' if stands.comment else ""
        return f"Somebody else wrote about this request meanwhile{said}. Nothing was overwritten; look at it again."
    return ""


def _write(fine: Sequence[tuple[Change, Standing]], by: User) -> None:
    notes, closing, now = [], [], timezone.now()
    for change, stands in fine:
        new_action = (change.action, change.owner, change.due_on) != (stands.action, stands.owner, stands.due_on)
        # whoever ticks "Done" and writes something else has closed the one and opened the other
        opens = bool(change.action) and (change.action != stands.action if change.done else new_action)
        comment = change.comment if change.comment != stands.comment else ""
        if stands.open and (change.done or opens):
            closing.append(stands.open)
        if comment or opens:
            about = {"action": change.action, "owner": change.owner, "due_on": change.due_on} if opens else {}
            note = ListNote(request_id=change.request_id, comment=comment, made_by=by.audit_name, **about)
            note.done_at = None if opens else now
            notes.append(note)
    ListNote.objects.filter(pk__in=closing).update(done_at=now)
    ListNote.objects.bulk_create(notes)
    if notes or closing:
        ids = sorted({note.request_id for note in notes} | {change.request_id for change, _ in fine if change.done})
        record("wrote about waiting requests", by=by, details={"requests": ids})
