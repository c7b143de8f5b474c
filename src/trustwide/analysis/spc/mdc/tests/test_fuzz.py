"""Ten thousand odd series: nothing but SpcError, and icons whatever comes."""

import numpy as np
import pytest

from trustwide.analysis.spc import Settings, SpcError, charts, judged, notices, sentence, suggest_rebase, vega_lite
from trustwide.analysis.spc.mdc.model import QUANTITIES
from trustwide.analysis.spc.model import ASSURANCE_ICONS, VARIATION_ICONS

SERIES = 10_000


def odd_series(rng):
    """Numerators and denominators of one series, of some odd kind."""
    points = int(rng.choice([0, 1, 2, 3, 5, 12, 13, 14, 24, 40]))
    above = ODD[rng.integers(len(ODD))](rng, points).astype(np.float64)
    below = ODD_BELOW[rng.integers(len(ODD_BELOW))](rng, points).astype(np.float64)
    for column in (above, below):
        column[rng.random(points) < rng.choice([0, 0, 0.1, 0.9])] = np.nan
    return above, below


ODD = (
    lambda rng, n: np.full(n, rng.choice([0, 1, 7, 97.3, -4, 1e299, 1e-300])),
    lambda rng, n: rng.poisson(rng.choice([0.05, 0.5, 2.9, 3, 50]), n),
    lambda rng, n: rng.normal(0, rng.choice([1e-9, 1, 1e6]), n),
    lambda rng, n: rng.choice([-1e299, 1e299, 0, 1], n),
    lambda rng, n: rng.choice([100, 99], n, p=[0.95, 0.05]),
    lambda rng, n: np.cumsum(rng.normal(0, 1, n)),
    lambda rng, n: rng.integers(0, 2, n) * 1e15,
    lambda rng, n: 5e-324 * rng.integers(0, 3, n),
)
ODD_BELOW = (
    lambda rng, n: np.full(n, rng.choice([100, 0, 1, 1e299, 40.5])),
    lambda rng, n: rng.integers(0, 4, n),
    lambda rng, n: rng.integers(-50, 200, n),
    lambda rng, n: rng.choice([1e-299, 1.0, 1e299] if rng.random() < 0.2 else [1e-3, 1e9], n),
    lambda rng, n: np.full(n, np.nan),
)


def odd_settings(rng, dates):
    named = [dates[i] for i in rng.integers(0, len(dates), 2)] if len(dates) and rng.random() < 0.4 else []
    return Settings(
        str(rng.choice(["increase", "decrease", "neutral"])),
        None if rng.random() < 0.5 else float(rng.choice([0, 50, 1e299])),
        named[:1],
        12 if rng.random() < 0.2 else None,
        profile="mdc",
        trend_points=int(rng.choice([6, 7])),
        ghost_dates=named[1:],
    )


def assert_all_is_told(made, seen):
    assert made.variation_icon in VARIATION_ICONS
    assert made.assurance_icon in ASSURANCE_ICONS
    if seen % 25 == 0:  # words and pictures are slower
        said = [sentence(made, unit="people"), *notices(made)]
        suggestion = suggest_rebase(made)
        said += [suggestion.sentence] if suggestion else []
        assert not [each for each in said if "nan" in each or "inf" in each]
        assert vega_lite(made, "A title")["description"]


def odd_case(rng):
    """Dates, numerators, denominators, settings, quantity and scale of one odd series."""
    above, below = odd_series(rng)
    first = np.datetime64("2020-01-01") + rng.integers(0, 900)
    dates = first + np.arange(len(above)) * int(rng.choice([1, 7, 31]))
    own, what = odd_settings(rng, dates.tolist()), str(rng.choice(QUANTITIES))
    return dates, above, below, own, what, float(rng.choice([1, 100]))


def judge_all(cases):
    """The charts of cases judged together; where one of them is refused, of each that is not, by itself."""
    dates, above, below = (np.concatenate([case[i] for case in cases]) for i in range(3))
    offsets = np.cumsum([0, *(len(case[0]) for case in cases)])
    try:
        return list(judged(dates, above, below, offsets, *([case[i] for case in cases] for i in (3, 4, 5)))[0])
    except SpcError as error:
        assert "expected" in str(error)
        return [] if len(cases) == 1 else [made for case in cases for made in judge_all([case])]


def test_ten_thousand_odd_series_raise_nothing_but_sentences():
    rng = np.random.default_rng(20260303)
    cases = [odd_case(rng) for _ in range(SERIES // 2)]
    made = [each for i in range(0, len(cases), 5) for each in judge_all(cases[i : i + 5])]
    assert SERIES // 2 * 0.9 < len(made) < SERIES // 2, "a few are refused"
    dates, values = (np.concatenate([case[i] for case in cases]) for i in (0, 1))
    made += charts(dates, values, np.cumsum([0, *(len(case[0]) for case in cases)]), [case[3] for case in cases])
    for seen, each in enumerate(made):
        assert_all_is_told(each, seen)


@pytest.mark.parametrize("value", [np.inf, -np.inf, 1e301])
@pytest.mark.parametrize("place", ["numerator", "denominator", "value"])
def test_infinite_values_are_refused_in_a_sentence(value, place):
    days = [f"2025-01-{i:02}" for i in range(1, 21)]
    columns = {"numerator": [5.0] * 20, "denominator": [9.0] * 20}
    own = Settings(profile="mdc")
    with pytest.raises(SpcError, match=r"expected a number no larger than 1e300, or none\."):
        if place == "value":
            charts(days, [*[5.0] * 19, value], [0, 20], own)
        else:
            columns[place][3] = value
            judged(days, *columns.values(), [0, 20], own, ["share"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"denominators": ["many", 1]}, r"A denominator is not a number .*; expected numbers, or None where missing\."),
        ({"denominators": [1]}, r"There are 1 denominators for 2 numerators; expected as many\."),
        ({"numerators": ["many", 1]}, r"A value is not a number"),
        ({"quantities": ["number"]}, r"Expected one of count, share, rate, mean, stock, stock_share for each of 1"),
        ({"quantities": []}, r"Expected one of count"),
        ({"settings": Settings()}, r"Charts are chosen by profile mdc only"),
        ({"dates": ["2025-01-01", "2025-01-01"]}, r"The date 1 January 2025 is there twice; expected once\."),
        ({"offsets": [0, 1]}, r"The offsets must rise from 0 to the number of points, 2\."),
        ({"numerators": [1e299, 1], "denominators": [1e-9, 1], "quantities": ["rate"]}, r"A value is inf|e\+30"),
    ],
)
def test_what_cannot_be_judged_is_said(arguments, words):
    usual = {
        "dates": ["2025-01-01", "2025-02-01"],
        "numerators": [1, 2],
        "denominators": [3, None],
        "offsets": [0, 2],
        "settings": Settings(profile="mdc"),
        "quantities": ["share"],
    }
    with pytest.raises(SpcError, match=words):
        judged(**{**usual, **arguments})
