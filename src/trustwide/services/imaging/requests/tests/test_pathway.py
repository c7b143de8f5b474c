"""Thousands of random histories: nobody is left without a next step, and both clocks equal a count of days."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trustwide.services.imaging.requests.derived import derive
from trustwide.services.imaging.requests.pathway import (
    CLOSED,
    NEXT_STEPS,
    TRANSITIONS,
    WAITING,
    Event,
    PathwayError,
    State,
    check_can_happen,
    events_in,
    states_of,
)
from trustwide.services.imaging.requests.rules import PERMISSION_FOR
from trustwide.services.imaging.waiting.clocks import LONDON, Happening, clocks_of
from trustwide.services.imaging.waiting.reference import waits_on

ASKED = dt.datetime(2026, 2, 20, 9, 30, tzinfo=dt.UTC)
DATED = {Event.MISS, Event.PATIENT_CANCEL}


@st.composite
def histories(draw, longest=40):
    """A random history that the pathway allows, with random gaps of minutes to weeks between its events."""
    at, state, events, starts = ASKED, State.REQUESTED, [Happening(Event.REQUEST, ASKED, {})], ASKED
    for _ in range(draw(st.integers(0, longest))):
        happened = [event.kind for event in events]
        possible = [event for event in events_in(state) if _possible(event, state, happened)]
        if not possible:
            break
        kind = draw(st.sampled_from(possible))
        at += dt.timedelta(minutes=draw(st.sampled_from([0, 1, 45, 60 * 23, 60 * 24 * 6, 60 * 24 * 30])))
        details = {}
        if kind is Event.BOOK:
            starts = at + dt.timedelta(days=draw(st.integers(0, 60)), minutes=draw(st.integers(0, 1439)))
            details = {"starts_at": starts.isoformat()}
        if kind in DATED:
            details = {"appointment_on": starts.astimezone(LONDON).date().isoformat()}
        if kind is Event.DECLINE:
            offered = at.date() + dt.timedelta(days=draw(st.integers(0, 40)))
            details = {"offered_on": offered.isoformat(), "reasonable": draw(st.booleans())}
        events.append(Happening(kind, at, details))
        state = TRANSITIONS[kind][state]
    return events


def _possible(event, state, happened):
    try:
        check_can_happen(event, state, happened=happened, reason="said")
    except PathwayError:
        return False
    return True


@settings(max_examples=2000, deadline=None)
@given(histories(), st.integers(0, 400))
def test_every_history_has_a_next_step_and_both_clocks_equal_a_count_of_days(events, days):
    derived = derive(ASKED.date(), None, events)
    assert (derived.state in CLOSED) != bool(derived.next_role and derived.next_due_at)
    assert (derived.stopped_on is None) == (derived.state in WAITING)
    assert (derived.appointment_at is not None) or derived.state not in {State.BOOKED, State.ARRIVED, State.IN_ROOM}
    day = ASKED.date() + dt.timedelta(days=days)
    clocks = clocks_of(ASKED.date(), None, events)
    assert (clocks.dm01_days(day), clocks.experienced_days(day)) == waits_on(day, ASKED.date(), None, events)
    assert clocks.dm01_days(day) <= clocks.experienced_days(day)


@settings(max_examples=300, deadline=None)
@given(histories(longest=15), st.integers(-100, 200), st.integers(0, 300))
def test_a_planned_exam_waits_only_from_the_day_it_is_due(events, due_after, days):
    due = ASKED.date() + dt.timedelta(days=due_after)
    day = ASKED.date() + dt.timedelta(days=days)
    clocks = clocks_of(ASKED.date(), due, events)
    assert (clocks.dm01_days(day), clocks.experienced_days(day)) == waits_on(day, ASKED.date(), due, events)
    assert clocks.experienced_from >= due


def test_every_state_is_reached_and_only_closed_ones_end():
    reached = {State.NEW}
    for ways in TRANSITIONS.values():
        reached |= set(ways.values())
    assert reached == set(State)
    for state in State:
        if state not in {State.NEW, *CLOSED}:
            assert events_in(state), state
    assert set(NEXT_STEPS) | set(CLOSED) | {State.NEW} == set(State)


def test_every_event_has_a_permission():
    assert set(PERMISSION_FOR) == set(Event)


def test_what_cannot_be_says_what_can():
    with pytest.raises(PathwayError, match=r"The request is booked, so 'report' cannot be done now; .*arrive"):
        check_can_happen(Event.REPORT, State.BOOKED)
    with pytest.raises(PathwayError, match="'withdraw' needs a reason"):
        check_can_happen(Event.WITHDRAW, State.READY, reason="  ")
    with pytest.raises(PathwayError, match="still in the room"):
        check_can_happen(Event.LEAVE, State.SCANNED)
    with pytest.raises(PathwayError, match="recorded already"):
        check_can_happen(Event.LEAVE, State.SCANNED, happened=[Event.OUT_OF_ROOM, Event.LEAVE])


def test_a_history_that_could_not_have_been_is_refused():
    with pytest.raises(PathwayError):
        states_of([Event.REQUEST, Event.END])
