"""Briefs to download."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from trustwide.commons.accounts.rules import SignedInRequest, permission_required
from trustwide.commons.nhsuk.downloads import attachment
from trustwide.exchange.briefs.paper import to_pdf
from trustwide.exchange.briefs.service_run import brief_of
from trustwide.services.imaging.models import ServiceRun


@require_safe
@permission_required("view_plans")
def run_brief(request: SignedInRequest, run_id: int) -> HttpResponse:
    """A run of a service as a paper of two pages."""
    runs = ServiceRun.objects.for_user(request.user).select_related("of__service__site")
    run = get_object_or_404(runs, pk=run_id, status=ServiceRun.Status.DONE)
    headers = attachment(f"brief-{run.pk}.pdf")
    return HttpResponse(to_pdf(brief_of(run)), content_type="application/pdf", headers=headers)
