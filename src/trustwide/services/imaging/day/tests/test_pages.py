"""The pages of the day: a visit step by step, an urgent patient in between, and a scanner that is down."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from trustwide.commons.accounts.tests.cast import STAGE
from trustwide.commons.patients.actions import record_need
from trustwide.commons.patients.models import Patient
from trustwide.services.imaging.booking.actions import book
from trustwide.services.imaging.booking.models import Appointment
from trustwide.services.imaging.booking.sessions import open_day
from trustwide.services.imaging.day import down
from trustwide.services.imaging.day.actions import record_step
from trustwide.services.imaging.day.figures import ticket
from trustwide.services.imaging.requests.pathway import Event


@pytest.fixture
def radiographer(stage, client):
    client.force_login(stage.cast.people["radiographer"])
    return client


@pytest.fixture
def running(stage):
    """A session that runs now, on the clock's next five minutes."""
    now = timezone.now().replace(second=0, microsecond=0)
    opens = now + dt.timedelta(minutes=5 - now.minute % 5)
    return open_day(stage.scanners["MR1"], opens, opens + dt.timedelta(hours=6), by=STAGE, overbook_limit=1)


def visit(stage, running, minutes=5, **facts):
    request = stage.request(**facts)
    return book(request, running.pk, running.opens_at + dt.timedelta(minutes=minutes), by=STAGE)


def record(client, appointment, step, **more):
    return client.post(reverse("imaging:visit_step", args=[appointment.pk]), {"step": step, **more}, follow=True)


def test_a_visit_from_arrival_to_departure(stage, running, radiographer):
    appointment = visit(stage, running)
    record_need(appointment.request.patient, "hoist", by=STAGE)
    for step, where in [
        ("arrive", "Waiting"), ("enter_room", "In the scan room"), ("start", "Being scanned"), ("end", "Done"),
        ("out_of_room", "Done"), ("leave", "Done"),
    ]:  # fmt: skip
        assert where in record(radiographer, appointment, step).content.decode()
    appointment = Appointment.objects.get()
    kinds = [row.kind for row in appointment.request.events.order_by("number")][-6:]
    assert kinds == ["arrive", "enter_room", "start", "end", "out_of_room", "leave"]
    assert (appointment.state, appointment.first_time, appointment.request.state) == ("done", True, "scanned")


def test_a_visit_that_cannot_be_completed_goes_back_to_be_booked(stage, running, radiographer):
    appointment = visit(stage, running)
    record(radiographer, appointment, "arrive")
    assert "needs a reason" in record(radiographer, appointment, "abandon").content.decode()
    record(radiographer, appointment, "abandon", reason="claustrophobia")
    appointment = Appointment.objects.get()
    assert (appointment.state, appointment.first_time, appointment.request.state) == ("abandoned", False, "ready")


def test_nobody_is_absent_before_the_time(stage, running, radiographer):
    appointment = visit(stage, running, minutes=60)
    assert "has not begun" in record(radiographer, appointment, "miss").content.decode()
    assert "Did not come" not in radiographer.get(reverse("imaging:today")).content.decode()


def test_steps_out_of_order_say_what_can_be_done(stage, running, radiographer):
    appointment = visit(stage, running)
    said = record(radiographer, appointment, "end").content.decode()
    assert "no longer" not in said
    assert "cannot be done now; what can be done:" in said
    assert Appointment.objects.get().state == "booked"


def test_the_board_names_nobody(stage, running, radiographer, settings):
    settings.LIVE_BOOKING = True
    appointment = visit(stage, running, name="Ada Nobody")
    record(radiographer, appointment, "arrive")
    page = radiographer.get(reverse("imaging:waiting_area", args=["N1"])).content.decode()
    assert ticket(appointment) in page
    assert "Nobody" not in page.replace("Nobody is waiting", "")
    assert "Ada" not in page
    assert radiographer.get(reverse("imaging:waiting_area", args=["S1"])).status_code == 404


