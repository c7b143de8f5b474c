"""The page of one chart, and what people mark on it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from trustwide.analysis import spc
from trustwide.commons.accounts.rules import SignedInRequest, permission_required
from trustwide.commons.measures import forms, icons
from trustwide.commons.measures.actions import annotate_chart, ghost_period, rebase_chart, withdraw_mark
from trustwide.commons.measures.chart_pages import ChartPage, chart_page, is_standing
from trustwide.commons.measures.exceptions import CannotMarkError, UnknownMeasureError
from trustwide.commons.measures.models import Annotation, Ghost, Rebase
from trustwide.commons.measures.performance.protection import for_reader
from trustwide.commons.measures.rules import can_mark, can_withdraw, check_can_mark
from trustwide.commons.nhsuk.downloads import csv_file
from trustwide.commons.organisations.models import Site

COLUMNS = ("Month", "Numerator", "Denominator", "Value", "Mean", "Lower limit", "Upper limit", "Reading",
           "Mark", "Reason", "Who, when")  # fmt: skip


@require_safe
@permission_required("view_measures")
def measure_chart(request: SignedInRequest, measure: str, code: str, breakdown: str) -> HttpResponse:
    """Is this change real?"""
    page = _page(request, measure, code, breakdown)
    context = _context(page) | {
        "spec": page.picture() if page.is_drawn else None,
        "doubts": page.doubts(),
        "version": page.version(),
        "notices": page.notices(),
        "suggestion": page.suggestion(),
        "variation": icons.variation(page.variation_icon),
        "assurance": icons.assurance(page.assurance_icon),
        "can_mark": can_mark(request.user, page.site),
        "is_standing": is_standing,
    }
    return render(request, "measures/chart.jinja", context)


@require_safe
@permission_required("view_measures")
def measure_picture(request: SignedInRequest, measure: str, code: str, breakdown: str) -> HttpResponse:
    """The chart as a drawing, for those without scripts and for papers."""
    page = _page(request, measure, code, breakdown)
    if not page.is_drawn:
        raise Http404
    policy = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    headers = {"Content-Security-Policy": policy, "Cache-Control": "private, no-cache"}
    return HttpResponse(spc.svg(page.picture()), content_type="image/svg+xml", headers=headers)


@require_safe
@permission_required("view_measures")
def measure_rows(request: SignedInRequest, measure: str, code: str, breakdown: str) -> HttpResponse:
    """The rows of the chart as a file, each with what was marked at it, so that limits that jump are explained."""
    page = _page(request, measure, code, breakdown)
    rows = [
        (row.date.isoformat(), row.numerator, row.denominator, row.value, row.mean, row.lower_limit, row.upper_limit,
         row.reading, *page.marks_at(row.date))
        for row in page.periods
    ]  # fmt: skip
    return csv_file(f"{measure}-{code}-{breakdown}.csv", COLUMNS, rows)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("rebase_charts")
def rebase(request: SignedInRequest, measure: str, code: str, breakdown: str) -> HttpResponse:
    """From when on should the limits be computed anew?"""
    page = _page_to_mark(request, measure, code, breakdown)
    rebased = {mark.date for mark in page.rebases if is_standing(mark)}
    suggested = {"date": request.GET.get("from", "")}
    form = forms.RebaseForm(_periods(page), rebased, page.cadence, request.POST or None, initial=suggested)
    if request.method == "POST" and form.is_valid():
        date, reason = form.cleaned_data["date"], form.cleaned_data["reason"]
        try:
            rebase_chart(measure, page.site, breakdown, date, reason=reason, by=request.user)
        except CannotMarkError as refusal:
            form.add_error("date", str(refusal))
        else:
            messages.success(request, f"The limits are recalculated from {page.when(date)} on.")
            return redirect("measure_chart", measure, code, breakdown)
    return render(request, "measures/rebase.jinja", _context(page) | {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("rebase_charts")
def annotate(request: SignedInRequest, measure: str, code: str, breakdown: str) -> HttpResponse:
    """What happened, and when?"""
    page = _page_to_mark(request, measure, code, breakdown)
    form = forms.AnnotationForm(_periods(page), page.cadence, request.POST or None)
    if request.method == "POST" and form.is_valid():
        annotate_chart(measure, page.site, breakdown, **form.cleaned_data, by=request.user)
        messages.success(request, "The note is on the chart.")
        return redirect("measure_chart", measure, code, breakdown)
    return render(request, "measures/annotate.jinja", _context(page) | {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("rebase_charts")
def ghost(request: SignedInRequest, measure: str, code: str, breakdown: str) -> HttpResponse:
    """Which period says nothing of the others?"""
    page = _page_to_mark(request, measure, code, breakdown)
    ghosted = {mark.date for mark in page.ghosts if is_standing(mark)}
    form = forms.GhostForm(_periods(page), ghosted, page.cadence, request.POST or None)
    if request.method == "POST" and form.is_valid():
        date, reason = form.cleaned_data["date"], form.cleaned_data["reason"]
        try:
            ghost_period(measure, page.site, breakdown, date, reason=reason, by=request.user)
        except CannotMarkError as refusal:
            form.add_error("date", str(refusal))
        else:
            messages.success(request, f"{page.when(date)} is left out of the limits.")
            return redirect("measure_chart", measure, code, breakdown)
    return render(request, "measures/ghost.jinja", _context(page) | {"form": form})


def withdraw_rebase(request: SignedInRequest, measure: str, code: str, breakdown: str, mark_id: int) -> HttpResponse:
    """Should the limits no longer start anew there?"""
    return _withdraw(request, Rebase, measure, code, breakdown, mark_id)


def withdraw_annotation(
    request: SignedInRequest, measure: str, code: str, breakdown: str, mark_id: int
) -> HttpResponse:
    """Should the note be off the chart?"""
    return _withdraw(request, Annotation, measure, code, breakdown, mark_id)


def withdraw_ghost(request: SignedInRequest, measure: str, code: str, breakdown: str, mark_id: int) -> HttpResponse:
    """Should the period count for the limits again?"""
    return _withdraw(request, Ghost, measure, code, breakdown, mark_id)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("rebase_charts")
def _withdraw(
    request: SignedInRequest,
    kind: type[Rebase | Annotation | Ghost],
    measure: str,
    code: str,
    breakdown: str,
    mark_id: int,
) -> HttpResponse:
    page = _page_to_mark(request, measure, code, breakdown)
    marks = {Rebase: page.rebases, Annotation: page.annotations, Ghost: page.ghosts}[kind]
    mark = next((mark for mark in marks if mark.pk == mark_id), None)
    if mark is None or not can_withdraw(mark):
        raise Http404
    form = forms.WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            withdraw_mark(mark, reason=form.cleaned_data["reason"], by=request.user)
        except CannotMarkError as refusal:
            form.add_error("reason", str(refusal))
        else:
            messages.success(request, "It is taken back. What was marked stays on record below the chart.")
            return redirect("measure_chart", measure, code, breakdown)
    return render(request, "measures/withdraw.jinja", _context(page) | {"form": form, "mark": mark})


def _page(request: SignedInRequest, measure: str, code: str, breakdown: str) -> ChartPage:
    visible = Site.objects.for_user(request.user).select_related("partner__partnership")
    try:
        page = chart_page(measure, get_object_or_404(visible, code=code), breakdown)
    except UnknownMeasureError:
        raise Http404 from None
    return for_reader(page, request.user)


def _page_to_mark(request: SignedInRequest, measure: str, code: str, breakdown: str) -> ChartPage:
    page = _page(request, measure, code, breakdown)
    check_can_mark(request.user, page.site)
    if page.chart is None:
        raise Http404
    return page


def _periods(page: ChartPage) -> list[Any]:
    """Those with a value, oldest first."""
    return [row.date for row in reversed(page.periods) if row.value is not None]


def _context(page: ChartPage) -> dict[str, Any]:
    return {"page": page, "site": page.site}
