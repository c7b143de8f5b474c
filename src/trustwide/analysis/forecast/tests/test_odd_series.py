"""Short, constant, broken and absurd series: a forecast that can be, or none, never a failure."""

from __future__ import annotations

import numpy as np
import pytest

from trustwide.analysis.forecast import KINDS, ForecastError, forecast


def walks(seed: int, series: int, months: int):
    rng = np.random.default_rng(seed)
    return np.round(np.exp(6 + np.cumsum(rng.normal(0, 0.1, (series, months)), axis=1)))


def fuzzed(rng, kind: str, series: int, months: int):
    """Heavy-tailed, mostly zero, constant, alternating and broken rows, within what the kind can be."""
    values = np.exp(
        rng.normal(rng.uniform(-5, 12, (series, 1)), rng.choice([0.01, 0.5, 3], (series, 1)), (series, months))
    )
    if kind == "proportion":
        values = values / (1 + values)
    if kind == "signed":
        values *= rng.choice([-1, 1], values.shape)
    if kind == "count":
        values = np.round(values)
    values[rng.random(series) < 0.1] = rng.choice([0, 1])
    values[rng.random(values.shape) < rng.choice([0, 0.3, 0.9], (series, 1))] = 0
    values[rng.random(values.shape) < rng.choice([0, 0.2, 0.8, 1], (series, 1))] = np.nan
    return values


@pytest.mark.parametrize("kind", KINDS)
def test_ten_thousand_fuzzed_series_stay_in_bounds(kind):
    rng = np.random.default_rng(17)
    sizes = [1] * 20 + [7] * 10 + [200] * 2 + [2010]
    for size in sizes:  # 2,500 of each kind
        values = fuzzed(rng, kind, size, int(rng.integers(1, 40)))
        found = forecast(values, first_month="2023-04", groups=np.arange(size) % 3, kind=kind, months_ahead=4)
        assert np.array_equal(np.isnan(found.values).any(axis=(1, 2)), ~found.known)
        assert np.array_equal(np.isnan(found.values).all(axis=(1, 2)), ~found.known)
        figures = found.values[found.known]
        assert np.isfinite(figures).all()
        assert (np.diff(figures, axis=2) >= 0).all()
        if kind != "signed":
            assert (figures >= 0).all()
        if kind == "proportion":
            assert (figures <= 1).all()
        enough = np.isfinite(values).sum(axis=1) >= 4
        assert not (found.known & (np.isfinite(values).sum(axis=1) < 2)).any()
        assert found.known[enough & np.isfinite(values[:, -2:]).all(axis=1)].all()


def test_one_series_alone_starts_from_its_last_value_with_a_wide_band():
    found = forecast([812, 790, 835, 801, 844, 860], first_month="2025-04", months_ahead=3)
    assert [str(month) for month in found.months] == ["2025-10", "2025-11", "2025-12"]
    median, low, high = found.at(0.5)[0], found.at(0.1)[0], found.at(0.9)[0]
    assert abs(median[0] / 860 - 1) < 0.03
    assert (np.diff(high - low) > 0).all()
    assert 20 < high[0] - low[0] < 400


def test_too_short_or_too_old_gets_none():
    values = walks(1, 6, 30)
    values[0], values[1, :-2], values[2, -7:], values[3, -6:] = np.nan, np.nan, np.nan, np.nan
    found = forecast(values, first_month="2023-04")
    assert found.known.tolist() == [False, False, False, True, True, True]
    assert np.isnan(found.values[:3]).all()
    assert not forecast([5.0], first_month="2023-04").known.any()
    assert not forecast(np.full((2, 0), np.nan), first_month="2023-04").known.any()
    assert forecast(np.zeros((0, 12)), first_month="2023-04").values.shape == (0, 12, 3)


def test_the_older_the_last_value_the_wider_the_band():
    values = walks(2, 200, 30)
    values[1] = values[0]
    values[1, -4:] = np.nan
    values[0, -4:] = values[0, -5]
    found = forecast(values, first_month="2023-04", months_ahead=1)
    width = np.log(found.at(0.9) / found.at(0.1))[:2, 0]
    assert width[1] > 1.5 * width[0]


def test_a_constant_stays_and_does_not_disturb_the_others():
    constant = forecast(np.full((3, 30), 40.0), first_month="2023-04").values
    np.testing.assert_allclose(constant[:, :, 1], 40)
    assert ((constant[:, :, 2] - constant[:, :, 0]) < 10).all()
    assert (forecast(np.zeros((3, 30)), first_month="2023-04").at(0.5) == 0).all()


@pytest.mark.parametrize("left", [0, 1, 20])
def test_a_last_month_fallen_out_of_line_is_not_believed_but_possible(left):
    values = walks(3, 100, 30)
    values[0] = 600 + np.arange(30) % 5
    values[0, -1] = left
    found = forecast(values, first_month="2023-04", months_ahead=6)
    assert abs(found.at(0.5)[0, 0] / 600 - 1) < 0.1
    assert (found.at(0.1)[0] <= left + 1e-9).all()
    values[0, -2] = left  # confirmed by a second month
    assert (forecast(values, first_month="2023-04", months_ahead=6).at(0.5)[0] < 200).all()


def test_a_spike_within_moves_the_forecast_little():
    values = walks(4, 100, 30)
    usual = forecast(values, first_month="2023-04", months_ahead=6).at(0.5)[0]
    for month, factor in ((20, 0.0), (26, 10.0), (28, 0.1)):
        spoilt = values.copy()
        spoilt[0, month] *= factor
        found = forecast(spoilt, first_month="2023-04", months_ahead=6).at(0.5)[0]
        assert np.abs(found / usual - 1).max() < 0.15


def test_the_same_input_gives_the_same_figures_and_is_left_alone():
    values = walks(5, 50, 30)
    before = values.copy()
    one, two = (forecast(values, first_month="2023-04", groups=np.arange(50) % 4).values for _ in range(2))
    assert np.array_equal(one, two)
    assert np.array_equal(values, before)


def test_other_levels_lie_between():
    found = forecast(walks(6, 50, 30), first_month="2023-04", levels=(0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95))
    assert (np.diff(found.values, axis=2) >= 0).all()
    with pytest.raises(ForecastError, match=r"0\.3 was not forecast"):
        found.at(0.3)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"values": [[1, -2, 3]]}, r"Series 0, month 1 .* holds -2; expected 0 to 1e\+15 in a count"),
        ({"values": [[0.2, 1.2]], "kind": "proportion"}, "holds 1.2; expected 0 to 1 in a proportion"),
        ({"values": [[1, np.inf]], "kind": "rate"}, "holds inf"),
        ({"values": np.zeros((2, 2, 2))}, "3 dimensions"),
        ({"kind": "percent"}, "'percent'; expected one of count, rate, proportion, signed"),
        ({"months_ahead": 0}, "0 months ahead"),
        ({"levels": (0.9, 0.1)}, "ascending"),
        ({"levels": ()}, "ascending"),
        ({"groups": ["a", "b"]}, "2 group labels for 1 series"),
        ({"first_month": "April"}, "'April'; expected a month such as 2023-04"),
    ],
)
def test_what_cannot_be_forecast_is_a_sentence(change, said):
    asked = {"values": [[1.0, 2.0, 3.0]], "first_month": "2023-04"} | change
    with pytest.raises(ForecastError, match=said):
        forecast(asked.pop("values"), **asked)
