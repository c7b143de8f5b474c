"""Did we keep up last week? Small weeks counted by hand, one of them with the change of the clocks."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from trustwide.services.imaging.booking.models import Appointment
from trustwide.services.imaging.requests.models import ImagingRequest
from trustwide.services.imaging.requests.pathway import Event
from trustwide.services.imaging.waiting.clocks import midnight
from trustwide.services.imaging.waiting.monday_figures import monday_page
from trustwide.services.imaging.waiting.monday_views import ahead_chart

from .waiting_stage import a_session, noon, request

pytestmark = pytest.mark.django_db
MONDAY = dt.date(2026, 3, 23)  # the clocks go forward on the Sunday of this week
SCAN = (Event.ARRIVE, Event.ENTER_ROOM, Event.START, Event.END)


def page(stage, monday=MONDAY, user=None, **places):
    cast = stage.cast
    return monday_page(user or cast.chief, [cast.north, cast.south], monday, **places)


def asked(stage, at, **more):
    return request(stage, at=at, **more)


def scanned(stage, day, **more):
    book = (Event.BOOK, day, {"starts_at": noon(day).isoformat()})
    steps = [(kind, day, {}) for kind in SCAN]
    return request(stage, at=noon(day - dt.timedelta(days=30)), more=[book, *steps], **more)


def appointment(session, one, state, ended_before=dt.timedelta(hours=1), minute=0):
    starts = session.opens_at + dt.timedelta(minutes=minute)
    Appointment.objects.create(
        request=one, session=session, starts_at=starts, minutes=20, booked_at=starts, booked_by="tests", state=state,
        ended_at=starts - ended_before,
    )  # fmt: skip


def test_the_week_of_one_list_is_counted_by_hand(stage):
    asked(stage, noon(MONDAY))
    asked(stage, noon(MONDAY + dt.timedelta(days=6)))
    scanned(stage, MONDAY + dt.timedelta(days=1))
    request(stage, at=noon(dt.date(2026, 1, 5)), more=[(Event.WITHDRAW, MONDAY + dt.timedelta(days=2), {})])
    asked(stage, noon(MONDAY - dt.timedelta(days=1)))
    scanned(stage, MONDAY + dt.timedelta(days=7))
    found = page(stage)
    one = found.lines[0]
    assert (one.site.code, one.test, one.added, one.scanned, one.removed, one.change) == ("N1", "MRI", 2, 1, 1, 0)
    assert found.answer == "2 added, 1 scanned, 0 slots lost. The list held."


def test_a_week_begins_and_ends_at_midnight_in_london(stage):
    early = dt.datetime(2026, 3, 22, 23, 59, tzinfo=dt.UTC)  # Sunday in winter time: the week before
    last = dt.datetime(2026, 3, 29, 22, 59, tzinfo=dt.UTC)  # 23:59 on Sunday in summer time
    after = dt.datetime(2026, 3, 29, 23, 1, tzinfo=dt.UTC)  # 00:01 on Monday in summer time
    for at in (early, last, after):
        asked(stage, at)
    assert midnight(MONDAY + dt.timedelta(weeks=1)) - midnight(MONDAY) == dt.timedelta(days=7)
    assert [page(stage, MONDAY + dt.timedelta(weeks=week)).total.added for week in (-1, 0, 1)] == [1, 1, 1]


def test_the_week_of_the_autumn_change_too(stage):
    monday = dt.date(2026, 10, 19)
    asked(stage, dt.datetime(2026, 10, 18, 23, 30, tzinfo=dt.UTC))  # 00:30 on Monday in summer time
    asked(stage, dt.datetime(2026, 10, 25, 23, 59, tzinfo=dt.UTC))  # Sunday in winter time
    asked(stage, dt.datetime(2026, 10, 26, 0, 1, tzinfo=dt.UTC))
    assert page(stage, monday).total.added == 2


def test_lost_slots_unfilled_hours_and_people_who_did_not_come(stage):
    day = MONDAY + dt.timedelta(days=3)
    a_session(stage, day, hours=3, closed="The magnet quenched")  # 180 minutes; MRI exams take 40 on average
    opened = a_session(stage, day + dt.timedelta(days=1), hours=2, cells="xxxx" + "." * 20)
    a_session(stage, MONDAY - dt.timedelta(days=1), closed="Before")
    states = Appointment.State
    appointment(opened, asked(stage, noon(dt.date(2026, 1, 5))), states.MISSED)
    appointment(opened, asked(stage, noon(dt.date(2026, 1, 5))), states.PATIENT_CANCELLED, dt.timedelta(hours=47))
    appointment(opened, asked(stage, noon(dt.date(2026, 1, 5))), states.HOSPITAL_CANCELLED, dt.timedelta(hours=1), 20)
    appointment(opened, asked(stage, noon(dt.date(2026, 1, 5))), states.PATIENT_CANCELLED, dt.timedelta(hours=49))
    found = page(stage)
    one = found.lines[0]
    assert (one.lost_slots, one.missed, one.short_notice) == (4, 1, 2)
    assert one.unfilled_hours == pytest.approx(100 / 60)
    assert found.answer == "0 added, 0 scanned, 4 slots lost. The list held."


def test_six_weeks_ahead_booked_against_open_and_slots_of_the_van(stage):
    monday = stage.monday - dt.timedelta(weeks=1)
    found = page(stage, monday)
    lines = {(one.site.code, one.test): one for one in found.lines}
    assert found.weeks[0] == stage.monday
    assert lines["N1", "MRI"].ahead[0] == (7 * 12, 0)
    assert lines["S1", "MRI"].ahead[0] == (5 * 10 + 10, 0)
    session = stage.session("VAN")
    session.cells = "x" * 12 + session.cells[12:]
    session.save()
    line = {(one.site.code, one.test): one for one in page(stage, monday).lines}["S1", "MRI"]
    assert line.ahead[0] == (60, 1)
    vans = stage.scanners["VAN"].sessions.filter(
        opens_at__gte=midnight(stage.monday), opens_at__lt=midnight(stage.monday + dt.timedelta(weeks=6))
    )
    assert line.van_slots == 13 + 15 * (vans.count() - 1)  # 9 and 10 hours of slots of 40 minutes
    rows = ahead_chart(page(stage, monday))["data"]["values"]
    assert sum(row["hours"] for row in rows if row["place"] == 0 and row["kind"] == "Booked") == 1


def test_each_sees_their_own_sites_and_what_they_ask_for(stage, clerk):
    asked(stage, noon(MONDAY))
    asked(stage, noon(MONDAY), site=stage.cast.south)
    asked(stage, noon(MONDAY), exam="CHEAD")
    assert page(stage, user=stage.cast.people["booking_clerk"]).total.added == 2
    assert page(stage, site="S1").total.added == 1
    assert page(stage, test="CT").total.added == 1
    text = clerk.get(reverse("imaging:waiting_monday"), {"week": "2026-03-27"}).content.decode()
    assert "23 March 2026 to 29 March 2026" in text
    assert "2 added, 0 scanned, 0 slots lost. The list grew by 2." in text
    assert "Enter a date that exists" in clerk.get(reverse("imaging:waiting_monday"), {"week": "x"}).content.decode()
    assert clerk.get(reverse("imaging:waiting_monday"), {"week": "9999-12-31"}).status_code == 200
    clerk.force_login(stage.cast.people["ward_nurse"])
    assert clerk.get(reverse("imaging:waiting_monday")).status_code == 403


def test_more_requests_and_sessions_take_no_more_queries(stage):
    def queries():
        with CaptureQueriesContext(connection) as caught:
            page(stage)
        return len(caught)

    few = queries()
    for number in range(20):
        asked(stage, noon(MONDAY))
        a_session(stage, MONDAY + dt.timedelta(days=number % 7), opens=8 + number % 3)
    assert queries() == few <= 8
    assert ImagingRequest.objects.count() == 20
