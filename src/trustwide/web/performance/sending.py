"""Sends the performance report to those who subscribed: to each what they may see on the day it is sent."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.urls import reverse

from trustwide.commons.audit.actions import Actor, record
from trustwide.commons.measures.performance.exceptions import ReportScopeError
from trustwide.commons.measures.performance.figures import performance_report
from trustwide.commons.measures.performance.model import PerformanceReport
from trustwide.commons.measures.performance.scope import months_of, scope_of
from trustwide.commons.nhsuk.downloads import EXCEL
from trustwide.commons.nhsuk.formats import month as month_name
from trustwide.commons.nhsuk.mail import AnotherRunError, alone, connection, message_id
from trustwide.web.performance.exceptions import ReportSendingError
from trustwide.web.performance.models import ReportSubscription

TYPES = {"pdf": "application/pdf", "xlsx": EXCEL}
MOST_FAILURES = 3  # in a row: then it is the mail server, not the person
Writers = Mapping[str, Callable[[PerformanceReport], bytes]]


@dataclass(frozen=True)
class SentReports:
    """How many were sent, whose owner may not see the scope any more or has no figures, and which failed."""

    sent: int
    nothing: int
    failed: int

    @property
    def sentence(self) -> str:
        """The same in words."""
        return (
            f"Performance reports: {self.sent:,} sent, {self.nothing:,} with nothing their reader may see, "
            f"{self.failed:,} not taken by the mail server."
        )


def send_reports(writers: Writers, *, today: datetime.date, by: Actor) -> SentReports:
    """Send what is due: the newest month there are figures of, in the owner's scope as it is now.

    `writers` make the file of each format. Once a month and subscription: it counts as sent when the mail is handed
    over, so a run that is killed can send only the mail in hand again, under the same Message-ID. One run at a time, on
    however many machines. Raises ReportSendingError where another run is on, and where the mail server takes nothing.
    """
    sent = nothing = failed = in_a_row = 0
    try:
        with alone("reports"):
            for subscription in ReportSubscription.objects.due(today).select_related(
                "owner", "partnership", "partner", "site"
            ):
                report = _report(subscription)
                if report is None:
                    nothing += 1
                    continue
                try:
                    _mail(subscription, report, writers, today).send()
                # what the server says may repeat the address
                except (OSError, ValueError) as error:
                    failed, in_a_row = failed + 1, in_a_row + 1
                    if in_a_row == MOST_FAILURES:
                        raise ReportSendingError(
                            f"The mail server did not take {MOST_FAILURES} reports in a row ({type(error).__name__}), "
                            f"after {sent:,} were sent; check TRUSTWIDE_EMAIL_HOST and run this again."
                        ) from None
                else:
                    _was_sent(subscription, report, today, by)
                    sent, in_a_row = sent + 1, 0
    except AnotherRunError as refusal:
        raise ReportSendingError(f"Reports are being sent: {refusal}") from None
    return SentReports(sent, nothing, failed)


def _report(subscription: ReportSubscription) -> PerformanceReport | None:
    """What the owner may see now; None where that is nothing."""
    try:
        scope = scope_of(subscription.owner, *subscription.scope)
    except ReportScopeError:
        return None
    months = months_of(scope)
    return performance_report(subscription.owner, scope, months.newest) if months else None


def _mail(
    subscription: ReportSubscription, report: PerformanceReport, writers: Writers, today: datetime.date
) -> EmailMessage:
    number = hashlib.sha256(f"{subscription.pk} {today:%Y-%m} {report.month}".encode()).hexdigest()[:24]
    headers = {"Message-ID": message_id(f"report-{number}"), "Auto-Submitted": "auto-generated"}
    address = str(settings.PUBLIC_ADDRESS)
    page = f"{address}{reverse('performance')}?scope={report.scope.key}&month={report.month:%Y-%m}"
    lines = [
        f"Dear {subscription.owner},", "", f"{report.title}, of {report.scope.name}, is attached.", "",
        report.answer, "",
        f"The same on screen: {page}", f"To end or change this e-mail: {address}{reverse('report_subscriptions')}", "",
    ]  # fmt: skip
    subject = f"{report.scope.name}: performance in {month_name(report.month)}"
    mail = EmailMessage(
        subject, "\n".join(lines), to=[subscription.owner.email], headers=headers, connection=connection()
    )
    mail.attach(report.file_name(subscription.format), writers[subscription.format](report), TYPES[subscription.format])
    return mail


@transaction.atomic
def _was_sent(subscription: ReportSubscription, report: PerformanceReport, today: datetime.date, by: Actor) -> None:
    ReportSubscription.objects.filter(pk=subscription.pk).update(sent_in=today.replace(day=1))
    details = {"scope": report.scope.key, "month": f"{report.month:%Y-%m}", "format": subscription.format}
    record("sent a performance report", by=by, target=subscription.owner, details=details)
