"""Does our list equal the return? One month of one list, its differences down to the rows, and its sign-off."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from trustwide.commons.accounts.rules import SignedInRequest, can, check_can, permission_required, sites_where
from trustwide.commons.nhsuk.downloads import csv_file
from trustwide.commons.organisations.models import Site
from trustwide.services.imaging.diagnostic_tests import BY_CODE, TEST_CHOICES
from trustwide.services.imaging.requests.models import ImagingRequest
from trustwide.services.imaging.waiting.clocks import LONDON
from trustwide.services.imaging.waiting.models import Reconciliation
from trustwide.services.imaging.waiting.reconcile import Month
from trustwide.services.imaging.waiting.reconcile_actions import LONGEST_NOTE, PERMISSION, sign_off
from trustwide.services.imaging.waiting.reconcile_page import ReconcileError, ReconcilePage, reconcile_page

SIGNED_A_PAGE = 25
FIRST_YEAR, LAST_YEAR = 2006, 2100  # the return began in 2006
ROW_HEAD = ("Request", "Exam", "Priority", "Requested", "Clock of the return since", "Patient waits since", "State")


class MonthForm(forms.Form):
    """Which month of which list."""

    site = forms.ChoiceField(label="Site")
    test = forms.ChoiceField(label="Test", choices=TEST_CHOICES)
    month = forms.DateField(
        label="Month", input_formats=["%Y-%m"], help_text="For example 2026-02",
        widget=forms.DateInput(format="%Y-%m", attrs={"class": "nhsuk-input--width-5"}),
        error_messages={"invalid": "Enter a month such as 2026-02."},
    )  # fmt: skip

    def __init__(self, sites: list[Site], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["site"]
        if isinstance(choice, forms.ChoiceField):
            choice.choices = [(site.code, site.name) for site in sites]


class NoteForm(forms.Form):
    """What explains a difference."""

    note = forms.CharField(
        label="What explains the differences?", required=False, max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip
    shown = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def look_again(self, digest: str) -> None:
        """Show the note again with the figures as they are now."""
        self.data = {"note": self.data.get("note", ""), "shown": digest}


@require_safe
@permission_required("view_bookings")
def reconciliations(request: SignedInRequest) -> HttpResponse:
    """Which months are signed off, and which is to be looked at?"""
    form = MonthForm(list(_sites(request)), request.GET if "month" in request.GET else None)
    if form.is_bound and form.is_valid():
        asked = form.cleaned_data
        return redirect("imaging:reconcile", asked["site"], asked["test"], f"{asked['month']:%Y-%m}")
    kept = Reconciliation.objects.for_user(request.user).select_related("site", "signed_by")
    page = Paginator(kept, SIGNED_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "imaging/waiting/reconciliations.jinja", {"form": form, "signed": page})


@require_safe
@permission_required("view_bookings")
def reconcile(request: SignedInRequest, code: str, test: str, month: str) -> HttpResponse:
    """Does the list equal the return?"""
    try:
        page = _page(request, code, test, month)
    except ReconcileError as error:
        return _refused(request, error)
    return _show(request, page, NoteForm(initial={"shown": page.digest}))


@require_POST
@permission_required("view_bookings")
def sign_off_month(request: SignedInRequest, code: str, test: str, month: str) -> HttpResponse:
    """Sign a month off."""
    try:
        page = _page(request, code, test, month)
    except ReconcileError as error:
        return _refused(request, error)
    check_can(request.user, PERMISSION, page.site)
    form = NoteForm(request.POST)
    if form.is_valid():
        try:
            sign_off(page, form.cleaned_data["note"], form.cleaned_data["shown"], by=request.user)
        except ReconcileError as error:
            form.add_error("note", str(error))
            form.look_again(page.digest)
        else:
            messages.success(request, f"{page.month.first:%B %Y} is signed off.")
            return redirect("imaging:reconcile", code, test, month)
    return _show(request, page, form)


@require_safe
@permission_required("view_bookings")
def reconcile_rows(request: SignedInRequest, code: str, test: str, month: str, reason: str) -> HttpResponse:
    """The requests behind one reason, as a file."""
    try:
        page = _page(request, code, test, month)
    except ReconcileError as error:
        return _refused(request, error)
    ids = next((each.requests for each in page.differences if each.code == reason), None)
    if ids is None:
        raise Http404
    found = ImagingRequest.objects.for_user(request.user).filter(pk__in=ids).select_related("exam").order_by("pk")
    rows = (
        (row.pk, row.exam.name, row.get_priority_display(), row.requested_at.astimezone(LONDON).date().isoformat(),
         row.started_on.isoformat(), row.experienced_from.isoformat(), row.get_state_display())
        for row in found
    )  # fmt: skip
    return csv_file(f"{code}-{test}-{month}-{reason}.csv", ROW_HEAD, rows)


def _show(request: SignedInRequest, page: ReconcilePage, form: NoteForm) -> HttpResponse:
    context = {
        "page": page, "site": page.site, "test": BY_CODE[page.test], "form": form,
        "may_sign": all(can(request.user, PERMISSION, site) for site in page.sites) and page.theirs is not None,
    }  # fmt: skip
    return render(request, "imaging/waiting/reconcile.jinja", context)


def _refused(request: SignedInRequest, error: ReconcileError) -> HttpResponse:
    messages.error(request, str(error))
    return redirect("imaging:reconciliations")


def _page(request: SignedInRequest, code: str, test: str, month: str) -> ReconcilePage:
    if test not in BY_CODE:
        raise Http404
    try:
        first = datetime.date.fromisoformat(f"{month}-01")
    except ValueError:
        raise Http404 from None
    if not FIRST_YEAR <= first.year <= LAST_YEAR:
        raise Http404
    site: Site = get_object_or_404(_sites(request).select_related("partner"), code=code)
    seen = _sites(request).values_list("pk", flat=True)
    return reconcile_page(site, test, Month(first), seen=set(seen))


def _sites(request: SignedInRequest) -> Any:
    return sites_where(request.user, "view_bookings").of_the_group()
