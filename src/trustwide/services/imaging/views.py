"""One list at one site: what happened to it."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from trustwide.analysis import spc
from trustwide.commons.accounts.rules import SignedInRequest, permission_required
from trustwide.commons.measures import icons
from trustwide.commons.nhsuk.downloads import csv_file
from trustwide.commons.organisations.models import Site
from trustwide.services.imaging.diagnostic_tests import BY_CODE
from trustwide.services.imaging.list_pages import BAND_NAMES, band_picture, band_words, list_page

COLUMNS = (
    "Month", "Waiting", "Over six weeks", "Net additions", "Tests from the list", "Planned tests", "Unscheduled tests",
    *(f"Waited {name} {'week' if name == 'under 1' else 'weeks'}" for name in BAND_NAMES), "Doubts",
)  # fmt: skip


@require_safe
@permission_required("view_measures")
def history(request: SignedInRequest, code: str, test: str) -> HttpResponse:
    """What happened to this list?"""
    site = _site(request, code, test)
    page = list_page(site, test)
    newest = page.newest
    context = {
        "site": site,
        "test": BY_CODE[test],
        "page": page,
        "icon_of": lambda chart: icons.variation(chart.variation_icon),
        "specs": [chart.small_picture() if chart.chart else None for chart in page.charts],
        "bands": band_picture(newest) if newest else None,
        "band_words": band_words(newest) if newest else "",
        "band_names": BAND_NAMES,
        "can_plan": request.user.has_perm("view_plans", site),
    }
    return render(request, "imaging/list.jinja", context)


@require_safe
@permission_required("view_measures")
def band_drawing(request: SignedInRequest, code: str, test: str) -> HttpResponse:
    """People by weeks waited in the newest month as a drawing, for those without scripts and for papers."""
    newest = list_page(_site(request, code, test), test).newest
    if newest is None:
        raise Http404
    policy = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    headers = {"Content-Security-Policy": policy, "Cache-Control": "private, no-cache"}
    return HttpResponse(spc.svg(band_picture(newest)), content_type="image/svg+xml", headers=headers)


@require_safe
@permission_required("view_measures")
def history_rows(request: SignedInRequest, code: str, test: str) -> HttpResponse:
    """Every month of the list as a file."""
    rows = [
        (month.month.isoformat(), month.waiting_list, month.over_six_weeks, month.additions, month.waiting_list_tests,
         month.planned_tests, month.unscheduled_tests, *month.bands, " ".join(month.doubts))
        for month in list_page(_site(request, code, test), test).months
    ]  # fmt: skip
    return csv_file(f"{code}-{test}.csv", COLUMNS, rows)


def _site(request: SignedInRequest, code: str, test: str) -> Site:
    if test not in BY_CODE:
        raise Http404
    visible = Site.objects.for_user(request.user).select_related("partner__partnership")
    found: Site = get_object_or_404(visible, code=code)
    return found
