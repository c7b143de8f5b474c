"""Who will breach, and what is being done? Weeks and sites counted by hand, and notes that two people write."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from trustwide.services.imaging.requests.pathway import Event
from trustwide.services.imaging.waiting import meeting_figures
from trustwide.services.imaging.waiting.meeting_figures import (
    Cell,
    MeetingAsked,
    meeting,
    place_of,
    said,
    weeks_from,
)
from trustwide.services.imaging.waiting.models import ListNote
from trustwide.services.imaging.waiting.notes import Change, standings, validate_entries, write_notes

from .waiting_stage import booked, request, today

pytestmark = pytest.mark.django_db


def page(stage, **asked):
    cast = stage.cast
    return meeting(cast.chief, MeetingAsked(**asked), today(), [cast.north, cast.south])


def breaching(stage, in_days, **more):
    """A request that passes six weeks in so many days."""
    return request(stage, 42 - in_days, **more)


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ((23, 9, 0), "23 will pass six weeks by Friday; 9 have no date."),
        ((2, 1, 1), "2 will pass six weeks by Friday; 1 has no date. 1 has passed already."),
        ((3, 0, 41), "3 will pass six weeks by Friday; all have a date, but too late. 41 have passed already."),
        ((0, 0, 0), "Nobody else will pass six weeks by Friday."),
    ],
)
def test_the_first_line(counts, sentence):
    assert said(*counts) == sentence


def test_weeks_run_from_monday_to_sunday_over_the_change_of_the_clocks():
    wednesday = dt.date(2026, 3, 25)  # clocks go forward on the Sunday after
    weeks = weeks_from(wednesday)
    assert [(week.first, week.last) for week in weeks[:3]] == [
        (None, wednesday),
        (dt.date(2026, 3, 26), dt.date(2026, 3, 29)),
        (dt.date(2026, 3, 30), dt.date(2026, 4, 5)),
    ]
    assert len(weeks) == 7


def test_the_matrix_counts_dates_in_time_too_late_and_none(stage):
    north, south = stage.cast.north.pk, stage.cast.south.pk
    breaching(stage, 0)
    breaching(stage, -20, site=stage.cast.south)
    week = weeks_from(today())[3]
    ahead = (week.first - today()).days
    breaching(stage, ahead)
    booked(stage, 42 - ahead, week.first)
    booked(stage, 42 - ahead, week.first - dt.timedelta(days=1))
    breaching(stage, 80)
    breaching(stage, 3, priority="planned", due_on=today() + dt.timedelta(days=9))
    seen = page(stage)
    assert seen.cells == {(north, 0): Cell(1, 0, 0), (south, 0): Cell(1, 0, 0), (north, 3): Cell(1, 1, 1)}
    assert seen.totals == {0: Cell(2, 0, 0), 3: Cell(1, 1, 1)}
    assert len(seen.rows) == seen.pages.paginator.count == 4
    assert len(page(stage, everyone=True).rows) == 5
    assert len(page(stage, week=3).rows) == 2
    assert len(page(stage, week=0, site="S1").rows) == 1


def test_a_date_is_in_time_by_the_day_at_the_hospital(stage):
    one = breaching(stage, 5)
    # 23:30 in London on the day before, in summer: 22:30 by the world's clock
    one.breach_on = dt.date(2026, 7, 2)
    one.appointment_at = dt.datetime(2026, 7, 1, 22, 30, tzinfo=dt.UTC)
    assert place_of(one) == "1 July 2026, 11:30pm"
    one.appointment_at = dt.datetime(2026, 7, 1, 23, 30, tzinfo=dt.UTC)
    assert place_of(one) == "2 July 2026, 12:30am, too late"


def write(stage, one, **said_now):
    stands = standings([one.pk]).get(one.pk)
    version = stands.version if stands else "0.0"
    return write_notes([Change(one.pk, **{"version": version, **said_now})], by=stage.cast.chief)


def test_an_open_action_is_carried_forward_until_it_is_done(stage):
    one = breaching(stage, 3)
    write(stage, one, comment="Needs a wide bore", action="Ask South", owner="Ann", due_on=today())
    write(stage, one, comment="Asked South", action="Ask South", owner="Ann", due_on=today())
    stands = standings([one.pk])[one.pk]
    assert (stands.comment, stands.action, stands.owner) == ("Asked South", "Ask South", "Ann")
    assert ListNote.objects.count() == 2
    write(stage, one, comment="Asked South", action="Ask South", owner="Ann", due_on=today(), done=True)
    stands = standings([one.pk])[one.pk]
    assert (stands.comment, stands.action, stands.open) == ("Asked South", "", 0)


def test_another_action_takes_the_place_of_the_open_one(stage):
    one = breaching(stage, 3)
    write(stage, one, action="Ask South")
    write(stage, one, action="Ask the van", owner="Ben")
    assert standings([one.pk])[one.pk].action == "Ask the van"
    assert ListNote.objects.get(action="Ask South").done_at is not None


def test_what_somebody_else_wrote_meanwhile_is_not_overwritten(stage):
    one = breaching(stage, 3)
    write(stage, one, comment="First")
    late = write(stage, one, version="0.0", comment="Second")
    assert late.done == 0
    assert 'meanwhile: "First". Nothing was overwritten' in late.refused[one.pk]
    assert standings([one.pk])[one.pk].comment == "First"


def test_the_row_is_written_from_the_page(stage, clerk):
    one = breaching(stage, 3)
    text = clerk.get(reverse("imaging:waiting_meeting")).content.decode()
    assert f'id="r{one.pk}"' in text
    address = reverse("imaging:meeting_note", args=[one.pk])
    got = clerk.post(address, {"version": "0.0", "comment": "Two\r\nlines", "asked": "site=N1"})
    assert got.url == f"{reverse('imaging:waiting_meeting')}?site=N1#r{one.pk}"
    assert standings([one.pk])[one.pk].comment == "Two lines"
    again = clerk.post(address, {"version": "0.0", "comment": "Mine"}).content.decode()
    assert "Somebody else wrote about this request meanwhile" in again
    assert ">Mine</textarea>" in again
    wrong = clerk.post(address, {"version": "1.0", "owner": "Ann"}).content.decode()
    assert "Write what is to be done, or take the owner and the day away." in wrong


def test_rows_of_other_sites_are_neither_seen_nor_written(stage, clerk):
    south = breaching(stage, 3, site=stage.cast.south)
    assert f'id="r{south.pk}"' not in clerk.get(reverse("imaging:waiting_meeting")).content.decode()
    assert clerk.post(reverse("imaging:meeting_note", args=[south.pk]), {"version": "0.0"}).status_code == 404
    clerk.force_login(stage.cast.people["radiologist"])
    north = breaching(stage, 3)
    assert "<textarea" not in clerk.get(reverse("imaging:waiting_meeting")).content.decode()
    assert clerk.post(reverse("imaging:meeting_note", args=[north.pk]), {"version": "0.0"}).status_code == 403


def test_more_rows_take_no_more_queries(stage):
    def queries():
        with CaptureQueriesContext(connection) as caught:
            page(stage)
        return len(caught)

    breaching(stage, 3)
    few = queries()
    for number in range(30):
        breaching(stage, number - 10)
    assert queries() == few <= 4


def stands_of(one):
    return standings([one.pk])[one.pk]


def test_done_and_another_action_close_the_one_and_open_the_other(stage):
    one, user = breaching(stage, 3), stage.cast.chief
    write_notes([Change(one.pk, "0.0", action="Ring the ward")], by=user)
    write_notes([Change(one.pk, stands_of(one).version, action="Book the van", done=True)], by=user)
    assert stands_of(one).action == "Book the van"
    assert list(ListNote.objects.filter(done_at=None).values_list("action", flat=True)) == ["Book the van"]
    write_notes([Change(one.pk, stands_of(one).version, action="Book the van", owner="Ann", done=True)], by=user)
    assert not ListNote.objects.filter(done_at=None).exists()


def test_vouching_for_an_entry_leaves_the_comment_of_the_meeting(stage, clerk):
    one = breaching(stage, 3)
    write_notes([Change(one.pk, "0.0", comment="Wide bore")], by=stage.cast.chief)
    validate_entries([one.pk], "has no date", by=stage.cast.chief)
    assert stands_of(one).comment == "Wide bore"
    sent = {"version": stands_of(one).version, "comment": "Validated: by me"}
    told = clerk.post(reverse("imaging:meeting_note", args=[one.pk]), sent).content.decode()
    assert "A comment does not begin with" in told
    assert stands_of(one).comment == "Wide bore"


def test_both_waits_are_side_by_side(stage, clerk):
    missed = (Event.BOOK, today() - dt.timedelta(days=30), {}), (
        Event.MISS, today() - dt.timedelta(days=20), {"appointment_on": (today() - dt.timedelta(days=20)).isoformat()},
    )  # fmt: skip
    request(stage, 50, more=missed)
    row = page(stage).rows[0]
    assert (row.dm01_days, row.own_days) == (20, 50)
    text = clerk.get(reverse("imaging:waiting_meeting")).content.decode()
    assert 'app-number">20</td>' in text
    assert 'app-number">50</td>' in text


def test_the_page_says_that_a_workbook_is_cut(stage, clerk, monkeypatch):
    for _ in range(3):
        breaching(stage, 3)
    assert page(stage).cut == ""
    monkeypatch.setattr(meeting_figures, "MOST_ROWS", 2)
    assert (
        "A workbook has the first 2 of these 3 rows" in clerk.get(reverse("imaging:waiting_meeting")).content.decode()
    )
