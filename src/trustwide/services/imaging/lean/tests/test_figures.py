"""Every lean figure of a day worked by hand, and of random days against the reference."""

from __future__ import annotations

import datetime as dt

import ibis
import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from trustwide.commons.measures.actions import refresh
from trustwide.commons.measures.definition import logical_table, measure, measures_over
from trustwide.commons.measures.models import Observation
from trustwide.services.imaging.booking.models import Appointment, ScannerSession
from trustwide.services.imaging.lean import figures, names, pages, reference
from trustwide.services.imaging.lean.actions import refresh_lean_measures
from trustwide.services.imaging.lean.figures import Asked, Spread
from trustwide.services.imaging.lean.names import APPOINTMENTS, DAYS, EXAMS, REQUESTS
from trustwide.services.imaging.lean.process_map import process_map
from trustwide.services.imaging.lean.tests.lean_stage import (
    E,
    State,
    a_worked_day,
    add_history,
    add_visit,
    asked,
    at,
    booked,
    open_session,
)
from trustwide.services.imaging.requests.models import ImagingRequest, PathwayEvent

pytestmark = pytest.mark.django_db
TABLES = (EXAMS, REQUESTS, APPOINTMENTS, DAYS)
QUARTER = (dt.date(2025, 5, 1), dt.date(2025, 8, 1))


def north(stage, **more):
    return Asked((stage.cast.north,), "MR", *QUARTER, **more)


def found(stage, **more):
    rows = figures.read(north(stage, **more))
    return {code: by_site[0].value for code, by_site in figures.values(rows, pages.CODES).items()}


# by hand, from the table in a_worked_day
BY_HAND = {
    names.DOOR_TO_DOOR: (50 + 50 + 70) / 3,
    names.CHANGEOVER: (10 + 10 + 25) / 3,  # 08:30 to 08:40, 09:10 to 09:20, 09:35 to 10:00
    names.UTILISATION: (30 + 30 + 15 + 55) / 240,
    names.FIRST_TIME: 2 / 3,  # C came twice
    names.REPORT_HOURS: (48 + 29 * 24) / 2,
    names.REPORT_IN_TIME: 1 / 3,  # B took 29 days, C is still not reported
    names.WAIT_DAYS: (20 + 10 + 30) / 3,
    names.MISSED: 1 / 4,
    names.SHORT_NOTICE: 1 / 7,  # E, of A, B, C twice, D, E and F
    names.FILLED: (20 + 20 + 40 + 40 + 20) / 240,  # D's time stayed taken
    names.TAKT: 240 / 6,
    names.RIGHT_THROUGH: 1 / 3,  # B was queried, C abandoned
    # 20 minutes in 22 days less 35 minutes, and 20 in 39 days and 5 minutes
    names.VALUE_ADDING: (20 + 20) / (22 - 35 / 1440 + 39 + 5 / 1440),
}


def test_every_figure_of_a_day_worked_by_hand(stage):
    a_worked_day(stage)
    assert found(stage) == pytest.approx(BY_HAND)


def test_rows_are_read_in_eight_queries(stage, django_assert_num_queries):
    a_worked_day(stage)
    with django_assert_num_queries(8):
        figures.read(north(stage))


def test_figures_are_narrowed_by_exam_scanner_and_hour(stage):
    a_worked_day(stage)
    assert found(stage, exam="MLIVC")[names.DOOR_TO_DOOR] == 70
    assert found(stage, exam="MLIVC")[names.MISSED] == 0
    assert found(stage, hour=7)[names.DOOR_TO_DOOR] == 50  # only A came before eight
    assert found(stage, hour=7)[names.WAIT_DAYS] == 20
    nobody = found(stage, scanner=stage.scanners["MR2"].pk)
    assert nobody[names.DOOR_TO_DOOR] is None
    assert nobody[names.UTILISATION] is None


