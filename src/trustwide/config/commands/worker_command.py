"""`trustwide worker`: run background jobs until told to stop. After a crash start it again: jobs repeat safely."""

from __future__ import annotations

import argparse

from trustwide.config.commands import start_django


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--once", action="store_true", help="do what is waiting, then stop")


def run(options: argparse.Namespace) -> int:
    start_django()
    from django.core.management import call_command

    call_command("qcluster", run_once=options.once)
    return 0
