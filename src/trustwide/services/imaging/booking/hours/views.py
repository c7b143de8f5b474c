"""When do our scanners work? The week, one session of it, a day opened for once, and where a van will be."""

from __future__ import annotations

from collections.abc import Callable

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from trustwide.commons.accounts.rules import SignedInRequest, permission_required
from trustwide.services.imaging.booking.exceptions import BookingError
from trustwide.services.imaging.booking.hours import actions, figures, forms, rules, session_figures
from trustwide.services.imaging.booking.hours.days import day_in_address, day_of, monday_of
from trustwide.services.imaging.booking.hours.follows import is_changed_for_the_day
from trustwide.services.imaging.booking.models import ScannerSession
from trustwide.services.imaging.booking.sessions import close_session, open_again, open_day

Change = Callable[[ScannerSession], str]


@require_safe
@permission_required("view_bookings")
def hours(request: SignedInRequest) -> HttpResponse:
    """When do our scanners work?"""
    today = timezone.localdate()
    form = forms.SiteForm(figures.sites_of(request.user), request.GET)
    site = form.chosen()
    monday = monday_of(day_in_address(request.GET.get("week", ""), today))
    ahead = figures.weeks_ahead(request.user, monday, site)
    context = {
        "week": figures.week(request.user, monday, today, site), "filter": form, "site_id": site, "ahead": ahead,
        "ahead_words": figures.ahead_words(ahead), "picture": figures.ahead_chart(ahead), "today": today,
        "may_change": rules.scanners_to_change(request.user).exists(),
    }  # fmt: skip
    return render(request, "imaging/booking/hours/week.jinja", context)


@require_safe
@permission_required("view_bookings")
def session(request: SignedInRequest, session_id: int) -> HttpResponse:
    """Who comes to this session?"""
    return _session_page(request, _session(request, session_id))


@require_POST
@permission_required("manage_sessions")
def close(request: SignedInRequest, session_id: int) -> HttpResponse:
    """Close one session, with the reason."""
    form = forms.CloseForm(request.POST)

    def change(found: ScannerSession) -> str:
        rules.check_ahead(found)
        close_session(found, by=request.user, reason=form.cleaned_data["reason"])
        return "The session is closed."

    return _changed(request, session_id, form, "close", change)


@require_POST
@permission_required("manage_sessions")
def reopen(request: SignedInRequest, session_id: int) -> HttpResponse:
    """Open a session that was closed."""

    def change(found: ScannerSession) -> str:
        rules.check_ahead(found)
        open_again(found, by=request.user)
        return "The session is open again."

    return _changed(request, session_id, django_forms.Form(request.POST), "reopen", change)


@require_POST
@permission_required("manage_sessions")
def limit(request: SignedInRequest, session_id: int) -> HttpResponse:
    """Another over-booking limit for one session."""
    form = forms.LimitForm(request.POST)

    def change(found: ScannerSession) -> str:
        actions.set_overbook_limit(found, form.cleaned_data["limit"], by=request.user)
        return f"The over-booking limit of this session is {found.overbook_limit}."

    return _changed(request, session_id, form, "limit", change)


@require_POST
@permission_required("manage_sessions")
def stand(request: SignedInRequest, session_id: int) -> HttpResponse:
    """Send a van to another site for a day."""
    form = forms.StandForm(rules.sites_for(_session(request, session_id).scanner), request.POST)

    def change(found: ScannerSession) -> str:
        actions.send_van(found, form.cleaned_data["site"], by=request.user)
        return f"{found.scanner} stands at {found.site.short_name} that day."

    return _changed(request, session_id, form, "stand", change)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("manage_sessions")
def open_for_once(request: SignedInRequest) -> HttpResponse:
    """Which day shall a scanner be open for once?"""
    mine = rules.scanners_to_change(request.user).select_related("site__partner")
    partnerships = sorted({one.site.partner.partnership_id for one in mine})
    sites = figures.sites_to_stand_at(partnerships)
    initial = {"limit": 0, "day": request.GET.get("day", ""), "scanner": request.GET.get("scanner", "")}
    known = forms.competences_known(partnerships)
    form = forms.OpenDayForm(mine, sites, known, request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        given, (opens_at, closes_at) = form.cleaned_data, form.moments()
        try:
            made = open_day(
                given["scanner"], opens_at, closes_at, by=request.user, site=form.sites.get(given["site"]),
                competences=given.get("competences", ()), overbook_limit=given["limit"],
            )  # fmt: skip
        except BookingError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{made.scanner} is open on {day_of(made.opens_at):%-d %B %Y}.")
            return redirect("imaging:session", made.pk)
    return render(request, "imaging/booking/hours/open_day.jinja", {"form": form})


@require_safe
@permission_required("view_bookings")
def vans(request: SignedInRequest) -> HttpResponse:
    """Where will the van be, and what can it take?"""
    context = {"rotas": session_figures.van_rotas(request.user, timezone.localdate())}
    return render(request, "imaging/booking/hours/vans.jinja", context)


def _session(request: SignedInRequest, session_id: int) -> ScannerSession:
    found = figures.sessions_of(request.user).select_related("scanner__site__partner", "site__partner", "template")
    return get_object_or_404(found, pk=session_id)


def _changed(
    request: SignedInRequest, session_id: int, form: django_forms.Form, name: str, change: Change
) -> HttpResponse:
    """Make a change and go back to the session; or show it with the form that was refused, saying why."""
    found = _session(request, session_id)
    rules.check_can_change_hours(request.user, found.scanner)
    if form.is_valid():
        try:
            said = change(found)
        except BookingError as refusal:
            if not form.fields:
                messages.error(request, str(refusal))
                return redirect("imaging:session", session_id)
            form.add_error(None, str(refusal))
        else:
            messages.success(request, said)
            return redirect("imaging:session", session_id)
    return _session_page(request, _session(request, session_id), **{name: form})


def _session_page(request: SignedInRequest, found: ScannerSession, **asked: django_forms.Form) -> HttpResponse:
    forms_here: dict[str, django_forms.Form] = {}
    if rules.can_change_hours(request.user, found.scanner) and found.opens_at > timezone.now():
        forms_here = {"close": forms.CloseForm(), "limit": forms.LimitForm(initial={"limit": found.overbook_limit})}
        if found.scanner.mobile:
            forms_here["stand"] = forms.StandForm(rules.sites_for(found.scanner), initial={"site": found.site_id})
    forms_here |= asked
    context = {
        "page": session_figures.session_page(request.user, found), "session": found, "site": found.site,
        "forms": forms_here, "form": next(iter(asked.values()), None), "day": day_of(found.opens_at),
        "changed": is_changed_for_the_day(found),
    }  # fmt: skip
    return render(request, "imaging/booking/hours/session.jinja", context)
