"""`trustwide plan --dm01 FILE --provider RAJ --test MRI`: what would bring the wait to the target, how surely."""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trustwide.config.commands import CommandError, check_writable

if TYPE_CHECKING:
    from trustwide.analysis.capacity.monthly import Answer, Lever


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dm01", type=Path, metavar="FILE", help="monthly diagnostics return with all months")
    parser.add_argument("--provider", metavar="CODE", help="ODS code of the provider, such as RAJ")
    parser.add_argument("--test", metavar="CODE", default="MRI", help="MRI (default), CT, NOUS, DEXA ...")
    parser.add_argument("--target-weeks", type=float, default=2.0, metavar="N", help="mean wait of those scanned (2)")
    parser.add_argument("--by", type=month, metavar="YYYY-MM", help="month by whose end it must hold (six ahead)")
    parser.add_argument("--as-at", type=month, metavar="YYYY-MM", help="use only months up to this one")
    parser.add_argument("--levers", type=Path, metavar="FILE", help="YAML list of measures (built-in ones otherwise)")
    parser.add_argument("--print-levers", action="store_true", help="print the built-in measures as a file to edit")
    parser.add_argument("--confidence", type=float, default=0.8, metavar="P", help="probability to reach (0.8)")
    parser.add_argument("--replications", type=int, default=200, metavar="N", help="futures to try plans in (200)")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="the same seed gives the same digits (1)")
    parser.add_argument("--do-nothing", action="store_true", help="only what happens if all goes on as usual")
    parser.add_argument("--exhaustive", action="store_true", help="try every set of measures in every future")
    parser.add_argument("--xlsx", type=Path, metavar="OUT", help="write a workbook with live formulae")
    parser.add_argument("--json", action="store_true", help="print everything as JSON")


def month(text: str) -> Any:
    """A month given as YYYY-MM."""
    import numpy as np

    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text):
        raise argparse.ArgumentTypeError(f"got '{text}', expected a month such as 2026-03")
    return np.datetime64(text, "M")


def run(options: argparse.Namespace) -> int:
    if options.print_levers:
        return _print_levers(options.test)
    if options.dm01 is None or options.provider is None:
        raise CommandError("name the data and the provider, for example --dm01 FILE --provider RAJ --test MRI.")
    if options.xlsx:
        check_can_write(options.xlsx)
    given = _answer(options)
    result = given.to_dict()
    if options.xlsx:
        from trustwide.exchange.workbooks import write_plan

        write_plan(result, given.planner.history, options.xlsx)
        print(f"Workbook written to {options.xlsx}.", file=sys.stderr)
    if options.json:
        json.dump(result, sys.stdout, indent=1, allow_nan=False)
        print()
    else:
        from trustwide.config.commands.plan_table import plan_table

        print(plan_table(result))
    return 0


def _answer(options: argparse.Namespace) -> Answer:
    from trustwide.analysis.capacity.monthly import HistoryError, Question, answer
    from trustwide.exchange.returns import Dm01FormatError, UnknownProviderError, history, panel, read

    try:
        returned = read(options.dm01)
        months = history(returned.frame, options.provider, options.test)
        question = Question(
            options.target_weeks, options.by, options.confidence, options.replications, options.seed % 2**63
        )
        levers = _levers(options.levers, months.test)
        return answer(
            months, panel(returned.frame, months.test), levers, question, as_at=options.as_at,
            do_nothing=options.do_nothing, exhaustive=options.exhaustive,
            progress=_show_progress if sys.stderr.isatty() else None,
        )  # fmt: skip
    except (Dm01FormatError, UnknownProviderError, HistoryError) as error:
        raise CommandError(str(error)) from error


def check_can_write(workbook: Path) -> None:
    """Refuse a workbook that could not be written before the work is done, not after it."""
    if workbook.suffix.lower() != ".xlsx":
        raise CommandError(f"--xlsx {workbook}: expected a file name that ends in .xlsx.")
    check_writable("--xlsx", workbook)


def _show_progress(done: int, total: int) -> None:
    print(f"\r{done:,} of {total:,} sets of measures", end="\n" if done == total else "", file=sys.stderr, flush=True)


def _levers(path: Path | None, test: str) -> tuple[Lever, ...]:
    import yaml

    from trustwide.analysis.capacity.monthly import LeverError, default_levers, levers_from

    if path is None:
        return default_levers(test)
    try:
        return levers_from(yaml.safe_load(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise CommandError(f"{path}: cannot be read ({error.strerror}); give the path of a lever file.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        where = getattr(error, "problem_mark", None)
        line = f", line {where.line + 1}" if where is not None else ""
        raise CommandError(f"{path}{line}: is not YAML; start from `trustwide plan --print-levers`.") from error
    except LeverError as error:
        raise CommandError(f"{path}: {error}") from error


def _print_levers(test: str) -> int:
    import yaml

    from trustwide.analysis.capacity.monthly import default_levers

    print(f"# Measures for {test}. Sizes, prices and lead times are planning assumptions: put your own in their place.")
    print(
        yaml.safe_dump([lever.to_dict() for lever in default_levers(test)], sort_keys=False, allow_unicode=True), end=""
    )
    return 0
