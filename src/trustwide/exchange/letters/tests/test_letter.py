"""The letter of an appointment: all a patient needs, tagged for screen readers, in large print on request."""

import datetime as dt
import io

from django.urls import reverse
from pypdf import PdfReader

from trustwide.exchange.letters.letter import LARGE, ORDINARY, appointment_letter, to_pdf
from trustwide.services.imaging.messages.tests.message_stage import booked
from trustwide.services.imaging.patient_pages.links import make_link

NOON = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)


def test_a_letter_says_when_where_and_how(stage):
    appointment = booked(stage, "MLIVC")
    stage.exams["MLIVC"].preparation = "Do not eat for four hours before."
    appointment.request.exam = stage.exams["MLIVC"]
    pdf = PdfReader(io.BytesIO(to_pdf(appointment_letter(appointment, NOON.date()), NOON)))
    text = " ".join(" ".join(page.extract_text() for page in pdf.pages).split())
    for words in ("Ada Example", "23 November 2026", "North Hospital", "Do not eat for four hours", "no X-rays"):
        assert words in text
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en-GB"
    assert pdf.metadata.title == "Your appointment"
    assert b"pdfuaid:part" in root["/Metadata"].get_object().get_data()


def test_large_print_is_large(stage):
    appointment = booked(stage)
    assert appointment_letter(appointment, NOON.date()).size == ORDINARY
    appointment.request.patient.large_print = True
    assert appointment_letter(appointment, NOON.date()).size == LARGE


def test_only_the_patient_has_the_letter(stage, client):
    appointment = booked(stage)
    appointment.request.refresh_from_db()
    token = make_link(appointment.request, dt.datetime.now(dt.UTC))[1].rstrip("/").rpartition("/")[2]
    address = reverse("patient_letter", args=[token])
    assert client.get(address).status_code == 302
    client.post(reverse("patient_page", args=[token]), {"day": "27", "month": "3", "year": "1958"})
    answer = client.get(address)
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    assert "no-store" in answer["Cache-Control"]
