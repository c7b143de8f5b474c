"""Writes to hours: those usually worked, single sessions, where a van goes, and sessions made ahead."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from trustwide.commons.audit.actions import Actor, record
from trustwide.commons.organisations.models import Site
from trustwide.services.imaging.booking.exceptions import BookingError
from trustwide.services.imaging.booking.hours import rules
from trustwide.services.imaging.booking.hours.days import A_WEEK, day_of
from trustwide.services.imaging.booking.hours.follows import Follows, what_follows
from trustwide.services.imaging.booking.hours.usual import Block, Drafts, Turn, check_apart, check_block, turned
from trustwide.services.imaging.booking.models import Appointment, Offer, Scanner, ScannerSession, SessionTemplate
from trustwide.services.imaging.requests.models import ExamType

WEEKS_AHEAD = 26
HOURS_CHANGED = "The usual hours changed"
BUSY = "Somebody booked into one of these sessions a moment ago; look again at what follows."
_ASIDE = datetime.timedelta(seconds=1)


@dataclass(frozen=True)
class Change:
    """Other usual hours from a day on: what becomes of the templates, and of the sessions ahead."""

    turns: dict[int, Turn]
    follows: Follows
    last: datetime.date

    @property
    def templates(self) -> list[SessionTemplate]:
        """All templates of these scanners, as they will be."""
        return [template for turn in self.turns.values() for template in turn.templates]


def change_of(drafts: Drafts, from_on: datetime.date, scanners: Iterable[Scanner]) -> Change:
    """What drafts would do; nothing is written. Raises BookingError for hours that cannot be."""
    rules.check_starts_ahead(from_on)
    found = {one.pk: one for one in scanners if one.pk in drafts}
    if missing := set(drafts) - set(found):
        raise BookingError(f"{len(missing)} of these scanners are not in use, or you may not change their hours.")
    held = list(SessionTemplate.objects.filter(scanner__in=found))
    known = _competences(found.values(), held)
    turns = {}
    for pk, scanner in found.items():
        for block in drafts[pk].blocks:
            check_block(block, scanner.name, known)
        _check_sites(scanner, drafts[pk].blocks)
        turns[pk] = turned([one for one in held if one.scanner_id == pk], drafts[pk], from_on, pk)
        check_apart(turns[pk], from_on, scanner.name)
    last = _made_until(found, from_on)
    templates = [one for turn in turns.values() for one in turn.templates]
    return Change(turns, what_follows(found, templates, from_on, last), last)


def _competences(scanners: Iterable[Scanner], held: Iterable[SessionTemplate]) -> set[str]:
    """What may be asked of operators: by the catalogue, or by the hours there are."""
    groups = {scanner.site.partner.partnership_id for scanner in scanners}
    exams = ExamType.objects.filter(in_use=True, partnership__in=groups).exclude(competence="")
    return {*exams.values_list("competence", flat=True), *(code for one in held for code in one.competences)}


@transaction.atomic
def change_usual_hours(drafts: Drafts, from_on: datetime.date, *, by: Actor, reason: str) -> Follows:
    """End the old templates the day before, begin the new ones, and bring empty sessions ahead in line.

    Raises BookingError for hours that cannot be, or where somebody else changed them meanwhile.
    """
    locked = Scanner.objects.select_for_update(of=("self",)).filter(pk__in=drafts, in_use=True)
    scanners = list(locked.select_related("site__partner").order_by("pk"))
    for scanner in scanners:
        rules.check_can_change_hours(by, scanner)
    if not reason.strip():
        raise BookingError("Say why the hours change.")
    change = change_of(drafts, from_on, scanners)
    for turn in change.turns.values():
        for template in turn.ended:
            template.save(update_fields=["until_on"])
        for template in turn.begun:
            template.save()
    follows = what_follows(list(change.turns), change.templates, from_on, change.last)
    _apply(follows)
    for scanner in scanners:
        _record_turn(scanner, change.turns[scanner.pk], follows, from_on, by=by, reason=reason)
    return follows


@transaction.atomic
def make_ahead(weeks: int = WEEKS_AHEAD, *, by: Actor) -> Follows:
    """Keep sessions of every scanner in use made so many weeks ahead, in line with their templates.

    It may run as often as one likes. Sessions that kept old hours for their patients follow once nobody is booked.
    Raises BookingError, with nothing changed, where somebody books into one of them at that moment; run it again.
    """
    locked = Scanner.objects.select_for_update(of=("self",)).filter(in_use=True).select_related("site")
    scanners = list(locked.order_by("pk"))
    for scanner in scanners:
        rules.check_can_change_hours(by, scanner)
    first = timezone.localdate()
    templates = SessionTemplate.objects.filter(scanner__in=scanners)
    follows = what_follows([one.pk for one in scanners], templates, first, first + weeks * A_WEEK)
    _apply(follows)
    if follows.changes:
        record("kept sessions made ahead", by=by, details=_counts(follows) | {"weeks": weeks})
    return follows


@transaction.atomic
def set_overbook_limit(session: ScannerSession, limit: int, *, by: Actor) -> None:
    """How many patients may be booked on top of others in one session. Raises BookingError for too few or too many."""
    rules.check_can_change_hours(by, session.scanner)
    rules.check_ahead(session)
    rules.check_overbook_limit(session, limit)
    before = session.overbook_limit
    _swap(session, overbook_limit=limit)
    details = {"before": before, "after": limit}
    record("changed an over-booking limit", by=by, target=session, site_code=session.scanner.site.code, details=details)


@transaction.atomic
def send_van(session: ScannerSession, site: Site, *, by: Actor) -> None:
    """Send a van to another site for one day. Raises BookingError while somebody is booked there."""
    rules.check_can_change_hours(by, session.scanner)
    rules.check_can_stand_at(session, site)
    before = session.site.code
    _swap(session, site=site)
    details = {"before": before, "after": site.code}
    record("sent a van elsewhere", by=by, target=session, site_code=session.scanner.site.code, details=details)


def _swap(session: ScannerSession, **facts: object) -> None:
    """Change a session only if nobody did since it was read."""
    unchanged = ScannerSession.objects.filter(pk=session.pk, version=session.version)
    if not unchanged.update(version=session.version + 1, **facts):
        raise BookingError("Somebody changed or booked that session a moment ago; look at it again.")
    session.refresh_from_db()


def _apply(follows: Follows) -> None:
    for session in follows.remove:
        _claim(session, closed_reason=HOURS_CHANGED)
    _remove(follows.remove)
    for session, wanted in follows.reshape:
        _claim(
            session, opens_at=wanted.opens_at + _ASIDE, closes_at=wanted.closes_at + _ASIDE, cells=wanted.cells,
            template_id=wanted.template_id, site_id=wanted.site_id, overbook_limit=wanted.overbook_limit,
            competences=wanted.competences, priorities=wanted.priorities,
        )  # fmt: skip
    # set aside by a second first, for two sessions of a scanner may never begin at once, not even while both move
    moved = ScannerSession.objects.filter(pk__in=[session.pk for session, _ in follows.reshape])
    moved.update(opens_at=F("opens_at") - _ASIDE, closes_at=F("closes_at") - _ASIDE)
    ScannerSession.objects.bulk_create(follows.make, ignore_conflicts=True, batch_size=500)


def _claim(session: ScannerSession, **facts: object) -> None:
    unchanged = ScannerSession.objects.filter(pk=session.pk, version=session.version)
    if not unchanged.update(version=session.version + 1, **facts):
        raise BookingError(BUSY)


def _remove(sessions: Iterable[ScannerSession]) -> None:
    """Delete sessions; those that appointments or offers of the past name stay, closed."""
    ids = [session.pk for session in sessions]
    named = set(Appointment.objects.filter(session__in=ids).values_list("session", flat=True))
    named |= set(Offer.objects.filter(session__in=ids).values_list("session", flat=True))
    ScannerSession.objects.filter(pk__in=set(ids) - named).delete()


def _check_sites(scanner: Scanner, blocks: Iterable[Block]) -> None:
    known = set(rules.sites_for(scanner).values_list("pk", flat=True))
    if any(block.site not in known for block in blocks):
        raise BookingError(f"{scanner} cannot stand at that site; choose another one.")


def _made_until(scanners: Collection[int], from_on: datetime.date) -> datetime.date:
    """Up to where these scanners have their sessions made; so far ahead where they have none."""
    ahead = ScannerSession.objects.filter(scanner__in=list(scanners), template__isnull=False)
    last: datetime.datetime | None = ahead.aggregate(last=Max("opens_at"))["last"]
    otherwise = timezone.localdate() + WEEKS_AHEAD * A_WEEK
    return max(from_on, day_of(last) if last else otherwise)


def _record_turn(
    scanner: Scanner, turn: Turn, follows: Follows, from_on: datetime.date, *, by: Actor, reason: str
) -> None:
    details = {
        "from_on": from_on,
        "ended": [_words(one) for one in turn.ended],
        "begun": [_words(one) for one in turn.begun],
        **_counts(follows),
    }
    record(
        "changed the usual hours", by=by, target=scanner, site_code=scanner.site.code, reason=reason, details=details
    )


def _words(template: SessionTemplate) -> str:
    often = "" if template.every_weeks == 1 else f", every {template.every_weeks} weeks"
    return f"{template.pk}: weekday {template.weekday}, {template.opens:%H:%M} to {template.closes:%H:%M}{often}"


def _counts(follows: Follows) -> dict[str, int]:
    return {
        "made": len(follows.make), "reshaped": len(follows.reshape), "taken_away": len(follows.remove),
        "kept_for_patients": len(follows.kept), "left_alone": len(follows.alone), "patients_outside": follows.outside,
    }  # fmt: skip
