"""The pages of the day: a visit step by step, an urgent patient in between, and a scanner that is down."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from trustwide.commons.accounts.tests.cast import STAGE
from trustwide.commons.patients.actions import record_need
from trustwide.services.imaging.booking.actions import book
from trustwide.services.imaging.booking.models import Appointment
from trustwide.services.imaging.booking.sessions import open_day
from trustwide.services.imaging.day import down
from trustwide.services.imaging.day.figures import ticket


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
    posted = {"identifier": "WARD-1", "exam": stage.exams["MKNEE"].pk, "priority": "inpatient"}
    assert "into a gap" in radiographer.post(url, posted, follow=True).content.decode()
    running.refresh_from_db()
    running.cells = "x" * len(running.cells)
    running.save()
    assert "on top of the list" in radiographer.post(url, posted | {"identifier": "W2"}, follow=True).content.decode()
    refused = radiographer.post(url, posted | {"identifier": "W3"}).content.decode()
    assert "may be over-booked 1 times" in refused
    assert Appointment.objects.count() == 2
    assert "empty" in radiographer.post(url, posted | {"identifier": "--"}).content.decode()


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
