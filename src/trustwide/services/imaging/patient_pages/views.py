"""Patients' own pages. When is the appointment? Then what they may do about it, without an account."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_http_methods, require_POST

from trustwide.commons.patients.actions import change_details, end_need, record_need
from trustwide.services.imaging.booking import actions, offers
from trustwide.services.imaging.booking.exceptions import BookingError, SlotTakenError
from trustwide.services.imaging.booking.models import Appointment, Offer
from trustwide.services.imaging.booking.slots import Slot, find_slots, question_for
from trustwide.services.imaging.messages import texts
from trustwide.services.imaging.messages.actions import opt_out
from trustwide.services.imaging.patient_pages import words
from trustwide.services.imaging.patient_pages.forms import BirthDateForm, CancelForm, NeedsForm, TimesForm
from trustwide.services.imaging.patient_pages.links import is_own, keep_open
from trustwide.services.imaging.patient_pages.rules import Visit, for_link, for_patient, is_known, remember
from trustwide.services.imaging.requests.pathway import PathwayError
from trustwide.services.imaging.waiting.clocks import LONDON

MOST_TIMES = 8
WEEKS_AHEAD = 6
FORM = ["GET", "HEAD", "POST"]
CHOSE_ANOTHER = "The patient chose another time"
TAKEN = "That time has been taken. Nothing else has changed."
HAVE_IT = "You have this time already."
CALL_US = "We could not do this here. Nothing has changed. Please call us on {}."
WRONG_BIRTH_DATE = "That is not the date of birth we have. Check it and try again."


@require_http_methods(FORM)
@for_link
def page(request: HttpRequest, visit: Visit) -> HttpResponse:
    """When is your appointment? After the date of birth."""
    if not is_known(request, visit):
        return _who(request, visit)
    remember(request, visit)
    appointment = visit.appointment()
    context = {
        "appointment": appointment,
        "offers": [one for one in _offers(visit) if one.answer == Offer.Answer.PENDING],
        "needs": [need.need.asked for need in visit.patient.needs.current()],
        "way_in": words.way_in(appointment) if appointment else "",
        "bring": words.BRING,
        "what_happens": words.what_happens(visit.request.exam.modality),
        "after": words.AFTER,
    }
    return _render(request, "page", visit, context)


@require_POST
@for_patient
def say_yes(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The patient will come."""
    appointment = visit.appointment()
    if appointment is None:
        return redirect("patient_page", visit.token)
    try:
        actions.confirm(appointment, by=visit.actor)
    except (BookingError, PathwayError):
        return _sorry(request, visit)
    messages.success(request, "Thank you. We expect you.")
    return redirect("patient_page", visit.token)


