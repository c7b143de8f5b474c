"""Journey of a planner: see what changed, look at one signal, put it off, assign it, write on it, be told by e-mail."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from trustwide.commons.accounts.tests.cast import build_cast
from trustwide.commons.measures.models import Signal
from trustwide.services.imaging.tests.stage import import_lists

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LAPTOP, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}


@pytest.fixture
def checked(axe, tables_fit):
    """checked(page): no violation on a laptop and on a phone; there, the signals are cards and nothing is wider."""

    def check(page):
        axe(page)
        tables_fit(page)
        page.set_viewport_size(PHONE)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], page.url
        tables_fit(page)
        page.set_viewport_size(LAPTOP)

    return check


def drawn(page):
    page.locator("[data-drawn=yes]").first.wait_for()
    expect(page.locator("[data-drawn=no]")).to_have_count(0)


def put_off(page, checked):
    page.get_by_role("button", name="Put it off").click()
    checked(page)
    page.get_by_label("Put off until").fill((timezone.localdate() + dt.timedelta(days=30)).isoformat())
    page.get_by_role("button", name="Put it off").click()
    page.get_by_role("alert").get_by_role("link", name="Enter why it is put off.").click()
    expect(page.get_by_label("Why is it put off?")).to_be_focused()
    assert page.title().startswith("Error: ")
    checked(page)
    page.get_by_label("Why is it put off?").fill("The second scanner opens next month.")
    page.get_by_role("button", name="Put it off").click()
    page.get_by_text("It is put off until").wait_for()
    drawn(page)
    checked(page)
    page.get_by_role("button", name="Take it up again").click()
    page.get_by_text("It is taken up again and stands in the list.").wait_for()


def assign_and_note(page, checked, cast):
    page.get_by_role("button", name="Assign it").click()
    checked(page)
    page.get_by_role("button", name="Assign it").click()
    page.get_by_role("alert").get_by_text("Choose a person.").wait_for()
    checked(page)
    page.get_by_label("Person", exact=True).select_option(label=str(cast.people["improvement_lead"]))
    page.get_by_role("button", name="Assign it").click()
    page.get_by_text("It is assigned to North Improvement lead.").wait_for()
    page.get_by_role("button", name="Write a note").click()
    page.get_by_label("What was found out?").fill("Referrals from two practices doubled in May.")
    checked(page)
    page.get_by_role("button", name="Write the note").click()
    page.get_by_role("table", name="What was done about it").get_by_text("Referrals from two practices").wait_for()
    checked(page)


def be_told(page, checked):
    page.get_by_role("link", name="Send me new ones by e-mail").click()
    checked(page)
    page.get_by_label("Only concerns").check()
    page.get_by_role("button", name="Tell me by e-mail").click()
    page.get_by_text("You are told of new signals by e-mail from now on.").wait_for()
    checked(page)
    page.get_by_role("button", name="End").click()
    page.get_by_text("You are told of none.").wait_for()
    checked(page)


def put_many_off(page, checked):
    page.get_by_role("button", name="Put off …").click()
    page.get_by_role("alert").get_by_text("Tick the signals first").wait_for()
    checked(page)
    for box in page.get_by_role("checkbox", name="Tick").all():
        box.check()
    page.get_by_role("button", name="Put off …").click()
    page.get_by_role("heading", name="Put off: what will happen?").wait_for()
    checked(page)
    page.get_by_label("Put off until").fill((timezone.localdate() + dt.timedelta(days=7)).isoformat())
    page.get_by_role("button", name="Put off:").click()
    page.get_by_role("alert").get_by_text("Enter why it is put off.").wait_for()
    checked(page)
    page.get_by_label("Why is it put off?").fill("All of one cause.")
    page.get_by_role("button", name="Put off:").click()
    page.get_by_text("Put off: done for").wait_for()
    page.get_by_text("No signal is open here.").wait_for()
    checked(page)


def test_from_what_changed_to_who_sees_to_it(browser_page, live_server, checked, sign_in):
    page, cast = browser_page, build_cast()
    planner = cast.people["planner"]
    import_lists(cast)
    Signal.objects.filter(site=cast.south).delete()
    sign_in(page, live_server, planner)
    page.goto(f"{live_server.url}/signals/")
    signals = Signal.objects.filter(site=cast.north, closed=None)
    expect(page.get_by_role("status")).to_have_text(re.compile(r"charts\.$"))
    assert signals.count() > 1
    expect(page.locator("tbody tr")).to_have_count(signals.count())
    expect(page.locator(".nhsuk-table--responsive").first).to_be_attached()
    checked(page)
    page.get_by_role("link", name="Rolled up").click()
    page.get_by_role("heading", name="What changed everywhere").wait_for()
    checked(page)
    page.get_by_label("Measure", exact=True).select_option(label="People waiting for a test")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("table").get_by_role("link", name="North", exact=True).click()
    page.get_by_role("link", name="People waiting for a test: MRI").click()
    page.get_by_role("heading", name="What is known about this change?").wait_for()
    drawn(page)
    checked(page)
    put_off(page, checked)
    assign_and_note(page, checked, cast)
    page.goto(f"{live_server.url}/signals/")
    page.get_by_role("cell", name="North Improvement lead").wait_for()
    be_told(page, checked)
    page.goto(f"{live_server.url}/signals/")
    put_many_off(page, checked)
    page.get_by_role("combobox", name="State").select_option(label="Put off")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("tbody tr")).to_have_count(signals.count())
    page.get_by_label("Site name or code").fill("nowhere")
    page.get_by_role("button", name="Show").click()
    page.get_by_text("No signal fits.").wait_for()
    checked(page)
