"""A scanner is down: everybody affected, ranked, each with the best new time at any site, done in one action."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from trustwide.commons.accounts.models import User
from trustwide.commons.accounts.rules import NotAllowedError, check_can
from trustwide.commons.audit.actions import Actor, record
from trustwide.services.imaging.booking.actions import cancel, move
from trustwide.services.imaging.booking.exceptions import BookingError
from trustwide.services.imaging.booking.models import Appointment, Scanner
from trustwide.services.imaging.booking.slots import Calendar, Slot, question_for
from trustwide.services.imaging.requests.models import Priority
from trustwide.services.imaging.requests.pathway import PathwayError, State
from trustwide.services.imaging.waiting.clocks import LONDON

RANK = {priority: place for place, priority in enumerate(Priority.values)}
WEEKS_AHEAD = datetime.timedelta(weeks=6)
RING_WITHIN = datetime.timedelta(hours=48)
NOTICE = datetime.timedelta(hours=2)  # nobody can be asked to come sooner than that


@dataclass(frozen=True)
class Move:
    """An appointment that cannot be kept, and the best new time for it; None where there is none in six weeks.

    days_later: how much longer the patient waits. breaches: whether the new date is past six weeks and the old was not.
    """

    appointment: Appointment
    slot: Slot | None
    days_later: int
    breaches: bool

    @property
    def ring(self) -> bool:
        """Whether a message may come too late, so that somebody has to ring."""
        return self.appointment.starts_at < timezone.now() + RING_WITHIN


@dataclass(frozen=True)
class Moved:
    """What became of the moves: appointments made, and who could not be moved with the reason."""

    done: tuple[Appointment, ...]
    left: tuple[tuple[Appointment, str], ...]
    days_later: int


def affected(scanner: Scanner, until: datetime.datetime) -> list[Appointment]:
    """Who waits at a scanner, and appointments on it from now until it is back, the most pressing first."""
    rows = (
        Appointment.objects.in_force()
        .filter(session__scanner=scanner, starts_at__lt=until)
        .filter(Q(starts_at__gt=timezone.now()) | Q(request__state=State.ARRIVED))
        .select_related("request__patient", "request__exam", "request__site", "session__scanner", "session__site")
        .prefetch_related("request__patient__needs")
    )
    return sorted(rows, key=lambda one: (RANK[one.request.priority], one.request.breach_on, one.starts_at))


def plan_moves(scanner: Scanner, until: datetime.datetime) -> list[Move]:
    """The best new time at any site or van for everybody affected; no two get the same."""
    appointments = affected(scanner, until)
    now = timezone.now()
    calendar = Calendar.load(scanner.site.partner.partnership_id, scanner.modality, now, now + WEEKS_AHEAD).without(
        scanner.pk, until
    )
    return [_move(appointment, calendar, now) for appointment in appointments]


@transaction.atomic
def mark_down(scanner: Scanner, until: datetime.datetime | None, *, by: Actor, reason: str) -> None:
    """Say that a scanner is down; nothing of it is offered until it is back."""
    _check_may(scanner, by)
    if not reason.strip():
        raise BookingError("Say what is wrong with the scanner.")
    if until is not None and until <= timezone.now():
        raise BookingError("It is expected back in the past; give a later time, or none if nobody knows.")
    scanner.down_since = scanner.down_since or timezone.now()
    scanner.down_until = until
    scanner.save(update_fields=["down_since", "down_until"])
    details = {"until": until} if until else {}
    record("marked a scanner down", by=by, target=scanner, site_code=scanner.site.code, reason=reason, details=details)


@transaction.atomic
def mark_up(scanner: Scanner, *, by: Actor) -> None:
    """Say that a scanner works again."""
    _check_may(scanner, by)
    scanner.down_since = scanner.down_until = None
    scanner.save(update_fields=["down_since", "down_until"])
    record("marked a scanner as working", by=by, target=scanner, site_code=scanner.site.code)


def move_all(moves: Sequence[Move], *, by: Actor, reason: str) -> Moved:
    """Move everybody who has a new time, and take the date of those who have none; each alone, so none is lost.

    Whoever may book at the scanner's site may move all its patients, whosever list they are on.
    """
    done, left, days = [], [], 0
    for one in moves:
        try:
            made = _make(one, by, reason)
        except (BookingError, PathwayError, NotAllowedError) as error:
            left.append((one.appointment, str(error)))
            continue
        if made is None:
            left.append((one.appointment, "No time within six weeks; back on the list to be booked."))
        else:
            done.append(made)
            days += one.days_later
    return Moved(tuple(done), tuple(left), days)


def chosen(moves: Iterable[Move], appointment_ids: set[int]) -> list[Move]:
    """The moves somebody ticked."""
    return [one for one in moves if one.appointment.pk in appointment_ids]


def _make(one: Move, by: Actor, reason: str) -> Appointment | None:
    if one.slot is None:
        cancel(one.appointment, by=by, by_patient=False, reason=reason)
        return None
    return move(
        one.appointment, one.slot.session_id, one.slot.starts_at, by=by, by_patient=False, reason=reason,
        place=one.appointment.session.site,
    )  # fmt: skip


def _move(appointment: Appointment, calendar: Calendar, now: datetime.datetime) -> Move:
    # nobody is moved to an earlier time unasked
    earliest = max(now + NOTICE, appointment.starts_at)
    question = question_for(appointment.request, earliest=earliest, latest=now + WEEKS_AHEAD)
    slot = next(iter(calendar.find(question, limit=1)), None)
    if slot is None:
        return Move(appointment, None, 0, breaches=False)
    calendar.take(slot)
    before, after = (moment.astimezone(LONDON).date() for moment in (appointment.starts_at, slot.starts_at))
    limit = appointment.request.breach_on
    return Move(appointment, slot, (after - before).days, breaches=after >= limit > before)


def _check_may(scanner: Scanner, by: Actor) -> None:
    if isinstance(by, User):
        check_can(by, "run_the_day", scanner.site)
