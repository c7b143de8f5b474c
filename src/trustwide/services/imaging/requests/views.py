"""Where has this request got to? The page of one request, its steps, the needs of its patient; and a new request."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from trustwide.commons.accounts.rules import SignedInRequest, check_can, permission_required, sites_where
from trustwide.commons.nhsuk.fields import component
from trustwide.commons.patients.actions import end_need, record_need
from trustwide.commons.patients.exceptions import PatientError
from trustwide.services.imaging.booking.exceptions import BookingError
from trustwide.services.imaging.requests import asking
from trustwide.services.imaging.requests.figures import request_page, whose
from trustwide.services.imaging.requests.forms import NeedForm, NewRequestForm
from trustwide.services.imaging.requests.models import ImagingRequest
from trustwide.services.imaging.requests.pathway import Event, PathwayError
from trustwide.services.imaging.requests.rules import PERMISSION_FOR, can_work_at, check_can_work_at, steps_for
from trustwide.services.imaging.requests.step_forms import FORMS, SafetyForm, StepForm
from trustwide.services.imaging.requests.words import BUTTONS, HAPPENED, STATES


@require_safe
@permission_required("view_bookings")
def one_request(request: SignedInRequest, request_id: int) -> HttpResponse:
    """Where has this request got to?"""
    return _page(request, _request(request, request_id), NeedForm())


@permission_required("view_bookings")
def step(request: SignedInRequest, request_id: int, event: str) -> HttpResponse:
    """Do one step of a request."""
    asked, kind = _request(request, request_id), _event(event)
    check_can(request.user, PERMISSION_FOR[kind], asked.site)
    form = FORMS[kind](asked, kind, request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            form.carry_out()
        except (PathwayError, BookingError) as error:
            asked = _request(request, request_id)
            form = _again(form, asked, str(error))
        else:
            messages.success(request, f"{HAPPENED[kind]}: {asked}.")
            return redirect("imaging:request", asked.pk)
    possible = steps_for(request.user, asked)
    context = {
        "asked": asked, "event": kind, "form": form, "words": BUTTONS, "state": STATES[asked.stage],
        "possible": kind in possible, "may_hold": isinstance(form, SafetyForm) and Event.SAFETY_HOLD in possible,
    }  # fmt: skip
    return render(request, "imaging/requests/step.jinja", context)


@require_POST
@permission_required("view_bookings")
def add_need(request: SignedInRequest, request_id: int) -> HttpResponse:
    """Record what a patient needs."""
    asked = _request(request, request_id)
    check_can_work_at(request.user, asked.site)
    form = NeedForm(request.POST)
    if not form.is_valid():
        return _page(request, asked, form)
    need = record_need(asked.patient, form.cleaned_data["code"], detail=form.cleaned_data["detail"], by=request.user)
    messages.success(request, f"Recorded: {need}. It counts for every appointment from now on.")
    return redirect("imaging:request", asked.pk)


@require_POST
@permission_required("view_bookings")
def remove_need(request: SignedInRequest, request_id: int, need_id: int) -> HttpResponse:
    """A patient does not need something any more."""
    asked = _request(request, request_id)
    check_can_work_at(request.user, asked.site)
    need = get_object_or_404(asked.patient.needs.current(), pk=need_id)
    end_need(need, by=request.user)
    messages.success(request, f"No longer needed: {need}.")
    return redirect("imaging:request", asked.pk)


@permission_required("make_bookings")
def new_request(request: SignedInRequest) -> HttpResponse:
    """Who needs an exam?"""
    sites = list(sites_where(request.user, "make_bookings").of_the_group().select_related("partner__partnership"))
    form = NewRequestForm(sites, request.POST or None)
    same: list[ImagingRequest] = []
    about = ""
    if request.method == "POST" and form.is_valid():
        same, about = _asked_already(form)
        if not same or (form.cleaned_data["sure"] and request.POST.get("about") == about):
            try:
                return _asked_for(request, form)
            except (PathwayError, PatientError) as error:
                form.add_error(None, str(error))
        form.ask_to_be_sure()
    seen = set(
        ImagingRequest.objects.for_user(request.user).filter(pk__in=[o.pk for o in same]).values_list("pk", flat=True)
    )
    fields = {name: component(form[name]) for name in form.fields}
    context = {"form": form, "fields": fields, "same": same, "seen": seen, "about": about, "states": STATES}
    return render(request, "imaging/requests/new.jinja", context)


def _asked_for(request: SignedInRequest, form: NewRequestForm) -> HttpResponse:
    data = form.cleaned_data
    made = asking.ask_for(
        form.chosen_site, data["identifier"], data["exam"], data["priority"], by=request.user,
        requested_at=form.requested_at, due_on=data["due_on"], rhythm=form.rhythm, person=form.of_the_patient,
        needs=data["needs"], **form.of_the_request,
    )  # fmt: skip
    messages.success(
        request, f"{len(made)} exams of the series are on the list." if len(made) > 1 else "The request is on the list."
    )
    return redirect("imaging:request", made[0].pk)


def _asked_already(form: NewRequestForm) -> tuple[list[ImagingRequest], str]:
    """What was asked for already, and of whom and what the person has to be sure."""
    exam = form.cleaned_data["exam"]
    patient = asking.find_patient(form.chosen_site.partner.partnership, form.cleaned_data["identifier"])
    if patient is None:
        return [], ""
    return list(asking.same_asked(patient, exam, timezone.localdate())), f"{patient.pk}-{exam.pk}"


def _page(request: SignedInRequest, asked: ImagingRequest, form: NeedForm) -> HttpResponse:
    now, possible = timezone.now(), steps_for(request.user, asked)
    context = {
        "page": request_page(asked, now), "asked": asked, "form": form, "words": BUTTONS, "state": STATES[asked.stage],
        "steps": [event for event in possible if event in FORMS], "may_date": Event.OFFER in possible,
        "may_work": can_work_at(request.user, asked.site), "whose": whose(asked.next_role),
    }  # fmt: skip
    return render(request, "imaging/requests/request.jinja", context)


def _again(form: StepForm, asked: ImagingRequest, problem: str) -> StepForm:
    """The same form with what was entered, on the request as it is now."""
    entered = {name: form.data[name] for name in form.data} | {"seen": str(asked.events_count)}
    again = type(form)(asked, form.event, form.user, entered)
    again.add_error(None, problem)
    return again


def _event(name: str) -> Event:
    if name not in {event.value for event in FORMS}:
        raise Http404
    return Event(name)


def _request(request: SignedInRequest, request_id: int) -> ImagingRequest:
    found: ImagingRequest = get_object_or_404(
        ImagingRequest.objects.seen_by(request.user).light().select_related("site__partner"), pk=request_id
    )
    return found
