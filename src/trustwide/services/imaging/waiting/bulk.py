"""One thing done to many waiting requests: first what would happen to each, then done, in groups that stand alone."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import transaction

from trustwide.commons.accounts.models import Membership, User
from trustwide.commons.accounts.rules import PERMISSIONS, sites_where
from trustwide.services.imaging.booking.exceptions import BookingError
from trustwide.services.imaging.requests.actions import happen
from trustwide.services.imaging.requests.models import ImagingRequest
from trustwide.services.imaging.requests.pathway import Event, PathwayError, check_can_happen
from trustwide.services.imaging.waiting.actions import assign, take_off
from trustwide.services.imaging.waiting.notes import NOTHING, Change, standings, write_notes

ASSIGN, NOTE, WITHDRAW, RECEIVE = "assign", "note", "withdraw", "receive"
# what may be done: the words of its button, and of what will happen
ACTS = {
    ASSIGN: ("Assign to a person", "will be assigned"),
    NOTE: ("Add a note", "will get the note"),
    WITHDRAW: ("Withdraw", "will be withdrawn"),
    RECEIVE: ("Receive", "will be received"),
}
EVENTS = {WITHDRAW: Event.WITHDRAW, RECEIVE: Event.RECEIVE}
AT_ONCE = 200  # requests a transaction
MOST = 20_000


@dataclass(frozen=True)
class What:
    """The particulars of what is done. code: why it is withdrawn, as the list counts it."""

    person: User | None = None
    comment: str = ""
    action: str = ""
    owner: str = ""
    due_on: datetime.date | None = None
    reason: str = ""
    code: str = ""


class Allowed:
    """The person who acts, once it is known that they may at every site: it is not looked up again for each request."""

    def __init__(self, by: User) -> None:
        self.audit_id, self.audit_name = by.audit_id, by.audit_name


@dataclass(frozen=True)
class Refused:
    """A request to which it cannot be done. `request` is None where the person may not see it."""

    request_id: int
    why: str
    request: ImagingRequest | None = None


@dataclass
class Outcome:
    """To how many it was, or would be, done; which were left as they are, and why."""

    done: int = 0
    refused: list[Refused] = field(default_factory=list)

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """Each reason with how many it holds back, the commonest first."""
        return Counter(one.why for one in self.refused).most_common()


def preview(ids: Sequence[int], act: str, *, by: User) -> Outcome:
    """What would happen if this were done to these requests now; nothing is changed."""
    outcome, may = Outcome(), _sites(by)
    for group in _groups(ids):
        outcome.done += len(_able(group, act, may, by, outcome))
    return outcome


def carry_out(ids: Sequence[int], act: str, what: What, *, by: User) -> Outcome:
    """Do it, a group a transaction: a request that cannot is left as it is and told, the others are done."""
    outcome, may = Outcome(), _sites(by)
    for group in _groups(ids):
        with transaction.atomic():
            able = _able(group, act, may, by, outcome)
            _DO[act](able, what, by, outcome)
    return outcome


def colleagues(user: User) -> list[User]:
    """People who see patients who wait at a site where this person does, to whom work can be given."""
    sites = list(
        sites_where(user, "make_bookings").of_the_group().values_list("pk", "partner_id", "partner__partnership")
    )
    roles = [role for role, held in PERMISSIONS.items() if "view_bookings" in held]
    holds = Membership.objects.filter(role__in=roles)
    of_site = holds.filter(site__in=[site for site, _, _ in sites])
    of_partner = holds.filter(partner__in={partner for _, partner, _ in sites})
    of_group = holds.filter(partnership__in={group for _, _, group in sites})
    people = User.objects.filter(is_active=True, memberships__in=of_site | of_partner | of_group)
    return list(people.distinct())


def _groups(ids: Sequence[int]) -> list[list[int]]:
    unique = list(dict.fromkeys(ids))[:MOST]
    return [unique[begin : begin + AT_ONCE] for begin in range(0, len(unique), AT_ONCE)]


def _sites(by: User) -> set[int]:
    return set(sites_where(by, "make_bookings").values_list("pk", flat=True))


def _able(group: Sequence[int], act: str, may: set[int], by: User, outcome: Outcome) -> list[ImagingRequest]:
    """Requests of a group to which it can be done; the others go to the outcome."""
    visible = ImagingRequest.objects.for_user(by).filter(pk__in=group).select_related("exam", "patient", "site")
    found = visible.in_bulk()
    able = []
    for pk in group:
        request = found.get(pk)
        why = _why_not(request, act, may)
        if request is None or why:
            outcome.refused.append(Refused(pk, why, request))
        else:
            able.append(request)
    return able


def _why_not(request: ImagingRequest | None, act: str, may: set[int]) -> str:
    if request is None:
        return "It is not on a list you may see."
    if request.site_id not in may:
        return f"You may see the list of {request.site} but not change it; ask its booking office."
    if act not in EVENTS:
        return "" if request.stopped_on is None else "It is no longer waiting."
    try:
        check_can_happen(EVENTS[act], request.stage, reason="-")
    except PathwayError as error:
        return str(error)
    return ""


def _assign(able: Sequence[ImagingRequest], what: What, by: User, outcome: Outcome) -> None:
    if what.person is None:
        raise PathwayError("Choose the person to whom the requests are assigned.")
    theirs = set(sites_where(what.person, "view_bookings").values_list("pk", flat=True))
    fine = [request for request in able if request.site_id in theirs]
    for request in able:
        if request.site_id not in theirs:
            why = f"{what.person} may not see the list of {request.site}; choose somebody who works there."
            outcome.refused.append(Refused(request.pk, why, request))
    if fine:
        assign(fine, what.person, by=by)
    outcome.done += len(fine)


def _note(able: Sequence[ImagingRequest], what: What, by: User, outcome: Outcome) -> None:
    stand = standings([request.pk for request in able])
    changes = []
    for request in able:
        now = stand.get(request.pk, NOTHING)
        # a note without an action leaves the open one as it is
        about = (what.action, what.owner, what.due_on) if what.action else (now.action, now.owner, now.due_on)
        changes.append(Change(request.pk, now.version, what.comment, *about))
    written = write_notes(changes, by=by)
    by_id = {request.pk: request for request in able}
    outcome.done += written.done
    outcome.refused += [Refused(pk, why, by_id[pk]) for pk, why in written.refused.items()]


def _withdraw(able: Sequence[ImagingRequest], what: What, by: User, outcome: Outcome) -> None:
    actor = Allowed(by)
    for request in able:
        try:
            take_off(request, by=actor, reason=what.reason, code=what.code)
        except (PathwayError, BookingError) as error:
            outcome.refused.append(Refused(request.pk, str(error), request))
        else:
            outcome.done += 1


def _receive(able: Sequence[ImagingRequest], what: What, by: User, outcome: Outcome) -> None:
    actor = Allowed(by)
    for request in able:
        try:
            happen(request, Event.RECEIVE, by=actor, reason=what.reason)
        except PathwayError as error:
            outcome.refused.append(Refused(request.pk, str(error), request))
        else:
            outcome.done += 1


_DO = {ASSIGN: _assign, NOTE: _note, WITHDRAW: _withdraw, RECEIVE: _receive}
