"""When a signal opens: what a history shows counts from when it was first to be seen, and a mark taken back opens again
what it had closed.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from django.utils import timezone

from trustwide.commons.measures import definition as registry
from trustwide.commons.measures.actions import ghost_period, rebase_chart, withdraw_mark
from trustwide.commons.measures.charting import judged_series
from trustwide.commons.measures.models import DefinitionVersion
from trustwide.commons.measures.signals import digests
from trustwide.commons.measures.signals.actions import assign_signal, note_on_signal, subscribe
from trustwide.commons.measures.signals.models import Signal, SignalSubscription
from trustwide.commons.measures.signals.opening import direction_of, first_seen
from trustwide.commons.measures.signals.tests.conftest import CALM
from trustwide.commons.measures.tests.conftest import SHARE, month

pytestmark = pytest.mark.django_db

STEP = (30, 32, 29, 31, 30, 32, 31)
GROWN = (
    1430,
    1482,
    1470,
    1476,
    1460,
    1455,
    1490,
    1440,
    1470,
    1465,
    1450,
    1476,
    1812,
    2171,
    2506,
    2419,
    2353,
    2350,
    2354,
)


def frame(values, site=1):
    """The observations of one series."""
    rows = [("share_late", site, "MRI", month(place), float(value), None, float(value))
            for place, value in enumerate(values)]  # fmt: skip
    schema = {"measure": pl.String, "site_id": pl.Int64, "breakdown": pl.String, "period": pl.Date,
              "numerator": pl.Float64, "denominator": pl.Float64, "value": pl.Float64}  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def read(values):
    """What the chart of one series says."""
    (series,) = judged_series(frame(values))
    return series


def slowly(values):
    """The first period, from the one in which the pattern of now began, whose own chart told of a change that way."""
    now = read(values)
    begun = now.change.start.replace(day=1)
    for length in range(1, len(values) + 1):
        then = read(values[:length])
        told = then.change is not None and direction_of(then) == direction_of(now)
        if then.period >= begun and told:
            return then.period
    raise AssertionError("the chart of now shows it")


@pytest.fixture
def measured_by(monkeypatch):
    """The one measure of these tests, of a quantity."""

    def define(quantity):
        monkeypatch.setattr(registry, "_definitions", {})
        monkeypatch.setattr(registry, "_tables", {})
        registry.register(replace(SHARE, unit="people", quantity=quantity, target=None, denominator=None))
        registry.register_table(registry.LogicalTable("visits", {}, lambda sites: None))

    return define


def histories(quantity):
    """Two or three years with a step, a drift or a peak near the end; as counts so rare that gaps are judged."""
    rng = np.random.default_rng(7)
    for number in range(60):
        length, size = int(rng.integers(20, 34)), rng.uniform(0.5, 5)
        last = np.arange(length) - (length - int(rng.integers(1, 14)))
        moved = (np.sign(last + 1).clip(0), last.clip(0) / 4, (last == last.max()) * 2)[number % 3] * size
        if quantity == "count":
            yield rng.poisson(1.2 * np.exp(rng.choice([-1, 1]) * moved / 2))
        else:
            yield np.round(100 + 10 * (rng.normal(size=length) + moved * rng.choice([-1, 1])))


@pytest.mark.parametrize(("quantity", "kind"), [("mean", "xmr"), ("count", "t")])
def test_it_is_first_seen_when_the_figures_up_to_then_told_of_it(measured_by, quantity, kind):
    measured_by(quantity)
    given = dict(enumerate(histories(quantity), start=1))
    observed = pl.concat([frame(values, site) for site, values in given.items()])
    shown = [each for each in judged_series(observed) if each.change is not None]
    seen = first_seen(shown, observed)
    assert {key[1]: date for key, date in seen.items()} == {each.key[1]: slowly(given[each.key[1]]) for each in shown}
    waited = {(each.period.year - seen[each.key].year) * 12 + each.period.month - seen[each.key].month
              for each in shown}  # fmt: skip
    assert sum(each.chart.kind == kind for each in shown) > 5
    assert len(waited) > 4, "some were seen at once, others long ago"


def test_a_level_that_rose_far_was_seen_when_it_rose_and_not_when_seven_points_were_full(cast, rows):
    rows(cast.north, *GROWN)
    signal = Signal.objects.get()
    assert (signal.kind, signal.since, signal.opened) == ("shift", month(12), month(12))


def test_a_small_step_was_seen_when_seven_points_were_full(cast, rows):
    small = (22, 23, 22, 22, 23, 22, 22, 22)
    rows(cast.north, *CALM * 2, *small)
    signal = Signal.objects.get()
    assert (signal.kind, signal.since, signal.opened) == ("shift", month(24), month(30))


def mark(cast, action, number):
    return action("share_late", cast.north, "MRI", month(number), reason="for the test", by=cast.people["planner"])


def take_back(cast, made):
    withdraw_mark(made, reason="It was no new clinic", by=cast.people["planner"])


@pytest.mark.parametrize("action", [rebase_chart, ghost_period])
def test_a_mark_taken_back_opens_again_what_it_had_closed(cast, rows, action):
    values = (*CALM, *STEP) if action is rebase_chart else (*CALM, 60)
    rows(cast.north, *values)
    before = Signal.objects.values().get()
    note_on_signal(Signal.objects.get(), text="Two rooms closed", by=cast.people["planner"])
    made = mark(cast, action, 12)
    assert Signal.objects.get().closed
    take_back(cast, made)
    assert Signal.objects.values().get() == before
    assert Signal.objects.get().acts.get().reason == "Two rooms closed"
    made = mark(cast, action, 12)
    assert Signal.objects.get().closed, "and a mark made anew closes it anew"
    take_back(cast, made)
    assert Signal.objects.values().get() == before


def test_it_opens_again_in_the_shape_that_it_has_now(cast, rows):
    rows(cast.north, *CALM, *STEP)
    signal = Signal.objects.get()
    assign_signal(signal, to=cast.people["planner"], by=cast.people["planner"])
    made = mark(cast, rebase_chart, 12)
    rows(cast.north, *CALM, *STEP, 30, 31)
    take_back(cast, made)
    again = Signal.objects.get()
    assert (again.pk, again.closed, again.closed_at, again.closing, again.mark_date) == (
        signal.pk,
        None,
        None,
        "",
        None,
    )
    assert (again.opened, again.opened_at, again.assigned_to) == (
        signal.opened, signal.opened_at, cast.people["planner"],
    )  # fmt: skip
    assert (again.latest, again.points) == (month(20), 9)


def test_what_only_the_mark_showed_closes_as_it_is_taken_back(cast, rows):
    rows(cast.north, *CALM * 3, *(late + 10 for late in CALM), start=-24)
    made = mark(cast, rebase_chart, 12)
    rows(cast.north, *CALM * 3, *(late + 10 for late in CALM), 23, start=-24)
    assert Signal.objects.open().get().direction == "low"
    take_back(cast, made)
    high, low = Signal.objects.get(direction="high"), Signal.objects.get(direction="low")
    assert (high.closing, low.closing) == ("", "withdrawn")


def test_of_several_the_last_that_a_mark_closed_opens_again(cast, rows):
    rows(cast.north, *CALM, *STEP)
    first = Signal.objects.get()
    Signal.objects.update(
        closed=month(18), closed_at=timezone.now() - dt.timedelta(days=9), closing="ghosted", mark_date=month(12)
    )
    rows(cast.north, *CALM, *STEP, 31)
    second = Signal.objects.open().get()
    made = mark(cast, rebase_chart, 12)
    take_back(cast, made)
    assert second.pk != first.pk
    assert Signal.objects.open().get().pk == second.pk


@pytest.mark.parametrize("by", [{"mark_date": month(11)}, {"closing": "ghosted"}])
def test_what_another_mark_closed_does_not_open_again(cast, rows, by):
    rows(cast.north, *CALM, *STEP)
    made = mark(cast, rebase_chart, 12)
    Signal.objects.update(**by)
    take_back(cast, made)
    assert Signal.objects.exclude(closing="").get().closed
    assert Signal.objects.open().count() == 1


def test_nothing_opens_again_under_a_new_definition(cast, rows):
    rows(cast.north, *CALM, *STEP)
    made = mark(cast, rebase_chart, 12)
    version = registry.measure("share_late").version
    DefinitionVersion.objects.create(measure="share_late", number=9, version=version, since=timezone.now())
    take_back(cast, made)
    assert Signal.objects.get(closing="rebased").closed
    assert Signal.objects.open().count() == 1


def test_what_ended_by_itself_does_not_open_again(cast, rows):
    rows(cast.north, *CALM * 2, 60)
    rows(cast.north, *CALM * 2, 60, 20)
    made = mark(cast, ghost_period, 3)
    rows(cast.north, *CALM * 2, 60, 20, 62)
    old, new = Signal.objects.order_by("since")
    take_back(cast, made)
    assert list(Signal.objects.order_by("since").values_list("pk", "closing")) == [(old.pk, "ended"), (new.pk, "")]


def test_a_pattern_that_began_later_is_a_new_signal(cast, rows):
    rows(cast.north, *CALM, 60)
    made = mark(cast, ghost_period, 12)
    rows(cast.north, *CALM, 60, 20, 21)
    other = mark(cast, ghost_period, 5)
    rows(cast.north, *CALM, 60, 20, 21, 80)
    fresh = Signal.objects.open().get()
    for each in (made, other):
        take_back(cast, each)
    old = Signal.objects.get(closing="ghosted")
    assert Signal.objects.open().get().pk == fresh.pk != old.pk


def test_the_mail_tells_what_opens_again_neither_as_new_nor_as_closed(cast, rows):
    chief = cast.chief
    subscribe(chief)
    SignalSubscription.objects.update(told_until=timezone.now() - dt.timedelta(days=1))
    rows(cast.north, *CALM, *STEP)
    told = digests.digest_for(chief)
    assert told.subject == "Signals: 1 new"
    SignalSubscription.objects.update(told_until=told.until)
    made = mark(cast, rebase_chart, 12)
    assert digests.digest_for(chief).subject == "Signals: 1 closed"
    take_back(cast, made)
    assert digests.digest_for(chief) is None
