"""Charts and progress bars under the strict content security policy, with scripts and without."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from trustwide.commons.accounts.tests.cast import build_cast

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.journeys.sample_pages"),
]


def test_a_chart_is_drawn_without_eval(browser_page, live_server, axe, sign_in):
    page, cast = browser_page, build_cast()
    sign_in(page, live_server, cast.chief)
    response = page.goto(f"{live_server.url}/sample/")
    assert "unsafe" not in response.headers["content-security-policy"]
    page.locator("[data-drawn=yes]").first.wait_for()
    assert page.locator(".app-chart svg path.mark-line, .app-chart svg .mark-line path").count() >= 1
    axe(page)
    point = page.locator(".app-chart svg .mark-symbol path").first
    point.hover()
    page.locator("#vg-tooltip-element.visible").wait_for()


def test_a_progress_bar_asks_again_until_the_work_is_done(browser_page, live_server, axe, sign_in):
    page, cast = browser_page, build_cast()
    sign_in(page, live_server, cast.chief)
    page.goto(f"{live_server.url}/sample/")
    expect(page.get_by_text("Simulating: 25%, 3 minutes left")).to_be_visible()
    page.get_by_text("Simulating: 100%").wait_for()
    page.locator("#late-spec").wait_for(state="attached")
    page.locator("[data-drawn=yes]").nth(1).wait_for()
    axe(page)


def test_without_scripts_the_page_still_says_what_the_chart_shows(browser, live_server, client):
    cast = build_cast()
    client.force_login(cast.chief)
    html = client.get("/sample/").content.decode()
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.set_content(html)
    expect(page.get_by_text("The list grew from 10 to 12.")).to_be_visible()
    expect(page.get_by_alt_text("The list grew from 10 to 12.")).to_have_count(1)
    context.close()
