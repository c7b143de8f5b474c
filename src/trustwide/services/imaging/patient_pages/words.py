"""What patients are told about a visit, in plain words; one table, to be confirmed by each group."""

from __future__ import annotations

from collections.abc import Sequence

from trustwide.commons.patients.needs import Need
from trustwide.services.imaging.booking.models import Appointment
from trustwide.services.imaging.requests.models import Modality

BRING = (
    "This page or your letter.",
    "A list of the medicines you take.",
    "Your glasses or hearing aids, if you use them.",
    "Somebody to be with you, if you like.",
)
WHAT_HAPPENS = {
    Modality.MR: "You lie on a table that slides into a wide tube, open at both ends. It is loud, so you get "
    "headphones. There are no X-rays. You hold a button to call us at any time. You must not wear metal.",
    Modality.CT: "You lie on a table that moves through a large ring. It takes pictures with X-rays. It does not hurt. "
    "Tell us before if you are or may be pregnant.",
    Modality.US: "You lie on a couch. We put some gel on your skin and move a small probe over it. It does not hurt.",
    Modality.DX: "You stand, sit or lie still for a moment while we take a picture with X-rays. It does not hurt. "
    "Tell us before if you are or may be pregnant.",
    Modality.RF: "You lie on a table while we watch moving X-ray pictures. Sometimes you drink something first. "
    "Tell us before if you are or may be pregnant.",
    Modality.BD: "You lie on a couch while an arm moves over you. It uses a very small amount of X-rays. It does not "
    "hurt.",
    Modality.NM: "You get a small injection, then wait, then lie under a camera. Tell us before if you are or may be "
    "pregnant, or are breastfeeding.",
}
AFTER = "Somebody writes a report for the person who sent you here. They tell you the result."
CANCEL_REASONS = (
    ("time", "The day or time does not suit me"),
    ("travel", "I cannot get there"),
    ("unwell", "I am not well"),
    ("elsewhere", "I had it done somewhere else"),
    ("unwanted", "I do not want it"),
    ("other", "Something else"),
)
NO_REASON = "Cancelled by the patient, who gave no reason"


def way_in(appointment: Appointment) -> str:
    """How to find the place, without a map."""
    site, scanner = appointment.session.site, appointment.session.scanner
    if scanner.mobile:
        return f"Come to {site.name}. The scanner is in a large van there. Ask at the main entrance where it stands."
    return f"Come to {site.name}. Go in by the main entrance and ask for the imaging department."


def what_happens(modality: str) -> str:
    """What a patient will see and feel."""
    return WHAT_HAPPENS[Modality(modality)]


def cancel_reason(code: str) -> str:
    """The reason as it is kept; a sentence also where none was chosen."""
    return dict(CANCEL_REASONS).get(code, NO_REASON)


def what_is_kept(needs: Sequence[Need]) -> str:
    """The answer to somebody who told us what they need: all that we have noted now."""
    if not needs:
        return "Thank you. We have noted that you need nothing special."
    noted = "; ".join(need.asked for need in needs)
    return f"Thank you. We have noted: {noted}. The people who look after you will see this."
