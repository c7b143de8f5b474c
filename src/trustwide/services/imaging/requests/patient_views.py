"""What does this patient need, and how are they reached? Pages of a request that are about its patient."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from trustwide.commons.accounts.rules import SignedInRequest, permission_required
from trustwide.commons.patients.actions import change_details, mark_need_ready
from trustwide.commons.patients.exceptions import PatientError
from trustwide.services.imaging.requests.finding import MOST_FOUND, requests_of
from trustwide.services.imaging.requests.models import ImagingRequest
from trustwide.services.imaging.requests.patient_forms import FindPatientForm, PatientForm
from trustwide.services.imaging.requests.rules import check_can_work_at


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("view_bookings")
def find_patient(request: SignedInRequest) -> HttpResponse:
    """Which patient?"""
    form = FindPatientForm(request.POST or None)
    found = None
    if request.method == "POST" and form.is_valid():
        found = requests_of(request.user, form.cleaned_data["text"])
    return render(request, "imaging/requests/find.jinja", {"form": form, "found": found, "most": MOST_FOUND})


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("view_bookings")
def patient_details(request: SignedInRequest, request_id: int) -> HttpResponse:
    """How is this patient reached?"""
    asked = _request(request, request_id)
    form = PatientForm(asked.patient, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            change_details(asked.patient, form.changes(), by=request.user)
        except PatientError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "The details are kept.")
            return redirect("imaging:request", asked.pk)
    return render(request, "imaging/requests/details.jinja", {"form": form, "asked": asked})


@require_POST
@permission_required("view_bookings")
def need_ready(request: SignedInRequest, request_id: int, need_id: int) -> HttpResponse:
    """What had to come before the scan, a visit or a plan, is done."""
    asked = _request(request, request_id)
    need = get_object_or_404(asked.patient.needs.current(), pk=need_id)
    mark_need_ready(need, by=request.user)
    messages.success(request, f"Prepared: {need}.")
    return redirect("imaging:request", asked.pk)


def _request(request: SignedInRequest, request_id: int) -> ImagingRequest:
    asked: ImagingRequest = get_object_or_404(ImagingRequest.objects.seen_by(request.user).light(), pk=request_id)
    check_can_work_at(request.user, asked.site)
    return asked
