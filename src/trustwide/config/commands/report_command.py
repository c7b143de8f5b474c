"""`trustwide report board`: the performance report of a month as a tagged PDF or an Excel workbook."""

from __future__ import annotations

import argparse
import datetime
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from trustwide.config.commands import CommandError, check_writable, require_database, start_django

if TYPE_CHECKING:
    from trustwide.commons.audit.actions import SystemActor
    from trustwide.commons.measures.performance.model import PerformanceReport
    from trustwide.commons.measures.performance.scope import Scope
    from trustwide.commons.organisations.models import Site

MOST_CODES = 8
SUFFIXES = (".pdf", ".xlsx")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    kinds = parser.add_subparsers(dest="kind", metavar="KIND", required=True)
    board = kinds.add_parser("board", help="performance by strategic aim and site, for a board")
    board.add_argument("--month", required=True, metavar="YYYY-MM", help="of which month")
    board.add_argument("--out", required=True, type=Path, metavar="FILE", help="a .pdf or an .xlsx file to write")
    whose = board.add_mutually_exclusive_group()
    whose.add_argument("--partnership", metavar="SLUG", help="the whole of this group (default: the only one there is)")
    whose.add_argument("--partner", metavar="CODE", help="one partner's own pack")
    whose.add_argument("--site", metavar="CODE", help="one site's")


def run(options: argparse.Namespace) -> int:
    month = month_of(options.month)
    if options.out.suffix.lower() not in SUFFIXES:
        raise CommandError(f"--out {options.out}: name a file that ends in {' or '.join(SUFFIXES)}.")
    check_writable("--out", options.out)
    start_django()
    require_database()
    report = _report(options, month)
    options.out.write_bytes(_written(report, options.out.suffix.lower()))
    print(f"{report.answer} Written to {options.out}.")
    return 0


def month_of(text: str) -> datetime.date:
    """The first day of a month given as 2026-03."""
    if not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", text, re.ASCII) or text.startswith("0000"):
        raise CommandError(f"--month {text}: expected a month as YYYY-MM, for example 2026-03.")
    return datetime.date(int(text[:4]), int(text[5:]), 1)


def _report(options: argparse.Namespace, month: datetime.date) -> PerformanceReport:
    from trustwide.commons.audit.actions import SystemActor
    from trustwide.commons.measures.performance.figures import performance_report
    from trustwide.commons.measures.performance.scope import months_of

    reader = SystemActor("report")
    scope = _scope(options, reader)
    months = months_of(scope)
    if months is None:
        raise CommandError(f"there are no figures of {scope.name} yet; import returns or activity first.")
    if not months.first <= month <= months.newest:
        raise CommandError(
            f"--month {options.month}: {scope.name} has figures of {months.first:%Y-%m} to {months.newest:%Y-%m}; "
            "name a month of those."
        )
    return performance_report(reader, scope, month)


def _scope(options: argparse.Namespace, reader: SystemActor) -> Scope:
    from trustwide.commons.measures.performance.exceptions import ReportScopeError
    from trustwide.commons.measures.performance.scope import scope_of, scopes_for

    chosen = next((kind for kind in ("partnership", "partner", "site") if getattr(options, kind)), "partnership")
    code = getattr(options, chosen) or _only_partnership()
    try:
        return scope_of(reader, chosen, code)
    except ReportScopeError as refusal:
        sites = [site for scope in scopes_for(reader) for site in scope.sites]
        raise CommandError(f"--{chosen} {code}: {refusal}{_codes(chosen, sites)}") from None


def _codes(kind: str, sites: Sequence[Site]) -> str:
    """The first codes one may name instead; a partner that is known from public data may be named too, unsaid here."""
    there = {
        "partnership": [site.partner.partnership.slug for site in sites],
        "partner": [site.partner.code for site in sites],
        "site": [site.code for site in sites],
    }[kind]
    codes = sorted(set(there))
    more = f" and {len(codes) - MOST_CODES:,} more" if len(codes) > MOST_CODES else ""
    return f" Our own: {', '.join(codes[:MOST_CODES])}{more}." if codes else ""


def _only_partnership() -> str:
    from trustwide.commons.organisations.models import Partnership

    slugs = list(Partnership.objects.filter(comparison=False).order_by("slug").values_list("slug", flat=True))
    if len(slugs) != 1:
        there = f"there are {', '.join(slugs)}" if slugs else "there is none of our own"
        raise CommandError(f"name the group with --partnership: {there}.")
    return str(slugs[0])


def _written(report: PerformanceReport, suffix: str) -> bytes:
    from trustwide.exchange.briefs.board import board_pdf
    from trustwide.exchange.briefs.paper import FontsMissingError
    from trustwide.exchange.workbooks.board import board_workbook

    try:
        return board_pdf(report) if suffix == ".pdf" else board_workbook(report)
    except FontsMissingError as refusal:
        raise CommandError(str(refusal)) from None
