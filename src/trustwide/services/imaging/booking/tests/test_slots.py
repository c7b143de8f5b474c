"""The slot search equals a look at every five minutes, and keeps to what exams, patients and scanners need."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trustwide.commons.accounts.tests.cast import STAGE
from trustwide.commons.patients.actions import record_need
from trustwide.services.imaging.booking.cells import CELL_MINUTES, FREE, TAKEN, fill, first_fit, is_free, longest_free
from trustwide.services.imaging.booking.reference import Taken, earliest_times
from trustwide.services.imaging.booking.slots import CELL, Calendar, OpenSession, SlotQuestion, find_slots, question_for
from trustwide.services.imaging.waiting.clocks import LONDON

# both changes of the clock lie within
BEGIN = dt.datetime(2026, 3, 20, tzinfo=dt.UTC)
TAGS = ["contrast", "wide_bore"]


@st.composite
def calendars(draw):
    """A handful of sessions with appointments in them, and the travel between three sites."""
    sessions, taken = [], []
    for number in range(draw(st.integers(0, 8))):
        opens = BEGIN + dt.timedelta(days=draw(st.integers(0, 20)), hours=draw(st.integers(0, 23)))
        length = draw(st.integers(1, 24))
        cells = FREE * length
        for _ in range(draw(st.integers(0, 5))):
            first = draw(st.integers(0, length - 1))
            count = draw(st.integers(1, length - first))
            if is_free(cells, first, count):
                cells = fill(cells, first, count, TAKEN)
                taken.append(Taken(number, opens + first * CELL, opens + (first + count) * CELL))
        sessions.append(
            OpenSession(
                number, number, f"S{number}", draw(st.booleans()), draw(st.sampled_from(["MR", "CT"])),
                frozenset(draw(st.sets(st.sampled_from(TAGS)))), draw(st.integers(1, 3)), "site", opens, cells,
                frozenset(draw(st.sets(st.just("cardiac")))), frozenset(draw(st.sets(st.just("routine")))),
            )
        )  # fmt: skip
    pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))
    travel = draw(st.dictionaries(pairs, st.integers(5, 90), max_size=6))
    return sessions, taken, travel


questions = st.builds(
    SlotQuestion,
    partnership_id=st.just(1),
    modality=st.sampled_from(["MR", "CT"]),
    minutes=st.integers(1, 70),
    earliest=st.integers(-100, 40_000).map(lambda minutes: BEGIN + dt.timedelta(minutes=minutes)),
    latest=st.integers(0, 60_000).map(lambda minutes: BEGIN + dt.timedelta(minutes=minutes)),
    priority=st.sampled_from(["routine", "urgent"]),
    must_have=st.frozensets(st.sampled_from(TAGS)),
    competence=st.sampled_from(["", "cardiac"]),
    quiet=st.booleans(),
    home=st.none() | st.integers(1, 3),
    travel=st.none() | st.integers(0, 60),
    sites=st.none() | st.frozensets(st.integers(1, 3)),
)


@settings(max_examples=1500, deadline=None)
@given(calendars(), questions, st.integers(1, 6))
def test_the_search_equals_a_look_at_every_five_minutes(made, question, limit):
    sessions, taken, travel = made
    found = Calendar(sessions, travel).find(question, limit=limit)
    expected = earliest_times(question, sessions, taken, travel, limit)
    assert [(slot.session_id, slot.starts_at) for slot in found] == expected


@given(st.text(alphabet=FREE + TAKEN, max_size=40), st.integers(1, 10), st.integers(0, 40))
def test_cells(cells, count, start):
    places = [at for at in range(start, len(cells)) if is_free(cells, at, count)]
    assert first_fit(cells, count, start) == (places[0] if places else -1)
    assert longest_free(cells) == max((n for n in range(len(cells) + 1) if FREE * n in cells), default=0)


def test_a_taken_slot_is_not_found_again(stage):
    request = stage.request()
    calendar = Calendar.load(stage.cast.group.pk, "MR", question_for(request).earliest, question_for(request).latest)
    seen = set()
    for _ in range(300):
        (slot,) = calendar.find(question_for(request), limit=1)
        assert (slot.session_id, slot.starts_at) not in seen
        seen.add((slot.session_id, slot.starts_at))
        calendar.take(slot)


def test_the_earliest_over_all_sites_and_the_van(stage):
    slots = find_slots(question_for(stage.request()), limit=3)
    assert [slot.scanner for slot in slots] == ["North MR1", "South MR2", "The van"]
    assert [slot.travel for slot in slots] == [0, 35, 35]
    assert slots[0].starts_at.astimezone(LONDON).time() == dt.time(8)


def test_who_will_not_travel_stays_near(stage):
    slots = find_slots(question_for(stage.request(travel_minutes=20)), limit=50)
    assert {slot.scanner for slot in slots} == {"North MR1"}


def test_needs_lengthen_the_slot_and_choose_the_scanner_and_the_hour(stage):
    request = stage.request()
    record_need(request.patient, "claustrophobia", by=STAGE)
    record_need(request.patient, "dementia", by=STAGE)
    question = question_for(type(request).objects.get(pk=request.pk))
    slots = find_slots(question, limit=5)
    assert question.minutes == 35
    assert {slot.scanner for slot in slots} == {"South MR2"}
    assert all(slot.suits_quiet for slot in slots)


@pytest.mark.parametrize(
    ("exam", "scanners", "weekdays"),
    [
        ("MCARD", {"North MR1"}, {2}),
        ("MLIVC", {"North MR1", "South MR2"}, set(range(7))),
        ("CHEAD", {"North CT1"}, set(range(5))),
    ],
)  # fmt: skip
def test_exams_go_where_scanner_and_operator_can(stage, exam, scanners, weekdays):
    slots = find_slots(question_for(stage.request(exam)), limit=40)
    assert {slot.scanner for slot in slots} == scanners
    assert {slot.starts_at.astimezone(LONDON).weekday() for slot in slots} <= weekdays


def test_urgent_requests_do_not_go_to_the_van(stage):
    assert "The van" not in {
        slot.scanner for slot in find_slots(question_for(stage.request(priority="urgent")), limit=60)
    }


def test_a_scanner_that_is_down_has_nothing_free(stage):
    scanner = stage.scanners["MR1"]
    scanner.down_since = dt.datetime.now(dt.UTC)
    scanner.down_until = dt.datetime.combine(stage.monday, dt.time(12), LONDON)
    scanner.save()
    first = next(s for s in find_slots(question_for(stage.request()), limit=9) if s.scanner == "North MR1")
    assert first.starts_at == scanner.down_until
    scanner.down_until = None
    scanner.save()
    assert "North MR1" not in {s.scanner for s in find_slots(question_for(stage.request()), limit=60)}


def test_a_search_reads_few_rows(stage, django_assert_num_queries):
    question = question_for(stage.request())
    with django_assert_num_queries(4):
        assert find_slots(question)
    assert CELL_MINUTES == 5
