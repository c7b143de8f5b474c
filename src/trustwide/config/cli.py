"""The `trustwide` command. Each sub-command is a module in `commands`, loaded only when it is asked for."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

from trustwide.config.commands import CommandError

# sub-command -> what `trustwide --help` says of it; the module of the same name has add_arguments() and run()
COMMANDS = {
    "demo": "build the synthetic group in an embedded database and start the site",
    "serve": "run the production server",
    "worker": "run background jobs",
    "nightly": "what is to be done once a day: sessions made ahead, risks, measures, digests, reports",
    "digest": "send people the new signals they subscribed to, by e-mail",
    "messages": "send patients their messages, offer freed times to them",
    "import": "bring in data: DM01 monthly returns, activity of radiology systems",
    "lake": "publish the rows of measures as Parquet files, compute measures from them",
    "spc": "statistical process control over many series",
    "simulate": "simulate a service described in a file",
    "flow": "follow patients through a department, or compare two layouts of it",
    "repeat": "run a stored run again and say whether it is the same",
    "plan": "rank what would bring waits to the target",
    "backtest": "how right the plan's projections would have been in the past",
    "forecast": "every provider's waiting lists in the months to come, median and 80 % interval",
    "report": "the performance report of a month for a board, as PDF or Excel workbook",
    "attendance": "the chance that each appointment is missed, from booking facts and history",
    "assets": "put the front-end files of other makers where the site serves them from",
    "invite": "give somebody a role, above all the first administrator",
    "warm": "compile the kernels once, so that nobody waits for it later",
    "docs": "write the reference pages that are generated from the code",
    "doctor": "check the installation and say how to cure what is wrong",
    "manage": "Django's own administration commands",
}


def build_parser(argv: Sequence[str]) -> argparse.ArgumentParser:
    """The whole parser, with the arguments of the one sub-command that `argv` names."""
    parser = argparse.ArgumentParser(prog="trustwide", description="Plan, prove and improve shared hospital services.")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, help_text in COMMANDS.items():
        # argparse fills % places in a help text, not in a description
        sub = subparsers.add_parser(name, help=help_text.replace("%", "%%"), description=help_text, prefix_chars="-")
        if argv and argv[0] == name:
            _module(name).add_arguments(sub)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one sub-command. Exit status 0 done, 1 refused with a sentence, 2 wrong arguments."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    options = build_parser(arguments).parse_args(arguments)
    try:
        return int(_module(options.command).run(options))
    except CommandError as error:
        print(f"trustwide {options.command}: {error}", file=sys.stderr)
        return 1


def _module(name: str):  # type: ignore[no-untyped-def]  # noqa: ANN202
    return importlib.import_module(f"trustwide.config.commands.{name}_command")
