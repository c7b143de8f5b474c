"""The booking pages: what a clerk sees, does and is told."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from django.urls import reverse
from django.utils import timezone

from trustwide.commons.accounts.tests.cast import STAGE
from trustwide.commons.patients.actions import record_need
from trustwide.services.imaging.booking import actions
from trustwide.services.imaging.booking.models import Appointment, Offer
from trustwide.services.imaging.booking.slots import find_slots, question_for


@pytest.fixture
def clerk(stage, client):
    client.force_login(stage.cast.people["booking_clerk"])
    return client


def first_slot(request):
    return find_slots(question_for(request), limit=1)[0]


def take(clerk, request, slot, **more):
    posted = {"session": slot.session_id, "starts_at": slot.starts_at.isoformat(), **more}
    return clerk.post(reverse("imaging:take_slot", args=[request.pk]), posted, follow=True)


def test_who_needs_a_slot(stage, clerk):
    for days in (45, 36, 3):
        stage.request(days_ago=days)
    page = clerk.get(reverse("imaging:bookings")).content.decode()
    assert "2 to book today" in page
    assert "1 are past six weeks; 3 are ready for a date in all" in page
    only_ct = clerk.get(reverse("imaging:bookings"), {"test": "CT"}).content.decode()
    assert "Nobody fits" in only_ct


def test_the_list_costs_the_same_however_long_it_is(stage, clerk, django_assert_max_num_queries):
    for _ in range(12):
        record_need(stage.request().patient, "hoist", by=STAGE)
    with django_assert_max_num_queries(16):
        clerk.get(reverse("imaging:bookings"))


def test_a_clerk_books_over_sites(stage, clerk):
    request = stage.request()
    page = clerk.get(reverse("imaging:find_slot", args=[request.pk])).content.decode()
    assert "South MR2" in page
    assert "+35 minutes" in page
    south = next(s for s in find_slots(question_for(request), limit=5) if s.scanner == "South MR2")
    said = take(clerk, request, south, do="book").content.decode()
    assert "Booked for" in said
    assert Appointment.objects.get().session.site == stage.cast.south


def test_a_slot_that_went_meanwhile_says_so_and_changes_nothing(stage, clerk):
    request, other = stage.request(), stage.request()
    slot = first_slot(request)
    actions.book(other, slot.session_id, slot.starts_at, by=STAGE)
    said = take(clerk, request, slot, do="book").content.decode()
    assert "no longer free" in said
    request.refresh_from_db()
    assert request.state == "ready"


@pytest.mark.parametrize(
    "posted", [{}, {"session": "x", "starts_at": "y"}, {"session": 1, "starts_at": "2026-02-30T10:00"},
               {"session": 10**6, "starts_at": "2030-01-01T10:00+00:00"}, {"session": 1, "starts_at": "2030-01-01"}],
)  # fmt: skip
def test_what_makes_no_sense_books_nothing(stage, clerk, posted):
    request = stage.request()
    answer = clerk.post(reverse("imaging:take_slot", args=[request.pk]), posted, follow=True)
    assert answer.status_code == 200
    assert not Appointment.objects.exists()


def test_two_offers_are_kept_with_their_answers(stage, clerk):
    request = stage.request()
    for slot in find_slots(question_for(request), limit=2):
        take(clerk, request, slot, do="offer")
    first, second = Offer.objects.order_by("starts_at")
    clerk.post(reverse("imaging:answer_offer", args=[first.pk]), {"answer": "decline"})
    said = clerk.post(reverse("imaging:answer_offer", args=[second.pk]), {"answer": "accept"}, follow=True)
    assert "The time is booked." in said.content.decode()
    assert list(Offer.objects.order_by("starts_at").values_list("answer", flat=True)) == ["declined", "accepted"]


def test_moving_and_cancelling(stage, clerk):
    request = stage.request()
    first, second = find_slots(question_for(request), limit=2)
    take(clerk, request, first, do="book")
    assert "Moved to" in take(clerk, request, second, who="hospital").content.decode()
    held = Appointment.objects.in_force().get()
    url = reverse("imaging:cancel_appointment", args=[held.pk])
    assert "Enter reason" in clerk.post(url, {"who": "patient"}).content.decode()
    clerk.post(url, {"who": "patient", "reason": "away"})
    request.refresh_from_db()
    assert (request.state, request.started_on) == ("ready", actions.local_day(held))


def test_another_sites_patients_are_not_shown(stage, clerk):
    theirs = stage.request(site=stage.cast.south)
    assert clerk.get(reverse("imaging:find_slot", args=[theirs.pk])).status_code == 404
    assert take(clerk, theirs, first_slot(theirs), do="book").status_code == 404
    assert "0 to book" not in clerk.get(reverse("imaging:bookings")).content.decode()
    held = actions.book(theirs, first_slot(theirs).session_id, first_slot(theirs).starts_at, by=STAGE)
    assert clerk.post(reverse("imaging:cancel_appointment", args=[held.pk])).status_code == 404


def test_the_search_is_narrowed_by_the_address(stage, clerk):
    request = stage.request()
    late = stage.monday + dt.timedelta(days=21)
    url = reverse("imaging:find_slot", args=[request.pk])
    page = clerk.get(url, {"earliest": late.isoformat(), "site": stage.cast.south.pk}).content.decode()
    assert "North MR1" not in page.split("The earliest times")[1]
    refused = clerk.get(url, {"earliest": "2026-02-30", "travel": "-1"}).content.decode()
    assert "give a date, such as" in refused


def test_only_a_plain_answer_answers_an_offer(stage, clerk):
    request = stage.request()
    take(clerk, request, first_slot(request), do="offer")
    said = clerk.post(reverse("imaging:answer_offer", args=[Offer.objects.get().pk]), {}, follow=True)
    assert "accepts or declines" in said.content.decode()
    assert Offer.objects.get().answer == "pending"


def test_what_the_page_lists_can_be_offered_and_nothing_else(stage, clerk):
    request = stage.request()
    late = find_slots(question_for(request, earliest=timezone.now() + dt.timedelta(days=50)), limit=1)[0]
    assert "is offered" in take(clerk, request, late, do="offer").content.decode()
    taken = first_slot(request)
    actions.book(stage.request(), taken.session_id, taken.starts_at, by=STAGE)
    assert "no longer free" in take(clerk, request, taken, do="offer").content.decode()
    past = replace(taken, starts_at=taken.starts_at - dt.timedelta(days=60))
    assert "in the past" in take(clerk, request, past, do="offer").content.decode()


@pytest.mark.parametrize("year", ["0001", "9999"])
def test_a_time_out_of_all_reason_books_nothing(stage, clerk, year):
    request = stage.request()
    posted = {"session": stage.session("MR1").pk, "starts_at": f"{year}-01-01T00:00+00:00", "do": "book"}
    answer = clerk.post(reverse("imaging:take_slot", args=[request.pk]), posted, follow=True)
    assert "Choose a time that is listed" in answer.content.decode()
