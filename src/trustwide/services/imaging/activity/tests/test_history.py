"""Whatever an extract tells, the history it makes is one that the pathway allows, and telling it again adds nothing."""

from __future__ import annotations

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st

from trustwide.services.imaging.activity.codes import OUTCOMES
from trustwide.services.imaging.activity.history import History, Told, Visit, facts_of
from trustwide.services.imaging.requests.derived import derive
from trustwide.services.imaging.requests.pathway import Event, states_of

NOW = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
FIRST = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
moments = st.integers(0, 60 * 24 * 150).map(lambda minutes: FIRST + dt.timedelta(minutes=minutes))
maybe = st.none() | moments
visits = st.builds(Visit, maybe, maybe, maybe, maybe, maybe, maybe, st.sampled_from(["", *OUTCOMES]))


def in_order(found):
    return tuple(sorted(found, key=lambda visit: visit.starts_at or NOW))


told = st.builds(Told, moments, maybe, maybe, maybe, maybe, st.lists(visits, max_size=4).map(in_order))


def history_of(*extracts):
    history = History()
    for extract in extracts:
        history.go_on(facts_of(extract, NOW))
    return history


@settings(max_examples=400, deadline=None)
@given(told)
def test_every_history_could_have_been(extract):
    history = history_of(extract)
    states_of(event.kind for event in history.events)
    times = [event.at for event in history.events]
    assert times == sorted(times)
    assert times[-1] <= NOW
    derive(times[0].date(), None, history.events)
    assert len(history.reasons) == len(history.events)


@settings(max_examples=400, deadline=None)
@given(told)
def test_telling_it_again_adds_nothing(extract):
    once = history_of(extract)
    again = History.so_far(once.events)
    again.go_on(facts_of(extract, NOW))
    assert again.events == once.events


@settings(max_examples=300, deadline=None)
@given(st.lists(told, min_size=2, max_size=4))
def test_later_extracts_only_append(extracts):
    history = history_of(extracts[0])
    for extract in extracts[1:]:
        before = list(history.events)
        history.go_on(facts_of(extract, NOW))
        assert history.events[: len(before)] == before
    states_of(event.kind for event in history.events)


def test_a_scan_that_is_only_reported_is_implied_at_its_appointment():
    slot = FIRST + dt.timedelta(days=10)
    visit = Visit(slot, None, None, None, None, None, "")
    history = history_of(Told(FIRST, None, None, slot + dt.timedelta(days=2), None, (visit,)))
    end = next(event for event in history.events if event.kind is Event.END)
    assert (end.at, end.details) == (slot, {"implied": True})


def test_vetting_that_was_written_down_late_moves_no_scan():
    slot = FIRST + dt.timedelta(days=10)
    visit = Visit(slot, None, slot, slot, slot + dt.timedelta(minutes=20), None, "done")
    history = history_of(Told(FIRST, None, slot + dt.timedelta(days=5), None, None, (visit,)))
    end = next(event for event in history.events if event.kind is Event.END)
    assert end.at == slot + dt.timedelta(minutes=20)
