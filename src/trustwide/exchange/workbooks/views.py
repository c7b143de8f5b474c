"""Workbooks to download."""

from __future__ import annotations

import io

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from trustwide.analysis.capacity import MonthlyHistory
from trustwide.commons.accounts.rules import SignedInRequest, permission_required
from trustwide.exchange.workbooks.plan import write_plan
from trustwide.services.imaging.models import Plan

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
@permission_required("view_plans")
def plan_workbook(request: SignedInRequest, plan_id: int) -> HttpResponse:
    """A stored plan with live formulae, so that finance can check and change it."""
    plan = get_object_or_404(Plan.objects.for_user(request.user), pk=plan_id)
    if plan.result is None:
        raise Http404
    out = io.BytesIO()
    write_plan(plan.result, MonthlyHistory.from_dict(plan.history), out)
    headers = {"Content-Disposition": f'attachment; filename="plan-{plan.pk}.xlsx"'}
    return HttpResponse(out.getvalue(), content_type=EXCEL, headers=headers)
