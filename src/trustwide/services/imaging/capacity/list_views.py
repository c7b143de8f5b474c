"""Which services are there? The list, its exports, and what is done to several at once."""

from __future__ import annotations

import io
from typing import Any

import xlsxwriter
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from trustwide.commons.accounts.rules import SignedInRequest, can, permission_required, sites_where
from trustwide.commons.nhsuk.downloads import csv_file, workbook_file
from trustwide.services.imaging.capacity import actions, service_forms
from trustwide.services.imaging.capacity.models import CapacityService, CapacityServiceQuerySet
from trustwide.services.imaging.capacity.rules import can_change_service
from trustwide.services.imaging.plan_models import plan_id

SERVICES_A_PAGE = 25
MOST_AT_ONCE = 100
COLUMNS = ("Service", "Kept by", "Scanners", "Vans", "Hours a week", "Demand, share of hours", "Waiting", "Version",
           "Changed", "Shared")  # fmt: skip
# what can be done to several services: its name on the button, and on the page that shows what it would do
BULK = {
    "share": ("Share with the group", "share with the group"),
    "unshare": ("Stop sharing", "stop sharing"),
    "archive": ("Put away", "put away"),
}


@require_safe
@permission_required("view_plans")
def services(request: SignedInRequest) -> HttpResponse:
    """Which services are there?"""
    return _list(request, "")


@require_safe
@permission_required("view_plans")
def services_csv(request: SignedInRequest) -> HttpResponse:
    """The list as it is filtered, all its pages, as CSV."""
    _, found = _found(request)
    return csv_file("services.csv", COLUMNS, [_row(one) for one in found])


@require_safe
@permission_required("view_plans")
def services_xlsx(request: SignedInRequest) -> HttpResponse:
    """The list as it is filtered, all its pages, as a workbook."""
    _, found = _found(request)
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("Services")
        sheet.write_row(0, 0, COLUMNS, book.add_format({"bold": True, "text_wrap": True, "bottom": 1}))
        sheet.set_column(0, 1, 36)
        sheet.set_column(2, len(COLUMNS), 14)
        sheet.set_column(5, 5, 14, book.add_format({"num_format": "0%"}))
        for line, one in enumerate(found, start=1):
            sheet.write_row(line, 0, _row(one))
        sheet.freeze_panes(1, 1)
    return workbook_file("services.xlsx", made.getvalue())


@require_POST
@permission_required("view_plans")
def change_several(request: SignedInRequest) -> HttpResponse:
    """Share or put away the services that are ticked: first what would be done, then, once it is confirmed, done."""
    do = request.POST.get("do", "")
    ids = [plan_id(text) for text in request.POST.getlist("service")[:MOST_AT_ONCE]]
    found = CapacityService.objects.for_user(request.user).in_use().filter(pk__in=ids).select_related("site")
    if do not in BULK or not found:
        return _list(request, "Tick the services first, then choose what to do with them.")
    allowed = [one for one in found if can_change_service(request.user, one)]
    form = service_forms.ArchiveForm(request.POST if request.POST.get("sure") else None)
    if request.POST.get("sure") and (do != "archive" or form.is_valid()):
        for one in allowed:
            _do(one, do, request, form)
        messages.success(request, f"Done for {len(allowed)} of {len(found)} services.")
        return redirect("imaging:services")
    context = {"do": do, "title": f"Before you {BULK[do][1]}", "button_text": BULK[do][0], "allowed": allowed,
               "others": [one for one in found if one not in allowed],
               "form": form if do == "archive" else None}  # fmt: skip
    return render(request, "imaging/capacity/several.jinja", context)


def _do(one: CapacityService, do: str, request: SignedInRequest, form: service_forms.ArchiveForm) -> None:
    if do == "archive":
        actions.archive_service(one, by=request.user, reason=form.cleaned_data["reason"])
    else:
        actions.share_service(one, shared=do == "share", by=request.user)


def _found(request: SignedInRequest) -> tuple[service_forms.ServiceFilterForm, CapacityServiceQuerySet]:
    visible = CapacityService.objects.for_user(request.user).in_use()
    sites = sites_where(request.user, "view_plans").filter(capacity_services__in=visible).distinct()
    form = service_forms.ServiceFilterForm(list(sites), request.GET)
    asked = {name: value for name, value in (form.cleaned_data if form.is_valid() else {}).items() if value}
    found = visible.select_related("site", "newest").defer("newest__description", "newest__levers")
    found = found.filter(site__code=asked["site"]) if "site" in asked else found
    found = found.filter(shared=asked["shared"] == "yes") if "shared" in asked else found
    found = found.filter(name__icontains=asked["name"].strip()) if "name" in asked else found
    return form, found


def _list(request: SignedInRequest, problem: str) -> HttpResponse:
    form, found = _found(request)
    rest = request.GET.copy()
    rest.pop("page", None)
    context = {
        "filter": form, "problem": problem, "query": rest.urlencode(), "bulk": BULK,
        "services": Paginator(found, SERVICES_A_PAGE).get_page(request.GET.get("page")),
        "may_make": can(request.user, "make_plans"), "ticked": request.POST.getlist("service"),
    }  # fmt: skip
    return render(request, "imaging/capacity/services.jinja", context)


def _row(one: CapacityService) -> list[Any]:
    facts = one.newest.facts if one.newest else {}
    keys = ("scanners", "vans", "hours", "load", "waiting")
    version = [one.newest.number, f"{one.newest.created_at:%Y-%m-%d}"] if one.newest else ["", ""]
    return [one.name, one.site.name, *(facts.get(key) for key in keys), *version, "yes" if one.shared else "no"]