def test_the_map_has_the_median_of_each_part_and_what_came_back(stage):
    a_worked_day(stage)
    way = process_map(figures.read(north(stage))[REQUESTS])
    steps = {step.place.name: step for step in way.steps}
    assert way.exams == 3
    # request to vetting: A 2 hours, B 5 hours (after the answer), C 2 hours
    assert steps["Vet"].before.spread.median == 120
    assert steps["Vet"].before.mean == 180
    # arriving to the room: 10, 10, 5; preparing: 5, 5, 10; scanning: 20, 20, 40
    assert steps["Prepare in the room"].before.spread.median == 10
    assert steps["Prepare in the room"].inside.spread == Spread(3, 5, 5, 7.5, 9)
    assert steps["Scan"].inside.mean == pytest.approx(80 / 3)
    assert steps["Request"].complete == pytest.approx(2 / 3)
    assert steps["Scan"].complete == pytest.approx(2 / 3)
    assert steps["Book"].complete == 1
    assert steps["Vet"].complete is None
    assert way.rolled == pytest.approx(1 / 3)
    assert sum(time.share for time in way.times) == pytest.approx(1)
    assert way.value_adding == pytest.approx(80 / 3 / way.lead_minutes)


def test_a_session_closed_for_maintenance_is_no_open_time(stage):
    a_worked_day(stage)
    closed = open_session(stage.scanners["MR1"], day=1)
    assert found(stage)[names.UTILISATION] == pytest.approx(130 / 480)
    ScannerSession.objects.filter(pk=closed.pk).update(closed_reason="planned maintenance")
    assert found(stage)[names.UTILISATION] == pytest.approx(130 / 240)


def test_steps_that_are_only_implied_have_no_time(stage):
    events = [*asked(at("09:00", -5)), booked(at("08:00"), at("12:00", -4))]
    events += [(kind, at("08:30")) for kind in (E.ARRIVE, E.ENTER_ROOM, E.START, E.END)]
    request = add_history(stage, "MKNEE", events, implied={6, 7, 8})
    add_visit(request, open_session(stage.scanners["MR1"]), at("08:00"), 20, State.DONE)
    told = found(stage)
    assert told[names.WAIT_DAYS] == 5
    assert told[names.DOOR_TO_DOOR] is None
    assert told[names.UTILISATION] == 0
    assert told[names.FIRST_TIME] == 1


def test_what_was_sent_back_counts_although_it_is_only_implied(stage):
    events = [*asked(at("09:00", -5)), booked(at("08:00"), at("12:00", -4)), (E.HOSPITAL_CANCEL, at("12:00", -3)),
              booked(at("08:30"), at("12:00", -3))]  # fmt: skip
    events += [(kind, at("08:30")) for kind in (E.ARRIVE, E.ENTER_ROOM, E.START, E.END)]
    request = add_history(stage, "MKNEE", events, implied={6})
    add_visit(request, open_session(stage.scanners["MR1"]), at("08:30"), 20, State.DONE)
    assert found(stage)[names.RIGHT_THROUGH] == 0
    assert figures_kept() == {key: pytest.approx(pair) for key, pair in told_by_hand().items()}


def test_a_planned_exam_scanned_before_it_is_due_waited_no_day(stage):
    for number, due in enumerate((5, -4), start=1):  # one is scanned five days early, one four days late
        events = [*asked(at("09:00", -30)), booked(at("08:00"), at("12:00", -4))]
        events += [(kind, at("08:30")) for kind in (E.ARRIVE, E.ENTER_ROOM, E.START, E.END)]
        one = add_history(stage, "MKNEE", events, priority="planned", number=number)
        ImagingRequest.objects.filter(pk=one.pk).update(experienced_from=at("09:00", due).date())
    assert found(stage)[names.WAIT_DAYS] == (0 + 4) / 2
    kept = [pair for key, pair in told_by_hand().items() if key[0] == names.WAIT_DAYS]
    assert kept == [(4, 2)]


def test_cancelled_at_an_unknown_time_is_neither_short_notice_nor_not(stage):
    a_worked_day(stage)
    early = Appointment.objects.get(ended_at=at("11:40", -3))
    Appointment.objects.filter(pk=early.pk).update(ended_at=None)
    assert found(stage)[names.SHORT_NOTICE] == pytest.approx(1 / 6)
    assert [pair for key, pair in told_by_hand().items() if key[0] == names.SHORT_NOTICE] == [(1, 6)]


