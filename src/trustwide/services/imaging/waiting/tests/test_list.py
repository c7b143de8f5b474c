"""Who is waiting, and how long? What the list shows to whom, counted by hand, and how its files read."""

import csv
import datetime as dt
import io

import pytest
import python_calamine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from trustwide.commons.accounts.tests.cast import STAGE
from trustwide.commons.patients.actions import record_need
from trustwide.services.imaging.requests.models import ImagingRequest
from trustwide.services.imaging.requests.pathway import Event
from trustwide.services.imaging.waiting import exports
from trustwide.services.imaging.waiting.list_figures import PLANNED, Asked, found, list_page

from .waiting_stage import booked, request, today

pytestmark = pytest.mark.django_db


def days(number):
    return today() + dt.timedelta(days=number)


def shown(stage, **asked):
    page = list_page(stage.cast.chief, Asked(**asked), today())
    return {row.request.pk for row in page.rows}


def test_the_first_line_is_counted_by_hand(stage, clerk):
    request(stage, 10)
    request(stage, 42)
    booked(stage, 60, days(3))
    page = list_page(stage.cast.chief, Asked(), today())
    assert page.answer == "3 are waiting: 2 for six weeks or longer, 1 of them without a date."
    assert page.answer in clerk.get(reverse("imaging:waiting_list")).content.decode()


def test_both_waits_stand_side_by_side_with_the_reason(stage, clerk):
    missed = days(-15)
    day = days(-20)
    book = (Event.BOOK, day, {"starts_at": f"{missed.isoformat()}T12:00:00+00:00"})
    one = request(stage, 50, more=[book, (Event.MISS, missed, {"appointment_on": missed.isoformat()})])
    row = list_page(stage.cast.chief, Asked(), today()).rows[0]
    assert (row.request.pk, row.dm01, row.own) == (one.pk, 15, 50)
    assert row.resets == f"missed, {missed.day} {missed:%B %Y}"
    text = clerk.get(reverse("imaging:waiting_list")).content.decode()
    assert "2 weeks 1 day<" in text
    assert "7 weeks 1 day<" in text


def test_planned_exams_stand_apart_until_they_are_due(stage):
    active = request(stage, 10)
    ahead = request(stage, 10, priority="planned", due_on=days(5))
    overdue = request(stage, 90, priority="planned", due_on=days(-5))
    assert shown(stage) == {active.pk, overdue.pk}
    assert shown(stage, kind=PLANNED) == {ahead.pk}
    assert shown(stage, kind="overdue") == {overdue.pk}
    counts = list_page(stage.cast.chief, Asked(), today()).counts
    assert (counts.active, counts.planned, counts.overdue) == (2, 1, 1)


def test_every_filter_leaves_only_what_it_names(stage):
    plain = request(stage, 10)
    urgent = request(stage, 20, priority="urgent", site=stage.cast.south)
    ct = request(stage, 30, exam="CHEAD")
    dated = booked(stage, 45, days(2))
    record_need(plain.patient, "hoist", by=STAGE)
    assert shown(stage, site="S1") == {urgent.pk}
    assert shown(stage, test="CT") == {ct.pk}
    assert shown(stage, priority="urgent") == {urgent.pk}
    assert shown(stage, booked="yes") == {dated.pk}
    assert shown(stage, booked="no") == {plain.pk, urgent.pk, ct.pk}
    assert shown(stage, before=days(13)) == {ct.pk, dated.pk}
    assert shown(stage, weeks=4) == {ct.pk, dated.pk}
    assert shown(stage, state="booked") == {dated.pk}
    assert shown(stage, needs="hoist") == {plain.pk}


def test_rows_come_in_the_order_that_is_asked_for(stage):
    old, new = request(stage, 30), request(stage, 10)
    dated = booked(stage, 20, days(4))

    def order(sort):
        return [row.request.pk for row in list_page(stage.cast.chief, Asked(sort=sort), today()).rows]

    assert order("breach") == [old.pk, dated.pk, new.pk]
    assert order("-breach") == [new.pk, dated.pk, old.pk]
    assert order("date")[0] == order("-date")[0] == dated.pk


def test_people_see_the_lists_of_their_own_sites(stage, clerk, client):
    north, south = request(stage, 10), request(stage, 10, site=stage.cast.south)
    page = list_page(stage.cast.people["booking_clerk"], Asked(), today())
    assert [row.request.pk for row in page.rows] == [north.pk]
    assert shown(stage) == {north.pk, south.pk}
    client.force_login(stage.cast.people["ward_nurse"])
    assert client.get(reverse("imaging:waiting_list")).status_code == 403


def test_a_wrong_filter_is_told_and_left_out(stage, clerk):
    one = request(stage, 10)
    text = clerk.get(reverse("imaging:waiting_list"), {"weeks": "many", "site": "S1", "sort": "name"}).content.decode()
    assert "Enter whole weeks, from 0 to 520." in text
    assert "There is no such site, or you may not see its list." in text
    assert f'value="{one.pk}"' in text


def test_a_longer_list_takes_no_more_queries(stage, client):
    client.force_login(stage.cast.chief)
    for number in range(3):
        booked(stage, 45 + number, days(3))
    address = reverse("imaging:waiting_list")
    client.get(address)

    def queries():
        with CaptureQueriesContext(connection) as caught:
            list_page(stage.cast.chief, Asked(), today())
        return len(caught)

    few = queries()
    day = days(-15)
    book = (Event.BOOK, days(-20), {"starts_at": f"{day.isoformat()}T12:00:00+00:00"})
    for number in range(60):
        request(stage, 20 + number, more=[book, (Event.MISS, day, {"appointment_on": day.isoformat()})])
    assert queries() <= few + 1 <= 6
    assert len(client.get(address, {"page": 2}).content.decode().split('name="request"')) - 1 == 13


def test_the_list_is_read_through_the_index_of_what_waits(stage):
    request(stage, 10)
    for asked in (Asked(), Asked(site="N1", test="MRI")):
        plan = found(stage.cast.chief, asked, today())[:50].explain()
        assert "INDEX request_breach" in plan
        assert "imagingrequest_site_id" not in plan


def test_the_files_hold_every_page_as_it_is_filtered(stage, clerk, monkeypatch):
    for number in range(55):
        request(stage, 1 + number)
    request(stage, 5, exam="CHEAD")
    got = clerk.get(reverse("imaging:waiting_csv"), {"test": "MRI", "columns": ["dm01", "breach"]})
    rows = list(csv.reader(io.StringIO(got.content.decode("utf-8-sig"))))
    assert rows[0] == ["Patient", "Exam", "DM01 wait, days", "Six weeks on"]
    assert len(rows) == 56
    assert rows[1][2:] == ["55", days(-55 + 42).isoformat()]

    monkeypatch.setattr(exports, "MOST_IN_A_FILE", 10)
    book = clerk.get(reverse("imaging:waiting_xlsx"), {"test": "MRI"}).content
    sheet = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()
    assert sheet[0][0] == "Who is waiting, and how long?"
    assert sheet[1][0].endswith("Only the first 10 of 55 rows are in this file; filter the list for the others.")
    assert len(sheet) == 4 + 10
    assert sheet[4][sheet[3].index("DM01 wait, days")] == 55
    assert sheet[4][sheet[3].index("Six weeks on")] == days(-13)


def test_scanned_and_withdrawn_requests_are_off_the_list(stage):
    gone = request(stage, 10, more=[(Event.WITHDRAW, days(-1), {})])
    assert gone.stopped_on == days(-1)
    assert shown(stage) == set()
    assert ImagingRequest.objects.count() == 1
