"""Every number of the R package's own answers, by both engines."""

import math

import numpy as np
import pytest

from trustwide.analysis.spc.shewhart import engine, shewhart_chart, shewhart_charts
from trustwide.analysis.spc.shewhart.tests.examples import COUNTS, answers, number, settings

ANSWERS, SETTINGS = answers(), settings()


@pytest.fixture(params=["reference", "fast"], autouse=True)
def engine_used(request, monkeypatch):
    monkeypatch.setattr(engine, "COMPILED_FROM_POINTS", 0 if request.param == "fast" else math.inf)


def column(series, name):
    return [number(row[name]) for row in ANSWERS[series]]


def assert_equals_answer(made, series):
    for name in ("y", "cl", "lcl", "ucl"):
        np.testing.assert_allclose(getattr(made, name), column(series, name), rtol=1e-9, atol=0, err_msg=name)
    for name in ("part", "sigma_signal", "runs_signal", *COUNTS):
        np.testing.assert_array_equal(getattr(made, name), column(series, name), err_msg=name)
    np.testing.assert_array_equal(made.included, column(series, "include"))
    np.testing.assert_array_equal(made.baseline, np.multiply(column(series, "baseline"), column(series, "include")))
    # the package's two-sigma limits say what one sigma is, on the scale of the limits
    power = 1 / 3.6 if made.settings.chart == "t" else 1
    upper = np.array(column(series, "ucl95")) ** power
    np.testing.assert_allclose(made.scaled_centre + 2 * made.sigma, upper, rtol=1e-9)


@pytest.mark.parametrize("series", ANSWERS)
def test_one_series_equals_the_answers(series):
    made = shewhart_chart(column(series, "numerator"), column(series, "denominator"), SETTINGS[series])
    assert_equals_answer(made, series)


def test_all_series_at_once_equal_the_answers():
    numerator = [each for series in ANSWERS for each in column(series, "numerator")]
    denominator = [each for series in ANSWERS for each in column(series, "denominator")]
    offsets = np.cumsum([0, *(len(rows) for rows in ANSWERS.values())])
    made = shewhart_charts(numerator, denominator, offsets, [SETTINGS[series] for series in ANSWERS])
    assert len(made) == len(ANSWERS)
    for one, series in zip(made, ANSWERS, strict=True):
        assert_equals_answer(one, series)
