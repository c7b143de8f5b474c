"""How good forecasts would have been: made again from past months with only what was known then, beside naive methods.

Last value: the series stays. Drift: the last year's change goes on. Seasonal naive: the same month of the year before.
The last value has intervals of its own: the empirical quantiles of how such series changed over as many months before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from trustwide.analysis.forecast.engine import forecast
from trustwide.analysis.forecast.model import YEAR, Flags, Floats, Ints, Labels

LEVELS = (0.1, 0.5, 0.9)
METHODS = ("ours", "last value", "drift", "seasonal naive")
LARGE = 500.0  # in whose relative changes chance has a smaller part


@dataclass(frozen=True, eq=False)
class Judged:
    """Every case, that is a series at an origin and a month after it, in which ours and what came are known."""

    origin: Ints
    """(cases,) the column forecast from, and so on for the next three."""
    series: Ints
    ahead: Ints
    start: Floats
    """The value at the origin."""
    actual: Floats
    points: dict[str, Floats]
    """The point forecast of each of METHODS."""
    ours: Floats
    """(cases, LEVELS)"""
    last_value: Floats
    """(cases, LEVELS)"""


@dataclass(frozen=True)
class Score:
    """Errors and losses as shares of what came, over the cases with something to divide by; coverage over all."""

    series: int
    cases: int
    errors: dict[str, float]
    """Mean of |forecast - actual| / actual by method."""
    pinball: float
    """Mean pinball loss over the levels / actual."""
    pinball_ratio: float
    """That over the last value's."""
    coverage: float
    """Share of what came inside the 80 % interval."""

    @property
    def best_naive(self) -> float:
        """The least error of the naive methods."""
        return min(error for method, error in self.errors.items() if method != "ours")


def judge(values: Floats, groups: Labels, origins: Sequence[int], months_ahead: int) -> Judged:
    """Forecast counts (series, months) from each column of `origins` and hold it against the months after."""
    parts = [_from_origin(values, groups, origin, months_ahead) for origin in origins]
    joined = {
        name: np.concatenate([part[name] for part in parts])
        for name in ("origin", "series", "ahead", "start", "actual", "ours", "last")
    }
    points = {method: np.concatenate([part[method] for part in parts]) for method in METHODS[1:]}
    return Judged(
        joined["origin"], joined["series"], joined["ahead"], joined["start"], joined["actual"],
        {"ours": joined["ours"][:, 1], **points}, joined["ours"], joined["last"],
    )  # fmt: skip


def _from_origin(values: Floats, groups: Labels, origin: int, months_ahead: int) -> dict[str, Any]:
    known, months = values[:, : origin + 1], min(months_ahead, values.shape[1] - 1 - origin)
    ours = forecast(known, first_month="2000-01", groups=groups, months_ahead=months, levels=LEVELS).values
    actual = values[:, origin + 1 : origin + 1 + months]
    keep = np.isfinite(actual) & np.isfinite(known[:, -1:]) & np.isfinite(ours[:, :, 1])
    series, step = np.nonzero(keep)
    naive = {method: each[keep] for method, each in naive_points(known, months).items()}
    return naive | {
        "origin": np.full(len(series), origin), "series": series, "ahead": step + 1, "start": known[series, -1],
        "actual": actual[keep], "ours": ours[keep], "last": last_value_quantiles(known, months)[keep],
    }  # fmt: skip


def naive_points(known: Floats, months: int) -> dict[str, Floats]:
    """(series, months) by naive method; where one lacks the months it needs it says the last value."""
    last, ahead = known[:, -1:], np.arange(1, months + 1)
    stay = np.repeat(last, months, axis=1)
    back = min(YEAR, known.shape[1] - 1)
    drift = np.maximum(last + (last - known[:, -1 - back, None]) / max(back, 1) * ahead, 0)
    places = known.shape[1] - 1 + ahead - YEAR * np.ceil(ahead / YEAR).astype(int)
    season = np.where(places >= 0, known[:, np.maximum(places, 0)], np.nan)
    return {
        "last value": stay,
        "drift": np.where(np.isfinite(drift), drift, stay),
        "seasonal naive": np.where(np.isfinite(season), season, stay),
    }


def last_value_quantiles(known: Floats, months: int) -> Floats:
    """(series, months, LEVELS): the last value times quantiles of past ratios, of large lists and of others apart."""
    out = np.repeat(known[:, -1, None], months, axis=1)[:, :, None] * np.ones(len(LEVELS))
    for large in (True, False):
        alike = (known > LARGE) == large
        for step in range(min(months, known.shape[1] - 1)):
            then, now = known[:, : -1 - step], known[:, 1 + step :]
            use = alike[:, : -1 - step] & (then > 0) & np.isfinite(now)
            if use.any():
                out[alike[:, -1], step] *= np.quantile(now[use] / then[use], LEVELS)
    return out


def score(judged: Judged, which: Flags) -> Score:
    """Scores over the cases that a mask picks."""
    divided = which & (judged.actual > 0)
    actual = judged.actual[divided]
    errors = {name: float(np.mean(np.abs(each[divided] - actual) / actual)) for name, each in judged.points.items()}
    ours, last = (
        float(np.mean(pinball(each[divided], actual) / actual[:, None])) for each in (judged.ours, judged.last_value)
    )
    inside = (judged.actual >= judged.ours[:, 0]) & (judged.actual <= judged.ours[:, -1])
    series = len(np.unique(judged.series[which]))
    return Score(series, int(which.sum()), errors, ours, ours / last, float(inside[which].mean()))


def pinball(quantiles: Floats, actual: Floats) -> Floats:
    """(cases, LEVELS) pinball loss, least for the true quantiles (Koenker and Bassett, Econometrica 1978)."""
    over = actual[:, None] - quantiles
    return np.maximum(np.array(LEVELS) * over, (np.array(LEVELS) - 1) * over)
