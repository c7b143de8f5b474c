"""Journey of a patient with an old phone: opens the link of a message, says who they are, changes the appointment."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from trustwide.commons.accounts.tests.cast import STAGE, build_cast
from trustwide.services.imaging.booking.models import Appointment
from trustwide.services.imaging.booking.offers import make_offer
from trustwide.services.imaging.booking.slots import find_slots, question_for
from trustwide.services.imaging.booking.tests.booking_stage import build_stage
from trustwide.services.imaging.messages.tests.message_stage import booked
from trustwide.services.imaging.patient_pages.links import make_link

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def link(settings, live_server):
    """The link of a patient who is booked in three weeks and was offered an earlier time."""
    settings.LIVE_BOOKING, settings.JOBS, settings.PUBLIC_ADDRESS = True, "now", live_server.url
    stage = build_stage(build_cast())
    request = booked(stage, days=20).request
    make_offer(request, find_slots(question_for(request), limit=1)[0], by=STAGE)
    request.refresh_from_db()
    return make_link(request, timezone.now())[1]


@pytest.fixture
def old_phone(browser):
    """A small screen, and no scripts."""
    context = browser.new_context(viewport={"width": 320, "height": 480}, java_script_enabled=False)
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


def says_who_it_is(page, link, year="1958"):
    page.goto(link)
    page.get_by_label("Day").fill("27")
    page.get_by_label("Month").fill("3")
    page.get_by_label("Year").fill(year)
    page.get_by_role("button", name="Continue").click()


def test_everything_works_without_scripts_on_a_small_screen(old_phone, link):
    page = old_phone
    says_who_it_is(page, link, "1959")
    expect(page.get_by_role("alert")).to_contain_text("not the date of birth we have")
    says_who_it_is(page, link)
    expect(page.get_by_role("heading", level=1)).to_have_text("When is your appointment?")
    page.get_by_role("button", name="I will come").click()
    expect(page.locator("main")).to_contain_text("You told us that you will come")
    page.get_by_role("button", name="Choose another time").click()
    page.get_by_role("radio").nth(1).check()
    page.get_by_role("button", name="Take this time").click()
    expect(page.locator("main")).to_contain_text("You have a new time")
    page.get_by_role("button", name="Look at the earlier time").click()
    page.get_by_role("button", name="No, thank you").click()
    page.get_by_role("button", name="Tell us what you need").click()
    page.get_by_label("I need an interpreter").check()
    page.get_by_label("Tell us more").fill("Polish")
    page.get_by_role("button", name="Tell us").click()
    expect(page.locator("main")).to_contain_text("I need an interpreter")
    page.get_by_role("button", name="I cannot come").click()
    page.get_by_role("button", name="Cancel my appointment").click()
    expect(page.locator("main")).to_contain_text("You have no appointment now")
    assert not Appointment.objects.in_force().exists()


def test_every_page_can_be_read_by_everybody(browser_page, link, axe):
    page = browser_page
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(link)
    axe(page)
    says_who_it_is(page, link, "1959")
    axe(page)
    says_who_it_is(page, link)
    axe(page)
    for name in ("Choose another time", "I cannot come", "Look at the earlier time", "Tell us what you need"):
        page.get_by_role("button", name=name).click()
        axe(page)
        no_wider_than_the_screen(page)
        page.get_by_role("link", name="Go back to your appointment").click()
    page.get_by_role("button", name="Use large print").click()
    axe(page)
    no_wider_than_the_screen(page)
    page.goto(link.replace("/p/", "/p/x"))
    axe(page)


def no_wider_than_the_screen(page):
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
