"""`trustwide plan --dm01 FILE --provider RAJ --test MRI`: a plan from public monthly data."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from trustwide.config.commands import CommandError, check_writable

if TYPE_CHECKING:
    from trustwide.analysis.capacity.monthly import Answer, Lever


def plan_monthly(options: argparse.Namespace) -> int:
    if options.print_levers:
        return _print_levers(options.test)
    for name in ("workers", "staff", "engine", "budget"):
        if getattr(options, name):
            raise CommandError(f"--{name} goes with a service file, not with --dm01; leave it out.")
    if options.provider is None:
        raise CommandError("name the provider too, for example --dm01 FILE --provider RAJ --test MRI.")
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
    import numpy as np

    from trustwide.analysis.capacity.monthly import HistoryError, Question, answer
    from trustwide.exchange.returns import Dm01FormatError, UnknownProviderError, history, panel, read

    try:
        returned = read(options.dm01)
        months = history(returned.frame, options.provider, options.test)
        question = Question(
            2.0 if options.target_weeks is None else options.target_weeks,
            None if options.by is None else np.datetime64(options.by, "M"),
            options.confidence,
            200 if options.replications is None else options.replications,
            options.seed % 2**63,
        )
        levers = _levers(options.levers, months.test)
        return answer(
            months, panel(returned.frame, months.test), levers, question,
            as_at=None if options.as_at is None else np.datetime64(options.as_at, "M"),
            do_nothing=options.do_nothing, exhaustive=options.exhaustive,
            progress=show_progress if sys.stderr.isatty() else None,
        )  # fmt: skip
    except (Dm01FormatError, UnknownProviderError, HistoryError) as error:
        raise CommandError(str(error)) from error


def check_can_write(workbook: Path) -> None:
    """Refuse a workbook that could not be written before the work is done, not after it."""
    if workbook.suffix.lower() != ".xlsx":
        raise CommandError(f"--xlsx {workbook}: expected a file name that ends in .xlsx.")
    check_writable("--xlsx", workbook)


def show_progress(done: int, total: int) -> None:
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
