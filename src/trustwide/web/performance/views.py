"""How are we doing, aim by aim?"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe
from markupsafe import Markup

from trustwide.commons.accounts.rules import SignedInRequest, can, permission_required
from trustwide.commons.measures import icons
from trustwide.commons.measures.definition import measure
from trustwide.commons.measures.exceptions import UnknownMeasureError
from trustwide.commons.measures.performance.asking import AskedReport, asked_report
from trustwide.commons.measures.performance.drawing import small_chart
from trustwide.commons.measures.performance.figures import measure_lines, performance_report
from trustwide.commons.measures.performance.model import AimPart, Cell
from trustwide.commons.measures.performance.words import more_signals
from trustwide.commons.measures.signals.forms import EVERYWHERE
from trustwide.commons.nhsuk.fields import component


@require_safe
@permission_required("view_measures")
def performance(request: SignedInRequest) -> HttpResponse:
    """How are we doing, aim by aim?"""
    asked = asked_report(request.user, request.GET)
    report = None
    if asked.scope is not None and asked.month is not None:
        report = performance_report(request.user, asked.scope, asked.month)

    def signals_now(aim: AimPart) -> str:
        """The list of the signals of an aim that are open now; empty where the list cannot be narrowed to the scope."""
        if asked.scope is None or asked.scope.kind == "partner" or not aim.code:
            return ""
        where = {"partnership": {"where": asked.scope.code}, "site": {"where": EVERYWHERE, "site": asked.scope.code}}
        return f"{reverse('signals')}?{urlencode({**where[asked.scope.kind], 'aim': aim.code})}"

    context = _context(request, asked) | {
        "report": report, "picture": picture, "more_signals": more_signals, "signals_now": signals_now,
    }  # fmt: skip
    return render(request, "web/performance/performance.jinja", context)


@require_safe
@permission_required("view_measures")
def performance_measure(request: SignedInRequest, code: str) -> HttpResponse:
    """What is this figure made of?"""
    asked = asked_report(request.user, request.GET)
    try:
        definition = measure(code)
    except UnknownMeasureError:
        raise Http404 from None
    lines = measure_lines(request.user, asked.scope, asked.month, code) if asked.scope and asked.month else ()
    context = _context(request, asked) | {"definition": definition, "lines": lines}
    return render(request, "web/performance/measure.jinja", context)


def picture(cell: Cell) -> Markup:
    """The small chart of a cell; its words escape themselves."""
    if cell.chart is None:
        return Markup()
    return Markup(small_chart(cell.chart, f"{cell.definition.title}, {cell.place}: {cell.sentence}"))  # noqa: S704


def _context(request: SignedInRequest, asked: AskedReport) -> dict[str, Any]:
    def chart_of(cell: Cell) -> str:
        """Where a figure leads: to its own chart, or to what it is added up from."""
        if cell.place_code and cell.breakdown:
            return reverse("measure_chart", args=[cell.definition.code, cell.place_code, cell.breakdown])
        return f"{reverse('performance_measure', args=[cell.definition.code])}?{asked.query}"

    return {
        "asked": asked, "form": asked.form, "fields": {name: component(asked.form[name]) for name in asked.form.fields},
        "variation": icons.variation, "assurance": icons.assurance, "chart_of": chart_of,
        "may_manage": can(request.user, "manage_people"),
    }  # fmt: skip