def test_the_lists_cost_the_same_however_long_they_are(stage, running, radiographer, django_assert_max_num_queries):
    for number in range(5):
        visit(stage, running, minutes=5 + 25 * number)
    with django_assert_max_num_queries(20):
        radiographer.get(reverse("imaging:today"))


def test_an_urgent_patient_goes_into_the_next_gap_or_on_top(stage, running, radiographer):
    url = reverse("imaging:add_urgent", args=[running.pk])
    posted = {"exam": stage.exams["MLIVC"].pk, "priority": "inpatient", "safety_asked": "on"}

    def put_in(number, **more):
        return radiographer.post(url, posted | {"identifier": number} | more, follow=True).content.decode()

    assert "Ask the safety questions" in put_in("WARD-1", safety_asked="")
    assert not Appointment.objects.exists()
    assert "into a gap" in put_in("WARD-1")
    assert "on the list for this exam already" in put_in("WARD-1")
    running.refresh_from_db()
    running.cells = "x" * len(running.cells)
    running.save()
    assert "on top of the list" in put_in("W2")
    assert "may be over-booked 1 times" in put_in("W3")
    assert Appointment.objects.count() == 2
    assert "empty" in put_in("--")
    assert Patient.objects.count() == 2, "who could not be put in was not added either"


def test_radiation_names_a_practitioner_and_a_clerk_vets_nobody_in(stage, radiographer, client):
    now = timezone.now().replace(second=0, microsecond=0)
    opens = now + dt.timedelta(minutes=5 - now.minute % 5)
    session = open_day(stage.scanners["CT1"], opens, opens + dt.timedelta(hours=6), by=STAGE)
    url = reverse("imaging:add_urgent", args=[session.pk])
    posted = {"identifier": "W1", "exam": stage.exams["CHEAD"].pk, "priority": "emergency", "safety_asked": "on"}
    assert "name the practitioner" in radiographer.post(url, posted).content.decode()
    client.force_login(stage.cast.people["booking_clerk"])
    assert client.post(url, posted | {"practitioner": "Dr Vale"}).status_code == 403
    client.force_login(stage.cast.people["radiographer"])
    client.post(url, posted | {"practitioner": "Dr Vale"})
    accepted = Appointment.objects.get().request.events.get(kind="accept")
    assert accepted.details == {"practitioner": "Dr Vale"}


def test_patients_of_other_lists_are_seen_to_where_they_come(stage, running, radiographer):
    theirs = visit(stage, running, site=stage.cast.south)
    assert "Waiting" in record(radiographer, theirs, "arrive").content.decode()
    assert theirs.request.events.filter(kind="arrive", actor_name="North Radiographer").exists()


def test_a_scanner_down_moves_patients_of_every_list(stage, radiographer):
    session = stage.session("MR1")
    for number, site in enumerate((stage.cast.north, stage.cast.south, stage.cast.north)):
        book(stage.request(site=site), session.pk, session.opens_at + dt.timedelta(minutes=20 * number), by=STAGE)
    url = reverse("imaging:scanner_down", args=[stage.scanners["MR1"].pk])
    until = timezone.localtime(session.closes_at) + dt.timedelta(hours=1)
    ticked = list(Appointment.objects.values_list("pk", flat=True))
    posted = {"reason": "x", "until": f"{until:%Y-%m-%dT%H:%M}", "do": "move", "appointment": [*ticked, "9" * 5000]}
    assert "3 patients were moved" in radiographer.post(url, posted).content.decode()


def test_who_waits_at_the_scanner_is_affected_too(stage, running):
    appointment = visit(stage, running)
    Appointment.objects.filter(pk=appointment.pk).update(starts_at=timezone.now() - dt.timedelta(minutes=10))
    until = timezone.now() + dt.timedelta(hours=3)
    assert down.affected(stage.scanners["MR1"], until) == []
    record_step(appointment, Event.ARRIVE, by=STAGE)
    assert [one.pk for one in down.affected(stage.scanners["MR1"], until)] == [appointment.pk]


