"""Builds the booking centre in the database: exams, scanners, sessions, and everybody who came or waits."""

from __future__ import annotations

import datetime
from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from trustwide.commons.organisations.models import Partnership, Site
from trustwide.commons.patients.models import Patient
from trustwide.commons.patients.needs import extra_minutes
from trustwide.demo.bookings.catalogue import (
    BOOKED_AHEAD,
    BOOKED_BEFORE,
    CANCELLED,
    EXAMS,
    MISSED,
    NOTICE_DAYS,
    PRIORITIES,
    SCANNERS,
    SMALL,
    TRAVEL,
    WAITING,
    DemoExam,
    DemoScanner,
)  # fmt: skip
from trustwide.demo.bookings.courses import DAY, Course
from trustwide.demo.bookings.persons import People
from trustwide.demo.figures import DEMO
from trustwide.demo.flows import SEED
from trustwide.services.imaging.activity.event_rows import write_events
from trustwide.services.imaging.activity.history import History
from trustwide.services.imaging.booking.cells import CELL_MINUTES, TAKEN, cells_in, fill
from trustwide.services.imaging.booking.models import Appointment, Scanner, ScannerSession, TravelTime
from trustwide.services.imaging.booking.sessions import add_scanner, add_template, make_sessions
from trustwide.services.imaging.booking.slots import CELL
from trustwide.services.imaging.requests.actions import new_request, set_derived
from trustwide.services.imaging.requests.derived import derive
from trustwide.services.imaging.requests.models import ExamType, ImagingRequest, Priority
from trustwide.services.imaging.requests.pathway import Event
from trustwide.services.imaging.waiting.clocks import LONDON

State = Appointment.State
WEEKS_AHEAD = 8
# who lost a date in the last weeks still waits for another; before that, everybody was given one so long afterwards
STILL_WAITING, COMES_AGAIN = 21 * DAY, 10 * DAY
MR = tuple(exam for exam in EXAMS if exam.modality == "MR")


