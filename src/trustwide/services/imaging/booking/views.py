"""Who needs a slot? The list of those to be booked, the times there are for each, offers and cancellations."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from trustwide.commons.accounts.rules import SignedInRequest, can, permission_required
from trustwide.services.imaging.booking import actions, figures, offers
from trustwide.services.imaging.booking.exceptions import BookingError
from trustwide.services.imaging.booking.forms import BY_PATIENT, CancelForm, SearchForm, SlotForm, ToBookForm
from trustwide.services.imaging.booking.models import Appointment, Offer
from trustwide.services.imaging.booking.offers import offered_slot
from trustwide.services.imaging.booking.slots import SlotQuestion, question_for
from trustwide.services.imaging.requests.models import ImagingRequest
from trustwide.services.imaging.requests.pathway import PathwayError
from trustwide.services.imaging.waiting.clocks import LONDON

ROWS_A_PAGE = 50
REFUSED = (BookingError, PathwayError)


@require_safe
@permission_required("view_bookings")
def bookings(request: SignedInRequest) -> HttpResponse:
    """Who needs a slot?"""
    form = ToBookForm(figures.sites_to_search(request.user), request.GET or None)
    filters = form.filters()
    counts = figures.counts(request.user, filters)
    paginator = Paginator(figures.to_book(request.user, filters), ROWS_A_PAGE)
    paginator.count = counts.all  # counted already
    context = {
        "form": form, "page": paginator.get_page(request.GET.get("page")), "counts": counts, "query": _query(request),
    }  # fmt: skip
    return render(request, "imaging/booking/to_book.jinja", context)


@require_safe
@permission_required("view_bookings")
def find_slot(request: SignedInRequest, request_id: int) -> HttpResponse:
    """When and where can this patient come?"""
    wanted = _request(request, request_id)
    form = SearchForm(figures.sites_to_search(request.user), request.GET or None)
    question = _question(wanted, form)
    context = {
        "wanted": wanted, "form": form, "question": question, "choice": figures.choice(question),
        "offers": figures.open_offers(wanted), "appointment": figures.appointment_in_force(wanted),
        "may_book": can(request.user, "make_bookings", wanted.site), "site": wanted.site,
    }  # fmt: skip
    return render(request, "imaging/booking/find_slot.jinja", context)


@require_POST
@permission_required("make_bookings")
def take_slot(request: SignedInRequest, request_id: int) -> HttpResponse:
    """Book a time, offer it, or move the appointment to it."""
    wanted = _request(request, request_id)
    form = SlotForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose a time that is listed.")
        return redirect("imaging:find_slot", wanted.pk)
    try:
        said = _take(request, wanted, form)
    except REFUSED as refusal:
        messages.error(request, str(refusal))
        return redirect("imaging:find_slot", wanted.pk)
    messages.success(request, said)
    return redirect("imaging:find_slot", wanted.pk)


@require_POST
@permission_required("make_bookings")
def answer_offer(request: SignedInRequest, offer_id: int) -> HttpResponse:
    """The patient's answer to an offer, as told to a clerk."""
    mine = ImagingRequest.objects.for_user(request.user, "make_bookings")
    offer = get_object_or_404(Offer.objects.filter(request__in=mine).select_related("request"), pk=offer_id)
    try:
        if request.POST.get("answer") == "accept":
            offers.accept_offer(offer, by=request.user)
            messages.success(request, "The time is booked.")
        elif request.POST.get("answer") == "decline":
            offers.decline_offer(offer, by=request.user)
            messages.success(request, "The answer is kept.")
        else:
            messages.error(request, "Say whether the patient accepts or declines.")
    except REFUSED as refusal:
        messages.error(request, str(refusal))
    return redirect("imaging:find_slot", offer.request_id)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("make_bookings")
def cancel_appointment(request: SignedInRequest, appointment_id: int) -> HttpResponse:
    """Who cancels, and why?"""
    mine = ImagingRequest.objects.for_user(request.user, "make_bookings")
    held = Appointment.objects.filter(request__in=mine).select_related(
        "request__patient", "request__exam", "request__site", "session__scanner", "session__site"
    )
    appointment = get_object_or_404(held, pk=appointment_id)
    form = CancelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        by_patient = form.cleaned_data["who"] == BY_PATIENT
        try:
            actions.cancel(appointment, by=request.user, by_patient=by_patient, reason=form.cleaned_data["reason"])
        except REFUSED as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The appointment is cancelled, and its time is free.")
            return redirect("imaging:find_slot", appointment.request_id)
    return render(request, "imaging/booking/cancel.jinja", {"form": form, "appointment": appointment})


def _take(request: SignedInRequest, wanted: ImagingRequest, form: SlotForm) -> str:
    session, starts_at = form.cleaned_data["session"], form.cleaned_data["starts_at"]
    when = f"{starts_at.astimezone(LONDON):%A %-d %B at %H:%M}"
    if request.POST.get("do") == "offer":
        offers.make_offer(wanted, offered_slot(wanted, session, starts_at), by=request.user)
        return f"{when} is offered. It is not held: whoever accepts it first gets it."
    held = figures.appointment_in_force(wanted)
    if held is None:
        actions.book(wanted, session, starts_at, by=request.user)
        return f"Booked for {when}."
    by_patient = request.POST.get("who") == BY_PATIENT
    reason = "Moved at the patient's wish" if by_patient else "Moved by the booking office"
    actions.move(held, session, starts_at, by=request.user, by_patient=by_patient, reason=reason)
    return f"Moved to {when}."


def _question(wanted: ImagingRequest, form: SearchForm) -> SlotQuestion:
    given = form.cleaned_data if form.is_valid() else {}
    question = question_for(wanted, earliest=given.get("earliest"))
    if given.get("site"):
        question = replace(question, sites=frozenset({int(given["site"])}))
    if given.get("travel") is not None:
        question = replace(question, travel=given["travel"])
    return question


def _request(request: SignedInRequest, request_id: int) -> ImagingRequest:
    found = ImagingRequest.objects.for_user(request.user).light().prefetch_related("patient__needs")
    return get_object_or_404(found, pk=request_id)


def _query(request: SignedInRequest) -> str:
    asked = request.GET.copy()
    asked.pop("page", None)
    return f"{asked.urlencode()}&" if asked else ""
