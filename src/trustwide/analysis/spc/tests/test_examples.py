"""Every number and word of the R package's own answers, by both engines."""

import math

import numpy as np
import pytest

from trustwide.analysis.spc import Settings, chart, charts, engine
from trustwide.analysis.spc.tests.examples import entries, rows

INPUTS, ANSWERS = rows("inputs.csv"), rows("points.csv")
GIVEN, ICONS = entries("settings.json"), entries("series.json")
NUMBERS = ("mean", "lpl", "upl")
FLAGS = ("outside_limits", "close_to_limits", "flag_trend", "flag_two_in_three", "flag_shift")
KEYS = ("improvement_direction", "target", "rebase_dates", "fix_after_n_points", "screen_outliers")


@pytest.fixture(params=["reference", "fast"], autouse=True)
def engine_used(request, monkeypatch):
    monkeypatch.setattr(engine, "COMPILED_FROM_POINTS", 0 if request.param == "fast" else math.inf)


def settings_of(series):
    return Settings(**{key: GIVEN[series][key] for key in KEYS})


def columns_of(series):
    dates = [row["date"] for row in INPUTS[series]]
    return dates, [float(row["value"]) if row["value"] else None for row in INPUTS[series]]


def assert_equals_answer(made, series):
    answers = ANSWERS[series]
    assert len(made) == len(answers)
    for i, answer in enumerate(answers):
        assert made.date[i] == np.datetime64(answer["date"])
        for name in NUMBERS:
            expected = float(answer[name] or "nan")
            assert getattr(made, name)[i] == pytest.approx(expected, rel=1e-9, abs=0, nan_ok=True), (i, name)
        for name in ("segment", "short_segment", *FLAGS):
            assert int(getattr(made, name)[i]) == int(answer[name] or 0), (i, name)
        assert made.special_cause_type[i] == answer["special_cause_type"]
        assert made.point_type[i] == answer["point_type"]
    assert made.variation_icon == ICONS[series]["variation_icon"]
    assert made.assurance_icon == ICONS[series]["assurance_icon"]


@pytest.mark.parametrize("series", INPUTS)
def test_one_series_equals_the_answers(series):
    assert_equals_answer(chart(*columns_of(series), settings_of(series)), series)


def test_all_series_at_once_equal_the_answers():
    dates = [date for series in INPUTS for date in columns_of(series)[0]]
    values = [value for series in INPUTS for value in columns_of(series)[1]]
    offsets = np.cumsum([0, *(len(INPUTS[series]) for series in INPUTS)])
    made = charts(dates, values, offsets, [settings_of(series) for series in INPUTS])
    assert len(made) == len(INPUTS)
    for one, series in zip(made, INPUTS, strict=True):
        assert_equals_answer(one, series)
