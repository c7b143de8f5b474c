"""Workbooks to download."""

from __future__ import annotations

import io

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from trustwide.analysis.capacity import MonthlyHistory
from trustwide.commons.accounts.rules import SignedInRequest, permission_required
from trustwide.commons.nhsuk.downloads import workbook_file
from trustwide.exchange.workbooks.plan import write_plan
from trustwide.exchange.workbooks.service_plan import write_service_plan
from trustwide.services.imaging.models import Plan, ServiceRun


@require_safe
@permission_required("view_plans")
def plan_workbook(request: SignedInRequest, plan_id: int) -> HttpResponse:
    """A stored plan with live formulae, so that finance can check and change it."""
    plan = get_object_or_404(Plan.objects.for_user(request.user), pk=plan_id)
    if plan.result is None:
        raise Http404
    out = io.BytesIO()
    write_plan(plan.result, MonthlyHistory.from_dict(plan.history), out)
    return workbook_file(f"plan-{plan.pk}.xlsx", out.getvalue())


@require_safe
@permission_required("view_plans")
def run_workbook(request: SignedInRequest, run_id: int) -> HttpResponse:
    """A search for a service with live formulae: prices and switches to change."""
    runs = ServiceRun.objects.for_user(request.user).select_related("of__service")
    run = get_object_or_404(runs, pk=run_id, kind=ServiceRun.Kind.SEARCH, status=ServiceRun.Status.DONE)
    out = io.BytesIO()
    write_service_plan(run, out)
    return workbook_file(f"plan-of-service-{run.pk}.xlsx", out.getvalue())
