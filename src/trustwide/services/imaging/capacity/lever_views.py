"""Which measures could be taken, and what do they cost?"""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from trustwide.analysis.capacity import LeverError, ServiceError
from trustwide.commons.accounts.rules import SignedInRequest, permission_required
from trustwide.commons.nhsuk.downloads import attachment
from trustwide.services.imaging.capacity import actions, lever_forms
from trustwide.services.imaging.capacity.actions import content_of
from trustwide.services.imaging.capacity.edit_views import version_to_change
from trustwide.services.imaging.capacity.lever_forms import Levers, LeversForm, PricesForm
from trustwide.services.imaging.capacity.lever_text import read_levers
from trustwide.services.imaging.capacity.models import ServiceVersion
from trustwide.services.imaging.capacity.views import service_context, service_of, version_of
from trustwide.services.imaging.runs import RunStateError


@permission_required("view_plans")
def change_levers(request: SignedInRequest, service_id: int) -> HttpResponse:
    """The measures of a service as a file."""
    found, version = version_to_change(request, service_id)
    levers = version.lever_list or lever_forms.suggested(version.mapping)
    form = LeversForm(request.POST or None, initial={"text": lever_forms.levers_text(levers)})
    if request.method == "POST" and form.is_valid():
        try:
            made = _save(request, version, read_levers(form.cleaned_data["text"]), form.cleaned_data["reason"])
        except (LeverError, RunStateError, ServiceError) as error:
            for sentence in str(error).splitlines():
                form.add_error("text", sentence)
        else:
            messages.success(request, f"{made} is saved: {made.reason}")
            return redirect("imaging:service_plan", found.pk)
    context = service_context(request, found, "plan") | {
        "form": form, "title": "Which measures could be taken?", "version": version, "wide": True
    }  # fmt: skip
    return render(request, "imaging/capacity/change.jinja", context)


@permission_required("view_plans")
def change_prices(request: SignedInRequest, service_id: int) -> HttpResponse:
    """What each measure costs."""
    found, version = version_to_change(request, service_id)
    form = PricesForm(version.lever_list, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = _save(request, version, form.priced(), form.cleaned_data["reason"])
        except (LeverError, RunStateError, ServiceError) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"{made} is saved: {made.reason}")
            return redirect("imaging:service_plan", found.pk)
    context = service_context(request, found, "plan") | {
        "form": form, "title": "What do the measures cost?", "version": version
    }  # fmt: skip
    return render(request, "imaging/capacity/prices.jinja", context)


@require_safe
@permission_required("view_plans")
def lever_file(request: SignedInRequest, service_id: int, number: int) -> HttpResponse:
    """The measures of a version as the file that `trustwide plan --levers` takes."""
    found, _ = service_of(request, service_id)
    text = lever_forms.levers_text(version_of(found, number).lever_list)
    return HttpResponse(text, content_type="application/yaml", headers=attachment(f"levers-{number}.yaml"))


def _save(request: SignedInRequest, version: ServiceVersion, levers: Levers, reason: str) -> ServiceVersion:
    content = replace(content_of(version), levers=levers)
    return actions.change_service(version, content, reason=reason, by=request.user)
