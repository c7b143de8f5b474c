"""Builds the booking centre in the database: exams, scanners, sessions, and everybody who came or waits."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from django.utils import timezone

from trustwide.commons.organisations.models import Partnership, Site
from trustwide.commons.patients.models import Patient
from trustwide.commons.patients.needs import extra_minutes
from trustwide.demo.bookings.catalogue import (
    BOOKED_AHEAD,
    BOOKED_BEFORE,
    CANCELLED,
    EXAMS,
    MISSED,
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
from trustwide.services.imaging.booking.cells import CELL_MINUTES, TAKEN, cells_in, fill
from trustwide.services.imaging.booking.models import Appointment, Scanner, ScannerSession, TravelTime
from trustwide.services.imaging.booking.sessions import add_scanner, add_template, make_sessions
from trustwide.services.imaging.booking.slots import CELL
from trustwide.services.imaging.requests.actions import event_rows, new_request
from trustwide.services.imaging.requests.models import ExamType, ImagingRequest, PathwayEvent, Priority
from trustwide.services.imaging.requests.pathway import Event
from trustwide.services.imaging.waiting.clocks import LONDON

State = Appointment.State
WEEKS_AHEAD = 8
MR = tuple(exam for exam in EXAMS if exam.modality == "MR")


@dataclass(frozen=True)
class CentreSize:
    """How much of it is made: which scanners, how many weeks before this one, which share of those without a date."""

    scanners: tuple[DemoScanner, ...]
    weeks_before: int
    waiting: float


SIZES = {"small": CentreSize(SMALL, 1, 0.2), "group": CentreSize(SCANNERS, 3, 1.0)}


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
    monday = today - datetime.timedelta(days=today.weekday() + 7 * wanted.weeks_before)
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
    make_sessions(templates, monday, today + datetime.timedelta(weeks=WEEKS_AHEAD), by=DEMO)
    return list(ScannerSession.objects.select_related("scanner", "site").order_by("opens_at", "scanner"))


def _scanner(sites: Mapping[str, Site], facts: DemoScanner) -> Scanner:
    return add_scanner(
        sites[facts.site.code], facts.code, facts.name, "MR", by=DEMO, mobile=facts.mobile, has=sorted(facts.has)
    )


def _fill(centre: Centre, session: ScannerSession) -> None:
    """Book a session from its start, as full as its week is."""
    share = _booked_share(centre, session)
    cell = 0
    for exam, patient, minutes in _comers(centre, session):
        count = cells_in(minutes)
        if cell + count > len(session.cells):
            return
        if centre.draw.random() < share:
            starts_at = session.opens_at + cell * CELL
            if _book(centre, session, exam, patient, starts_at, count * CELL_MINUTES):
                session.cells = fill(session.cells, cell, count, TAKEN)
        cell += count


def _booked_share(centre: Centre, session: ScannerSession) -> float:
    weeks = (session.opens_at - centre.now) // datetime.timedelta(weeks=1)
    if session.opens_at < centre.now:
        return BOOKED_BEFORE
    return BOOKED_AHEAD[weeks] if weeks < len(BOOKED_AHEAD) else 0.0


def _comers(centre: Centre, session: ScannerSession) -> Iterator[tuple[ExamType, Patient, int]]:
    while True:
        exam = _drawn_exam(centre, session)
        before = len(centre.people.needs)
        patient = centre.people.add(session.site)
        needs = [need.code for need in centre.people.needs[before:]]
        yield exam, patient, exam.minutes + extra_minutes(needs)


def _drawn_exam(centre: Centre, session: ScannerSession) -> ExamType:
    possible = [
        exam for exam in MR
        if set(exam.scanner_must_have) <= set(session.scanner.has)
        and (not exam.competence or exam.competence in session.competences)
    ]  # fmt: skip
    shares = np.array([exam.share for exam in possible])
    return centre.exams[possible[int(centre.draw.choice(len(possible), p=shares / shares.sum()))].code]


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
    centre.appointments.append(
        Appointment(
            request=centre.requests[-1][0], session=session, starts_at=starts_at, minutes=minutes, state=state,
            booked_at=booked_at, booked_by="Booking office", first_time=True if state == State.DONE else None,
            ended_at=None if state == State.BOOKED else starts_at,
        )
    )  # fmt: skip
    return state != State.PATIENT_CANCELLED


def _visit(centre: Centre, course: Course, starts_at: datetime.datetime, minutes: int) -> str:
    chance = centre.draw.random()
    if starts_at < centre.now - 3 * CELL and chance < MISSED:
        course.lose(Event.MISS, starts_at, starts_at + 3 * CELL)
        return State.MISSED
    if starts_at < centre.now and chance < MISSED + CANCELLED:
        course.lose(Event.PATIENT_CANCEL, starts_at, starts_at - 2 * DAY)
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
    rows = (row for request, course in centre.requests for row in event_rows(request, course.events, by=DEMO))
    PathwayEvent.objects.bulk_create(rows, batch_size=1_000)
    Appointment.objects.bulk_create(centre.appointments, batch_size=800)
    ScannerSession.objects.bulk_update(sessions, ["cells"], batch_size=200)
