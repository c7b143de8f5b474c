"""`trustwide plan SERVICE.yaml --levers LEVERS.yaml`: a plan for a service described in a file."""

from __future__ import annotations

import argparse
import json
import os
import sys
from contextlib import redirect_stdout
from typing import Any

from trustwide.config.commands import CommandError
from trustwide.config.commands.live_service import service_of


def plan_service(options: argparse.Namespace) -> int:
    """Print the plan; what does not go with a service file is refused."""
    for name in ("provider", "as_at", "do_nothing", "print_levers", "xlsx"):
        if getattr(options, name):
            raise CommandError(f"--{name.replace('_', '-')} goes with --dm01, not with a service file; leave it out.")
    if options.levers is None:
        raise CommandError("name the measures to choose from: --levers LEVERS.yaml.")
    result = _plan(options)
    if options.json:
        json.dump(result, sys.stdout, indent=1, allow_nan=False)
        print()
    else:
        from trustwide.config.commands.plan_service_table import plan_service_table

        print(plan_service_table(result))
    return 0


def _plan(options: argparse.Namespace) -> dict[str, Any]:
    from trustwide.analysis import capacity
    from trustwide.config.commands.plan_monthly import show_progress

    try:
        with redirect_stdout(sys.stderr):  # a cluster's own messages must not stand among the figures
            result = capacity.plan(
                service_of(options),
                capacity.load_levers(options.levers),
                target_weeks=options.target_weeks,
                by=options.by,
                confidence=options.confidence,
                replications=100 if options.replications is None else options.replications,
                seed=options.seed,
                budget=options.budget,
                staff=dict(options.staff or []),
                exhaustive=options.exhaustive,
                workers=options.workers or len(os.sched_getaffinity(0)),
                engine=options.engine or "local",
                progress=show_progress if sys.stderr.isatty() else None,
            )
    except (capacity.ServiceError, capacity.LeverError, capacity.RunError) as error:
        raise CommandError(str(error)) from error
    return result.to_dict()
