"""`trustwide forecast --dm01 FILE`: every list of a return in the months to come, or how good such forecasts are."""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trustwide.config.commands import CommandError, check_writable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from trustwide.analysis.forecast import Forecasts

HEADER = ("provider", "test", "month", "median", "low", "high")
FEWEST_FOR_TABLE = 18
MOST_AHEAD = 36


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dm01", type=Path, required=True, metavar="FILE", help="monthly diagnostics return")
    parser.add_argument("--test", metavar="CODE", help="write this test only; it still learns from all of them")
    parser.add_argument("--months", type=int, default=6, help="how many months after the last one of FILE (default 6)")
    parser.add_argument(
        "--out", type=Path, metavar="CSV",
        help=f"gets {','.join(HEADER)}: people waiting at each month's end and their "
        "80%% interval; every provider and test of FILE has its rows, with empty figures where fewer than three months "
        "are known or none of the last six (stderr says how many)",
    )  # fmt: skip
    parser.add_argument(
        "--table", type=Path, metavar="FILE",
        help="write how good such forecasts would have been in the past, beside naive methods, as Markdown",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    _check(options)
    lists = read_lists(options.dm01)
    wanted = lists.of_test(options.test)
    answer: dict[str, Any] = {"last_month": str(lists.months[-1]), "lists": int(wanted.sum())}
    said = []
    if options.out is not None:
        answer |= _forecast(lists, wanted, options)
        said.append(
            f"{answer['forecast']:,} of {answer['lists']:,} lists are forecast from {answer['last_month']} on; "
            f"{answer['rows']:,} rows are in {options.out}."
        )
    if options.table is not None:
        answer |= _table(lists, options)
        said.append(f"Written to {options.table}.")
    print(json.dumps(answer) if options.json else "\n".join(said))
    return 0


def _check(options: argparse.Namespace) -> None:
    if options.out is None and options.table is None:
        raise CommandError("give --out CSV for forecasts, --table FILE for how good they would have been, or both.")
    if not 1 <= options.months <= MOST_AHEAD:
        raise CommandError(f"--months {options.months}: expected 1 to {MOST_AHEAD}.")
    for option, path in (("--out", options.out), ("--table", options.table)):
        if path is not None:
            check_writable(option, path)
            if path.resolve() == options.dm01.resolve():
                raise CommandError(f"{option} {path}: that is the file to read from; name another to write to.")


@dataclass(frozen=True)
class Lists:
    """People waiting, (lists, months), NaN where nothing was returned, with each list's provider and test."""

    provider: NDArray[np.str_]
    test: NDArray[np.str_]
    months: NDArray[np.datetime64]
    waiting: NDArray[np.float64]

    def of_test(self, test: str | None) -> NDArray[np.bool_]:
        """Which lists are of a test, given by code or name; all without one."""
        import numpy as np

        from trustwide.exchange.returns import UnknownProviderError, known_test

        if test is None:
            return np.ones(len(self.test), dtype=bool)
        try:
            found = np.equal(self.test, known_test(test))
        except UnknownProviderError as error:
            raise CommandError(f"--test: {error}") from error
        if not found.any():
            raise CommandError(f"--test {test}: no provider returned it in this file.")
        return found


def read_lists(path: Path) -> Lists:
    """Every list of a return, by provider and test. Says on stderr what the file has that is not used."""
    import numpy as np

    from trustwide.exchange.returns import Dm01FormatError, read

    try:
        file = read(path)
    except Dm01FormatError as error:
        raise CommandError(str(error)) from error
    for notice in file.notices:
        print(f"{file.name}: {notice}", file=sys.stderr)
    if file.rejected_rows:
        again = f"trustwide import dm01 {path} --dry-run"
        print(f"{file.name}: {file.rejected_rows:,} faulty rows are left out; `{again}` names them.", file=sys.stderr)
    if file.frame.is_empty():
        raise CommandError(f"{path}: holds no good row to forecast from.")
    rows = file.frame.sort("provider_code", "test", "month")
    keys = rows.select("provider_code", "test").unique(maintain_order=True)
    number = rows.select("provider_code", "test").join(keys.with_row_index("list"), on=["provider_code", "test"])
    month = rows["month"].to_numpy().astype("datetime64[M]")
    months = np.arange(month.min(), month.max() + 1)
    waiting = np.full((keys.height, len(months)), np.nan)
    waiting[number["list"].to_numpy(), (month - months[0]).astype(int)] = rows["waiting_list"].to_numpy()
    return Lists(keys["provider_code"].to_numpy().astype(str), keys["test"].to_numpy().astype(str), months, waiting)


def _forecast(lists: Lists, wanted: NDArray[np.bool_], options: argparse.Namespace) -> dict[str, Any]:
    from trustwide.analysis.forecast import forecast

    began = time.perf_counter()
    found = forecast(lists.waiting, first_month=lists.months[0], groups=lists.test, months_ahead=options.months)
    seconds = time.perf_counter() - began
    rows = _write(options.out, lists, found, wanted)
    known = int(found.known[wanted].sum())
    if known < wanted.sum():
        print(
            f"{int(wanted.sum()) - known:,} lists have no forecast, because fewer than three of their months are known "
            "or none of the last six; their figures are empty.",
            file=sys.stderr,
        )
    return {
        "forecast": known,
        "rows": rows,
        "months": [str(month) for month in found.months],
        "out": str(options.out),
        "seconds": round(seconds, 2),
    }


def _write(path: Path, lists: Lists, found: Forecasts, wanted: NDArray[np.bool_]) -> int:
    import csv

    import numpy as np

    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        for i in np.flatnonzero(wanted):
            for month, (low, median, high) in zip(found.months, found.values[i], strict=True):
                figures = (f"{each:.1f}" if np.isfinite(each) else "" for each in (median, low, high))
                writer.writerow((lists.provider[i], lists.test[i], month, *figures))
    return int(wanted.sum()) * len(found.months)


def _table(lists: Lists, options: argparse.Namespace) -> dict[str, Any]:
    from trustwide.config.commands.forecast_table import figures, forecast_page

    if len(lists.months) < FEWEST_FOR_TABLE:
        raise CommandError(
            f"{options.dm01}: holds {len(lists.months)} months; --table needs {FEWEST_FOR_TABLE}, a year to forecast "
            "from and half a year to compare with."
        )
    found = figures(lists)
    options.table.write_text(forecast_page(found, options.dm01.name), encoding="utf-8")
    return {"table": found}
