"""Which entries may be wrong? Each question finds what it is about and no more, and each is settled in one step."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from trustwide.commons.patients.models import Patient
from trustwide.services.imaging.booking.models import Appointment
from trustwide.services.imaging.requests.models import ImagingRequest
from trustwide.services.imaging.requests.pathway import Event
from trustwide.services.imaging.waiting import doubts
from trustwide.services.imaging.waiting.models import ListNote

from .waiting_stage import booked, patient, request, today

pytestmark = pytest.mark.django_db


def found(stage, key):
    return list(doubts.entries(stage.cast.chief, key, today()).values_list("pk", flat=True))


def settle(client, of, do, **data):
    got = client.post(reverse("imaging:settle_doubt"), {"of": of, "do": do, **data}, follow=True)
    return got.content.decode()


def days(number):
    return today() + dt.timedelta(days=number)


def test_duplicates_are_of_one_patient_and_close_in_time(stage):
    who = patient(stage)
    first, again = request(stage, 40, who=who), request(stage, 10, who=who)
    other_mri = request(stage, 5, exam="MCARD", who=who)
    request(stage, 9, exam="CHEAD", who=who)
    request(stage, 9)
    alone = patient(stage)
    request(stage, 90, who=alone)
    request(stage, 20, who=alone)
    done = patient(stage)
    request(stage, 12, who=done, more=[(Event.WITHDRAW, days(-1), {})])
    request(stage, 10, who=done)
    assert doubts.duplicates(stage.cast.chief) == [(again.pk, first.pk), (other_mri.pk, again.pk)]


def test_a_duplicate_at_a_site_one_may_not_see_is_not_told(stage):
    who = patient(stage)
    request(stage, 12, who=who, site=stage.cast.south)
    request(stage, 10, who=who)
    assert doubts.duplicates(stage.cast.people["booking_clerk"]) == []
    assert len(doubts.duplicates(stage.cast.chief)) == 1


def test_a_duplicate_is_withdrawn_as_one_or_vouched_for(stage, clerk):
    who = patient(stage)
    first, again = request(stage, 12, who=who), request(stage, 10, who=who)
    text = clerk.get(reverse("imaging:waiting_doubts")).content.decode()
    assert "1 entry may be wrong; 1 of them: asked for twice." in text
    settle(clerk, "duplicates", "validate", request=again.pk)
    assert doubts.duplicates(stage.cast.chief) == []
    ListNote.objects.update(made_at=timezone.now() - dt.timedelta(weeks=13))
    assert doubts.duplicates(stage.cast.chief) == [(again.pk, first.pk)]
    assert "the earlier request stays" in settle(clerk, "duplicates", "duplicate", request=again.pk, other=first.pk)
    again.refresh_from_db()
    assert again.stop_reason == "duplicate"
    stranger = request(stage, 3)
    said = settle(clerk, "duplicates", "duplicate", request=stranger.pk, other=first.pk)
    assert "The two requests are not of one patient" in said


def test_records_alike_are_found_where_identifiers_are_kept(stage, settings):
    settings.LIVE_BOOKING = True
    born = dt.date(1960, 2, 3)
    old = patient(stage, name="Ann Lee", born_on=born)
    new = patient(stage, name="Ann Lee", born_on=born)
    other = patient(stage, name="Ann Lee", born_on=dt.date(1990, 1, 1), mobile="07700900001")
    shared = patient(stage, name="Bo Lee", mobile="07700900001")
    patient(stage)
    for who in (old, new, shared):
        request(stage, 10, who=who)
    pairs = doubts.record_pairs(stage.cast.chief, list(doubts.records(stage.cast.chief)))
    assert [(pair.gone.pk, pair.into.pk, pair.why) for pair in pairs] == [
        (new.pk, old.pk, "The same name and day of birth"),
        (shared.pk, other.pk, "The same mobile number"),
    ]
    settings.LIVE_BOOKING = False
    assert doubts.records(stage.cast.chief).count() == 0


def test_two_records_are_merged_with_their_requests(stage, clerk, settings):
    settings.LIVE_BOOKING = True
    old, new = (patient(stage, name="Ann Lee", born_on=dt.date(1960, 2, 3)) for _ in range(2))
    one = request(stage, 10, who=new)
    request(stage, 90, who=old)
    assert "Merge the two records" in clerk.get(reverse("imaging:waiting_doubts")).content.decode()
    assert "The two records are one" in settle(clerk, "records", "merge", gone=new.pk, into=old.pk)
    one.refresh_from_db()
    assert one.patient_id == old.pk
    assert Patient.objects.get(pk=new.pk).merged_into_id == old.pk
    assert "no longer look like one patient" in settle(clerk, "records", "merge", gone=new.pk, into=old.pk)


def test_a_merge_that_reaches_into_another_site_is_refused(stage, clerk, settings):
    settings.LIVE_BOOKING = True
    old, new = (patient(stage, name="Ann Lee", born_on=dt.date(1960, 2, 3)) for _ in range(2))
    for who, site in ((old, stage.cast.north), (new, stage.cast.north), (new, stage.cast.south)):
        request(stage, 10, who=who, site=site)
    got = clerk.post(reverse("imaging:settle_doubt"), {"of": "records", "do": "merge", "gone": new.pk, "into": old.pk})
    assert got.status_code == 403
    assert Patient.objects.get(pk=new.pk).merged_into is None


def test_posted_records_that_nobody_doubts_are_not_merged(stage, clerk, settings):
    settings.LIVE_BOOKING = True
    one, other = patient(stage, name="Ann Lee"), patient(stage, name="Bo Ray")
    for who in (one, other):
        request(stage, 10, who=who)
    assert "no longer look like one patient" in settle(clerk, "records", "merge", gone=other.pk, into=one.pk)
    assert Patient.objects.filter(merged_into=None).count() == Patient.objects.count()


def test_a_record_of_another_site_is_neither_shown_nor_merged(stage, clerk, settings):
    settings.LIVE_BOOKING = True
    theirs = patient(stage, name="Zoe Away", born_on=dt.date(1971, 5, 6), mobile="07700900001")
    mine = patient(stage, name="Ann Lee", mobile="07700900001")
    request(stage, 10, who=mine)
    request(stage, 10, who=theirs, site=stage.cast.south)
    text = clerk.get(reverse("imaging:waiting_doubts"), {"of": "records"}).content.decode()
    assert "A record without a request at your sites" in text
    assert "Zoe Away" not in text
    assert "1971" not in text
    assert "Merge the two records" not in text
    assert "no request at your sites" in settle(clerk, "records", "merge", gone=mine.pk, into=theirs.pk)
    assert not Patient.objects.exclude(merged_into=None).exists()


def test_requests_far_apart_are_not_withdrawn_as_duplicates(stage, clerk):
    who = patient(stage)
    first, later = request(stage, 90, who=who), request(stage, 10, who=who)
    said = settle(clerk, "duplicates", "duplicate", request=later.pk, other=first.pk)
    assert "no longer look like one asked for twice" in said
    later.refresh_from_db()
    assert later.stopped_on is None


def test_two_patients_who_look_alike_are_noted_as_two(stage, clerk, settings):
    settings.LIVE_BOOKING = True
    old, new = (patient(stage, name="Ann Lee", born_on=dt.date(1960, 2, 3)) for _ in range(2))
    request(stage, 10, who=new)
    request(stage, 10, who=old)
    settle(clerk, "records", "two", gone=new.pk, into=old.pk)
    assert doubts.records(stage.cast.chief).count() == 0


def test_long_waits_without_contact(stage):
    silent = request(stage, 182)
    request(stage, 181)
    request(stage, 200, more=[(Event.OFFER, days(-100), {})])
    old_offer = request(stage, 400, more=[(Event.OFFER, days(-190), {})])
    assert found(stage, doubts.NO_CONTACT) == [old_offer.pk, silent.pk]


def test_an_appointment_in_the_past_without_outcome(stage, client):
    one = booked(stage, 20, days(-1))
    booked(stage, 20, today())
    booked(stage, 20, days(3))
    assert found(stage, doubts.NO_OUTCOME) == [one.pk]
    client.force_login(stage.cast.people["booking_clerk"])
    held = Appointment.objects.get(request=one).pk
    assert f'name="appointment" value="{held}"' in client.get(reverse("imaging:waiting_doubts")).content.decode()
    assert "did not come" in settle(client, "no_outcome", "missed", request=one.pk, appointment=held)
    one.refresh_from_db()
    assert (one.state, one.started_on) == ("missed", days(-1))
    assert Appointment.objects.get(request=one).state == "missed"
    assert found(stage, doubts.NO_OUTCOME) == []


def test_nobody_misses_an_appointment_ahead_or_another_one(stage, clerk):
    ahead, past = booked(stage, 20, days(3)), booked(stage, 20, days(-1))
    held = {one.request_id: one.pk for one in Appointment.objects.all()}
    said = settle(clerk, "no_outcome", "missed", request=ahead.pk, appointment=held[ahead.pk])
    assert "still ahead" in said
    said = settle(clerk, "no_outcome", "missed", request=past.pk, appointment=held[ahead.pk])
    assert "no longer in force" in said
    assert set(Appointment.objects.values_list("state", flat=True)) == {"booked"}


def test_a_planned_exam_without_a_day_is_given_one(stage, clerk):
    one = request(stage, 90)
    ImagingRequest.objects.filter(pk=one.pk).update(priority="planned")
    assert found(stage, doubts.NO_DUE) == [one.pk]
    assert "Enter the day on which" in settle(clerk, "no_due", "due", request=one.pk, due_on="2026-02-31")
    for due_on in ("9999-12-31", "0001-01-01"):
        assert "within ten years" in settle(clerk, "no_due", "due", request=one.pk, due_on=due_on)
    settle(clerk, "no_due", "due", request=one.pk, due_on=days(20).isoformat())
    one.refresh_from_db()
    assert (one.due_on, one.started_on, one.target_on, one.breach_on) == (days(20), days(20), days(20), days(62))
    assert found(stage, doubts.NO_DUE) == []


def test_six_weeks_and_no_date(stage, clerk):
    one = request(stage, 42)
    request(stage, 41)
    booked(stage, 50, days(2))
    request(stage, 90, priority="planned", due_on=days(9))
    assert found(stage, doubts.NO_DATE) == [one.pk]
    settle(clerk, "no_date", "validate", request=one.pk)
    assert found(stage, doubts.NO_DATE) == []


def test_only_those_who_book_settle(stage, clerk):
    north, south = request(stage, 50), request(stage, 50, site=stage.cast.south)
    address = reverse("imaging:settle_doubt")
    assert clerk.post(address, {"of": "no_date", "do": "validate", "request": south.pk}).status_code == 404
    clerk.force_login(stage.cast.people["radiologist"])
    assert "It is right" not in clerk.get(reverse("imaging:waiting_doubts")).content.decode()
    assert clerk.post(address, {"of": "no_date", "do": "validate", "request": north.pk}).status_code == 403
    assert not ListNote.objects.exists()


def test_more_entries_take_no_more_queries(stage, clerk):
    def queries(of):
        with CaptureQueriesContext(connection) as caught:
            clerk.get(reverse("imaging:waiting_doubts"), {"of": of})
        return len(caught)

    request(stage, 50)
    queries("no_date")
    few = queries("no_date")
    for number in range(20):
        who = patient(stage)
        request(stage, 50 + number, who=who)
        request(stage, 50 + number, who=who)
    assert queries("no_date") <= few + 2
    assert queries("duplicates") <= few + 3
