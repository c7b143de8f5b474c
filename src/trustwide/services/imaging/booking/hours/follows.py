"""What follows from usual hours for the sessions ahead: which are made, reshaped, taken away, kept or left alone."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import Prefetch
from django.utils import timezone

from trustwide.analysis.capacity.calendars import england_bank_holidays
from trustwide.services.imaging.booking.hours.days import A_DAY, day_of
from trustwide.services.imaging.booking.models import Appointment, ScannerSession, SessionTemplate
from trustwide.services.imaging.booking.sessions import days_of, session_of
from trustwide.services.imaging.waiting.clocks import midnight

Place = tuple[int, datetime.date]  # scanner and day


@dataclass(frozen=True)
class Kept:
    """A session that keeps its hours for its patients. outside: those booked outside the new hours."""

    session: ScannerSession
    outside: tuple[Appointment, ...]


@dataclass
class Follows:
    """What becomes of sessions ahead. reshape: a session, and what it is to be. alone: with changes for that day."""

    reshape: list[tuple[ScannerSession, ScannerSession]] = field(default_factory=list)
    make: list[ScannerSession] = field(default_factory=list)
    remove: list[ScannerSession] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    alone: list[ScannerSession] = field(default_factory=list)

    @property
    def outside(self) -> int:
        """Patients booked outside the new hours."""
        return sum(len(one.outside) for one in self.kept)

    @property
    def move_first(self) -> list[Kept]:
        """Sessions with patients outside the new hours."""
        return [one for one in self.kept if one.outside]

    @property
    def changes(self) -> int:
        """Sessions that come, go or change."""
        return len(self.reshape) + len(self.make) + len(self.remove)


def what_follows(
    scanners: Collection[int], templates: Iterable[SessionTemplate], first: datetime.date, last: datetime.date
) -> Follows:
    """Hold the sessions of scanners (ids) from `first` to `last` against their templates, saved or not: two queries.

    A session whose template is no longer in force that day gives way to the hours that are, unless somebody is booked
    in it or it was changed for that day.
    """
    in_force = [(template, day) for template in templates for day in days_of(template, first, last)]
    holidays = set(england_bank_holidays(first.year, last.year))
    wanted = [session_of(template, day) for template, day in in_force if day not in holidays]
    sessions = _sessions(scanners, first, last)
    asked = {(template.pk, day) for template, day in in_force if template.pk}
    past = [one for one in sessions if one.template_id and (one.template_id, day_of(one.opens_at)) not in asked]
    past = [one for one in past if first <= day_of(one.opens_at) and one.opens_at > timezone.now()]
    there = {(one.template_id, day_of(one.opens_at)) for one in sessions}
    missing = [
        one
        for one in wanted
        if one.opens_at > timezone.now() and (one.template_id is None or (one.template_id, _day(one)) not in there)
    ]
    return _sorted_out(sessions, past, missing, wanted)


def is_changed_for_the_day(session: ScannerSession) -> bool:
    """Whether a session is not as its template has it: opened by itself, closed, or other in hours, site or limits."""
    if session.template is None or session.closed_reason:
        return True
    return _facts(session) != _facts(session_of(session.template, day_of(session.opens_at)))


def _sessions(scanners: Collection[int], first: datetime.date, last: datetime.date) -> list[ScannerSession]:
    begin, end = midnight(first - A_DAY), midnight(last + A_DAY)
    ahead = ScannerSession.objects.filter(scanner__in=scanners, opens_at__gte=begin, opens_at__lt=end)
    booked = Appointment.objects.in_force().select_related("request__site")
    return list(
        ahead.select_related("scanner__site", "template", "site").prefetch_related(
            Prefetch("appointments", queryset=booked, to_attr="booked")
        )
    )


def _sorted_out(
    sessions: list[ScannerSession],
    past: list[ScannerSession],
    missing: list[ScannerSession],
    wanted: list[ScannerSession],
) -> Follows:
    follows = Follows()
    by_place: dict[Place, list[ScannerSession]] = defaultdict(list)
    for session in past:
        by_place[_place(session)].append(session)
    loose = {one.pk for one in past if not _booked(one) and not is_changed_for_the_day(one)}
    staying: dict[Place, list[ScannerSession]] = defaultdict(list)
    for session in sessions:
        if session.pk not in loose:
            staying[_place(session)].append(session)
    for one in missing:
        gives_way = _nearest(by_place[_place(one)], one)
        if gives_way is not None:
            by_place[_place(one)].remove(gives_way)
        if gives_way is not None and gives_way.pk not in loose:
            continue  # the day keeps the hours it has
        if _clashes(staying, one):
            if gives_way is not None:
                follows.remove.append(gives_way)
        elif gives_way is None:
            follows.make.append(one)
        else:
            follows.reshape.append((gives_way, one))
    follows.remove += [one for left in by_place.values() for one in left if one.pk in loose]
    for session in past:
        if _booked(session):
            follows.kept.append(Kept(session, _outside(session, wanted)))
        elif session.pk not in loose:
            follows.alone.append(session)
    return follows


def _nearest(sessions: Sequence[ScannerSession], wanted: ScannerSession) -> ScannerSession | None:
    """The session of that day that has most of its time in common with what is wanted."""
    return max(sessions, key=lambda one: _overlap(one, wanted), default=None)


def _clashes(staying: dict[Place, list[ScannerSession]], wanted: ScannerSession) -> bool:
    days = (_day(wanted) - A_DAY, _day(wanted), _day(wanted) + A_DAY)
    near = (one for day in days for one in staying.get((wanted.scanner_id, day), ()))
    return any(_overlap(one, wanted) > datetime.timedelta() for one in near)


def _overlap(one: ScannerSession, other: ScannerSession) -> datetime.timedelta:
    return min(one.closes_at, other.closes_at) - max(one.opens_at, other.opens_at)


def _outside(session: ScannerSession, wanted: list[ScannerSession]) -> tuple[Appointment, ...]:
    hours = [one for one in wanted if (one.scanner_id, one.site_id) == (session.scanner_id, session.site_id)]
    return tuple(
        held
        for held in _booked(session)
        if not any(one.opens_at <= held.starts_at and held.ends_at <= one.closes_at for one in hours)
    )


def _booked(session: ScannerSession) -> list[Appointment]:
    found: list[Appointment] = session.booked  # type: ignore[attr-defined]
    return found


def _place(session: ScannerSession) -> Place:
    return session.scanner_id, _day(session)


def _day(session: ScannerSession) -> datetime.date:
    return day_of(session.opens_at)


def _facts(session: ScannerSession) -> tuple[object, ...]:
    return (
        session.opens_at, session.closes_at, session.site_id, session.overbook_limit,
        sorted(session.competences), sorted(session.priorities),
    )  # fmt: skip
