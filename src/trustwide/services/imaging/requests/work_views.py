"""What is there to do? Work lists of the roles, and one step done for many requests at once."""

from __future__ import annotations

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from trustwide.commons.accounts.rules import SignedInRequest, can, permission_required, sites_where
from trustwide.services.imaging.requests import several
from trustwide.services.imaging.requests.forms import SeveralForm, WorkForm
from trustwide.services.imaging.requests.rules import WORKING
from trustwide.services.imaging.requests.words import ROLES
from trustwide.services.imaging.requests.worklists import work_page

SHOWN_REFUSED = 200


@require_safe
@permission_required("view_bookings")
def work(request: SignedInRequest) -> HttpResponse:
    """What is there to do?"""
    return _list(request, request.GET, "")


@require_POST
@permission_required("view_bookings")
def several_at_once(request: SignedInRequest) -> HttpResponse:
    """Do one step for many: first what would happen to which, then, once it is confirmed, done."""
    given = request.POST
    act, back = given.get("act", ""), given.get("asked", "")
    address = QueryDict(back)
    ids = [int(one) for one in given.getlist("request") if one.isdecimal() and len(one) < 16][: several.MOST]
    if act not in several.ACTS or not ids:
        return _list(request, address, "Tick the requests first, then choose what to do with them.")
    role = address.get("role", "")
    form = SeveralForm(
        act, role if role in ROLES else next(iter(ROLES)), request.user, given if given.get("sure") else None
    )
    context = {"act": act, "acts": several.ACTS, "form": form, "back": back, "ids": ids}
    if form.is_valid():
        outcome = several.carry_out(ids, act, form.what, by=request.user)
        page = "imaging/requests/several_done.jinja"
    else:
        outcome = several.preview(ids, act, by=request.user)
        page = "imaging/requests/several.jinja"
    return render(request, page, context | {"outcome": outcome, "shown": outcome.refused[:SHOWN_REFUSED]})


def _list(request: SignedInRequest, address: QueryDict, problem: str) -> HttpResponse:
    sites = list(sites_where(request.user, "view_bookings").of_the_group())
    form = WorkForm(sites, address)
    page = work_page(request.user, form.asked, timezone.now())
    context = {
        "page": page, "form": form, "problem": problem, "acts": several.ACTS,
        "acts_here": several.ACTS_OF[page.asked.role],
        "may_work": any(can(request.user, permission) for permission in WORKING),
        "may_ask": can(request.user, "make_bookings"),
    }  # fmt: skip
    return render(request, "imaging/requests/work.jinja", context)
