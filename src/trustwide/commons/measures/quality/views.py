"""Which figures can be doubted?"""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from trustwide.commons.accounts.rules import SignedInRequest, permission_required
from trustwide.commons.measures.quality.kinds import CHECKS
from trustwide.commons.measures.quality.pages import ROWS_OF_AN_EXPORT, list_page
from trustwide.commons.nhsuk.downloads import csv_file

COLUMNS = (
    "Score", "Site code", "Site", "Measure", "Breakdown", "A usual period counts", "Kind", "From", "To", "What is odd",
)  # fmt: skip


@require_safe
@permission_required("view_measures")
def data_quality(request: SignedInRequest) -> HttpResponse:
    """Which figures can be doubted?"""
    page = list_page(request.user, request.GET)
    return render(request, "measures/quality/list.jinja", {"page": page, "form": page.form, "checks": CHECKS})


@require_safe
@permission_required("view_measures")
def data_quality_csv(request: SignedInRequest) -> HttpResponse:
    """The list as it is filtered, all its pages, one line a doubt."""
    found = list_page(request.user, request.GET, ROWS_OF_AN_EXPORT).found
    lines = (
        (each.score.score, each.score.site.code, each.score.site.name, each.definition.title, each.breakdown_name,
         each.score.size, CHECKS[note.kind].title, note.period.isoformat(), note.until.isoformat(), note.sentence)
        for each in found.rows
        for note in each.notes
    )  # fmt: skip
    return csv_file("data-quality.csv", COLUMNS, lines)
