"""Rare events: gaps between them equal a slow plain reckoning and vary as gaps between chance events do."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from trustwide.analysis.spc import Settings, judged
from trustwide.analysis.spc.mdc.sparse import POWER, between_events
from trustwide.analysis.spc.mdc.tests import sparse_reference


def months(count, year=2020, month=1):
    return [dt.date(year + (month - 1 + i) // 12, (month - 1 + i) % 12 + 1, 1) for i in range(count)]


def between(days, counts, ghosts=None, opportunities=None):
    return between_events(
        np.array(days, dtype="datetime64[D]"),
        np.array([np.nan if count is None else count for count in counts], dtype=np.float64),
        np.array([False] * len(days) if ghosts is None else ghosts, dtype=np.bool_),
        None if opportunities is None else np.array(opportunities, dtype=np.float64),
    )


a_period = st.tuples(
    st.one_of(st.none(), st.integers(0, 4)), st.integers(0, 5).map(lambda drawn: drawn == 0), st.integers(0, 900)
)


@given(st.lists(a_period, max_size=40), st.booleans(), st.integers(1900, 2100), st.integers(1, 12))
@settings(max_examples=100, deadline=None)
def test_gaps_equal_the_slow_plain_reckoning(periods, with_opportunities, year, month):
    counts, ghosts, chances = zip(*periods, strict=True) if periods else ((), (), ())
    opportunities = [float(each) for each in chances] if with_opportunities else None
    days = months(len(periods), year, month)
    expected = sparse_reference.gaps(days, counts, ghosts, opportunities)
    found = between(days, counts, ghosts, opportunities)
    assert found.date.tolist() == [date for date, _, _ in expected]
    assert found.ghost.tolist() == [ghost for _, _, ghost in expected]
    np.testing.assert_allclose(
        found.gap, [np.nan if gap is None else gap for _, gap, _ in expected], rtol=1e-9, atol=1e-9
    )


def test_a_table_by_hand():
    """Where in its month an event falls is drawn; the rest can be reckoned."""
    days, counts = months(5), [1, 0, 2, None, 1]
    place = sparse_reference.draw
    first, last = 31 * place(days[0], 0), 31 + 29 + 31 + 30 + 31 * place(days[4], 0)
    march = sorted(31 + 29 + 31 * place(days[2], rank) for rank in (0, 1))
    found = between(days, counts)
    assert found.gap.tolist()[:2] == pytest.approx([march[0] - first, march[1] - march[0]])
    assert np.isnan(found.gap[2]), "nobody knows what happened in April"
    assert found.date.tolist() == [days[0] + dt.timedelta(days=int(end)) for end in (*march, last)]


def test_gaps_are_counted_in_opportunities_where_these_are_given():
    days = months(3)
    found = between(days, [1, 0, 1], opportunities=[100, 50, 200])
    expected = 100 * (1 - sparse_reference.draw(days[0], 0)) + 50 + 200 * sparse_reference.draw(days[2], 0)
    assert found.gap.tolist() == pytest.approx([expected])


@pytest.mark.parametrize("counts", [[], [0], [1], [None], [0, None, 1], [0, 0, 0]])
def test_fewer_than_two_events_have_no_gap(counts):
    assert len(between(months(len(counts)), counts).gap) == 0


@pytest.mark.parametrize(
    ("days", "lasts"),
    [
        (months(4), [31, 29, 31, 30]),
        ([dt.date(2025, 1, 6) + dt.timedelta(weeks=i) for i in range(4)], [7] * 4),
        ([dt.date(2025, 1, 6) + dt.timedelta(days=i) for i in range(4)], [1] * 4),
        (months(10)[::3], [91, 91, 92, 92]),  # quarters: the last is as long as the one before it
    ],
    ids=["months", "weeks", "days", "quarters"],
)
def test_events_fall_evenly_in_their_own_period(days, lasts):
    """A Kolmogorov-Smirnov test of where 400 events lie in each; opportunities of 1 a period give their place."""
    places = np.cumsum(between(days, [400] * len(days), opportunities=[1.0] * len(days)).gap)
    assert stats.kstest(np.mod(places + sparse_reference.draw(days[0], 0), 1), "uniform").pvalue > 0.001
    found = between(days, [400] * len(days))
    ends = np.array(days) + np.array([dt.timedelta(days=length) for length in lasts])
    for i, (start, end) in enumerate(zip(days, ends, strict=True)):
        own = found.date[max(400 * i - 1, 0) : 400 * (i + 1) - 1]
        assert own.min() >= np.datetime64(start)
        assert own.max() < np.datetime64(end)


@pytest.mark.parametrize("rate", [0.3, 1.0, 2.5])
@pytest.mark.parametrize("per_opportunity", [False, True])
def test_gaps_of_chance_events_are_exponential(rate, per_opportunity):
    """A Poisson process known by its monthly counts only; a Kolmogorov-Smirnov test against the true law."""
    rng = np.random.default_rng(20260303)
    days = months(6_000, year=1500)
    size = rng.uniform(500, 1500, 6_000)
    length = np.diff([day.toordinal() for day in [*days, dt.date(2000, 1, 1)]]) / 30.44
    counts = rng.poisson(rate * (size / 1000 if per_opportunity else length))
    gap = between(days, counts, opportunities=size if per_opportunity else None).gap
    scale = (1000 if per_opportunity else 30.44) / rate
    assert stats.kstest(gap, "expon", args=(0, scale)).pvalue > 0.001
    assert np.corrcoef(gap[1:], gap[:-1])[0, 1] == pytest.approx(0, abs=4 / np.sqrt(len(gap)))
    assert abs(stats.skew(gap**POWER)) < 0.1, "the power makes them nearly normal"


@pytest.mark.parametrize("missing", [[None], []], ids=["without a figure", "not there"])
def test_a_missing_period_breaks_the_gap(missing):
    days = months(6)
    without = days if missing else [*days[:3], *days[4:]]
    found = between(without, [1, 1, 1, *missing, 1, 1])
    assert np.isnan(found.gap).tolist() == [False, False, True, False]
    whole = between(days, [1, 1, 1, 0, 1, 1])
    np.testing.assert_array_equal(found.gap[[0, 1, 3]], whole.gap[[0, 1, 3]])


def test_a_gap_is_ghosted_where_any_of_its_periods_is():
    found = between(months(6), [1, 1, 0, 1, 1, 1], [False, False, True, False, False, False])
    assert found.ghost.tolist() == [False, True, False, False]
    ends = between(months(4), [1, 1, 1, 1], [False, True, False, False])
    assert ends.ghost.tolist() == [True, True, False]


def rare(counts, sizes=None, days=None, **more):
    days = months(len(counts)) if days is None else days
    sizes = np.full(len(counts), np.nan) if sizes is None else sizes
    what = more.pop("what", "count")
    own = Settings(more.pop("direction", "decrease"), profile="mdc", **more)
    charts, choices = judged(days, counts, sizes, [0, len(counts)], own, [what])
    return charts[0], choices[0]


ONE_A_MONTH = np.random.default_rng(1).poisson(1, 48).astype(float)


def test_the_chart_of_gaps_has_the_t_charts_lines_and_the_direction_turned():
    made, choice = rare(ONE_A_MONTH, target=3)
    scaled = between(months(48), ONE_A_MONTH).gap ** POWER
    reach = 2.66 * np.abs(np.diff(scaled)).mean()
    assert (made.kind, choice.kind) == ("t", "t")
    assert made.mean[0] == pytest.approx(scaled.mean() ** 3.6)
    assert made.upl[0] == pytest.approx((scaled.mean() + reach) ** 3.6)
    assert made.lpl[0] == pytest.approx(max(scaled.mean() - reach, 0) ** 3.6)
    assert (made.settings.improvement_direction, made.settings.target, made.assurance_icon) == ("increase", None, None)


def test_a_long_time_without_an_event_is_an_improvement_once_it_ends():
    counts = np.concatenate([ONE_A_MONTH, np.zeros(14), [1]])
    made, _ = rare(counts)
    assert made.variation_icon == "improvement_high"
    assert rare(counts, direction="increase")[0].variation_icon == "concern_high"
    assert rare(counts[:-1])[0].variation_icon == rare(ONE_A_MONTH)[0].variation_icon


def test_failures_of_a_share_near_all_are_its_rare_events():
    sizes = np.full(40, 80.0)
    failures = np.random.default_rng(2).poisson(1, 40)
    made, choice = rare(sizes - failures, sizes, what="share", direction="increase")
    assert (made.kind, choice.of_failures) == ("g", True)
    assert made.settings.improvement_direction == "increase", "longer between failures is better, as more of all is"
    np.testing.assert_allclose(made.value, between(months(40), failures, opportunities=sizes).gap)


def test_limits_begin_with_the_first_event_after_a_rebase_even_if_more_fall_on_its_day():
    days = [dt.date(2025, 1, 1) + dt.timedelta(days=i) for i in range(60)]
    counts = np.where(np.arange(60) % 2 == 0, 2.0, 0.0)
    made, _ = rare(counts, days=days, rebase_dates=[days[29]])
    assert made.kind == "t"
    first = int(np.flatnonzero(made.segment == 1)[0])
    assert made.date[first].item() == days[30]
    assert made.segment.tolist() == [0] * first + [1] * (len(made) - first)


def test_a_ghosted_period_is_shown_and_leaves_the_lines_as_if_it_had_no_figure():
    counts = ONE_A_MONTH.copy()
    counts[20] = 9
    ghosted, _ = rare(counts, ghost_dates=[months(48)[20]])
    counts[20] = np.nan
    missing, _ = rare(counts)
    assert ghosted.upl[0] == missing.upl[0]
    assert ghosted.ghost.sum() == 10  # from the event before it to the event after it


def test_a_period_without_opportunity_breaks_nothing():
    sizes, failures = np.full(40, 80.0), np.random.default_rng(2).poisson(1, 40).astype(float)
    sizes[10] = failures[10] = 0
    made, _ = rare(sizes - failures, sizes, what="share", direction="increase")
    assert not np.isnan(made.value).any()
