"""Which chart a statistician would draw of what: each quantity and each edge, with the reason."""

import numpy as np
import pytest

from trustwide.analysis.spc import Settings, choose, judged
from trustwide.analysis.spc.mdc.tests.tables import day

NAN = np.nan
N = 20
COUNTS = [4, 7] * 10


def out_of(size, points=N):
    return [size] * points


TABLE = [
    # what, numerators, denominators, kind, some words of the reason
    ("count", [8, 12] * 6, None, "run", "12 values of the 13 that limits need"),
    ("count", [*[8, 12] * 6, NAN, NAN], None, "run", "12 values"),
    ("count", [], None, "run", "no values"),
    ("count", [*[8, 12] * 6, 9], None, "xmr", "counts of 9.92 a period on average"),
    ("count", [3] * N, None, "xmr", "counts of 3 a period"),
    ("count", [*[3] * 18, 2, 9], None, "t", "3.25 events a period on average is too rare"),
    ("count", [2, 4] * 10, None, "t", "3 events a period on average is too rare"),  # not clearly 3
    ("count", [3, 4] * 10, None, "xmr", "counts of 3.5 a period"),
    ("count", [1] * 14 + [0] * 6, None, "t", "0.7 events a period"),
    ("count", [1] * 13 + [0] * 7, None, "run", "14 are needed"),
    ("count", [1] * 7 + [NAN] + [1] * 7, None, "run", "14 are needed"),  # two stretches: six gaps in each
    ("count", [0] * N, None, "run", "0 events a period on average"),
    ("count", [1.5, 2.5] * 10, None, "xmr", "no counts"),
    ("count", [-1, 2] * 10, None, "xmr", "no counts"),
    ("share", COUNTS, out_of(50), "pp", "share"),
    ("share", [46, 47] * 10, out_of(50), "pp", "share"),  # 3.5 short of all on average
    ("share", [46, 48] * 10, out_of(50), "g", "3 failures a period"),  # not clearly 3
    ("share", [1, 2] * 10, out_of(50), "g", "1.5 events a period on average"),
    ("share", [49, 48] * 10, out_of(50), "g", "1.5 failures a period on average"),
    ("share", [*out_of(100, 19), 99], out_of(100), "run", "0.05 failures a period on average"),
    ("share", [99, *out_of(100, 19)], out_of(100), "run", "failures a period on average is too rare to judge"),
    ("share", out_of(100), out_of(100), "run", "0 failures"),
    ("share", [0] * N, out_of(100), "run", "0 events"),
    ("share", [40, 60] * 10, out_of(50), "xmr", "above their denominators"),
    ("share", [49.5, 48.5] * 10, out_of(50), "xmr", "no counts"),
    ("share", COUNTS, None, "xmr", "counts of 5.5"),
    ("rate", COUNTS, out_of(812.5), "up", "rate"),
    ("rate", [1, 2] * 10, out_of(812.5), "g", "1.5 events"),
    ("rate", [49, 48] * 10, out_of(50), "up", "rate"),  # a rate has no failures
    ("mean", [1, 2] * 10, out_of(50), "xmr", "no counts"),
    ("mean", COUNTS, None, "xmr", "no counts"),
    ("stock", [30, 40] * 10, None, "xmr", "at the end of each period"),
    ("stock", [1, 2] * 10, None, "run", "1.5 on average is too few"),
    ("stock", [1.5, 2.5] * 10, None, "xmr", "no counts"),
    ("stock_share", [30, 40] * 10, out_of(100), "xmr", "again and again"),
    ("stock_share", [1, 2] * 10, out_of(100), "run", "1.5 on average is too few"),
    ("stock_share", [99, 98] * 10, out_of(100), "run", "1.5 short of all on average is too few"),
    ("stock_share", [*out_of(100, 19), 99], out_of(100), "run", "0.05 short of all on average is too few"),
]


@pytest.mark.parametrize(("what", "numerators", "denominators", "kind", "words"), TABLE)
def test_the_chart_a_statistician_would_draw(what, numerators, denominators, kind, words):
    below = None if denominators is None else np.array(denominators, dtype=float)
    choice = choose(what, np.array(numerators, dtype=float), below)
    assert choice.kind == kind
    assert words in choice.reason
    assert choice.reason.endswith(".")
    assert choice.of_failures == (kind == "g" and "failures" in choice.reason)
    assert bool(choice.lacking) == (kind == "run")


def test_the_newest_figure_does_not_choose_the_chart_that_then_judges_it():
    """3.2 a period with the newest, 2.8 without it: a peak must not call for the limits it would lie outside of."""
    counts = np.array([2.0, 3, 3, 3, 3, 3, 2, 3, 3, 3, 3, 2, 3, 3, 10])
    assert counts.mean() > 3 > counts[:-1].mean()
    assert choose("count", counts).kind == "t"
    assert choose("count", np.append(counts, NAN)).kind == "t"
    assert choose("count", np.append(counts, 3)).kind == "xmr"


def judged_alone(what, above, below, **settings):
    given = Settings("increase", profile="mdc", **settings)
    days = [day(30 * i) for i in range(len(above))]
    charts, choices = judged(days, above, below, [0, len(above)], given, [what], [100])
    return charts[0], choices[0]


@pytest.mark.parametrize("what", ["share", "stock_share", "rate", "mean"])
@pytest.mark.parametrize("place", [0, 9, 18, 19])
def test_nineteen_times_100_percent_and_one_99_are_never_an_alert(what, place):
    above = [100.0] * 20
    above[place] = 99.0
    made, _ = judged_alone(what, above, [100.0] * 20, target=95)
    assert set(made.special_cause_type) == {"Common Cause"}
    assert (made.variation_icon, made.assurance_icon) == ("common_cause", "not_assessable")


@pytest.mark.parametrize("what", ["count", "share", "rate", "mean", "stock", "stock_share"])
@pytest.mark.parametrize("events", [[0], [0, 0, 0, 0, 1], [5], [0] * 17 + [1]])
def test_constants_and_wards_of_mostly_zeros_are_never_an_alert(what, events):
    above = (events * 36)[:36]
    made, _ = judged_alone(what, [float(each) for each in above], [40.0] * 36)
    assert made.variation_icon == "common_cause"
