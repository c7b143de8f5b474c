"""Who will breach, and what is being done? The page of the meeting, and writing down what it decides."""

from __future__ import annotations

from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from trustwide.commons.accounts.rules import SignedInRequest, can, check_can, permission_required, sites_where
from trustwide.services.imaging.requests.models import ImagingRequest
from trustwide.services.imaging.waiting.forms import MeetingForm, NoteForm
from trustwide.services.imaging.waiting.meeting_figures import meeting
from trustwide.services.imaging.waiting.notes import Change, write_notes


@require_safe
@permission_required("view_bookings")
def waiting_meeting(request: SignedInRequest) -> HttpResponse:
    """Who will breach, and what is being done?"""
    return _meeting(request, request.GET)


@require_POST
@permission_required("view_bookings")
def meeting_note(request: SignedInRequest, request_id: int) -> HttpResponse:
    """Write down what was decided about one request, unless somebody else did meanwhile."""
    check_can(request.user, "make_bookings")
    one = get_object_or_404(ImagingRequest.objects.for_user(request.user), pk=request_id)
    form = NoteForm(request.POST)
    address = QueryDict(request.POST.get("asked", ""))
    if not form.is_valid():
        return _meeting(request, address, " ".join(str(e[0]) for e in form.errors.values()), one.pk, form)
    written = write_notes([Change(one.pk, **form.cleaned_data)], by=request.user)
    if why := written.refused.get(one.pk):
        return _meeting(request, address, why, one.pk, form)
    return redirect(f"{reverse('imaging:waiting_meeting')}?{address.urlencode()}#r{one.pk}")


def _meeting(
    request: SignedInRequest, address: QueryDict, problem: str = "", about: int = 0, entered: NoteForm | None = None
) -> HttpResponse:
    sites = list(sites_where(request.user, "view_bookings").of_the_group())
    form = MeetingForm(sites, address)
    page = meeting(request.user, form.asked, timezone.localdate(), sites)
    context = {
        "page": page, "form": form, "problem": problem, "about": about, "entered": entered,
        "may_change": can(request.user, "make_bookings"), "query": page.asked.query(),
    }  # fmt: skip
    return render(request, "imaging/waiting/meeting.jinja", context)