@require_http_methods(FORM)
@for_patient
def say_no(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Do you want to cancel?"""
    appointment = visit.appointment()
    if appointment is None:
        return redirect("patient_page", visit.token)
    form = CancelForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _render(request, "cancel", visit, {"form": form, "appointment": appointment})
    reason = words.cancel_reason(form.cleaned_data["reason"])
    try:
        actions.cancel(appointment, by=visit.actor, by_patient=True, reason=reason)
    except (BookingError, PathwayError):
        return _sorry(request, visit)
    keep_open(visit.link, visit.now)
    messages.success(request, "Your appointment is cancelled. You can choose another time here.")
    return redirect("patient_page", visit.token)


@require_http_methods(FORM)
@for_patient
def times(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Which time suits you better?"""
    slots = _free_times(visit, _date(request.GET.get("from", "")))
    form = TimesForm(visit.link.pk, slots, request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _choose(request, visit, *form.cleaned_data["time"])
    later = slots[-1].starts_at.astimezone(LONDON).date() + datetime.timedelta(days=1) if slots else None
    context = {"form": form, "found": bool(slots), "later": later, "appointment": visit.appointment()}
    return _render(request, "times", visit, context)


@require_http_methods(FORM)
@for_patient
def offer(request: HttpRequest, visit: Visit, offer_id: int) -> HttpResponse:
    """Do you want the earlier time?"""
    offered = get_object_or_404(_offers(visit), pk=offer_id)
    if request.method != "POST":
        return _render(request, "offer", visit, {"offer": offered, "appointment": visit.appointment()})
    if request.POST.get("answer") not in ("yes", "no"):
        return redirect("patient_offer", visit.token, offered.pk)
    try:
        if request.POST["answer"] == "yes":
            offers.accept_offer(offered, by=visit.actor)
            messages.success(request, "The earlier time is yours.")
        else:
            offers.decline_offer(offered, by=visit.actor)
            messages.success(request, "Thank you for telling us. Nothing else has changed.")
    except SlotTakenError:
        messages.info(request, TAKEN)
    except (BookingError, PathwayError):
        return _sorry(request, visit)
    keep_open(visit.link, visit.now)
    return redirect("patient_page", visit.token)


@require_http_methods(FORM)
@for_patient
def needs(request: HttpRequest, visit: Visit) -> HttpResponse:
    """What do you need from us?"""
    form = NeedsForm(visit.patient, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        _keep_needs(visit, form)
        messages.success(request, words.what_is_kept([need.need for need in visit.patient.needs.current()]))
        return redirect("patient_page", visit.token)
    return _render(request, "needs", visit, {"form": form})


@require_POST
@for_patient
def reminders(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Stop reminders, or take them up again."""
    opt_out(visit.patient, by=visit.actor, stopped=visit.patient.reminders_stopped_at is None)
    return redirect("patient_page", visit.token)


@require_POST
@for_patient
def print_size(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Large print, or ordinary print again; letters follow."""
    change_details(visit.patient, {"large_print": not visit.patient.large_print}, by=visit.actor)
    return redirect("patient_page", visit.token)


def _who(request: HttpRequest, visit: Visit) -> HttpResponse:
    """When were you born?"""
    form = BirthDateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if is_own(visit.link, form.cleaned_data["born_on"], visit.patient.born_on):
            request.session.cycle_key()
            remember(request, visit)
            return redirect("patient_page", visit.token)
        visit.link.refresh_from_db(fields=["locked_at"])
        if visit.link.locked_at is not None:
            return render(request, "imaging/patient/locked.jinja", {"phone": settings.BOOKING_PHONE}, status=403)
        form.add_error(None, WRONG_BIRTH_DATE)
    return render(request, "imaging/patient/born.jinja", {"form": form, "phone": settings.BOOKING_PHONE})


def _choose(request: HttpRequest, visit: Visit, session_id: int, starts_at: datetime.datetime) -> HttpResponse:
    """Move to the chosen time, or book it where there is no appointment."""
    appointment = visit.appointment()
    if _is_at(appointment, session_id, starts_at):
        return _has_it(request, visit)
    try:
        if appointment is None:
            actions.book(visit.request, session_id, starts_at, by=visit.actor)
        else:
            actions.move(
                appointment, session_id, starts_at, by=visit.actor, by_patient=True, reason=CHOSE_ANOTHER
            )  # fmt: skip
    except (BookingError, PathwayError) as refused:
        if _is_at(visit.appointment(), session_id, starts_at):
            # the same choice, sent twice at once, came first
            return _has_it(request, visit)
        if not isinstance(refused, SlotTakenError):
            return _sorry(request, visit)
        messages.info(request, TAKEN)
        return redirect("patient_times", visit.token)
    keep_open(visit.link, visit.now)
    messages.success(request, "You have a new time.")
    return redirect("patient_page", visit.token)


def _is_at(appointment: Appointment | None, session_id: int, starts_at: datetime.datetime) -> bool:
    return appointment is not None and (appointment.session_id, appointment.starts_at) == (session_id, starts_at)


def _has_it(request: HttpRequest, visit: Visit) -> HttpResponse:
    messages.info(request, HAVE_IT)
    return redirect("patient_page", visit.token)


def _free_times(visit: Visit, first: datetime.date | None) -> list[Slot]:
    tomorrow = visit.now.astimezone(LONDON).date() + datetime.timedelta(days=1)
    earliest = datetime.datetime.combine(max(first or tomorrow, tomorrow), datetime.time(), LONDON)
    latest = visit.now + datetime.timedelta(weeks=WEEKS_AHEAD)
    if first and first > latest.astimezone(LONDON).date():
        return []
    return find_slots(question_for(visit.request, earliest, latest), limit=MOST_TIMES)


def _date(text: str) -> datetime.date | None:
    """The date of an address; None for what is none."""
    try:
        return parse_date(text)
    except ValueError:
        return None


@transaction.atomic
def _keep_needs(visit: Visit, form: NeedsForm) -> None:
    """Needs that are ticked are recorded, and those that no longer are end."""
    told = form.told()
    for code, detail in told:
        record_need(visit.patient, code, by=visit.actor, detail=detail)
    for need in visit.patient.needs.current().exclude(code__in=[code for code, _ in told]):
        end_need(need, by=visit.actor)


def _offers(visit: Visit) -> QuerySet[Offer]:
    """Times ahead that were offered for this request."""
    ahead: QuerySet[Offer] = visit.request.offers.filter(starts_at__gt=visit.now)
    return ahead.select_related("session__scanner", "session__site__partner")


def _sorry(request: HttpRequest, visit: Visit) -> HttpResponse:
    messages.info(request, CALL_US.format(settings.BOOKING_PHONE))
    return redirect("patient_page", visit.token)


def _render(request: HttpRequest, name: str, visit: Visit, context: Mapping[str, object]) -> HttpResponse:
    shared = {"visit": visit, "patient": visit.patient, "phone": settings.BOOKING_PHONE, "when": texts.when}
    return render(request, f"imaging/patient/{name}.jinja", {**shared, **context})
