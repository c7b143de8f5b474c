"""Letters that patients print themselves."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from trustwide.commons.nhsuk.downloads import attachment
from trustwide.exchange.letters.letter import appointment_letter, to_pdf
from trustwide.services.imaging.patient_pages.rules import Visit, for_patient


@require_safe
@for_patient
def patient_letter(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The patient's appointment as a letter."""
    appointment = visit.appointment()
    if appointment is None:
        return redirect("patient_page", visit.token)
    letter = appointment_letter(appointment, timezone.localdate())
    return HttpResponse(
        to_pdf(letter, visit.now), content_type="application/pdf", headers=attachment("appointment.pdf")
    )
