"""`trustwide plan SERVICE.yaml --levers LEVERS.yaml`: a plan for a service described in a file."""

from __future__ import annotations

import argparse
import json
import os
import sys

from trustwide.config.commands import CommandError


def plan_service(options: argparse.Namespace) -> int:
    """Print the plan; what does not go with a service file is refused."""
    for name in ("provider", "as_at", "do_nothing"):
        if getattr(options, name):
            raise CommandError(f"--{name.replace('_', '-')} goes with --dm01, not with a service file; leave it out.")
    if options.levers is None:
        raise CommandError("name the measures to choose from: --levers LEVERS.yaml.")
    if options.xlsx:
        from trustwide.config.commands.plan_monthly import check_can_write

        check_can_write(options.xlsx)
    result = _plan(options)
    if options.xlsx:
        from trustwide.exchange.workbooks import write_service_plan

        write_service_plan(result, options.xlsx)
        print(f"Workbook written to {options.xlsx}.", file=sys.stderr)
    if options.json:
        json.dump(result, sys.stdout, indent=1, allow_nan=False)
        print()
    else:
        from trustwide.config.commands.plan_service_table import plan_service_table

        print(plan_service_table(result))
    return 0


def _plan(options: argparse.Namespace) -> dict[str, object]:
    from trustwide.analysis import capacity
    from trustwide.config.commands.plan_monthly import show_progress

    try:
        return capacity.plan(
            capacity.load_service(options.service), capacity.load_levers(options.levers),
            target_weeks=options.target_weeks, by=options.by, confidence=options.confidence,
            replications=100 if options.replications is None else options.replications, seed=options.seed,
            budget=options.budget, staff=dict(options.staff or []), exhaustive=options.exhaustive,
            workers=options.workers or len(os.sched_getaffinity(0)), engine=options.engine,
            progress=show_progress if sys.stderr.isatty() else None,
        ).to_dict()  # fmt: skip
    except (capacity.ServiceError, capacity.LeverError, capacity.RunError) as error:
        raise CommandError(str(error)) from error