@dataclass(frozen=True)
class CentreSize:
    """How much of it is made: which scanners, how far back, which share of those without a date.

    weeks_before: weeks before this one. whole_months: months before this one, each from its first day, because
    measures tell of whole months.
    """

    scanners: tuple[DemoScanner, ...]
    weeks_before: int
    whole_months: int
    waiting: float

    def first_day(self, today: datetime.date) -> datetime.date:
        """When the oldest sessions are."""
        monday = today - datetime.timedelta(days=today.weekday() + 7 * self.weeks_before)
        months = today.year * 12 + today.month - 1 - self.whole_months
        month = datetime.date(months // 12, months % 12 + 1, 1)
        return min(monday, month) if self.whole_months else monday


SIZES = {"small": CentreSize(SMALL, 1, 0, 0.2), "group": CentreSize(SCANNERS, 3, 1, 1.0)}


@dataclass(frozen=True)
class Visitor:
    """Somebody with a date, who is to have another one if they lose it."""

    request: ImagingRequest
    course: Course
    minutes: int


@dataclass
class Centre:
    """What is being made; rows are saved together at the end."""

    partnership: Partnership
    sites: Mapping[str, Site]
    draw: np.random.Generator
    now: datetime.datetime
    exams: dict[str, ExamType]
    people: People
    requests: list[tuple[ImagingRequest, Course]] = field(default_factory=list)
    appointments: list[Appointment] = field(default_factory=list)
    lost: dict[Site, deque[Visitor]] = field(default_factory=dict)


def build_centre(partnership: Partnership, sites: Mapping[str, Site], size: str) -> None:
    """The booking centre as it stands this very minute."""
    wanted = SIZES[size]
    now = timezone.now()
    draw = np.random.default_rng(SEED)
    exams = {exam.code: _exam(partnership, exam) for exam in EXAMS}
    _add_travel(sites)
    sessions = _add_sessions(sites, timezone.localdate(), wanted)
    centre = Centre(partnership, sites, draw, now, exams, People(partnership, draw, timezone.localdate()))
    for session in sessions:
        _fill(centre, session)
    _add_undated(centre, wanted.waiting)
    _save(centre, sessions)


def _exam(partnership: Partnership, exam: DemoExam) -> ExamType:
    return ExamType.objects.create(
        partnership=partnership, code=exam.code, name=exam.name, modality=exam.modality, test=exam.test,
        minutes=exam.minutes, safety=list(exam.safety), scanner_must_have=list(exam.scanner_must_have),
        competence=exam.competence, preparation=exam.preparation, preparation_days=exam.preparation_days,
    )  # fmt: skip


def _add_travel(sites: Mapping[str, Site]) -> None:
    both = [(a, b, minutes) for one, other, minutes in TRAVEL for a, b in ((one, other), (other, one))]
    TravelTime.objects.bulk_create(
        TravelTime(origin=sites[a.code], destination=sites[b.code], minutes=minutes) for a, b, minutes in both
    )


def _add_sessions(sites: Mapping[str, Site], today: datetime.date, wanted: CentreSize) -> list[ScannerSession]:
    first = wanted.first_day(today)
    monday = first - datetime.timedelta(days=first.weekday())
    templates = [
        add_template(
            scanner, weekday, datetime.time(opens), datetime.time(closes), by=DEMO, from_on=monday,
            every_weeks=facts.every_weeks, overbook_limit=2, priorities=["routine"] if facts.mobile else [],
            competences=["cardiac_mr"] if facts.cardiac_on == weekday else [],
        )
        for facts in wanted.scanners
        for scanner in [_scanner(sites, facts)]
        for weekday, (opens, closes) in facts.hours.items()
    ]  # fmt: skip
    make_sessions(templates, first, today + datetime.timedelta(weeks=WEEKS_AHEAD), by=DEMO)
    return list(ScannerSession.objects.select_related("scanner", "site").order_by("opens_at", "scanner"))


def _scanner(sites: Mapping[str, Site], facts: DemoScanner) -> Scanner:
    return add_scanner(
        sites[facts.site.code], facts.code, facts.name, "MR", by=DEMO, mobile=facts.mobile, has=sorted(facts.has)
    )


def _fill(centre: Centre, session: ScannerSession) -> None:
    """Book a session from its start, as full as its week is."""
    share = _booked_share(centre, session)
    cell = 0
    while share:
        starts_at, free = session.opens_at + cell * CELL, len(session.cells) - cell
        booked = centre.draw.random() < share
        lost = _comes_again(centre, session) if booked else None
        exam = lost.request.exam if lost else _drawn_exam(centre, session)
        needed = cells_in(lost.minutes if lost else exam.minutes)
        if needed > free:
            return
        taken = True
        if lost:
            centre.lost[session.site].popleft()
            taken = _book_again(centre, session, lost, starts_at)
        elif booked:
            patient, extra = _somebody(centre, session)
            needed = cells_in(exam.minutes + extra)
            if needed > free:
                centre.people.drop_last()
                return
            taken = _book(centre, session, exam, patient, starts_at, needed * CELL_MINUTES)
        if booked and taken:
            session.cells = fill(session.cells, cell, needed, TAKEN)
        cell += needed


def _booked_share(centre: Centre, session: ScannerSession) -> float:
    weeks = (session.opens_at - centre.now) // datetime.timedelta(weeks=1)
    if session.opens_at < centre.now:
        return BOOKED_BEFORE
    return BOOKED_AHEAD[weeks] if weeks < len(BOOKED_AHEAD) else 0.0


def _somebody(centre: Centre, session: ScannerSession) -> tuple[Patient, int]:
    """A new person, and the minutes that their needs take besides."""
    before = len(centre.people.needs)
    patient = centre.people.add(session.site)
    return patient, extra_minutes([need.code for need in centre.people.needs[before:]])


def _comes_again(centre: Centre, session: ScannerSession) -> Visitor | None:
    """Who has waited longest at this site for another date, if it is time and they can be scanned here."""
    waiting = centre.lost.get(session.site)
    if not waiting or session.scanner.mobile:
        return None
    lost = waiting[0]
    fits = _can_scan(lost.request.exam, session.scanner.has, session.competences)
    return lost if fits and lost.course.last_at + COMES_AGAIN < session.opens_at else None


def _drawn_exam(centre: Centre, session: ScannerSession) -> ExamType:
    codes, shares = _exams_of(tuple(session.scanner.has), tuple(session.competences))
    return centre.exams[codes[int(centre.draw.choice(len(codes), p=shares))]]


@cache
def _exams_of(has: tuple[str, ...], competences: tuple[str, ...]) -> tuple[list[str], NDArray[np.float64]]:
    """The codes of the exams that such a session can take, and the share of each."""
    possible = [exam for exam in MR if _can_scan(exam, has, competences)]
    shares = np.array([exam.share for exam in possible])
    return [exam.code for exam in possible], shares / shares.sum()


def _can_scan(exam: DemoExam | ExamType, has: Collection[str], competences: Collection[str]) -> bool:
    return set(exam.scanner_must_have) <= set(has) and (not exam.competence or exam.competence in competences)


def _book(
    centre: Centre,
    session: ScannerSession,
    exam: ExamType,
    patient: Patient,
    starts_at: datetime.datetime,
    minutes: int,
) -> bool:
    """Somebody with a date: who came and was scanned, did not come, or is to come. Whether the time is taken."""
    priority = _priority(centre, vans=session.scanner.mobile)
    wait = {"suspected_cancer": 6.0, "urgent": 12.0}.get(priority, 34.0) * float(centre.draw.gamma(6.0, 1 / 6.0)) * DAY
    asked_at = min(starts_at, centre.now) - wait
    course = Course(centre.draw, _working(asked_at), centre.now)
    booked_at = course.asked_at + wait * 0.35
    course.vet(before=booked_at)
    if centre.draw.random() < MISSED / 2 and priority == "routine":
        _lost_once(course, session, booked_at, wait)
    course.book(max(booked_at, course.last_at), session, starts_at, minutes)
    state = _visit(centre, course, starts_at, minutes)
    _add(centre, course, exam, patient, session, priority)
    request = centre.requests[-1][0]
    _keep(centre, Visitor(request, course, minutes), session, starts_at, booked_at, state)
    return state != State.PATIENT_CANCELLED


def _book_again(centre: Centre, session: ScannerSession, lost: Visitor, starts_at: datetime.datetime) -> bool:
    """Another date for somebody who lost one. Whether the time is taken."""
    request, course = lost.request, lost.course
    booked_at = course.last_at + DAY
    course.book(booked_at, session, starts_at, lost.minutes)
    state = _visit(centre, course, starts_at, lost.minutes)
    set_derived(request, derive(course.asked_at.astimezone(LONDON).date(), request.due_on, course.events))
    _keep(centre, lost, session, starts_at, booked_at, state)
    return state != State.PATIENT_CANCELLED


def _keep(
    centre: Centre, visitor: Visitor, session: ScannerSession, starts_at: datetime.datetime,
    booked_at: datetime.datetime, state: str,
) -> None:  # fmt: skip
    """Make the appointment, and remember whoever is to have another."""
    ended_at = visitor.course.last_at if state == State.PATIENT_CANCELLED else starts_at
    centre.appointments.append(
        Appointment(
            request=visitor.request, session=session, starts_at=starts_at, minutes=visitor.minutes, state=state,
            booked_at=booked_at, booked_by="Booking office", first_time=True if state == State.DONE else None,
            ended_at=None if state == State.BOOKED else ended_at,
        )
    )  # fmt: skip
    if state in (State.MISSED, State.PATIENT_CANCELLED) and starts_at < centre.now - STILL_WAITING:
        centre.lost.setdefault(session.site, deque()).append(visitor)


def _visit(centre: Centre, course: Course, starts_at: datetime.datetime, minutes: int) -> str:
    chance = centre.draw.random()
    if starts_at < centre.now - 3 * CELL and chance < MISSED:
        course.lose(Event.MISS, starts_at, starts_at + 3 * CELL)
        return State.MISSED
    if starts_at < centre.now and chance < MISSED + CANCELLED:
        course.lose(Event.PATIENT_CANCEL, starts_at, starts_at - float(centre.draw.exponential(NOTICE_DAYS)) * DAY)
        return State.PATIENT_CANCELLED
    return State.DONE if course.come(starts_at, minutes) else State.BOOKED


def _lost_once(course: Course, session: ScannerSession, booked_at: datetime.datetime, wait: datetime.timedelta) -> None:
    """An earlier date that was missed, so that the DM01 clock began again."""
    first = booked_at + wait * 0.3
    course.book(booked_at, session, first, 30)
    course.lose(Event.MISS, first, first + 3 * CELL)


def _add_undated(centre: Centre, share: float) -> None:
    """People without a date yet, at every stage before it."""
    for place, waiting in WAITING.items():
        site = centre.sites[place.code]
        for _ in range(int(waiting * share / 2)):
            exam = centre.exams[MR[int(centre.draw.choice(len(MR), p=[one.share for one in MR]))].code]
            asked_at = centre.now - float(centre.draw.exponential(7.0)) * DAY
            course = Course(centre.draw, _working(asked_at), centre.now)
            course.vet()
            _add(centre, course, exam, centre.people.add(site), None, _priority(centre, vans=False), site)


def _add(
    centre: Centre, course: Course, exam: ExamType, patient: Patient, session: ScannerSession | None, priority: str,
    site: Site | None = None,
) -> None:  # fmt: skip
    planned = priority == Priority.PLANNED
    due = (course.asked_at + 20 * DAY).astimezone(LONDON).date() if planned else None
    where = site or (session.site if session else None)
    if where is None:
        raise ValueError("a request is on the list of some site")
    source = str(centre.draw.choice(["GP", "Outpatients", "Ward"], p=[0.35, 0.6, 0.05]))
    request = new_request(patient, exam, where, priority, course.events, due_on=due, source=source)
    centre.requests.append((request, course))


def _priority(centre: Centre, *, vans: bool) -> str:
    if vans:
        return str(Priority.ROUTINE)
    return str(centre.draw.choice(list(PRIORITIES), p=list(PRIORITIES.values())))


def _working(moment: datetime.datetime) -> datetime.datetime:
    """Requests are written in working hours."""
    local = moment.astimezone(LONDON)
    earlier = local - max(0, local.weekday() - 4) * DAY
    return min(moment, earlier.replace(hour=9 + local.hour % 8))


def _save(centre: Centre, sessions: list[ScannerSession]) -> None:
    centre.people.save()
    ImagingRequest.objects.bulk_create([request for request, _ in centre.requests], batch_size=400)
    histories = ((each, History(course.events, [""] * len(course.events)), 0) for each, course in centre.requests)
    write_events(histories, DEMO)
    Appointment.objects.bulk_create(centre.appointments, batch_size=800)
    ScannerSession.objects.bulk_update(sessions, ["cells"], batch_size=200)
