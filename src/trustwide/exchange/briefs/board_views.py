"""The performance report to download as a PDF."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from trustwide.commons.accounts.rules import SignedInRequest, permission_required
from trustwide.commons.measures.performance.asking import asked_report
from trustwide.commons.measures.performance.figures import performance_report
from trustwide.commons.nhsuk.downloads import attachment
from trustwide.exchange.briefs.board import board_pdf


@require_safe
@permission_required("view_measures")
def performance_pdf(request: SignedInRequest) -> HttpResponse:
    """The report that the address asks for, in this reader's scope."""
    asked = asked_report(request.user, request.GET)
    if asked.scope is None or asked.month is None or not asked.form.is_valid():
        raise Http404
    report = performance_report(request.user, asked.scope, asked.month)
    headers = attachment(report.file_name("pdf"))
    return HttpResponse(board_pdf(report), content_type="application/pdf", headers=headers)
