"""Patients' own pages, as a patient with an old phone goes through them."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from trustwide.commons.accounts.tests.cast import STAGE
from trustwide.commons.audit.models import AuditEvent
from trustwide.commons.patients.actions import record_need
from trustwide.services.imaging.booking.actions import cancel
from trustwide.services.imaging.booking.models import Appointment, Offer
from trustwide.services.imaging.booking.offers import make_offer
from trustwide.services.imaging.booking.slots import find_slots, question_for
from trustwide.services.imaging.messages.models import PatientLink
from trustwide.services.imaging.messages.tests.message_stage import booked, reachable
from trustwide.services.imaging.patient_pages.links import make_link
from trustwide.services.imaging.patient_pages.rules import Visit

BIRTHDAY = {"day": "27", "month": "3", "year": "1958"}
WRONG = BIRTHDAY | {"day": "28"}
LONGEST_PAGE = 60_000


@pytest.fixture
def appointment(stage):
    made = booked(stage)
    made.request.refresh_from_db()
    return made


def token_for(request):
    return make_link(request, timezone.now())[1].rstrip("/").rpartition("/")[2]


def at(token, name="patient_page", *more):
    return reverse(name, args=[token, *more])


def let_in(client, request):
    """The token of a link by which this browser is let in."""
    token = token_for(request)
    assert client.post(at(token), BIRTHDAY).status_code == 302
    return token


def text_of(response):
    assert response.status_code == 200
    return response.content.decode()


def test_the_date_of_birth_opens_the_page(client, appointment):
    token = token_for(appointment.request)
    asked = text_of(client.get(at(token)))
    assert "When were you born?" in asked
    for secret in ("Ada", "North", "MRI", '1958"', "3pm"):
        assert secret not in asked
    assert client.post(at(token), BIRTHDAY).url == at(token)
    shown = text_of(client.get(at(token)))
    assert "When is your appointment?" in shown
    assert "North Hospital" in shown
    assert "MRI knee" in shown


def test_wrong_dates_are_told_and_the_fifth_locks(client, appointment, settings):
    settings.BOOKING_PHONE = "0113 496 0000"
    token = token_for(appointment.request)
    for _ in range(4):
        assert "not the date of birth we have" in text_of(client.post(at(token), WRONG))
    last = client.post(at(token), WRONG)
    assert last.status_code == 403
    assert "0113 496 0000" in last.content.decode()
    assert client.post(at(token), BIRTHDAY).status_code == 403
    assert "MRI" not in client.get(at(token)).content.decode()


@pytest.mark.parametrize("entered", [{}, BIRTHDAY | {"month": "13"}, {"day": "x", "month": "", "year": "58"}])
def test_what_is_no_date_is_told_and_counts_as_no_try(client, appointment, entered):
    token = token_for(appointment.request)
    assert "Enter a real date" in text_of(client.post(at(token), entered or {"day": ""}))
    assert PatientLink.objects.get().failures == 0


def test_every_wrong_link_gives_the_same_page(client, appointment, stage):
    token = token_for(appointment.request)
    ended = token_for(appointment.request)
    PatientLink.objects.order_by("pk").filter(pk=PatientLink.objects.latest("pk").pk).update(expires_at=timezone.now())
    tampered = token[:-1] + ("A" if token[-1] != "A" else "B")
    pages = set()
    for wrong in (ended, tampered, "x", "a" * 20, "%F0%9F%98%80", token.swapcase()):
        response = client.get(f"/p/{wrong}/")
        assert response.status_code == 404
        pages.add(response.content.decode().replace(response.wsgi_request.csp_nonce, ""))
    assert len(pages) == 1
    for place in range(len(token)):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        response = client.post(at(changed), BIRTHDAY)
        assert response.status_code == 404
        pages.add(response.content.decode().replace(response.wsgi_request.csp_nonce, ""))
    assert len(pages) == 1
    for name in ("patient_confirm", "patient_cancel", "patient_times", "patient_needs", "patient_letter"):
        assert client.get(at(tampered, name)).status_code in (404, 405)


def test_a_link_is_over_once_the_hospital_changed_the_appointment(
    client, appointment, django_capture_on_commit_callbacks
):
    token = let_in(client, appointment.request)
    with django_capture_on_commit_callbacks(execute=True):
        cancel(Appointment.objects.get(), by=STAGE, by_patient=False, reason="scanner down")
    assert client.get(at(token)).status_code == 404


def test_without_a_date_of_birth_the_page_refuses_politely(client, stage):
    token = token_for(reachable(stage, born_on=None))
    response = client.get(at(token))
    assert response.status_code == 403
    assert "Please call us" in response.content.decode()


def test_one_browser_is_let_in_by_one_link_for_twenty_minutes(client, appointment, stage):
    token = let_in(client, appointment.request)
    other = token_for(booked(stage).request)
    assert "When were you born?" in text_of(client.get(at(other)))
    assert "When were you born?" in text_of(Client().get(at(token)))
    session = client.session
    known = session["patient_links"]
    session["patient_links"] = {key: timezone.now().timestamp() - 1 for key in known}
    session.save()
    assert "When were you born?" in text_of(client.get(at(token)))
    assert client.get(at(token, "patient_times")).url == at(token)


def test_a_patient_confirms(client, appointment):
    token = let_in(client, appointment.request)
    client.post(at(token, "patient_confirm"))
    appointment.refresh_from_db()
    assert appointment.confirmed_at is not None
    assert "You told us that you will come" in text_of(client.get(at(token)))


@pytest.mark.parametrize("chosen", [{}, {"reason": "unwell"}])
def test_a_patient_cancels_and_may_then_choose_a_time(client, appointment, django_capture_on_commit_callbacks, chosen):
    token = let_in(client, appointment.request)
    assert "Do you want to cancel?" in text_of(client.get(at(token, "patient_cancel")))
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(at(token, "patient_cancel"), {"send": "1"} | chosen).status_code == 302
    appointment.refresh_from_db()
    assert appointment.state == "patient_cancelled"
    assert appointment.ended_reason


def test_a_patient_takes_another_time(client, appointment, stage, django_capture_on_commit_callbacks):
    token = let_in(client, appointment.request)
    response = client.get(at(token, "patient_times"))
    form = response.context["form"] if response.context else None
    shown = text_of(response)
    values = _choices(shown)
    assert 1 < len(values) <= 8
    assert form is None or form.fields
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(at(token, "patient_times"), {"time": values[-1]}).status_code == 302
    appointment.refresh_from_db()
    assert appointment.state == "patient_cancelled"
    assert Appointment.objects.in_force().get().request_id == appointment.request_id


def test_a_time_that_is_sent_twice_is_booked_once(client, appointment, django_capture_on_commit_callbacks):
    token = let_in(client, appointment.request)
    value = _choices(text_of(client.get(at(token, "patient_times"))))[-1]
    with django_capture_on_commit_callbacks(execute=True):
        first = client.post(at(token, "patient_times"), {"time": value}, follow=True)
        second = client.post(at(token, "patient_times"), {"time": value}, follow=True)
    assert "You have a new time" in text_of(first)
    assert "You have this time already" in text_of(second)
    assert sorted(Appointment.objects.values_list("state", flat=True)) == ["booked", "patient_cancelled"]
    assert [event.kind for event in appointment.request.events.order_by("number")].count("book") == 2


def test_a_time_that_is_sent_twice_at_once_is_booked_once(
    client, appointment, monkeypatch, django_capture_on_commit_callbacks
):
    token = let_in(client, appointment.request)
    sent = {"time": _choices(text_of(client.get(at(token, "patient_times"))))[-1]}
    answers, really = [], Visit.appointment
    monkeypatch.setattr(Visit, "appointment", lambda visit: answers.pop() if answers else really(visit))
    with django_capture_on_commit_callbacks(execute=True):
        client.post(at(token, "patient_times"), sent)
        # what the second of two requests read before the first one had moved the appointment
        answers.append(appointment)
        assert "You have this time already" in text_of(client.post(at(token, "patient_times"), sent, follow=True))
    assert Appointment.objects.in_force().count() == 1


@pytest.mark.parametrize("day", ["2026-02-30", "2026-13-01", "x", "", "0001-01-01"])
def test_a_date_that_is_none_is_ignored(client, appointment, day):
    token = let_in(client, appointment.request)
    response = client.get(at(token, "patient_times"), {"from": day})
    assert len(_choices(text_of(response))) > 1


def test_far_ahead_there_are_no_times(client, appointment):
    token = let_in(client, appointment.request)
    for day in ("9999-12-31", "2199-01-01"):
        assert _choices(text_of(client.get(at(token, "patient_times"), {"from": day}))) == []


def test_times_that_were_not_shown_or_not_to_this_patient_cannot_be_chosen(client, appointment, stage):
    token = let_in(client, appointment.request)
    own = _choices(text_of(client.get(at(token, "patient_times"))))[0]
    other_client = Client()
    other = let_in(other_client, booked(stage).request)
    for value in ("", "x", own[:-1] + ("A" if own[-1] != "A" else "B")):
        assert "There is a problem" in text_of(client.post(at(token, "patient_times"), {"time": value}))
    assert "There is a problem" in text_of(other_client.post(at(other, "patient_times"), {"time": own}))
    assert Appointment.objects.in_force().count() == 2


def test_a_time_somebody_took_meanwhile_changes_nothing(client, appointment, stage):
    token = let_in(client, appointment.request)
    value = _choices(text_of(client.get(at(token, "patient_times"))))[0]
    rival = reachable(stage)
    slot = find_slots(question_for(rival), limit=1)[0]
    booked(stage)
    answer = client.post(at(token, "patient_times"), {"time": value}, follow=True)
    appointment.refresh_from_db()
    assert slot is not None
    assert "has been taken" in text_of(answer)
    assert appointment.state == "booked"


@pytest.mark.parametrize(("answer", "kept"), [("yes", "accepted"), ("no", "declined")])
def test_a_patient_answers_an_offer(client, stage, django_capture_on_commit_callbacks, answer, kept):
    appointment = booked(stage, days=20)
    slot = find_slots(question_for(appointment.request), limit=1)[0]
    offer = make_offer(appointment.request, slot, by=STAGE)
    appointment.request.refresh_from_db()
    token = let_in(client, appointment.request)
    assert "There is an earlier time" in text_of(client.get(at(token)))
    assert "Do you want an earlier time?" in text_of(client.get(at(token, "patient_offer", offer.pk)))
    with django_capture_on_commit_callbacks(execute=True):
        client.post(at(token, "patient_offer", offer.pk), {"answer": answer})
    offer.refresh_from_db()
    assert offer.answer == kept
    appointment.refresh_from_db()
    assert (appointment.state == "booked") is (answer == "no")


def test_a_taken_offer_says_so_and_another_patients_offer_is_not_there(client, stage):
    mine, theirs = reachable(stage), reachable(stage)
    slot = find_slots(question_for(mine), limit=1)[0]
    offers = [make_offer(request, slot, by=STAGE) for request in (mine, theirs)]
    Offer.objects.filter(pk=offers[0].pk).update(answer="gone")
    mine.refresh_from_db()
    token = let_in(client, mine)
    assert "That time has been taken" in text_of(client.get(at(token, "patient_offer", offers[0].pk)))
    assert client.get(at(token, "patient_offer", offers[1].pk)).status_code == 404
    assert client.post(at(token, "patient_offer", offers[1].pk), {"answer": "yes"}).status_code == 404


def test_what_a_patient_needs_is_recorded_by_them(client, appointment):
    token = let_in(client, appointment.request)
    assert "I am afraid of small spaces" in text_of(client.get(at(token, "patient_needs")))
    client.post(at(token, "patient_needs"), {"needs": ["hoist", "interpreter"], "detail": "Polish"})
    needs = {need.code: (need.detail, need.recorded_by) for need in appointment.request.patient.needs.all()}
    assert needs == {"hoist": ("", "the patient"), "interpreter": ("Polish", "the patient")}
    assert "Tick what your words are about" in text_of(client.post(at(token, "patient_needs"), {"detail": "x"}))


def test_a_need_that_is_no_longer_ticked_ends_and_what_is_kept_is_said(client, appointment):
    patient = appointment.request.patient
    for code in ("hoist", "carer"):
        record_need(patient, code, by=STAGE, detail="as told")
    token = let_in(client, appointment.request)
    ticked = {"needs": ["carer", "anxiety"], "detail": ""}
    thanks = text_of(client.post(at(token, "patient_needs"), ticked, follow=True))
    assert "We have noted: I get very anxious; Somebody will come with me." in thanks
    assert {(need.code, need.detail) for need in patient.needs.current()} == {("carer", "as told"), ("anxiety", "")}
    assert AuditEvent.objects.filter(action="ended a need", actor_id=f"patient:{patient.pk}").count() == 1
    thanks = text_of(client.post(at(token, "patient_needs"), {}, follow=True))
    assert "We have noted that you need nothing special." in thanks
    assert not patient.needs.current().exists()


def test_reminders_and_print_are_switched(client, appointment):
    token, patient = let_in(client, appointment.request), appointment.request.patient
    for stopped in (True, False):
        client.post(at(token, "patient_reminders"))
        patient.refresh_from_db()
        assert (patient.reminders_stopped_at is not None) is stopped
    client.post(at(token, "patient_print_size"))
    assert 'class="app-large-print"' in text_of(client.get(at(token)))


def test_pages_are_small_quiet_and_without_scripts_of_others(client, appointment):
    token = let_in(client, appointment.request)
    for name in ("patient_page", "patient_cancel", "patient_times", "patient_needs"):
        response = client.get(at(token, name))
        page = text_of(response)
        assert len(response.content) < LONGEST_PAGE
        assert "<script src" not in page
        assert "/imaging/" not in page.replace("/static/imaging/", "")
        assert "no-store" in response["Cache-Control"]
        assert "noindex" in response["X-Robots-Tag"]
        assert response["Referrer-Policy"] == "strict-origin"
    assert client.get("/p/x/")["Referrer-Policy"] == "no-referrer"


def test_the_address_of_a_visitor_is_limited(client, appointment):
    token = token_for(appointment.request)
    assert {client.get(at(token)).status_code for _ in range(120)} == {200}
    assert client.get(at(token)).status_code == 429


def test_a_page_takes_few_queries(client, appointment, django_assert_max_num_queries):
    token = let_in(client, appointment.request)
    with django_assert_max_num_queries(12):
        client.get(at(token))


def _choices(page):
    return [part.split('"')[0] for part in page.split('type="radio" value="')[1:]]


def test_after_the_appointment_there_is_nothing_to_change(client, appointment):
    token = let_in(client, appointment.request)
    Appointment.objects.update(starts_at=timezone.now() - dt.timedelta(hours=1))
    assert "You have no appointment now" in text_of(client.get(at(token)))
    assert client.get(at(token, "patient_cancel")).status_code == 302
