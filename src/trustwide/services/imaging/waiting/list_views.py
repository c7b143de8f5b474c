"""Who is waiting, and how long? The list, its files, and what is done to many requests at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from trustwide.commons.accounts.rules import SignedInRequest, can, check_can, permission_required, sites_where
from trustwide.commons.nhsuk.fields import component
from trustwide.commons.organisations.models import Site
from trustwide.services.imaging.requests.models import ImagingRequest, RequestQuerySet
from trustwide.services.imaging.waiting import bulk, exports, list_figures
from trustwide.services.imaging.waiting.columns import FIXED, chosen
from trustwide.services.imaging.waiting.forms import BulkForm, ListForm, list_form

SHOWN_REFUSED = 200
SHOWN_REASONS = 20
DONE = "waiting_bulk_done"  # in the session


@require_safe
@permission_required("view_bookings")
def waiting_list(request: SignedInRequest) -> HttpResponse:
    """Who is waiting, and how long?"""
    return _list(request, "")


@require_safe
@permission_required("view_bookings")
def waiting_csv(request: SignedInRequest) -> HttpResponse:
    """The list as it is filtered, all its pages, as CSV."""
    return exports.as_csv(*_file(request))


@require_safe
@permission_required("view_bookings")
def waiting_xlsx(request: SignedInRequest) -> HttpResponse:
    """The list as it is filtered, all its pages, as a workbook."""
    return exports.as_workbook(*_file(request))


@dataclass(frozen=True)
class Kept:
    """What became of many requests, as a session keeps it: no more than a page shows, and nothing about a patient."""

    act: str
    back: str
    done: int
    left: int
    reasons: Sequence[tuple[str, int]]
    shown: Sequence[tuple[int, str]]

    @property
    def refused(self) -> range:
        """As many as were left as they are."""
        return range(self.left)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("view_bookings")
def waiting_bulk(request: SignedInRequest) -> HttpResponse:
    """Do something to many requests: what would happen to which; then done; then, by GET, what became of them."""
    if request.method != "POST":
        return _done(request)
    check_can(request.user, "make_bookings")
    act, ids = request.POST.get("act", ""), _ids(request)
    if act not in bulk.ACTS or not ids:
        return _list(request, "Tick the requests first, or all that match, then choose what to do with them.")
    sure = bool(request.POST.get("sure"))
    form = BulkForm(act, request.user, request.POST if sure else None)
    back = request.POST.get("asked", "")
    if sure and form.is_valid():
        outcome = bulk.carry_out(ids, act, form.what, by=request.user)
        shown = [(one.request_id, one.why) for one in outcome.refused[:SHOWN_REFUSED]]
        kept = Kept(act, back, outcome.done, len(outcome.refused), outcome.reasons[:SHOWN_REASONS], shown)
        request.session[DONE] = asdict(kept)
        return redirect("imaging:waiting_bulk")  # so that loading the page again does nothing again
    outcome = bulk.preview(ids, act, by=request.user)
    context = {
        "act": act, "acts": bulk.ACTS, "form": form, "outcome": outcome, "back": back,
        "ids": ",".join(map(str, ids)), "shown": outcome.refused[:SHOWN_REFUSED],
    }  # fmt: skip
    return render(request, "imaging/waiting/bulk.jinja", context)


def _done(request: SignedInRequest) -> HttpResponse:
    """What became of the last act on many requests."""
    if DONE not in request.session:
        return redirect("imaging:waiting_list")
    kept = Kept(**request.session[DONE])
    visible = ImagingRequest.objects.for_user(request.user).select_related("exam", "patient", "site")
    found = visible.in_bulk([pk for pk, _ in kept.shown])
    shown = [bulk.Refused(pk, why, found.get(pk)) for pk, why in kept.shown]
    context = {"act": kept.act, "acts": bulk.ACTS, "outcome": kept, "shown": shown, "back": kept.back}
    return render(request, "imaging/waiting/bulk_done.jinja", context)


def _ids(request: SignedInRequest) -> list[int]:
    """The requests meant: those named, those ticked, or all that the address of the list asks for."""
    given = request.POST
    if given.get("all"):
        form = list_form(_sites(request), QueryDict(given.get("asked", "")))
        found = list_figures.found(request.user, form.asked, timezone.localdate())
        return list(found.values_list("pk", flat=True)[: bulk.MOST])
    named = given.get("ids", "").split(",") if given.get("ids") else given.getlist("request")
    return [int(one) for one in named[: bulk.MOST] if one.isdecimal() and len(one) < 16]


def _sites(request: SignedInRequest) -> list[Site]:
    return list(sites_where(request.user, "view_bookings").of_the_group())


def _file(
    request: SignedInRequest,
) -> tuple[RequestQuerySet, list_figures.Counts, str, tuple[str, ...]]:
    asked, day = list_form(_sites(request), request.GET).asked, timezone.localdate()
    found = list_figures.found(request.user, asked, day)
    return found, list_figures.count(request.user, asked, day), asked.kind, asked.columns


def _list(request: SignedInRequest, problem: str) -> HttpResponse:
    address = request.GET if request.method != "POST" else QueryDict(request.POST.get("asked", ""))
    form: ListForm = list_form(_sites(request), address)
    page = list_figures.list_page(request.user, form.asked, timezone.localdate())
    fields = {name: component(form[name]) for name in form.fields}
    fields["columns"].params["classes"] = "nhsuk-checkboxes--small"
    context = {
        "page": page, "form": form, "fields": fields, "problem": problem, "kinds": list_figures.KINDS,
        "columns": (*FIXED, *chosen(page.asked.columns)), "acts": bulk.ACTS,
        "may_change": can(request.user, "make_bookings"), "most": bulk.MOST,
    }  # fmt: skip
    return render(request, "imaging/waiting/list.jinja", context)
