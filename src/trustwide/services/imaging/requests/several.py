"""One step of many requests at once: first what would happen to each, then done, each by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trustwide.commons.accounts.models import User
from trustwide.commons.accounts.rules import sites_where
from trustwide.services.imaging.requests.actions import happen
from trustwide.services.imaging.requests.assigning import give
from trustwide.services.imaging.requests.models import ImagingRequest
from trustwide.services.imaging.requests.pathway import Event, PathwayError, check_can_happen
from trustwide.services.imaging.requests.rules import PERMISSION_FOR, WORKING
from trustwide.services.imaging.requests.vetting import accept, choose_protocol
from trustwide.services.imaging.waiting.bulk import Outcome, Refused

TAKE, GIVE, RECEIVE, ACCEPT, PROTOCOL, ACKNOWLEDGE = "take", "give", "receive", "accept", "protocol", "acknowledge"
# what may be done: the words of its button, and of what will happen
ACTS = {
    TAKE: ("Take", "will be yours"),
    GIVE: ("Give to a colleague", "will be given to the colleague"),
    RECEIVE: ("Receive", "will be received"),
    ACCEPT: ("Accept", "will be accepted"),
    PROTOCOL: ("Choose one protocol", "will have the protocol"),
    ACKNOWLEDGE: ("Acknowledged", "will be closed as acknowledged"),
}
EVENTS = {
    RECEIVE: Event.RECEIVE,
    ACCEPT: Event.ACCEPT,
    PROTOCOL: Event.PROTOCOL,
    ACKNOWLEDGE: Event.ACKNOWLEDGE,
}
ACTS_OF = {
    "booking_clerk": (TAKE, GIVE, RECEIVE, ACKNOWLEDGE),
    "radiographer": (TAKE, GIVE, PROTOCOL),
    "radiologist": (TAKE, GIVE, ACCEPT),
}
MOST = 500


@dataclass(frozen=True)
class What:
    """The particulars of what is done; only those of the act are filled in."""

    person: User | None = None
    practitioner: str = ""
    protocol: str = ""


def preview(ids: Sequence[int], act: str, *, by: User) -> Outcome:
    """What would happen if this were done to these requests now; nothing is changed."""
    outcome = Outcome()
    outcome.done = len(_able(ids, act, by, outcome))
    return outcome


def carry_out(ids: Sequence[int], act: str, what: What, *, by: User) -> Outcome:
    """Do it to each that can bear it; the others are left as they are and told with the reason."""
    outcome = Outcome()
    able = _able(ids, act, by, outcome)
    if act not in EVENTS:
        return _give(able, by if act == TAKE or what.person is None else what.person, by, outcome)
    for request in able:
        try:
            _do(request, act, what, by)
        except PathwayError as error:
            outcome.refused.append(Refused(request.pk, str(error), request))
        else:
            outcome.done += 1
    return outcome


def _do(request: ImagingRequest, act: str, what: What, by: User) -> None:
    if act == ACCEPT:
        accept(request, what.practitioner, by=by)
    elif act == PROTOCOL:
        choose_protocol(request, what.protocol, by=by)
    else:
        happen(request, EVENTS[act], by=by)


def _give(able: Sequence[ImagingRequest], person: User, by: User, outcome: Outcome) -> Outcome:
    theirs = set(sites_where(person, "view_bookings").values_list("pk", flat=True))
    fine = [request for request in able if request.site_id in theirs]
    for request in able:
        if request.site_id not in theirs:
            why = f"{person} may not see the requests of {request.site}; choose somebody who works there."
            outcome.refused.append(Refused(request.pk, why, request))
    if fine:
        give(fine, person, by=by)
    outcome.done += len(fine)
    return outcome


def _able(ids: Sequence[int], act: str, by: User, outcome: Outcome) -> list[ImagingRequest]:
    """Requests to which it can be done; the others go to the outcome."""
    unique = list(dict.fromkeys(ids))[:MOST]
    found = ImagingRequest.objects.for_user(by).select_related("exam", "patient", "site").in_bulk(unique)
    permissions = (PERMISSION_FOR[EVENTS[act]],) if act in EVENTS else WORKING
    may = {pk for each in permissions for pk in sites_where(by, each).values_list("pk", flat=True)}
    able = []
    for pk in unique:
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
        return f"You may see the requests of {request.site} but not do this there; ask its office."
    if act not in EVENTS:
        return "" if request.next_step else "There is nothing more to do about it."
    try:
        check_can_happen(EVENTS[act], request.stage, reason="-")
    except PathwayError as error:
        return str(error)
    return ""
