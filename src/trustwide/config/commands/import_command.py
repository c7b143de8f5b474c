"""`trustwide import KIND FILE...`: one module a kind of data, `import_<kind>.py`."""

from __future__ import annotations

import argparse
import importlib
from pathlib import Path

from trustwide.config.commands import CommandError

KINDS = ("dm01", "activity")
OF_ACTIVITY = ("partnership", "system", "mapping")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "kind", choices=KINDS,
        help="dm01: monthly diagnostics returns, in either published layout; activity: requests of a radiology system",
    )  # fmt: skip
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help=".csv, .xlsx or .xls, and .parquet for activity"
    )
    parser.add_argument("--partnership", metavar="SLUG", help="activity: whose it is, where there are several")
    parser.add_argument("--system", metavar="NAME", help="activity: the system it comes from, the same name each time")
    parser.add_argument("--mapping", type=Path, metavar="FILE", help="activity: JSON, which header is which column")
    parser.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")
    parser.add_argument("--rejects", type=Path, metavar="FILE", help="where faulty rows go (beside the file otherwise)")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(options: argparse.Namespace) -> int:
    idle = [f"--{name}" for name in OF_ACTIVITY if getattr(options, name) is not None]
    if options.kind != "activity" and idle:
        raise CommandError(f"{', '.join(idle)} only goes with activity; leave it out.")
    module = importlib.import_module(f"trustwide.config.commands.import_{options.kind}")
    return int(module.run(options))
