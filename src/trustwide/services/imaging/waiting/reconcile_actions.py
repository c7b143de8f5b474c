"""Signing off a month: who looked at list and return, what they held, and what was said about a difference."""

from __future__ import annotations

from dataclasses import asdict

from django.db import transaction

from trustwide.commons.accounts.models import User
from trustwide.commons.accounts.rules import check_can
from trustwide.commons.audit.actions import record
from trustwide.services.imaging.waiting.models import Reconciliation
from trustwide.services.imaging.waiting.reconcile_page import ReconcileError, ReconcilePage

PERMISSION = "sign_off_returns"
LONGEST_NOTE = 2000


def check_can_sign(page: ReconcilePage, note: str, shown: str) -> None:
    """Raise ReconcileError for a month without a return, with other figures than shown, or unexplained."""
    if page.theirs is None:
        raise ReconcileError("There is no return of this month here; import it first.")
    if shown != page.digest:
        raise ReconcileError("The figures changed since you opened the page; look at them again, then sign off.")
    if not page.equal and not note.strip():
        raise ReconcileError("List and return differ; write what explains it.")
    if len(note) > LONGEST_NOTE:
        raise ReconcileError(f"The note is longer than {LONGEST_NOTE:,} letters; shorten it.")


@transaction.atomic
def sign_off(page: ReconcilePage, note: str, shown: str, *, by: User) -> Reconciliation:
    """Keep a month's reconciliation for good, with the figures as they are now. shown: the digest of those seen."""
    for site in page.sites:
        check_can(by, PERMISSION, site)
    check_can_sign(page, note, shown)
    figures = {"list": asdict(page.ours), "return": asdict(page.theirs) if page.theirs else None}
    signed = Reconciliation(
        site=page.site, test=page.test, month=page.month.first, figures=figures,
        differences={each.code: list(each.requests) for each in page.differences},
        note=note.replace("\x00", "").strip(), signed_by=by,
    )  # fmt: skip
    signed.save()
    details = {
        "test": page.test, "month": page.month.first, "equal": page.equal, "waiting": page.ours.waiting,
        "over_six_weeks": page.ours.over_six_weeks, "differences": {each.code: each.count for each in page.differences},
    }  # fmt: skip
    record("signed off a monthly return", by=by, target=signed, site_code=page.site.code, details=details)
    return signed
