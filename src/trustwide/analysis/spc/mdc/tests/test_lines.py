"""P' and U' charts have the lines of `shewhart_charts`, in the unit of the values; ghosted points have theirs too."""

import numpy as np
import pytest

from trustwide.analysis.spc import Settings, judged
from trustwide.analysis.spc.mdc.tests.tables import day
from trustwide.analysis.spc.shewhart import ShewhartSettings, shewhart_charts

CASES = [("share", "pp", 100.0), ("share", "pp", 1.0), ("rate", "up", 1000.0)]


def drawn(what, seed=1, points=40):
    rng = np.random.default_rng(seed)
    below = rng.integers(40, 160, points).astype(float)
    above = rng.binomial(below.astype(int), rng.beta(20, 80, points)) if what == "share" else rng.poisson(below / 9)
    return above.astype(float), below


def chart_of(what, above, below, scale=1.0, **settings):
    own = Settings("decrease", profile="mdc", **settings)
    charts, choices = judged([day(i) for i in range(len(above))], above, below, [0, len(above)], own, [what], [scale])
    return charts[0], choices[0]


def assert_lines(made, part, expected, scale):
    own = slice(*part)
    np.testing.assert_allclose(made.value[own], expected.y * scale, rtol=1e-12)
    np.testing.assert_allclose(made.mean[own], expected.cl * scale, rtol=1e-12)
    np.testing.assert_allclose(made.lpl[own], expected.lcl * scale, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(made.upl[own], expected.ucl * scale, rtol=1e-12)
    np.testing.assert_array_equal(made.outside_limits[own], expected.sigma_signal)


@pytest.mark.parametrize(("what", "kind", "scale"), CASES)
@pytest.mark.parametrize("seed", range(5))
def test_lines_equal_those_of_the_shewhart_chart(what, kind, scale, seed):
    above, below = drawn(what, seed)
    above[7], below[11] = np.nan, 0
    made, choice = chart_of(what, above, below, scale)
    assert choice.kind == made.kind == kind
    expected = shewhart_charts(above, below, [0, 40], ShewhartSettings(kind))[0]
    assert_lines(made, (0, 40), expected, scale)
    sigma, y = expected.sigma * scale, expected.y * scale
    near = ~expected.sigma_signal & (np.abs(y - expected.cl * scale) > 2 * sigma)
    np.testing.assert_array_equal(made.close_to_limits, near)


@pytest.mark.parametrize(("what", "kind", "scale"), CASES)
def test_segments_and_fixed_limits_equal_those_of_each_part(what, kind, scale):
    above, below = drawn(what)
    made, _ = chart_of(what, above, below, scale, rebase_dates=[day(18)], fix_after_n_points=12)
    for part in ((0, 18), (18, 40)):
        own = slice(*part)
        settings = ShewhartSettings(kind, freeze=12)
        assert_lines(made, part, shewhart_charts(above[own], below[own], [0, part[1] - part[0]], settings)[0], scale)


@pytest.mark.parametrize(("what", "kind", "scale"), CASES)
def test_a_ghost_leaves_the_lines_as_if_missing_and_has_its_own(what, kind, scale):
    above, below = drawn(what)
    above[9] = below[9]  # all of them: far outside
    ghosted, _ = chart_of(what, above, below, scale, ghost_dates=[day(9)])
    above[9] = np.nan
    missing, _ = chart_of(what, above, below, scale)
    rest = np.arange(40) != 9
    for name in ("mean", "lpl", "upl"):
        np.testing.assert_array_equal(getattr(ghosted, name)[rest], getattr(missing, name)[rest])
    root = np.sqrt(below)
    reach = (ghosted.upl - ghosted.mean) * root
    assert reach[9] == pytest.approx(reach[0]), "its limits follow its own denominator"
    assert ghosted.outside_limits[9]
    assert str(ghosted.special_cause_type[9]) == "Above UCL"


def test_limits_follow_denominators_and_are_clipped_to_what_a_share_can_be():
    """Half of 100 and of 400 in turn, one sigma up and one down (by the binomial law), so that sigma_z is 2 / 1.128."""
    below, above = np.array([100.0, 400.0] * 10), np.array([55.0, 190.0] * 10)
    made, _ = chart_of("share", above, below, 100.0)
    centre = above.sum() / below.sum()
    factor = np.abs(np.diff((above / below - centre) / np.sqrt(centre * (1 - centre) / below))).mean() / 1.128
    reach = 300 * factor * np.sqrt(centre * (1 - centre) / below)
    np.testing.assert_allclose(made.upl, 100 * centre + reach, rtol=1e-12)
    np.testing.assert_allclose(made.lpl, 100 * centre - reach, rtol=1e-12)
    high, _ = chart_of("share", np.array([40.0, 30, 45, 35] * 6), np.full(24, 50.0), 100.0)
    assert high.upl.max() == 100
    low, _ = chart_of("rate", np.array([1.0, 9] * 12), np.full(24, 50.0))
    assert low.lpl.min() == 0


def test_a_mean_may_stand_without_denominators_as_a_median_does():
    days = np.datetime64("2024-01") + np.arange(24)
    medians, nothing = np.tile([21.0, 23.5, 22.0, 20.5], 6), np.full(24, np.nan)
    rules = Settings("decrease", profile="mdc")
    charts, choices = judged(days, medians, nothing, [0, 24], rules, ["mean"])
    assert choices[0].kind == "xmr"
    assert charts[0].value.tolist() == medians.tolist()
    assert charts[0].mean[-1] == pytest.approx(medians.mean())
