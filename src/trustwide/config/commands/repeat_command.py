"""`trustwide repeat`: run a stored run again and say whether it gives the same digest."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from trustwide.config.commands import CommandError, run_store
from trustwide.config.commands.simulate_command import add_workers, simulated

if TYPE_CHECKING:
    from trustwide.analysis.capacity.run_record import StoredRun


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN.json|DIGEST", help="the record of a run, or the beginning of its digest")
    add_workers(parser)


def run(options: argparse.Namespace) -> int:
    from trustwide.analysis.capacity.exceptions import RunError, ServiceError
    from trustwide.analysis.capacity.run_record import read_record

    path = run_store.find(options.run)
    try:
        stored = read_record(run_store.read(path), path.name)
        result = simulated(stored.service, stored.replications, stored.seed, options)
    except (ServiceError, RunError) as error:
        raise CommandError(str(error)) from error
    if result.digest != stored.digest:
        raise CommandError(
            f"{path}: not the same: stored digest {stored.digest}, now {result.digest}. {_what_changed(stored)}"
        )
    print(
        f"The same to the last bit: {stored.service.name}, {stored.replications:,} replications, seed {stored.seed}, "
        f"digest {result.digest}."
    )
    return 0


def _what_changed(stored: StoredRun) -> str:
    from trustwide.analysis.capacity.run_record import versions

    now = versions()
    changed = [
        f"{name} {was} (now {now.get(name, 'none')})" for name, was in stored.versions.items() if was != now.get(name)
    ]
    if not changed:
        return "The versions are the same, so the record was changed or this machine computes differently."
    return f"It was made with {', '.join(changed)}."
