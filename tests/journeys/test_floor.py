"""Journey of a planner: where people queue in the new department, a day on its plan, another layout."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.test_pictures import FOLDER
from trustwide.commons.accounts.tests.cast import build_cast
from trustwide.demo.actions import LAYOUTS
from trustwide.services.imaging.flow.actions import add_layout
from trustwide.services.imaging.tests.stage import STAGE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def stage():
    cast = build_cast()
    for path in LAYOUTS:
        add_layout(cast.north, path.read_text(encoding="utf-8"), by=STAGE)
    return cast


def clock(page):
    return page.locator("[data-floor-clock]").inner_text()


def opens_the_first_layout(page, live_server, axe):
    page.goto(f"{live_server.url}/imaging/floor/")
    axe(page)
    page.get_by_role("link", name="New department, three changing cubicles").click()
    page.get_by_role("heading", name="Where do people queue?").wait_for()
    expect(page.locator(".app-lead")).to_contain_text("Cannulation is the bottleneck from ")
    expect(page.locator(".app-person").first).to_be_visible()


def follows_the_day(page):
    """By buttons and by keys; the table says how many wait at the time shown."""
    before = clock(page)
    assert int(page.locator("[data-waiting='2']").inner_text()) > 0
    page.get_by_role("button", name="5 minutes on").click()
    assert clock(page) != before
    page.get_by_role("slider", name="Time of day").press("Home")
    assert page.locator(".app-person").count() <= 3
    page.get_by_role("slider", name="Time of day").press("ArrowRight")
    early = clock(page)
    page.get_by_role("button", name="Play").click()
    expect(page.locator("[data-floor-clock]")).not_to_have_text(early)
    page.get_by_role("button", name="Pause").click()


def compares_with_the_other(page, axe):
    page.get_by_role("button", name="Compare").click()
    page.get_by_text("Both layouts have the same patients").wait_for()
    row = page.get_by_role("row", name="Door to door, mean minutes")
    assert row.get_by_role("cell").nth(2).inner_text().startswith("-")
    axe(page)


def draws_another(page, axe):
    page.get_by_role("button", name="Draw another layout from this one").click()
    text = page.get_by_label("Text of the file")
    described = text.input_value()
    text.fill(described.replace("holds: {recovery bay: 1}", "holds: {recovery chair: 1}"))
    page.get_by_role("button", name="Save and run").click()
    expect(page.locator(".nhsuk-error-summary")).to_contain_text("steps[5].holds: 'recovery chair' is not among")
    axe(page)
    text.fill(described.replace("id: cannulation bay, count: 1", "id: cannulation bay, count: 3"))
    page.get_by_role("button", name="Save and run").click()
    page.get_by_text("is kept.").wait_for()


def test_where_people_queue_in_the_new_department(browser_page, live_server, sign_in, axe, stage) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    page = browser_page
    page.set_viewport_size({"width": 1366, "height": 960})
    sign_in(page, live_server, stage.people["planner"])
    opens_the_first_layout(page, live_server, axe)
    axe(page)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / "floor.png")
    follows_the_day(page)
    compares_with_the_other(page, axe)
    draws_another(page, axe)
