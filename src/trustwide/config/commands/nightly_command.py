"""`trustwide nightly`: what is to be done once a day. Each part stands alone, and all may be run again."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from trustwide.config.commands import require_database, start_django

WEEKS_AHEAD = 26


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It takes none."""


def run(options: argparse.Namespace) -> int:
    start_django()
    require_database()
    for sentence in _done():
        print(sentence, flush=True)
    return 0


def _done() -> Iterator[str]:
    from django.utils import timezone

    from trustwide.commons.audit.actions import SystemActor
    from trustwide.commons.measures.exceptions import DigestError
    from trustwide.commons.measures.signals.digests import send_digests
    from trustwide.commons.nhsuk.mail import written
    from trustwide.exchange.briefs.board import board_pdf
    from trustwide.exchange.briefs.paper import FontsMissingError
    from trustwide.exchange.workbooks.board import board_workbook
    from trustwide.services.imaging.attendance.actions import score_every_partnership
    from trustwide.services.imaging.booking.exceptions import BookingError
    from trustwide.services.imaging.booking.hours.actions import make_ahead
    from trustwide.services.imaging.lean.actions import refresh_lean_measures
    from trustwide.web.performance.exceptions import ReportSendingError
    from trustwide.web.performance.sending import send_reports

    try:
        made = make_ahead(WEEKS_AHEAD, by=SystemActor("nightly"))
        yield f"Sessions for {WEEKS_AHEAD} weeks: {len(made.make):,} new, {len(made.reshape):,} changed."
    except BookingError as error:
        yield f"Sessions were not made ahead: {error}"
    yield from score_every_partnership(timezone.now())
    yield f"Measures of the pathway: {len(refresh_lean_measures())} tables brought up to date."
    try:
        digests = send_digests(by=SystemActor("digest"))
        yield f"{digests.sentence}{written(digests.sent)}"
    except DigestError as refusal:
        yield f"Digests of signals were not all sent: {refusal}"
    try:
        writers = {"pdf": board_pdf, "xlsx": board_workbook}
        reports = send_reports(writers, today=timezone.localdate(), by=SystemActor("report"))
        yield f"{reports.sentence}{written(reports.sent)}"
    except (ReportSendingError, FontsMissingError) as refusal:
        yield f"Performance reports were not all sent: {refusal}"
