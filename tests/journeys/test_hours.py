"""Journey of a manager: what the scanners do this week, a day closed, usual hours dragged and typed, a van sent."""

from __future__ import annotations

import datetime as dt

import pytest

from trustwide.commons.accounts.tests.cast import build_cast
from trustwide.services.imaging.booking import actions as bookings
from trustwide.services.imaging.booking.hours.days import day_of
from trustwide.services.imaging.booking.tests.booking_stage import STAGE, build_stage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WEEK = dt.timedelta(weeks=1)


@pytest.fixture
def stage():
    return build_stage(build_cast())


def looks_at_the_week(page, live_server, axe, stage):
    page.goto(f"{live_server.url}/imaging/hours/")
    page.get_by_text("No scanner has a session this week.").wait_for()
    page.goto(f"{live_server.url}/imaging/hours/?week={stage.monday}")
    page.get_by_text("4 scanners,").wait_for()
    page.locator("[data-drawn=yes]").wait_for()
    axe(page)


def closes_a_session(page, axe):
    page.get_by_role("link", name="North CT1").first.click()
    page.get_by_role("heading", name="Who comes to this session?").wait_for()
    page.get_by_role("button", name="Close the session").click()
    page.get_by_role("alert").get_by_text("Say why the session is closed.").wait_for()
    axe(page)
    page.get_by_label("Why is it closed?").fill("Engineer comes")
    page.get_by_role("button", name="Close the session").click()
    page.get_by_text("Closed: Engineer comes.").wait_for()
    axe(page)
    page.get_by_role("link", name="The week").click()
    page.get_by_text("1 session closed.").wait_for()


def drags_usual_hours(page, live_server, axe, start):
    page.goto(f"{live_server.url}/imaging/hours/usual/?start={start}")
    friday = page.get_by_role("button", name="South MR2, Friday, 08:00 to 18:00")
    friday.scroll_into_view_if_needed()
    box, cell = friday.bounding_box(), page.locator("tr", has=friday).locator("td[data-day='5']").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(cell["x"] + box["x"] % cell["width"] + 45, box["y"] + box["height"] / 2, steps=8)
    page.mouse.up()
    page.get_by_text("South MR2, Saturday").first.wait_for()
    page.get_by_text("Not saved yet.").wait_for()
    axe(page)


def stretches_by_keys_and_is_told_what_is_wrong(page, axe):
    tuesday = page.get_by_role("button", name="South MR2, Tuesday, 08:00 to 18:00")
    tuesday.focus()
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    page.get_by_text("South MR2, Tuesday, 08:00 to 19:00. Nothing is saved yet.").wait_for()
    stretched = page.get_by_role("button", name="South MR2, Tuesday, 08:00 to 19:00")
    assert stretched.evaluate("block => block === document.activeElement")
    page.get_by_label("Closes").fill("07:00")
    page.get_by_role("button", name="Change this session").click()
    page.get_by_role("alert").get_by_text("it opens at 08:00 and closes at 07:00; it must close later").wait_for()
    axe(page)


def sees_whom_to_move_first_and_saves(page, axe):
    monday = page.get_by_role("button", name="South MR2, Monday, 08:00 to 18:00")
    monday.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.get_by_text("South MR2, Monday, 09:00 to 19:00. Nothing is saved yet.").wait_for()
    page.get_by_text("1 patient is booked outside the new hours").wait_for()
    page.get_by_role("table", name="Move them first").wait_for()
    page.get_by_role("button", name="Save the hours").click()
    page.get_by_role("alert").get_by_text("Say why the hours change.").wait_for()
    axe(page)
    page.get_by_label("Reason for the change").fill("longer days")
    page.get_by_role("button", name="Save the hours").click()
    page.get_by_text("1 session keeps its hours for its patients.").wait_for()
    axe(page)


def opens_a_day(page, axe, stage):
    page.get_by_role("navigation", name="Scanners' hours").get_by_role("link", name="The week").click()
    page.get_by_role("button", name="Open a day for once").click()
    page.get_by_role("button", name="Open the day").click()
    page.get_by_role("alert").get_by_role("link").first.wait_for()
    axe(page)
    page.get_by_label("Scanner").select_option(label="The van")
    page.get_by_label("Day").fill((stage.monday + 3 * WEEK + dt.timedelta(days=6)).isoformat())
    page.get_by_role("button", name="Open the day").click()
    page.get_by_text("Opened for once.").wait_for()


def sends_the_van_away(page, axe):
    page.get_by_label("Where it stands").select_option(label="North Hospital")
    page.get_by_role("button", name="Change the site").click()
    page.get_by_text("The van stands at North that day.").wait_for()
    axe(page)
    page.get_by_role("link", name="When do our scanners work?").click()
    page.get_by_role("link", name="Vans").click()
    page.get_by_text("1 day at North").wait_for()
    axe(page)


def test_a_manager_of_hours(browser_page, live_server, stage, sign_in, axe):
    page, scanner = browser_page, stage.scanners["MR2"]
    made = {day_of(one.opens_at) for one in scanner.sessions.all()}
    monday = next(day for day in (stage.monday + number * WEEK for number in range(1, 8)) if day in made)
    session = stage.session("MR2", (monday - stage.monday).days)
    bookings.book(stage.request(), session.pk, session.opens_at, by=STAGE)
    sign_in(page, live_server, stage.cast.chief)
    looks_at_the_week(page, live_server, axe, stage)
    closes_a_session(page, axe)
    drags_usual_hours(page, live_server, axe, monday)
    stretches_by_keys_and_is_told_what_is_wrong(page, axe)
    sees_whom_to_move_first_and_saves(page, axe)
    opens_a_day(page, axe, stage)
    sends_the_van_away(page, axe)
    assert {(one.opens.hour, one.closes.hour) for one in scanner.templates.filter(until_on=None, weekday=0)} == {
        (9, 19)
    }


@pytest.mark.parametrize("width", [390, 683])
def test_only_tables_scroll_sideways(browser_page, live_server, stage, sign_in, width):
    page = browser_page
    sign_in(page, live_server, stage.cast.chief)
    page.set_viewport_size({"width": width, "height": 800})
    for address in ("", f"?week={stage.monday}", "usual/", "vans/", "open-a-day/", f"{stage.session('VAN').pk}/"):
        page.goto(f"{live_server.url}/imaging/hours/{address}")
        page.wait_for_load_state()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
