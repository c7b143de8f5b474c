"""Which hours do they usually work? The drag calendar of templates, its preview, and the change that is saved."""

from __future__ import annotations

import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from trustwide.commons.accounts.rules import SignedInRequest, check_can, permission_required
from trustwide.services.imaging.booking.exceptions import BookingError
from trustwide.services.imaging.booking.hours.actions import change_usual_hours
from trustwide.services.imaging.booking.hours.days import A_DAY, A_WEEK, day_in_address, monday_of
from trustwide.services.imaging.booking.hours.follows import Follows
from trustwide.services.imaging.booking.hours.forms import FromForm, ReasonForm
from trustwide.services.imaging.booking.hours.usual import from_text
from trustwide.services.imaging.booking.hours.usual_page import Saved, UsualPage, page_after, page_of, saved_hours

SEVERAL = ("priorities", "competences")


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("view_bookings")
def usual_hours(request: SignedInRequest) -> HttpResponse:
    """Which hours do they usually work?"""
    saved = saved_hours(request.user, _start(request))
    if request.method != "POST":
        return _page(request, page_of(saved), ReasonForm())
    check_can(request.user, "manage_sessions")
    if request.POST.get("do") == "save":
        return _save(request, saved)
    return _page(request, page_after(saved, _sent(request)), ReasonForm())


def _save(request: SignedInRequest, saved: Saved) -> HttpResponse:
    form, kept = ReasonForm(request.POST), {"changes": request.POST.get("changes", "")}
    if form.is_valid():
        drafts = from_text(kept["changes"], saved.mine)
        try:
            follows = change_usual_hours(drafts, saved.start, by=request.user, reason=form.cleaned_data["reason"])
        except BookingError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _said(follows, saved.start))
            there = f"{reverse('imaging:usual_hours')}?start={saved.start.isoformat()}"
            return HttpResponseClientRedirect(there) if request.htmx else redirect(there)
    return _page(request, page_after(saved, kept), form)


def _page(request: SignedInRequest, page: UsualPage, reason: ReasonForm) -> HttpResponse:
    context = {
        "calendar": page, "reason": reason, "form": reason if reason.errors else page.form,
        "may_change": bool(page.saved.mine), "from_form": FromForm(initial={"start": page.saved.start}),
    }  # fmt: skip
    name = "calendar" if request.htmx else "usual"
    return render(request, f"imaging/booking/hours/{name}.jinja", context)


def _start(request: SignedInRequest) -> datetime.date:
    """The day in the address or the form; next Monday where there is none; tomorrow at the earliest."""
    today = timezone.localdate()
    otherwise = monday_of(today) + A_WEEK
    text = request.POST.get("start", "") or request.GET.get("start", "")
    return max(day_in_address(text, otherwise), today + A_DAY)


def _sent(request: SignedInRequest) -> dict[str, object]:
    sent: dict[str, object] = dict(request.POST.items())
    return sent | {name: request.POST.getlist(name) for name in SEVERAL}


def _said(follows: Follows, start: datetime.date) -> str:
    ahead = "1 session ahead follows" if follows.changes == 1 else f"{follows.changes} sessions ahead follow"
    said = f"The hours from {start:%-d %B %Y} are saved, and {ahead}."
    if not follows.kept:
        return said
    several = f"{len(follows.kept)} sessions keep their hours for their patients."
    return f"{said} {'1 session keeps its hours for its patients.' if len(follows.kept) == 1 else several}"
