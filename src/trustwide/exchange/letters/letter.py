"""What a letter says, and how it becomes a PDF."""

from __future__ import annotations

import datetime
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings

from trustwide.commons.patients.actions import surviving
from trustwide.exchange.briefs.paper import FONT, STANDARD, font_folder
from trustwide.services.imaging.booking.models import Appointment
from trustwide.services.imaging.messages import texts
from trustwide.services.imaging.messages.models import Message
from trustwide.services.imaging.patient_pages import words

TEMPLATE = Path(__file__).with_name("letter.typ")
ORDINARY, LARGE = 12, 18  # points; 16 and more counts as large print


@dataclass(frozen=True)
class Letter:
    """to: the patient's name. answer: what stands in the box. parts: heading and paragraphs. size: in points."""

    to: str
    date: str
    title: str
    answer: str
    parts: tuple[tuple[str, tuple[str, ...]], ...]
    size: int


def appointment_letter(appointment: Appointment, day: datetime.date) -> Letter:
    """All that a patient needs to know about an appointment, on paper."""
    request = appointment.request
    patient, exam = surviving(request.patient), request.exam
    parts = [
        ("How do you get there?", (words.way_in(appointment),)),
        ("What is it for?", (f"{exam.name}. It takes about {appointment.minutes} minutes.",)),
        ("How do you get ready?", (exam.preparation,)),
        ("What should you bring?", words.BRING),
        ("What will happen?", (words.what_happens(exam.modality), words.AFTER)),
        ("Can you not come?", (f"Please call us on {settings.BOOKING_PHONE}. Then somebody else can have your time.",)),
    ]
    return Letter(
        to=patient.name, date=_day(day), title="Your appointment",
        answer=f"{texts.when(appointment.starts_at)} at {appointment.session.site.name}",
        parts=tuple((title, paragraphs) for title, paragraphs in parts if any(paragraphs)),
        size=_size(patient.large_print),
    )  # fmt: skip


def message_letter(message: Message, day: datetime.date) -> Letter:
    """A message as a letter, for those without mobile and e-mail. On paper a link helps nobody: it says call us."""
    if message.appointment and message.appointment.state == Appointment.State.BOOKED:
        return appointment_letter(message.appointment, day)
    text = message.text.partition(": " + texts.LINK)[0].rpartition(". ")[0] or message.text.partition(texts.LINK)[0]
    parts = (("Do you have a question?", (f"Please call us on {settings.BOOKING_PHONE}.",)),)
    size = _size(message.patient.large_print)
    return Letter(message.patient.name, _day(day), "A message about your appointment", f"{text}.", parts, size)


def to_pdf(letter: Letter, made_at: datetime.datetime) -> bytes:
    """The letter as PDF/UA-1. Raises FontsMissingError where no font is found."""
    import typst

    data = asdict(letter) | {"font": FONT}
    return typst.compile(
        str(TEMPLATE), format="pdf", font_paths=[str(font_folder())], ignore_system_fonts=True,
        sys_inputs={"letter": json.dumps(data)}, pdf_standards=[STANDARD], timestamp=int(made_at.timestamp()),
    )  # fmt: skip


def _day(day: datetime.date) -> str:
    return f"{day.day} {day:%B %Y}"


def _size(large: bool) -> int:
    return LARGE if large else ORDINARY
