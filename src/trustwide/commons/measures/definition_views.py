"""What do we measure? Every measure, and the page of one: its definition, its versions and its charts."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from trustwide.commons.accounts.rules import SignedInRequest, permission_required
from trustwide.commons.measures import catalogue, icons
from trustwide.commons.measures.definition import MeasureDefinition, measure
from trustwide.commons.measures.definition_check import fault
from trustwide.commons.measures.definition_forms import CatalogueForm, ChartsForm, PlaceForm
from trustwide.commons.measures.exceptions import UnknownMeasureError
from trustwide.commons.measures.models import DefinitionVersion
from trustwide.commons.nhsuk.downloads import csv_file

FORMER_COLUMNS = ("Site code", "Site", "Breakdown", "Period", "Numerator", "Denominator", "Value", "Unit of the value")


@require_safe
@permission_required("view_measures")
def measure_list(request: SignedInRequest) -> HttpResponse:
    """What do we measure?"""
    form, asked = _read(request, CatalogueForm)
    rows = catalogue.catalogue(
        request.user, asked["partnership"], asked.get("text", ""), asked.get("aim", ""), asked.get("owner", "")
    )
    context = {"form": form, "rows": rows, "answer": _answer(rows), "query": _query(asked), "where": asked["where"]}
    return render(request, "measures/list.jinja", context)


@require_safe
@permission_required("view_measures")
def measure_definition(request: SignedInRequest, measure: str) -> HttpResponse:
    """What is this measure?"""
    definition = _measure(measure)
    form, asked = _read(request, ChartsForm)
    page = request.GET.get("page", "1")
    filters = catalogue.ChartFilters(
        asked["partnership"], asked.get("site", ""), asked.get("verdict", ""),
        int(page) if page.isdecimal() and len(page) < 6 else 1,
    )  # fmt: skip
    charts, paged = catalogue.charts_of(request.user, definition, filters)
    wrong = fault(definition)
    (row,) = (each for each in catalogue.catalogue(request.user, asked["partnership"]) if each.definition == definition)
    context = {
        "form": form, "definition": definition, "row": row, "charts": charts, "page": paged, "query": _query(asked),
        "where": asked["where"], "versions": catalogue.versions(request.user, definition.code), "wrong": wrong,
        "sql": "" if wrong else definition.sql(), "targets": catalogue.targets_in_words(definition),
        "directions": catalogue.DIRECTIONS, "quantity": catalogue.QUANTITIES[definition.quantity],
        "variation": icons.variation, "assurance": icons.assurance,
    }  # fmt: skip
    return render(request, "measures/definition.jinja", context)


@require_safe
@permission_required("view_measures")
def measure_former(request: SignedInRequest, measure: str, number: int) -> HttpResponse:
    """The figures of an earlier version of a definition, at the sites this person may see."""
    version = get_object_or_404(DefinitionVersion, measure=measure, number=number)
    found = catalogue.former_figures(request.user, measure, number).order_by("site__code", "breakdown", "period")
    rows = found.values_list(
        "site__code", "site__name", "breakdown", "period", "numerator", "denominator", "value"
    ).iterator(chunk_size=10_000)
    lines = ([*row[:3], row[3].isoformat(), *row[4:], version.unit] for row in rows)
    return csv_file(f"{measure}-version-{number}.csv", FORMER_COLUMNS, lines)


def _measure(code: str) -> MeasureDefinition:
    try:
        return measure(code)
    except UnknownMeasureError:
        raise Http404 from None


def _read(request: SignedInRequest, kind: type[PlaceForm]) -> tuple[forms.Form, dict[str, str]]:
    """The form of the address and what it asks for; `partnership` is the slug of its place, empty for everywhere."""
    places, default = catalogue.places(request.user)
    given = request.GET.copy()
    given.setdefault("where", default)
    form = kind(places, given)
    form.is_valid()
    asked: dict[str, Any] = {name: value.strip() for name, value in form.cleaned_data.items()}
    where = asked.get("where") or default
    return form, asked | {"where": where, "partnership": "" if where == catalogue.EVERYWHERE else where}


def _query(asked: dict[str, str]) -> str:
    return urlencode({name: value for name, value in asked.items() if value and name != "partnership"})


def _answer(rows: tuple[catalogue.MeasureRow, ...]) -> str:
    """The first line: how many measures and charts there are, and how many of these call for attention."""
    charts, concerns = sum(row.charts for row in rows), sum(row.concerns for row in rows)
    said = f"{len(rows):,} {'measure' if len(rows) == 1 else 'measures'}"
    if not charts:
        return f"{said}, none of which has a figure yet."
    of_charts = f"{said} on {charts:,} {'chart' if charts == 1 else 'charts'}"
    if not concerns:
        return f"{of_charts}, none of which is a concern."
    return f"{of_charts}, of which {concerns:,} {'is a concern' if concerns == 1 else 'are concerns'}."