def test_what_a_patient_needs_now_is_on_the_staffs_list(stage, running, radiographer):
    appointment = visit(stage, running)
    record_need(appointment.request.patient, "interpreter", by=STAGE, detail="Polish")
    page = radiographer.get(reverse("imaging:today")).content.decode()
    assert "Interpreter booked (Polish)" in page
    assert "needs more time" in page


@pytest.mark.parametrize("on", ["9999-12-31", "0001-01-01", "2026-02-30", "x"])
def test_a_day_that_makes_no_sense_is_today(stage, radiographer, on):
    assert radiographer.get(reverse("imaging:today"), {"on": on}).status_code == 200


def test_a_scanner_down_moves_everybody_in_one_action(stage, radiographer):
    session = stage.session("MR1")
    late = [stage.request(days_ago=40 - n) for n in range(3)] + [stage.request(priority="urgent")]
    made = [
        book(one, session.pk, session.opens_at + dt.timedelta(minutes=20 * n), by=STAGE) for n, one in enumerate(late)
    ]
    url = reverse("imaging:scanner_down", args=[stage.scanners["MR1"].pk])
    until = timezone.localtime(session.closes_at) + dt.timedelta(hours=1)
    posted = {"reason": "helium", "until": f"{until:%Y-%m-%dT%H:%M}"}
    shown = radiographer.post(url, posted | {"do": "show"}).content.decode()
    assert "4 patients are booked on North MR1" in shown
    assert Appointment.objects.in_force().filter(session=session).count() == 4
    ticked = [one.pk for one in made[1:]]
    moved = radiographer.post(url, posted | {"do": "move", "appointment": ticked}).content.decode()
    assert "3 patients were moved" in moved
    assert list(Appointment.objects.in_force().filter(session=session)) == [made[0]]
    assert Appointment.objects.in_force().count() == 4
    held = {(one.session_id, one.starts_at) for one in Appointment.objects.in_force()}
    assert len(held) == 4
    first = down.affected(stage.scanners["MR1"], until)[0]
    assert first.pk == made[0].pk


def test_the_most_pressing_stand_first(stage):
    session = stage.session("MR1")
    for n, facts in enumerate(
        [{"days_ago": 5}, {"days_ago": 39}, {"priority": "urgent"}, {"priority": "suspected_cancer"}]
    ):
        book(stage.request(**facts), session.pk, session.opens_at + dt.timedelta(minutes=20 * n), by=STAGE)
    ranked = down.affected(stage.scanners["MR1"], session.closes_at)
    assert [one.starts_at - session.opens_at for one in ranked] == [dt.timedelta(minutes=20 * n) for n in (3, 2, 1, 0)]


@pytest.mark.parametrize(
    ("until", "says"),
    [
        ("2020-01-01T10:00", "in the past"),
        ("2099-01-01T10:00", "within six weeks"),
        ("soon", "such as 2026-03-03 14:00"),
    ],
)
def test_a_return_that_makes_no_sense_is_refused(stage, radiographer, until, says):
    url = reverse("imaging:scanner_down", args=[stage.scanners["MR1"].pk])
    assert says in radiographer.post(url, {"reason": "x", "until": until}).content.decode()
    assert stage.scanners["MR1"].down_since is None


def test_a_clerk_at_another_site_marks_nothing_down(stage, radiographer):
    url = reverse("imaging:scanner_down", args=[stage.scanners["MR2"].pk])
    assert radiographer.get(url).status_code == 404


def test_nobody_is_moved_to_an_earlier_time_unasked(stage):
    late = stage.session("MR1", 2)
    made = [book(stage.request(), late.pk, late.opens_at + dt.timedelta(minutes=20 * n), by=STAGE) for n in range(4)]
    moves = down.plan_moves(stage.scanners["MR1"], late.closes_at)
    assert len(moves) == len(made)
    assert all(one.slot.starts_at >= one.appointment.starts_at and one.days_later >= 0 for one in moves)
