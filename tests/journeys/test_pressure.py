"""Journey of a planner: sign in, see where the pressure is, filter, open a chart, recalculate its limits, see why."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from trustwide.commons.accounts.tests.cast import PASSWORD, build_cast
from trustwide.commons.measures.models import Rebase
from trustwide.services.imaging.tests.stage import import_lists

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def drawn(page, charts=1):
    """Every chart of the page has been drawn."""
    page.locator("[data-drawn=yes]").nth(charts - 1).wait_for()
    expect(page.locator("[data-drawn=no]")).to_have_count(0)


LABELS_OUTSIDE = """charts => charts.flatMap(chart => {
    const box = chart.getBoundingClientRect();
    const outside = ({left, right}) => left < box.left - 1 || right > box.right + 1;
    return [...chart.querySelectorAll("text")]  // labels that would lie over others are there, unseen
        .filter(each => getComputedStyle(each).opacity !== "0" && outside(each.getBoundingClientRect()))
        .map(each => each.textContent);
})"""


def on_a_phone(page, axe, tables_fit):
    """Nothing of the page is cut off on a phone: rows are cards, and the words of charts stand within them."""
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    tables_fit(page)
    holders = page.locator(".app-chart__drawing")
    if holders.count():
        drawn(page, holders.count())
        assert page.locator(".app-chart__drawing svg").evaluate_all(LABELS_OUTSIDE) == []
    page.set_viewport_size({"width": 1366, "height": 768})


def sign_in_by_form(page, live_server, person):
    page.goto(f"{live_server.url}/")
    page.get_by_label("Email address").fill(person.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Where is the pressure?").wait_for()


def filter_and_come_back(page, axe):
    page.get_by_label("Only concerns").check()
    page.wait_for_url("**/?where=group&concerns=on")
    expect(page.locator("tbody tr")).to_have_count(1)
    axe(page)
    page.get_by_label("Only concerns").uncheck()
    page.get_by_label("Test", exact=True).select_option(label="CT")
    page.wait_for_url("**/?where=group&test=CT")
    expect(page.get_by_role("status")).to_have_text("Your one list has not grown beyond its usual variation.")
    page.get_by_label("Site name or code").fill("nowhere")
    page.get_by_text("No list fits.").wait_for()
    axe(page)
    page.go_back()
    page.get_by_role("link", name="CT", exact=True).wait_for()
    page.get_by_role("navigation", name="Menu").wait_for()  # going back brings the whole page back


def recalculate_limits(page, axe):
    page.get_by_role("button", name="Recalculate the limits").click()
    axe(page)
    page.get_by_label("First month of the new limits").select_option(label="May 2025")
    page.get_by_role("button", name="Recalculate the limits").click()
    page.get_by_role("alert").get_by_role("link", name="Enter what changed").click()
    expect(page.get_by_label("What changed?")).to_be_focused()
    assert page.title().startswith("Error: ")
    axe(page)
    page.get_by_label("What changed?").fill("A scanner was taken out of use.")
    page.get_by_role("button", name="Recalculate the limits").click()
    page.get_by_text("The limits are recalculated from May 2025 on.").wait_for()
    page.get_by_role("row", name="May 2025 A scanner was taken out of use.").wait_for()
    drawn(page)
    axe(page)


def take_back(page, axe):
    page.get_by_role("link", name="Take back").click()
    axe(page)
    page.get_by_role("button", name="Take it back").click()
    page.get_by_role("alert").wait_for()
    axe(page)
    page.get_by_label("Reason").fill("It is back in use.")
    page.get_by_role("button", name="Take it back").click()
    page.get_by_text("It is taken back.").wait_for()
    axe(page)


def write_a_note(page, axe):
    page.get_by_role("button", name="Write a note").click()
    axe(page)
    page.get_by_label("Month").select_option(label="May 2025")
    page.get_by_label("What happened?").fill("Scanner out of use")
    page.get_by_role("button", name="Write the note").click()
    drawn(page)
    expect(page.locator(".app-chart svg").get_by_text("Scanner out of use")).to_have_count(1)


def test_from_the_question_to_the_cause(browser_page, live_server, axe, tables_fit):
    page, cast = browser_page, build_cast()
    import_lists(cast)
    sign_in_by_form(page, live_server, cast.people["planner"])
    page.get_by_text("One of your 2 lists has grown beyond its usual variation: MRI at North").wait_for()
    axe(page)
    expect(page.locator(".nhsuk-table--responsive").first).to_be_attached()
    tables_fit(page)
    on_a_phone(page, axe, tables_fit)
    filter_and_come_back(page, axe)

    page.goto(f"{live_server.url}/?where=group&test=MRI")
    page.get_by_role("row", name="North").get_by_role("link", name="898").click()
    page.get_by_role("heading", name="Is this change real?").wait_for()
    page.get_by_text("Higher than usual since May 2025").first.wait_for()
    drawn(page)
    axe(page)
    on_a_phone(page, axe, tables_fit)
    recalculate_limits(page, axe)
    assert Rebase.objects.get().author == cast.people["planner"].name
    take_back(page, axe)
    write_a_note(page, axe)

    page.get_by_label("Breadcrumb").get_by_role("link", name="MRI").click()
    page.get_by_role("heading", name="What happened to this list?").wait_for()
    page.get_by_text("Since May 2025: from May to July 2025").wait_for()
    drawn(page, charts=5)
    axe(page)
    page.get_by_text("The same as a table").click()
    page.get_by_role("table", name="People by weeks waited").wait_for()
    axe(page)
    assert page.get_by_role("button", name="What would fix it?").get_attribute("href") == "/imaging/plans/N1/MRI/"


def test_views_search_and_the_site_s_lists(browser_page, live_server, axe, sign_in):
    page, cast = browser_page, build_cast()
    sign_in(page, live_server, cast.chief)
    page.goto(f"{live_server.url}/")
    page.get_by_text("No measures are here yet.").wait_for()
    axe(page)
    import_lists(cast)

    page.goto(f"{live_server.url}/?where=all&test=XRAY")
    page.get_by_role("alert").get_by_text("There is no test XRAY.").wait_for()
    axe(page)
    page.goto(f"{live_server.url}/?where=all&test=MRI")
    page.get_by_text("Choose columns").click()
    page.get_by_label("What changed").uncheck()
    page.get_by_role("columnheader", name="What changed").wait_for(state="detached")
    axe(page)
    page.get_by_role("link", name="Save this view").click()
    axe(page)
    page.get_by_role("button", name="Save").click()
    page.get_by_role("alert").get_by_text("Enter a name for the view.").wait_for()
    axe(page)
    page.get_by_label("Name").fill("MRI everywhere")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("navigation", name="Saved views").get_by_role("link", name="MRI everywhere", exact=True).wait_for()
    axe(page)
    page.get_by_role("link", name="delete MRI everywhere").click()
    axe(page)
    page.get_by_role("button", name="Delete the view").click()
    page.get_by_text('The view "MRI everywhere" is deleted.').wait_for()

    page.get_by_label("Find a site or a list").fill("north")
    page.get_by_label("Find a site or a list").press("Enter")
    page.get_by_text("1 site and 2 lists fit").wait_for()
    axe(page)
    page.get_by_role("link", name="North Hospital").first.click()
    page.get_by_role("table", name="Waiting lists").wait_for()
    axe(page)
    page.goto(f"{live_server.url}/search/?q=nothing+such")
    axe(page)
    page.goto(f"{live_server.url}/imaging/N1/DEXA/")
    axe(page)
    page.goto(f"{live_server.url}/measures/dm01_waiting_list/N1/DEXA/")
    axe(page)
    page.goto(f"{live_server.url}/imaging/N9/MRI/")
    page.get_by_role("heading", name="Page not found").wait_for()
    axe(page)


def test_the_keyboard_reaches_the_figures(browser_page, live_server, sign_in):
    page, cast = browser_page, build_cast()
    import_lists(cast)
    sign_in(page, live_server, cast.chief)
    page.goto(f"{live_server.url}/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == "Skip to main content"
    page.keyboard.press("Enter")
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText") == "MRI":
            break
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="What happened to this list?").wait_for()


def test_without_scripts_filters_and_charts_still_work(browser, live_server, client):
    cast = build_cast()
    import_lists(cast)
    client.force_login(cast.chief)
    context = browser.new_context(java_script_enabled=False)
    session = client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"{live_server.url}/")
    page.get_by_label("Test", exact=True).select_option(label="CT")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.goto(f"{live_server.url}/imaging/N1/MRI/")
    pictures = page.locator("noscript img, .app-chart img")
    assert pictures.count() == 5
    for place in range(5):
        assert pictures.nth(place).evaluate("picture => picture.complete && picture.naturalWidth > 0")
    context.close()
