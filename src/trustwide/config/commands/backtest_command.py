"""`trustwide backtest --dm01 FILE`: how right the projections would have been, over every provider."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from trustwide.config.commands import CommandError, check_writable
from trustwide.config.commands.plan_command import month

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trustwide.analysis.capacity.monthly import Score, ShareScore, UsualCourse

HORIZONS = (3, 6, 12)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dm01", type=Path, required=True, metavar="FILE", help="monthly diagnostics return")
    parser.add_argument("--tests", nargs="+", default=["MRI", "CT", "NOUS", "DEXA"], metavar="CODE", help="which tests")
    parser.add_argument("--as-at", nargs="+", type=month, metavar="YYYY-MM", help="months to project from")
    parser.add_argument("--course", action="store_true", help="print the usual course fitted to all months instead")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the table as Markdown (printed otherwise)")


def run(options: argparse.Namespace) -> int:
    import numpy as np

    from trustwide.analysis.capacity.monthly import backtest, backtest_shares, fit_usual_course
    from trustwide.exchange.returns import Dm01FormatError, UnknownProviderError, histories, known_test, panel, read

    if options.out is not None:
        check_writable("--out", options.out)
    try:
        tests = [known_test(test) for test in options.tests]
        frame = read(options.dm01).frame
    except (Dm01FormatError, UnknownProviderError) as error:
        raise CommandError(str(error)) from error
    every = panel(frame, tests[0])
    if options.course:
        print(course_text(fit_usual_course(every)))
        return 0
    last = every.months[-1]
    as_at = options.as_at or [last - back for back in (18, 15, 12, 9, 6)]
    if min(as_at) < every.months[0] + 3 or max(as_at) >= last:
        first, latest = every.months[0] + 3, last - 1
        raise CommandError(f"--as-at: expected months from {first} to {latest}, so that there is a past and a future.")
    lists = histories(frame, tests)
    scores = backtest(lists, every, [np.datetime64(m) for m in as_at], HORIZONS)
    shares = [score for month in (last - 12, last - 6) for score in backtest_shares(lists, every, month, 6)]
    text = backtest_page(scores, shares, options.dm01.name)
    if options.out is None:
        sys.stdout.write(text)
    else:
        options.out.write_text(text, encoding="utf-8")
        print(f"Written to {options.out}.")
    return 0


def course_text(course: UsualCourse) -> str:
    """The fitted course, with the precision at which the built-in one is kept."""
    lines = [
        f"drift {course.drift:.4f}, reversion {course.reversion:.4f}, relief {course.relief:.4f}",
        f"variance level {course.variance_level:.4f}, slope {course.variance_slope:.4f}; {course.series} lists",
    ]
    lines += [f"{test or 'all'}: {', '.join(f'{v:.3f}' for v in pattern)}" for test, pattern in course.seasonal.items()]
    return "\n".join(lines)


def backtest_page(scores: Sequence[Score], shares: Sequence[ShareScore], source: str) -> str:
    """The reference page: what was compared, and a row for each month, test and horizon, with totals."""
    head = (
        "# How right the projections would have been\n\n"
        f"Made by `trustwide backtest --dm01 {source} --out docs/reference/backtest.md`.\n\n"
        "Every list of 500 or more is projected from each month with nothing but what was known then, and compared "
        "with what came. Errors are mean absolute errors in per cent of what came; coverage is the share of lists "
        "inside the 80 % interval. *Last value* says the list stays; *drift* carries the last year's change on; "
        "*seasonal naive* repeats the same month of the year before.\n\n"
        "## All tests\n\n"
    )
    total = _table(_pooled(scores), with_test=False)
    by_test = "\n## By month and test\n\n" + _table(scores, with_test=True)
    return head + total + "\n## Share over six weeks\n\n" + _share_table(shares) + by_test


def _share_table(shares: Sequence[ShareScore]) -> str:
    lines = [
        "Lists of 500 or more with at least a year of months; mean absolute errors in percentage points. The last",
        "value is hard to beat here, because services hold the six-week share; the simulation is there to say what a",
        "change of tests would do to it, and its interval is too narrow where it covers fewer than four in five.",
        "A few constants of the simulation (how additions carry on, how tests are spread) were set on all months of",
        "this file, so this table flatters it a little; the list table above does not use them.\n",
        "| projected from | test | months ahead | lists | Trustwide | last value | coverage of 80 % |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for row in shares:
        lines.append(
            f"| {row.as_at} | {row.test} | {row.months_ahead} | {row.lists:,} | {row.ours:.1f} | {row.last_value:.1f} "
            f"| {row.coverage:.0f} % |"
        )
    return "\n".join(lines) + "\n"


def _pooled(scores: Sequence[Score]) -> list[Score]:
    """One row a horizon over all months and tests, weighted by the number of lists."""
    from dataclasses import replace

    pooled = []
    for ahead in sorted({score.months_ahead for score in scores}):
        rows = [score for score in scores if score.months_ahead == ahead]
        lists = sum(score.lists for score in rows)
        means = {
            name: sum(getattr(score, name) * score.lists for score in rows) / lists
            for name in ("ours", "last_value", "drift", "seasonal_naive", "coverage")
        }
        pooled.append(replace(rows[0], test="all", lists=lists, **means))
    return pooled


def _table(scores: Sequence[Score], *, with_test: bool) -> str:
    first = "| projected from | test " if with_test else ""
    ruler = "| --- | --- " if with_test else ""
    lines = [
        f"{first}| months ahead | lists | Trustwide | last value | drift | seasonal naive | coverage of 80 % |",
        f"{ruler}| ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for row in scores:
        start = f"| {row.as_at} | {row.test} " if with_test else ""
        lines.append(
            f"{start}| {row.months_ahead} | {row.lists:,} | {row.ours:.1f} | {row.last_value:.1f} | {row.drift:.1f} "
            f"| {row.seasonal_naive:.1f} | {row.coverage:.0f} % |"
        )
    return "\n".join(lines) + "\n"