def test_observations_are_kept_by_month_and_one_site_leaves_the_others(stage):
    a_worked_day(stage)
    refresh_lean_measures()
    kept = {
        (row.measure, row.period): row.value
        for row in Observation.objects.filter(site=stage.cast.north, breakdown="MR")
    }
    june = dt.date(2025, 6, 1)
    for code in set(BY_HAND) - {names.TAKT}:
        assert kept[code, june] == pytest.approx(BY_HAND[code])
    assert kept[names.TAKT, june] == 240 / 4  # A and C were asked for in May
    assert (names.TAKT, dt.date(2025, 5, 1)) not in kept  # when no session was open
    again = refresh_lean_measures([stage.cast.south.pk])
    assert {(one.written, one.removed) for one in again.values()} == {(0, 0)}
    assert Observation.objects.filter(measure=names.DOOR_TO_DOOR).count() == 1


def test_the_same_expressions_give_the_same_on_another_engine(stage):
    a_worked_day(stage)
    for table in TABLES:
        refresh(table)
        engine = ibis.sqlite.connect()
        engine.create_table(table, logical_table(table).rows(None))
        for definition in measures_over(table):
            elsewhere = engine.raw_sql(f"SELECT period, numerator FROM ({definition.sql('sqlite')})").fetchall()
            here = Observation.objects.filter(measure=definition.code).values_list("period", "numerator")
            counted = {str(period): over for period, over in elsewhere}
            assert {str(period): pytest.approx(over) for period, over in here}.items() <= counted.items()


GAP = st.integers(0, 90)


@st.composite
def histories(draw):
    """What may happen to a request: minutes between events, tries in the room, and which times are recorded."""
    return {
        "exam": draw(st.sampled_from(["MKNEE", "MCARD", "CHEAD"])),
        "south": draw(st.booleans()),
        "before": draw(st.integers(1, 40)),
        "tries": draw(st.integers(0, 2)),
        "missed": draw(st.booleans()),
        "cancelled": draw(st.none() | st.integers(0, 100)),
        "query": draw(st.booleans()),
        "gaps": draw(st.lists(GAP, min_size=12, max_size=12)),
        "end": draw(st.sampled_from(["waits", "scanned", "out", "left"])),
        "verified": draw(st.none() | st.integers(0, 60)),
        "implied": draw(st.booleans()),
        "start": draw(st.integers(0, 40)),
        "van": draw(st.booleans()),
    }


