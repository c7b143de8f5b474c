"""`trustwide plan`: what would bring the wait to the target, how surely; of a service file or public monthly data."""

from __future__ import annotations

import argparse
import calendar
import datetime as dt
import re
from pathlib import Path

from trustwide.config.commands import CommandError
from trustwide.config.commands.live_service import add_live


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("service", nargs="?", type=Path, metavar="SERVICE.yaml", help="a service file, with --levers")
    add_live(parser)
    parser.add_argument("--dm01", type=Path, metavar="FILE", help="or a monthly diagnostics return with all months")
    parser.add_argument("--provider", metavar="CODE", help="with --dm01: ODS code of the provider, such as RAJ")
    parser.add_argument("--test", metavar="CODE", default="MRI", help="with --dm01: MRI (default), CT, NOUS, DEXA ...")
    parser.add_argument("--levers", type=Path, metavar="FILE", help="YAML list of measures (--dm01 has built-in ones)")
    parser.add_argument("--target-weeks", type=float, metavar="N", help="mean wait of those scanned (the file's, or 2)")
    parser.add_argument("--by", type=day_or_month, metavar="DATE", help="YYYY-MM-DD or YYYY-MM by which it must hold")
    parser.add_argument("--confidence", type=float, default=0.8, metavar="P", help="probability to reach (0.8)")
    parser.add_argument("--replications", type=int, metavar="N", help="futures to try plans in (100; --dm01: 200)")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="the same seed gives the same digits (1)")
    parser.add_argument("--budget", type=float, metavar="N", help="pounds a year, capital as an annuity")
    parser.add_argument(
        "--staff", action="append", type=role_and_number, metavar="ROLE=N", help="staff there are to find"
    )
    parser.add_argument("--workers", type=int, metavar="N", help="processes to share the work (one a processor)")
    parser.add_argument("--engine", help="with a service: how work is shared: local (unless said), dask or ray")
    parser.add_argument("--exhaustive", action="store_true", help="try every set of measures in every future")
    parser.add_argument("--as-at", type=month, metavar="YYYY-MM", help="with --dm01: use only months up to this one")
    parser.add_argument(
        "--do-nothing", action="store_true", help="with --dm01: only what happens if all goes on as usual"
    )
    parser.add_argument("--print-levers", action="store_true", help="print the measures --dm01 has as a file to edit")
    parser.add_argument("--xlsx", type=Path, metavar="OUT", help="with --dm01: write a workbook with live formulae")
    parser.add_argument("--json", action="store_true", help="print everything as JSON")


def day_or_month(text: str) -> dt.date:
    """A date, or the last day of a month given as YYYY-MM."""
    try:
        if re.fullmatch(r"\d{4}-\d{2}", text):
            year, number = (int(part) for part in text.split("-"))
            return dt.date(year, number, calendar.monthrange(year, number)[1])
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"got '{text}', expected a date such as 2026-12-31 or 2026-12") from None


def month(text: str) -> str:
    """A month given as YYYY-MM."""
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text):
        raise argparse.ArgumentTypeError(f"got '{text}', expected a month such as 2026-03")
    return text


def role_and_number(text: str) -> tuple[str, float]:
    """A role and how many whole-time equivalents of it there are."""
    role, _, number = text.partition("=")
    try:
        return role.strip(), float(number)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"got '{text}', expected a role and a number such as radiographer=4.5"
        ) from None


def run(options: argparse.Namespace) -> int:
    named = [options.service, options.from_live, options.dm01]
    if sum(one is not None for one in named) != 1 and not options.print_levers:
        raise CommandError(
            "name a service (trustwide plan SERVICE.yaml --levers LEVERS.yaml), today's (trustwide plan --from-live "
            "--levers LEVERS.yaml), or public data and the provider "
            "(trustwide plan --dm01 FILE --provider RAJ --test MRI)."
        )
    if options.service is not None or options.from_live is not None:
        from trustwide.config.commands.plan_service import plan_service

        return plan_service(options)
    from trustwide.config.commands.plan_monthly import plan_monthly

    return plan_monthly(options)
