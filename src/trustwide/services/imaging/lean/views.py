"""Where does the time go, and why do sites differ? And the exams behind every figure."""

from __future__ import annotations

import polars as pl
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from trustwide.commons.accounts.rules import SignedInRequest, permission_required, sites_where
from trustwide.commons.measures.definition import MeasureDefinition, measure
from trustwide.commons.nhsuk.downloads import csv_file
from trustwide.commons.organisations.models import Site
from trustwide.services.imaging.lean import figures, pictures, words
from trustwide.services.imaging.lean.behind import COLUMNS, as_texts, rows_behind
from trustwide.services.imaging.lean.forms import LeanForm
from trustwide.services.imaging.lean.names import EXAMS, REQUESTS
from trustwide.services.imaging.lean.needs import outcomes_by_need
from trustwide.services.imaging.lean.pages import BAR, CODES, lean_page
from trustwide.services.imaging.lean.variation import FEWEST, SUBJECTS, variation

ROWS_A_PAGE = 50
MOST_ROWS = 50_000  # in a file


@require_safe
@permission_required("view_measures")
def lean(request: SignedInRequest) -> HttpResponse:
    """Where does the time go?"""
    form = LeanForm(_sites(request, "view_measures"), request.GET)
    page = lean_page(form.asked, all_rows=_may_see_all(request, form))
    context = {
        "filter": form, "page": page, "words": words, "bar": BAR, "query": form.query,
        "may_see_rows": request.user.has_perm("view_bookings"), "needs": outcomes_by_need(form.asked),
    }  # fmt: skip
    return render(request, "imaging/lean/lean.jinja", context)


@require_safe
@permission_required("view_measures")
def lean_sites(request: SignedInRequest) -> HttpResponse:
    """Why do sites differ?"""
    form = LeanForm(_sites(request, "view_measures"), request.GET)
    chosen = request.GET.get("of", "")
    subject = SUBJECTS.get(chosen, SUBJECTS["door"])
    rows = figures.read(form.asked)[REQUESTS if subject is SUBJECTS["wait"] else EXAMS]
    page = variation(rows, form.asked, subject, {exam.code: exam.name for exam in form.exams})
    context = {
        "filter": form, "page": page, "subjects": SUBJECTS, "subject": subject, "words": words, "query": form.query,
        "definition": measure(subject.code), "fewest": FEWEST, "asked": form.asked,
        "exam_picture": pictures.by_exam(page) if page.cells else None,
        "week_picture": pictures.by_week(page) if page.weeks else None,
    }  # fmt: skip
    return render(request, "imaging/lean/sites.jinja", context)


@require_safe
@permission_required("view_bookings")
def lean_rows(request: SignedInRequest, code: str) -> HttpResponse:
    """Which rows is a figure counted from?"""
    definition, form, rows = _behind(request, code)
    page = Paginator(range(rows.height), ROWS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "filter": form, "page": page, "query": form.query, "definition": definition,
        "columns": COLUMNS[definition.table].values(), "counted": rows.height, "cut": _cut(rows.height),
        "rows": as_texts(definition.table, rows[page.start_index() - 1 : page.end_index()] if rows.height else rows),
    }  # fmt: skip
    return render(request, "imaging/lean/rows.jinja", context)


@require_safe
@permission_required("view_bookings")
def lean_rows_csv(request: SignedInRequest, code: str) -> HttpResponse:
    """The same rows as a file, as many as a spreadsheet bears."""
    definition, _, rows = _behind(request, code)
    heads = [column.title for column in COLUMNS[definition.table].values()]
    lines = as_texts(definition.table, rows.head(MOST_ROWS))
    return csv_file(f"{code}.csv", heads, [*lines, [cut]] if (cut := _cut(rows.height)) else lines)


def _cut(height: int) -> str:
    """What a file leaves out, in a sentence; empty where it has all rows."""
    if height <= MOST_ROWS:
        return ""
    return f"The file has the first {MOST_ROWS:,} of {height:,} rows; choose fewer weeks or one scanner for the others."


def _behind(request: SignedInRequest, code: str) -> tuple[MeasureDefinition, LeanForm, pl.DataFrame]:
    """A measure, and its rows at sites where the person may see them."""
    if code not in CODES:
        raise Http404
    definition = measure(code)
    form = LeanForm(_sites(request, "view_bookings"), request.GET)
    return definition, form, rows_behind(definition, form.asked)


def _sites(request: SignedInRequest, permission: str) -> list[Site]:
    return list(sites_where(request.user, permission).of_the_group().select_related("partner"))


def _may_see_all(request: SignedInRequest, form: LeanForm) -> bool:
    """Whether the person may see the exams of every site asked for."""
    theirs = set(sites_where(request.user, "view_bookings").values_list("pk", flat=True))
    return {site.pk for site in form.asked.sites} <= theirs
