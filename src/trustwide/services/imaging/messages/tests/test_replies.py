"""Answers: read once, acted on only where they are clear, and otherwise left to a clerk."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from trustwide.commons.accounts.tests.cast import STAGE
from trustwide.commons.audit.models import AuditEvent
from trustwide.commons.organisations.actions import create_partnership
from trustwide.commons.organisations.exceptions import NotAllowedError
from trustwide.services.imaging.booking.offers import make_offer
from trustwide.services.imaging.booking.slots import find_slots, question_for
from trustwide.services.imaging.messages.actions import queue_message
from trustwide.services.imaging.messages.models import Message, Reply
from trustwide.services.imaging.messages.replies import handle_reply, take_reply
from trustwide.services.imaging.messages.tests.message_stage import booked, reachable


def told(request, kind=Message.Kind.REMINDER, **more):
    """A message that was sent."""
    message = queue_message(request, kind, "text", **more)
    Message.objects.filter(pk=message.pk).update(state="sent", sent_at=timezone.now())
    return message


def answer(request, text, number="r1"):
    return take_reply(number, request.patient.mobile, text, timezone.now())


def answers():
    return list(Message.objects.filter(kind="answer").values_list("text", flat=True))


def test_yes_confirms(stage):
    appointment = booked(stage)
    told(appointment.request, appointment=appointment)
    reply = answer(appointment.request, "Yes!")
    appointment.refresh_from_db()
    assert appointment.confirmed_at is not None
    assert reply.handled_at is not None
    last = appointment.request.events.last()
    assert (last.kind, last.actor_id) == ("confirm", f"patient:{appointment.request.patient_id}")


def test_no_cancels_the_one_appointment_and_says_so(stage):
    appointment = booked(stage)
    told(appointment.request, appointment=appointment)
    answer(appointment.request, "NO.")
    appointment.refresh_from_db()
    assert appointment.state == "patient_cancelled"
    assert len(answers()) == 1
    assert "cancelled your appointment" in answers()[0]


def test_no_with_two_appointments_on_one_number_cancels_nothing(stage):
    first = booked(stage)
    second = booked(stage, mobile=first.request.patient.mobile)
    told(first.request, appointment=first)
    answer(first.request, "no")
    for appointment in (first, second):
        appointment.refresh_from_db()
        assert appointment.state == "booked"
    assert "use this page" in answers()[0]


def test_no_to_an_offer_declines_it_and_leaves_the_appointment(stage):
    appointment = booked(stage, days=20)
    slot = find_slots(question_for(appointment.request), limit=1)[0]
    offer = make_offer(appointment.request, slot, by=STAGE)
    told(appointment.request, Message.Kind.OFFER, offer=offer)
    answer(appointment.request, "No thanks")
    offer.refresh_from_db()
    appointment.refresh_from_db()
    assert offer.answer == "declined"
    assert appointment.state == "booked"


def test_stop_ends_reminders_of_everybody_with_that_number(stage):
    first = reachable(stage)
    second = reachable(stage, mobile=first.patient.mobile)
    told(first)
    answer(first, "STOP")
    for request in (first, second):
        request.patient.refresh_from_db()
        assert request.patient.reminders_stopped_at is not None


def test_an_answer_finds_a_number_that_was_typed_with_blanks(stage):
    request = reachable(stage, mobile="07700 900 123")
    take_reply("r1", "+447700900123", "STOP", timezone.now())
    request.patient.refresh_from_db()
    assert request.patient.reminders_stopped_at is not None


def offered(stage, request):
    """An offer that the patient was told of."""
    offer = make_offer(request, find_slots(question_for(request), limit=1)[0], by=STAGE)
    told(request, Message.Kind.OFFER, offer=offer)
    return offer


@pytest.mark.parametrize("last", ["offer", "reminder"])
def test_no_of_a_shared_number_declines_and_cancels_nothing(stage, last):
    mother = booked(stage)
    child = reachable(stage, mobile=mother.request.patient.mobile)
    if last == "offer":
        told(mother.request, appointment=mother)
    offer = offered(stage, child)
    if last == "reminder":
        told(mother.request, appointment=mother)
    reply = answer(child, "no")
    offer.refresh_from_db()
    mother.refresh_from_db()
    assert (offer.answer, mother.state, reply.handled_at) == ("pending", "booked", None)


def test_no_of_a_shared_number_declines_where_one_alone_has_anything_open(stage):
    child = reachable(stage)
    reachable(stage, mobile=child.patient.mobile)
    offer = offered(stage, child)
    answer(child, "no")
    offer.refresh_from_db()
    assert offer.answer == "declined"


def test_no_to_one_of_two_open_offers_waits_for_a_clerk(stage):
    request = reachable(stage)
    offers = [offered(stage, request), offered(stage, request)]
    reply = answer(request, "no")
    for offer in offers:
        offer.refresh_from_db()
    assert ([offer.answer for offer in offers], reply.handled_at) == (["pending", "pending"], None)


def test_a_reply_delivered_twice_counts_once(stage):
    appointment = booked(stage)
    told(appointment.request, appointment=appointment)
    assert answer(appointment.request, "no").pk == answer(appointment.request, "no").pk
    assert Reply.objects.count() == 1
    assert len(answers()) == 1


@pytest.mark.parametrize("text", ["What time was it?", "no problem", "\x00", ""])
def test_what_is_unclear_waits_for_a_clerk(stage, text):
    appointment = booked(stage)
    told(appointment.request, appointment=appointment)
    reply = answer(appointment.request, text)
    assert (reply.read_as, reply.handled_at) == ("unclear", None)
    assert Message.objects.filter(kind="answer").count() == 0


def test_an_unknown_number_changes_nothing(stage):
    booked(stage)
    reply = take_reply("r9", "+447700999999", "no", timezone.now())
    assert (reply.message, reply.handled_at) == (None, None)


def test_a_number_nobody_has_never_matches_patients_without_one(stage):
    appointment = booked(stage, mobile="")
    take_reply("r9", "", "no", timezone.now())
    appointment.refresh_from_db()
    assert appointment.state == "booked"


def test_a_clerk_sees_own_answers_and_marks_them_done(stage, client):
    north = reachable(stage)
    south = reachable(stage, site=stage.cast.south)
    for number, request in enumerate((north, south)):
        told(request)
        answer(request, f"what is this {number}", f"r{number}")
    clerk = stage.cast.people["booking_clerk"]
    client.force_login(clerk)
    page = client.get(reverse("imaging:replies")).content.decode()
    assert "1 answer needs somebody" in page
    assert "what is this 0" in page
    assert "what is this 1" not in page
    mine, other = Reply.objects.order_by("provider_id")
    assert client.post(reverse("imaging:reply_handled", args=[other.pk])).status_code == 404
    client.post(reverse("imaging:reply_handled", args=[mine.pk]))
    mine.refresh_from_db()
    assert mine.handled_by == clerk.audit_name
    assert "No answer needs looking at" in client.get(reverse("imaging:replies")).content.decode()
    with pytest.raises(NotAllowedError):
        handle_reply(other, by=clerk)
    handle_reply(mine, by=clerk)
    assert AuditEvent.objects.filter(action="handled a reply").count() == 1


def test_of_several_partnerships_only_administrators_see_answers_of_unknown_senders(stage, client):
    reply = take_reply("r9", "+447700999999", "Who are you?", timezone.now())
    clerk, chief = stage.cast.people["booking_clerk"], stage.cast.chief

    def shown_to(someone):
        client.force_login(someone)
        return "Who are you?" in client.get(reverse("imaging:replies")).content.decode()

    assert shown_to(clerk)
    create_partnership("other", "Other Group", by=STAGE)
    assert not shown_to(clerk)
    assert shown_to(chief)
    client.force_login(clerk)
    assert client.post(reverse("imaging:reply_handled", args=[reply.pk])).status_code == 404
    with pytest.raises(NotAllowedError, match="Ask an administrator"):
        handle_reply(reply, by=clerk)
    handle_reply(reply, by=chief)


def test_the_work_list_takes_few_queries(stage, client, django_assert_max_num_queries):
    for number in range(12):
        request = reachable(stage)
        told(request)
        answer(request, "hm", f"r{number}")
    client.force_login(stage.cast.chief)
    client.get(reverse("imaging:replies"))
    with django_assert_max_num_queries(15):
        page = client.get(reverse("imaging:replies"))
    assert page.content.decode().count("hm") >= 12


def test_without_live_booking_the_room_says_so(stage, client, settings):
    settings.LIVE_BOOKING = False
    client.force_login(stage.cast.chief)
    for name in ("imaging:replies", "imaging:freed_times"):
        assert "does not book live" in client.get(reverse(name)).content.decode()


def test_the_past_is_not_cancelled(stage):
    appointment = booked(stage)
    told(appointment.request, appointment=appointment)
    type(appointment).objects.filter(pk=appointment.pk).update(starts_at=timezone.now() - dt.timedelta(hours=1))
    answer(appointment.request, "no")
    appointment.refresh_from_db()
    assert appointment.state == "booked"