class Maker:
    """Puts a drawn history into the database."""

    def __init__(self, stage, sessions):
        self.stage, self.sessions = stage, sessions

    def make(self, drawn, number):
        self.events = asked(at("09:00", -drawn["before"]))
        if drawn["query"]:
            moment = self.events[-1][1]
            self.events += [(kind, moment) for kind in (E.QUERY, E.ANSWER, E.ACCEPT, E.PROTOCOL, E.SAFETY_PASS)]
        self.visits, self.gaps, self.implied = [], iter(drawn["gaps"]), set()
        scanner = "CT1" if drawn["exam"] == "CHEAD" else "MR2" if drawn["van"] else "MR1"
        self.now = at("08:00") + dt.timedelta(minutes=5 * drawn["start"])
        if drawn["cancelled"] is not None:
            notice = dt.timedelta(hours=min(drawn["cancelled"], 20 * drawn["before"]))
            self.over(scanner, self.now, State.PATIENT_CANCELLED, E.PATIENT_CANCEL, self.now - notice)
        if drawn["missed"]:
            self.over(scanner, self.now, State.MISSED, E.MISS, self.now)
            self.events.append((E.REBOOK, self.now))
        for _ in range(drawn["tries"]):
            self.into_the_room(scanner)
            self.step(E.ABANDON)
            self.visits[-1] = (*self.visits[-1][:2], State.ABANDONED, self.now)
        if drawn["end"] != "waits":
            self.scan(scanner, drawn)
        site = self.stage.cast.south if drawn["south"] else self.stage.cast.north
        request = add_history(
            self.stage, drawn["exam"], self.events, site=site, implied=self.implied, number=f"H{number}"
        )
        for name, starts, state, ended in self.visits:
            Appointment.objects.create(
                request=request, session=self.sessions[name], starts_at=starts, minutes=20, state=state,
                booked_at=starts, booked_by="clerk", ended_at=ended, overbooked=True,
            )  # fmt: skip

    def over(self, scanner, starts, state, kind, when):
        when = max(when, self.events[-1][1])
        self.events += [booked(starts, self.events[-1][1]), (kind, when)]
        self.visits.append((scanner, starts, state, when))

    def step(self, kind):
        self.now += dt.timedelta(minutes=next(self.gaps, 7))
        self.events.append((kind, self.now))

    def into_the_room(self, scanner):
        self.now = max(self.now, self.events[-1][1])
        self.visits.append((scanner, self.now, State.DONE, self.now))
        self.events.append(booked(self.now, self.now))
        for kind in (E.ARRIVE, E.ENTER_ROOM, E.START):
            self.step(kind)

    def scan(self, scanner, drawn):
        self.into_the_room(scanner)
        if drawn["implied"]:
            self.implied = {len(self.events) - 2}  # nobody recorded when the patient went in
        self.step(E.END)
        if drawn["end"] in ("out", "left"):
            self.step(E.OUT_OF_ROOM)
        if drawn["end"] == "left":
            self.step(E.LEAVE)
        if drawn["verified"] is not None:
            self.now += dt.timedelta(days=drawn["verified"])
            self.events += [(E.REPORT, self.now), (E.VERIFY, self.now)]


def told_by_hand():
    """The database as the reference takes it."""
    sessions = {
        one.pk: reference.Session(
            one.pk, one.site_id, one.scanner.modality, one.opens_at, one.minutes, one.minutes_taken
        )
        for one in ScannerSession.objects.select_related("scanner")
    }
    told = []
    for request in ImagingRequest.objects.select_related("exam").order_by("pk"):
        events = PathwayEvent.objects.filter(request=request).order_by("number")
        visits = Appointment.objects.filter(request=request).order_by("pk")
        told.append(reference.History(
            request.site_id, request.exam.modality, request.experienced_from, request.scanned_at,
            [(one.kind, one.at) for one in events if "implied" not in one.details],
            [reference.Visit(sessions[one.session_id], one.starts_at, one.state, one.ended_at) for one in visits],
            [one.kind for one in events if "implied" in one.details],
        ))  # fmt: skip
    over = [one for one in sessions.values() if one.opens < timezone.now()]
    return reference.measured(told, over, timezone.now())


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.generate],  # each try takes a database; making it smaller takes minutes
)  # fmt: skip
@given(drawn=st.lists(histories(), max_size=6))
def test_random_days_equal_the_reference(stage, drawn):
    point = transaction.savepoint()
    try:
        sessions = {name: open_session(stage.scanners[name], closes="20:00") for name in ("MR1", "MR2", "CT1")}
        maker = Maker(stage, sessions)
        for number, one in enumerate(drawn):
            maker.make(one, number)
        observed = figures_kept()
        assert observed == {key: pytest.approx(pair) for key, pair in told_by_hand().items()}
    finally:
        transaction.savepoint_rollback(point)


def figures_kept():
    from trustwide.commons.measures.figures import observe

    kept = {}
    for table in TABLES:
        rows = observe(measures_over(table), {table: logical_table(table).rows(None)})
        wanted = rows.select("measure", "site_id", "breakdown", "period", "numerator", "denominator")
        kept |= {tuple(row[:4]): tuple(row[4:]) for row in wanted.iter_rows()}
    return kept


def test_every_measure_of_the_pages_is_registered():
    assert {measure(code).owner for code in pages.CODES} == {"imaging"}
    assert {one.code for table in TABLES for one in measures_over(table)} == set(pages.CODES)
