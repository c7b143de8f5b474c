"""The calendar of usual hours: each move shows what would follow before anything is saved."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from trustwide.services.imaging.booking import actions as bookings
from trustwide.services.imaging.booking.hours.days import day_of
from trustwide.services.imaging.booking.hours.usual_page import PICK_FIRST, page_after, page_of, saved_hours
from trustwide.services.imaging.booking.tests.booking_stage import STAGE

WEEK = dt.timedelta(weeks=1)


@pytest.fixture
def saved(stage):
    return saved_hours(stage.cast.chief, stage.monday + WEEK)


def fields(stage, code="MR2", **other):
    scanner = stage.scanners[code]
    return {
        "scanner": str(scanner.pk), "day": "1", "opens": "09:00", "closes": "17:00", "every_weeks": "1",
        "site": str(scanner.site_id), "limit": "1", "priorities": [], "competences": [],
        "picked_scanner": str(scanner.pk), "picked_number": "1",
    } | other  # fmt: skip


def after(saved, page=None, **sent):
    return page_after(saved, ({"changes": page.changes_text} if page else {}) | sent)


def test_it_shows_the_hours_in_force(saved, stage):
    page = page_of(saved)
    assert [row.name for row in page.rows] == ["North CT1", "North MR1", "South MR2", "The van"]
    # 5 x 12 + 7 x 12 + 5 x 10 + 10
    assert (page.hours, page.more_hours, page.first_minute, page.last_minute) == (204, 0, 360, 1320)
    assert page.rows[3].days[0][0].words == "The van, Monday, 09:00 to 19:00, at South"
    assert all(not row.locked for row in page.rows)


def test_moves_add_up_and_what_follows_is_counted(saved, stage):
    page = after(saved, do="change", **fields(stage))
    tuesdays = [one for one in stage.scanners["MR2"].sessions.all() if day_of(one.opens_at).weekday() == 1]
    ahead = [one for one in tuesdays if day_of(one.opens_at) >= saved.start]
    assert (page.more_hours, page.picked) == (-2, (str(stage.scanners["MR2"].pk), 1))
    assert page.said == "South MR2, Tuesday, 09:00 to 17:00. Nothing is saved yet."
    assert (len(page.follows.reshape), len(page.follows.make), len(page.follows.remove)) == (len(ahead), 0, 0)
    page = after(saved, page, do="remove", **fields(stage))
    assert (page.more_hours, len(page.follows.remove), len(page.follows.reshape)) == (-10, len(ahead), 0)
    page = after(saved, page, do="add", **fields(stage, opens="08:00", closes="18:00"))
    assert page.more_hours == 0
    assert after(saved, page, do="reset").drafts == {}


def test_hours_put_back_by_hand_are_no_change(saved, stage):
    page = after(saved, do="change", **fields(stage))
    page = after(saved, page, do="change", **fields(stage, opens="08:00", closes="18:00"))
    assert (page.drafts, page.follows) == ({}, None)


def test_who_is_to_be_moved_first_is_named(saved, stage):
    tuesday = next(
        one for one in stage.scanners["MR2"].sessions.all()
        if day_of(one.opens_at).weekday() == 1 and day_of(one.opens_at) >= saved.start
    )  # fmt: skip
    bookings.book(stage.request(), tuesday.pk, tuesday.opens_at, by=STAGE)
    page = after(saved, do="change", **fields(stage))
    assert [kept.session for kept in page.follows.move_first] == [tuesday]


def test_to_another_scanner(saved, stage):
    page = after(
        saved, do="change", **fields(stage, scanner=str(stage.scanners["VAN"].pk), site=str(stage.cast.north.pk))
    )
    assert page.more_hours == -2
    blocks = page.drafts[stage.scanners["VAN"].pk].blocks
    assert [(one.day, one.opens, one.site) for one in blocks] == [
        (0, "09:00", stage.cast.south.pk), (1, "09:00", stage.cast.north.pk),
    ]  # fmt: skip


def test_what_cannot_be_changes_nothing_and_says_why(saved, stage):
    page = after(saved, do="add", **fields(stage))
    assert page.drafts == {}
    assert "South MR2, Tuesday: 08:00 to 18:00 and 09:00 to 17:00 overlap" in page.form.errors["__all__"][0]
    page = after(saved, do="change", **fields(stage, opens="9"))
    assert page.form.errors["opens"] == ["Opens: give a time between 00:00 and 23:55, such as 08:00."]
    for picked in ({"picked_number": ""}, {"picked_number": "77"}, {"picked_scanner": "0"}):
        assert after(saved, do="change", **fields(stage, **picked)).said == PICK_FIRST
    assert after(saved, pick="x|1").said == PICK_FIRST


def test_picking_fills_the_form(saved, stage):
    pk = stage.scanners["MR1"].pk
    page = after(saved, pick=f"{pk}|2")
    assert page.picked == (str(pk), 2)
    assert (page.form["day"].value(), page.form["competences"].value()) == ("2", ["cardiac_mr"])


def test_others_see_the_hours_and_cannot_change_them(stage, client):
    clerk = stage.cast.people["booking_clerk"]
    client.force_login(clerk)
    page = client.get(reverse("imaging:usual_hours")).content.decode()
    assert "North MR1" in page and "South MR2" not in page
    assert 'name="pick"' not in page
    assert client.post(reverse("imaging:usual_hours"), {"do": "save"}).status_code == 403
    saved = saved_hours(stage.cast.people["radiology_manager"], stage.monday)
    assert (
        after(saved, do="change", **fields(stage)).said == "" and not after(saved, do="change", **fields(stage)).drafts
    )


def test_saving_by_a_script_goes_on_to_the_saved_page(saved, stage, client):
    page = after(saved, do="change", **fields(stage))
    client.force_login(stage.cast.chief)
    sent = {"do": "save", "start": saved.start.isoformat(), "changes": page.changes_text, "reason": "longer days"}
    answer = client.post(reverse("imaging:usual_hours"), sent, headers={"HX-Request": "true"})
    assert answer["HX-Redirect"] == f"/imaging/hours/usual/?start={saved.start}"
    again = client.post(reverse("imaging:usual_hours"), sent)
    assert "Somebody changed these hours meanwhile" in again.content.decode()
    assert stage.scanners["MR2"].templates.filter(weekday=1).count() == 2
