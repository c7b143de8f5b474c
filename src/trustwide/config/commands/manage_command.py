"""`trustwide manage ...`: Django's own commands, for example `trustwide manage migrate`."""

from __future__ import annotations

import argparse

from trustwide.config.commands import start_django


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("arguments", nargs=argparse.REMAINDER)


def run(options: argparse.Namespace) -> int:
    start_django()
    from django.core.management import execute_from_command_line

    execute_from_command_line(["trustwide manage", *options.arguments])
    return 0
