"""Freed times: offered to the right few at once, taken by exactly one, and the chain ends."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from trustwide.commons.accounts.tests.cast import STAGE
from trustwide.commons.patients.actions import record_need
from trustwide.commons.patients.actor import PatientActor
from trustwide.services.imaging.booking.actions import cancel
from trustwide.services.imaging.booking.exceptions import BookingError, SlotTakenError
from trustwide.services.imaging.booking.models import Appointment, Offer
from trustwide.services.imaging.booking.offers import accept_offer, decline_offer
from trustwide.services.imaging.messages.freed import (
    ROUNDS,
    is_worth_offering,
    links_before,
    offer_again,
    offer_freed_time,
    times_to_offer,
    who_could_come,
)
from trustwide.services.imaging.messages.models import Message
from trustwide.services.imaging.messages.tests.message_stage import booked, reachable

DAY = dt.timedelta(days=1)


def freed(stage, exam="MKNEE", **facts):
    """An appointment that its patient cancelled."""
    appointment = booked(stage, exam, **facts)
    cancel(appointment, by=STAGE, by_patient=True, reason="unwell")
    return Appointment.objects.get(pk=appointment.pk)


def those_asked(appointment):
    return [request.pk for request, _ in who_could_come(appointment, timezone.now())]


def offers():
    return list(Offer.objects.order_by("pk"))


def test_most_urgent_first_then_whose_wait_breaches_soonest(stage):
    gone = freed(stage, "MLIVC")
    late = reachable(stage, days_ago=5)
    soon = reachable(stage, days_ago=30)
    urgent = reachable(stage, priority="urgent", days_ago=1)
    cancer = reachable(stage, priority="suspected_cancer", days_ago=1)
    assert those_asked(gone) == [cancer.pk, urgent.pk, soon.pk, late.pk]


def test_only_who_can_come(stage):
    gone = freed(stage)  # twenty minutes on North MR1
    fits = reachable(stage)
    reachable(stage, "MLIVC")  # takes longer
    reachable(stage, "CHEAD")  # another kind of scanner
    reachable(stage, contact_by="letter")  # a letter comes too late
    stopped = reachable(stage)
    stopped.patient.reminders_stopped_at = timezone.now()
    stopped.patient.save()
    needs_more = reachable(stage)
    record_need(needs_more.patient, "anxiety", by=STAGE)
    far = {"nearest": stage.cast.south, "site": stage.cast.south}
    reachable(stage, **far, travel_minutes=30)  # 35 minutes away
    near_enough = reachable(stage, **far, travel_minutes=40)
    reachable(stage, **far)  # nobody asked how far this patient would go
    assert set(those_asked(gone)) == {fits.pk, near_enough.pk}


def test_those_who_cannot_be_asked_keep_nobody_waiting(stage, monkeypatch):
    monkeypatch.setattr("trustwide.services.imaging.messages.freed.LOOKED_AT", 1)
    gone = freed(stage)
    for facts in ({"contact_by": "letter"}, {"mobile": ""}, {"born_on": None}):
        reachable(stage, days_ago=30, **facts)
    last = reachable(stage, days_ago=3)
    assert those_asked(gone) == [last.pk]


def test_a_need_that_takes_another_scanner_is_not_offered(stage):
    gone = freed(stage, "MLIVC")
    afraid = reachable(stage)
    record_need(afraid.patient, "claustrophobia", by=STAGE)  # MR1 has no wide bore
    assert those_asked(gone) == []


def test_who_is_booked_is_asked_only_for_a_gain_of_two_weeks(stage):
    gone = freed(stage)
    booked(stage, days=5)
    far_off = booked(stage, days=20)
    assert those_asked(gone) == [far_off.request_id]


def test_a_cancellation_offers_the_time_to_three_by_message(stage, django_capture_on_commit_callbacks):
    appointment = booked(stage)
    for _ in range(5):
        reachable(stage)
    with django_capture_on_commit_callbacks(execute=True):
        cancel(appointment, by=STAGE, by_patient=True, reason="unwell")
    assert [offer.answer for offer in offers()] == ["pending"] * 3
    assert Message.objects.filter(kind="offer", state="waiting").count() == 3
    assert offers()[0].request.events.last().kind == "offer"
    assert offer_freed_time(appointment.pk) == 0
    assert Offer.objects.count() == 3


@pytest.mark.parametrize(("hours", "worth"), [(23, False), (25, True)])
def test_with_less_than_a_day_nobody_is_asked(stage, hours, worth):
    appointment = freed(stage)
    assert is_worth_offering(appointment, appointment.starts_at - dt.timedelta(hours=hours)) is worth


def test_the_first_to_accept_has_it_and_the_others_stay_where_they_are(stage, django_capture_on_commit_callbacks):
    appointment = freed(stage)
    for _ in range(3):
        reachable(stage)
    assert offer_freed_time(appointment.pk) == 3
    outcomes = []
    with django_capture_on_commit_callbacks(execute=True) as sent:
        for offer in offers():
            by = PatientActor(offer.request.patient)
            try:
                accept_offer(offer, by=by)
                outcomes.append("has it")
            except SlotTakenError as taken:
                outcomes.append("taken")
                assert "taken" in str(taken)
    assert sent
    assert sorted(outcomes) == ["has it", "taken", "taken"]
    assert sorted(offer.answer for offer in offers()) == ["accepted", "gone", "gone"]
    assert [offer.request.state for offer in offers()].count("ready") == 2


def test_other_offers_of_a_time_somebody_took_are_gone_at_once(stage, django_capture_on_commit_callbacks):
    appointment = freed(stage)
    for _ in range(3):
        reachable(stage)
    offer_freed_time(appointment.pk)
    with django_capture_on_commit_callbacks(execute=True):
        accept_offer(offers()[1], by=STAGE)
    assert [offer.answer for offer in offers()] == ["gone", "accepted", "gone"]
    with pytest.raises(BookingError, match="taken by somebody else"):
        accept_offer(offers()[0], by=STAGE)


def test_who_moves_frees_their_own_time_and_the_chain_ends(stage, settings, django_capture_on_commit_callbacks):
    settings.FREED_CHAIN = 2
    settings.FREED_OFFERS_AT_ONCE = 1
    appointment = booked(stage)
    chain = [booked(stage, days=days) for days in (16, 32, 48)]
    with django_capture_on_commit_callbacks(execute=True):
        cancel(appointment, by=STAGE, by_patient=True, reason="unwell")
    accepted = []
    for _ in range(5):
        pending = Offer.objects.filter(answer="pending").first()
        if pending is None:
            break
        accepted.append(pending.request_id)
        with django_capture_on_commit_callbacks(execute=True):
            accept_offer(pending, by=STAGE)
    # the time of the first is freed and offered; that of the second is left to the clerks
    assert accepted == [chain[0].request_id, chain[1].request_id]
    ended = Appointment.objects.get(pk=chain[1].pk)
    assert links_before(ended) == 2


def test_when_nobody_answers_in_time_the_next_are_asked(stage):
    appointment = freed(stage)
    waiting = [reachable(stage, days_ago=40 - n) for n in range(7)]
    offer_freed_time(appointment.pk)
    assert [offer.request_id for offer in offers()] == [request.pk for request in waiting[:3]]
    assert offer_again(timezone.now()) == 0
    Offer.objects.update(expires_at=timezone.now() - dt.timedelta(minutes=1))
    assert offer_again(timezone.now()) == 3
    decline_offer(Offer.objects.filter(answer="pending").first(), by=STAGE)
    assert offer_again(timezone.now()) == 0
    Offer.objects.update(expires_at=timezone.now() - dt.timedelta(minutes=1))
    assert offer_again(timezone.now()) == 1
    assert [offer.answer for offer in offers()] == ["expired"] * 3 + ["declined"] + ["expired"] * 2 + ["pending"]


def test_a_time_nobody_could_use_at_first_is_offered_once_somebody_can(stage):
    appointment = freed(stage)
    assert offer_freed_time(appointment.pk) == 0
    request = reachable(stage)
    assert offer_again(timezone.now()) == 1
    assert [offer.request_id for offer in offers()] == [request.pk]
    assert offer_again(timezone.now()) == 0


def test_a_time_that_was_freed_twice_is_offered_once(stage, settings):
    settings.FREED_OFFERS_AT_ONCE = 1
    first, second = freed(stage), freed(stage)
    assert (first.session_id, first.starts_at) == (second.session_id, second.starts_at)
    for _ in range(4):
        reachable(stage)
    assert offer_again(timezone.now()) == 1
    assert offers()[0].freed_by_id == second.pk
    assert offer_again(timezone.now()) == 0


def test_a_time_that_is_taken_again_or_was_offered_enough_is_not_looked_at(stage, settings):
    settings.FREED_OFFERS_AT_ONCE = 1
    taken, others, now = freed(stage), [booked(stage, days=day) for day in (1, 2)], timezone.now()
    assert booked(stage).starts_at == taken.starts_at
    for other, times in zip(others, (ROUNDS, ROUNDS - 1), strict=True):
        cancel(other, by=STAGE, by_patient=True, reason="unwell")
        for _ in range(times):
            Offer.objects.create(
                request=reachable(stage), session=other.session, starts_at=other.starts_at, minutes=20, made_at=now,
                made_by="tests", freed_by=other, answer="expired",
            )  # fmt: skip
    assert times_to_offer(now) == [others[1].pk]


@pytest.mark.parametrize(
    ("ahead", "made_ago", "ends_in", "barred"),
    [(5, 1, None, True), (5, 8, None, False), (-1, 2, None, False), (5, 1, 1, True), (5, 1, -1, False)],
)
def test_only_an_offer_that_is_still_open_bars_a_patient_from_another(stage, ahead, made_ago, ends_in, barred):
    gone, request, now = freed(stage), reachable(stage), timezone.now()
    Offer.objects.create(
        request=request, session=gone.session, starts_at=now + ahead * DAY, minutes=20, made_at=now - made_ago * DAY,
        made_by="a clerk", expires_at=None if ends_in is None else now + ends_in * DAY,
    )  # fmt: skip
    assert (those_asked(gone) == []) is barred


def test_nobody_is_asked_twice_at_once(stage):
    first, second = freed(stage), None
    only = reachable(stage)
    offer_freed_time(first.pk)
    second = booked(stage, days=2)
    cancel(second, by=STAGE, by_patient=True, reason="unwell")
    offer_freed_time(second.pk)
    assert only.pk in [offer.request_id for offer in offers()]
    assert len({offer.request_id for offer in offers()}) == len(offers())


def test_offers_end_in_day_time_and_before_the_time_itself(stage):
    appointment = freed(stage)
    reachable(stage)
    offer_freed_time(appointment.pk)
    (offer,) = offers()
    assert offer.expires_at < offer.starts_at
    assert 8 <= timezone.localtime(offer.expires_at).hour <= 20


@pytest.mark.parametrize(("back_in", "offered"), [(None, 0), (60, 0), (0, 1)])
def test_nothing_is_offered_on_a_scanner_that_is_down_then(stage, back_in, offered):
    appointment = freed(stage)
    reachable(stage)
    scanner = appointment.session.scanner
    scanner.down_since = timezone.now()
    scanner.down_until = None if back_in is None else appointment.starts_at + dt.timedelta(minutes=back_in)
    scanner.save()
    assert offer_freed_time(appointment.pk) == offered


def test_nothing_is_offered_that_somebody_has_again(stage):
    appointment = freed(stage)
    reachable(stage)
    booked(stage)
    assert offer_freed_time(appointment.pk) == 0


def test_nothing_is_offered_where_nobody_is_booked_live(stage, settings):
    appointment = freed(stage)
    reachable(stage)
    settings.LIVE_BOOKING = False
    assert offer_freed_time(appointment.pk) == 0


def test_the_staff_see_what_is_on_offer_at_their_sites(stage, client, django_assert_max_num_queries):
    for _ in range(3):
        reachable(stage)
    offer_freed_time(freed(stage).pk)
    client.force_login(stage.cast.people["booking_clerk"])
    client.get(reverse("imaging:freed_times"))
    with django_assert_max_num_queries(14):
        page = client.get(reverse("imaging:freed_times")).content.decode()
    assert "1 time that a cancellation freed was offered" in page
    assert "3 no answer yet" in page
    assert "Ada Example" not in page


def test_ranking_many_takes_few_queries(stage, django_assert_max_num_queries):
    gone = freed(stage)
    for _ in range(20):
        reachable(stage)
    with django_assert_max_num_queries(7):
        assert len(those_asked(gone)) == 20
