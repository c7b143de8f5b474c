"""The performance report to download as a workbook."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from trustwide.commons.accounts.rules import SignedInRequest, permission_required
from trustwide.commons.measures.performance.asking import asked_report
from trustwide.commons.measures.performance.figures import performance_report
from trustwide.commons.nhsuk.downloads import workbook_file
from trustwide.exchange.workbooks.board import board_workbook


@require_safe
@permission_required("view_measures")
def performance_xlsx(request: SignedInRequest) -> HttpResponse:
    """The report that the address asks for, in this reader's scope."""
    asked = asked_report(request.user, request.GET)
    if asked.scope is None or asked.month is None or not asked.form.is_valid():
        raise Http404
    report = performance_report(request.user, asked.scope, asked.month)
    return workbook_file(report.file_name("xlsx"), board_workbook(report))
