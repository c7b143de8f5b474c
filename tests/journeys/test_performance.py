"""Journey of a board member: how we do aim by aim, from a figure to its parts and chart, and the report each month."""

from __future__ import annotations

import os

import pytest
from playwright.sync_api import expect

from trustwide.commons.accounts.actions import add_member
from trustwide.commons.accounts.tests.cast import STAGE, build_cast, person
from trustwide.commons.measures.performance.tests.report_stage import build

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1366, "height": 768}


@pytest.fixture
def stage(monkeypatch):
    return build(build_cast(), monkeypatch)


@pytest.fixture
def board(stage):
    someone = person("Board Reader")
    add_member(someone, "board_member", stage.group, by=STAGE, reason="for the test")
    add_member(someone, "administrator", stage.group, by=STAGE, reason="for the test")
    return someone


def at_both_widths(page, axe, tables_fit):
    """No violation, and nothing wider than the screen, on a desk and on a phone."""
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1"), page.url
        tables_fit(page)
        if folder := os.environ.get("TRUSTWIDE_SCREENSHOTS"):
            name = page.url.partition("/performance/")[2].partition("?")[0].replace("/", "-") or "report"
            page.screenshot(path=f"{folder}/{name}-{size['width']}.png", full_page=True)


def test_from_the_aims_to_the_rows_and_the_monthly_mail(
    stage, board, live_server, browser_page, sign_in, axe, tables_fit
):
    page = browser_page
    sign_in(page, live_server, board)
    page.goto(f"{live_server.url}/performance/", timeout=60_000)  # the first visit loads the engine of the measures
    page.get_by_role("heading", name="How are we doing, aim by aim?").wait_for()
    expect(page.locator(".app-lead")).to_contain_text("one of 12 charts shows concern")
    expect(page.locator(".app-multiples figure")).not_to_have_count(0)
    expect(page.locator(".nhsuk-table--responsive").first).to_be_attached()
    at_both_widths(page, axe, tables_fit)

    page.get_by_label("Whose report").select_option(label="North Trust")
    page.get_by_label("Month").select_option(label="June 2025")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**/performance/?scope=partner%3AT1&month=2025-06")
    expect(page.get_by_role("columnheader", name="All sites").first).to_be_visible()

    page.get_by_role("link", name="Share of visits that began late, North:").click()
    page.get_by_role("heading", name="What is this figure made of?").wait_for()
    at_both_widths(page, axe, tables_fit)
    page.get_by_role("link", name="MRI, North:").click()
    page.get_by_role("heading", name="Is this change real?").wait_for()
    page.get_by_role("table").last.wait_for()

    page.goto(f"{live_server.url}/performance/?scope=partner:T1")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as PDF").click()
    assert download.value.suggested_filename == "performance-T1-2025-12.pdf"
    page.get_by_role("link", name="Send it to me each month").click()
    at_both_widths(page, axe, tables_fit)
    page.get_by_label("Day of the month").fill("31")
    page.get_by_role("button", name="Send it each month").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter a day from 1 to 28")
    at_both_widths(page, axe, tables_fit)
    page.get_by_label("Day of the month").fill("5")
    page.get_by_role("button", name="Send it each month").click()
    page.get_by_text("The report of North Trust is sent to you on day 5 of each month.").wait_for()
    at_both_widths(page, axe, tables_fit)
    page.get_by_role("link", name="Who is sent what").click()
    expect(page.get_by_role("row", name="Board Reader North Trust")).to_be_visible()
    at_both_widths(page, axe, tables_fit)
    page.get_by_role("button", name="End Board Reader").click()
    page.get_by_text("The report of North Trust is no longer sent.").wait_for()


def test_on_paper_each_aim_has_a_page_and_the_controls_are_gone(stage, live_server, browser_page, sign_in):
    page = browser_page
    sign_in(page, live_server, stage.chief)
    page.goto(f"{live_server.url}/performance/", timeout=60_000)
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Show")).to_be_hidden()
    expect(page.get_by_role("link", name="Download as PDF")).to_be_hidden()
    assert page.locator(".app-aim").first.evaluate("each => getComputedStyle(each).breakBefore") == "page"
