"""What may be booked where, and when; each rule once, with two doors."""

from __future__ import annotations

import datetime

from django.utils import timezone

from trustwide.services.imaging.booking.exceptions import BookingError
from trustwide.services.imaging.booking.models import ScannerSession
from trustwide.services.imaging.booking.slots import SlotQuestion
from trustwide.services.imaging.waiting.clocks import LONDON, NOTICE_DAYS


def check_suits(session: ScannerSession, question: SlotQuestion, starts_at: datetime.datetime) -> None:
    """Raise BookingError, naming what is missing, unless the session can hold what is asked for."""
    scanner = session.scanner
    when = f"{starts_at.astimezone(LONDON):%-d %B %Y at %H:%M}"
    if session.site.partner.partnership_id != question.partnership_id or not scanner.in_use:
        raise BookingError("There is no such session any more; look again at what is free.")
    if starts_at <= timezone.now():
        raise BookingError(f"{when} is in the past; choose a later time.")
    if not session.is_open:
        raise BookingError(f"{scanner} is closed then: {session.closed_reason}. Choose another day.")
    if scanner.is_down_at(starts_at):
        raise BookingError(f"{scanner} is down then. Choose another scanner, or a time after it is expected back.")
    if scanner.modality != question.modality:
        raise BookingError(
            f"{scanner} is for {scanner.get_modality_display()}, and the exam needs another kind of scanner."
        )
    missing = sorted(question.must_have - set(scanner.has))
    if missing:
        raise BookingError(f"{scanner} has no {_listed(missing)}, which this exam or patient needs.")
    if question.competence and question.competence not in session.competences:
        raise BookingError(f"Nobody signed off for {_listed([question.competence])} works on {scanner} then.")
    if session.priorities and question.priority not in session.priorities:
        raise BookingError(f"That session of {scanner} is kept for {_listed(session.priorities)} requests.")
    if starts_at < question.earliest:
        earliest = f"{question.earliest.astimezone(LONDON):%-d %B %Y}"
        raise BookingError(f"{when} is too soon: the exam takes preparation or is not due; not before {earliest}.")


def suits(session: ScannerSession, question: SlotQuestion, starts_at: datetime.datetime) -> bool:
    """Whether `check_suits` has nothing to say."""
    try:
        check_suits(session, question, starts_at)
    except BookingError:
        return False
    return True


def is_reasonable(offered_on: datetime.date, made_on: datetime.date) -> bool:
    """Whether an offer gives three weeks' notice (DM01 offer rules, to be confirmed word for word)."""
    return (offered_on - made_on).days >= NOTICE_DAYS


def _listed(tags: list[str]) -> str:
    return " and ".join(tag.replace("_", " ") for tag in tags)
