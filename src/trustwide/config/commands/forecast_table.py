"""The reference page of `trustwide forecast`: forecasts made again from past months, beside naive methods."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from trustwide.analysis.forecast import METHODS, Score, forecast, judge, score

if TYPE_CHECKING:
    from trustwide.config.commands.forecast_command import Lists

AHEAD = 6
FIRST_ORIGIN = 11  # a year of months
LARGE = 500
IMAGING = ("MRI", "CT", "NOUS", "DEXA")
FEWEST_CASES = 100  # a row of fewer is chance
ALL = "all lists"
OVER = f"lists over {LARGE}"
FOUR = f"MRI, CT, NOUS and DEXA over {LARGE}"


def figures(lists: Lists) -> dict[str, Any]:
    """Scores by class of list, and of the large ones by test, by months ahead and by origin, as plain numbers."""
    last = len(lists.months) - 1
    origins = range(FIRST_ORIGIN, last - AHEAD + 1)
    judged = judge(lists.waiting, lists.test, origins, AHEAD)
    began = time.perf_counter()
    forecast(lists.waiting, first_month=lists.months[0], groups=lists.test, months_ahead=AHEAD)
    seconds = time.perf_counter() - began
    test, large = lists.test[judged.series], judged.start > LARGE
    imaging = large & np.isin(test, IMAGING)
    kinds = {ALL: judged.start > 0, OVER: large, FOUR: imaging}
    tables = {
        "By class of list": kinds,
        f"By months ahead, {FOUR}": {str(h): imaging & (judged.ahead == h) for h in range(1, AHEAD + 1)},
        f"By test, {OVER}": {str(name): large & (test == name) for name in np.unique(lists.test)},
        f"By month forecast from, {FOUR}": {str(lists.months[o]): imaging & (judged.origin == o) for o in origins},
        f"By month forecast from, {ALL}": {str(lists.months[o]): kinds[ALL] & (judged.origin == o) for o in origins},
    }
    return {
        "first_origin": str(lists.months[origins[0]]),
        "last_origin": str(lists.months[origins[-1]]),
        "origins": len(origins),
        "lists": len(lists.waiting),
        "seconds": round(seconds, 1),
        "scores": {
            title: {name: _plain(score(judged, rows)) for name, rows in parts.items() if rows.sum() >= FEWEST_CASES}
            for title, parts in tables.items()
        },
    }


def _plain(found: Score) -> dict[str, Any]:
    return asdict(found) | {"best_naive": found.best_naive}


def forecast_page(found: Mapping[str, Any], source: str) -> str:
    """The page: what was compared, and a table for each way to look at it."""
    parts = [
        "# How good forecasts of waiting lists are\n",
        f"*Made by `trustwide forecast --dm01 {source} --table docs/reference/forecast.md`.*\n",
        f"Every list of 1 or more was forecast 1 to {AHEAD} months ahead from each of {found['origins']} months, "
        f"{found['first_origin']} to {found['last_origin']}, with nothing but what was known then, and held against "
        "what came. Constants of the method were chosen on the same months; they are few and lie on flat ground, but "
        "the table flatters a little.\n",
        "Error is the mean of |forecast - actual| / actual. *Last value* says the list stays, *drift* carries the last "
        "year's change on, *seasonal naive* repeats the same month of the year before. Pinball loss is the mean over "
        "the 10th, 50th and 90th percentile, as a share of what came; the table gives it over that of the last value "
        "with its own empirical quantiles: how lists as large changed over as many months before. Coverage is the "
        "share of what came that lies inside the 80 % interval. Months in which nobody waited count for coverage "
        "only.\n",
        f"A forecast of all {found['lists']:,} lists takes {found['seconds']} seconds on two processors.\n",
    ]
    return "\n".join([*parts, *(_table(title, rows) for title, rows in found["scores"].items())])


def _table(title: str, rows: Mapping[str, Mapping[str, Any]]) -> str:
    heads = ["", "lists", "cases", "Trustwide", *METHODS[1:], "pinball over last value's", "coverage"]
    lines = [f"## {title}\n", f"| {' | '.join(heads)} |", "| --- " + "| ---: " * (len(heads) - 1) + "|"]
    for name, row in rows.items():
        errors = " | ".join(f"{100 * row['errors'][method]:.1f} %" for method in METHODS)
        lines.append(
            f"| {name} | {row['series']:,} | {row['cases']:,} | {errors} | {row['pinball_ratio']:.3f} "
            f"| {100 * row['coverage']:.1f} % |"
        )
    return "\n".join(lines) + "\n"
