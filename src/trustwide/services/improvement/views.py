"""The pages of improvement projects."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from trustwide.commons.accounts.rules import SignedInRequest, people_where, permission_required
from trustwide.commons.measures.chart_pages import ChartPage, chart_page
from trustwide.commons.measures.exceptions import UnknownMeasureError
from trustwide.commons.measures.figures import scale
from trustwide.commons.measures.models import Signal
from trustwide.commons.measures.performance.protection import for_reader
from trustwide.commons.measures.signals.figures import signal_rows
from trustwide.services.improvement.actions import close_project, open_project
from trustwide.services.improvement.exceptions import ProjectError
from trustwide.services.improvement.forms import CloseForm, ProjectForm
from trustwide.services.improvement.models import Project
from trustwide.services.improvement.rules import can_close_project, check_can_close_project, check_can_open_project

ROWS_A_PAGE = 50


@require_safe
@permission_required("view_measures")
def projects(request: SignedInRequest) -> HttpResponse:
    """What is being improved?"""
    found = Project.objects.for_user(request.user).select_related("site", "lead").prefetch_related("aims")
    state = "closed" if request.GET.get("state") == "closed" else "open"
    shown = found.open() if state == "open" else found.exclude(closed_at=None)
    page = Paginator(shown, ROWS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "improvement/projects.jinja", {"page": page, "state": state})


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("act_on_signals")
def open_from_signal(request: SignedInRequest, signal_id: int) -> HttpResponse:
    """What shall be done about this signal?"""
    signal = get_object_or_404(Signal.objects.for_user(request.user).select_related("site__partner"), pk=signal_id)
    try:
        check_can_open_project(request.user, signal)
    except ProjectError as refusal:
        messages.error(request, str(refusal))
        return redirect("signal", signal.pk)
    row = next(iter(signal_rows([signal], request.user)), None)
    if row is None:  # its measure is no longer defined
        raise Http404
    suggested = {"title": f"{row.name}, {signal.site.short_name}", "aims": [row.definition.aim], "lead": request.user}
    form = ProjectForm(people_where("act_on_signals", signal.site), request.POST or None, initial=suggested)
    if request.method == "POST" and form.is_valid():
        try:
            opened = open_project(signal, **form.cleaned_data, by=request.user)
        except ProjectError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The project is open. Its chart follows the live measure.")
            return redirect("improvement:project", opened.pk)
    return render(request, "improvement/open.jinja", {"form": form, "row": row, "site": signal.site})


@require_safe
@permission_required("view_measures")
def project(request: SignedInRequest, project_id: int) -> HttpResponse:
    """Did it work?"""
    found = _project(request, project_id)
    page = _chart_of(request, found)
    context: dict[str, Any] = {
        "project": found,
        "page": page,
        "site": found.site,
        "spec": page.picture() if page.is_drawn else None,
        "baseline": None if found.baseline is None or page.protected else found.baseline * scale(page.definition),
        "can_close": can_close_project(request.user, found),
    }
    return render(request, "improvement/project.jinja", context)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("act_on_signals")
def close(request: SignedInRequest, project_id: int) -> HttpResponse:
    """What came of it?"""
    found = _project(request, project_id)
    try:
        check_can_close_project(request.user, found)
    except ProjectError as refusal:
        messages.error(request, str(refusal))
        return redirect("improvement:project", found.pk)
    form = CloseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        close_project(found, outcome=form.cleaned_data["outcome"], by=request.user)
        messages.success(request, "The project is closed. Its chart stays live.")
        return redirect("improvement:project", found.pk)
    return render(request, "improvement/close.jinja", {"form": form, "project": found, "site": found.site})


def _chart_of(request: SignedInRequest, found: Project) -> ChartPage:
    try:
        return for_reader(chart_page(found.measure, found.site, found.breakdown), request.user)
    except UnknownMeasureError:  # no longer defined
        raise Http404 from None


def _project(request: SignedInRequest, project_id: int) -> Project:
    visible = Project.objects.for_user(request.user).select_related("site__partner__partnership", "lead", "signal")
    return get_object_or_404(visible, pk=project_id)
