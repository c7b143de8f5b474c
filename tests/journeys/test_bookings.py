"""Journeys of a booking centre: over all sites, a freed time that somebody else takes, a scanner that is down."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.journeys.test_pictures import FOLDER
from trustwide.commons.accounts.actions import add_member
from trustwide.commons.accounts.tests.cast import STAGE, build_cast
from trustwide.exchange.messages.sending import send_due
from trustwide.services.imaging.booking.actions import book
from trustwide.services.imaging.booking.models import Appointment
from trustwide.services.imaging.booking.tests.booking_stage import build_stage
from trustwide.services.imaging.messages.rules import next_allowed
from trustwide.services.imaging.messages.tests.message_stage import BORN, reachable

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def stage(settings, live_server, tmp_path):
    """A booking centre that books live, whose messages land in a folder."""
    settings.LIVE_BOOKING, settings.JOBS, settings.PUBLIC_ADDRESS = True, "now", live_server.url
    settings.HOME = tmp_path
    FOLDER.mkdir(parents=True, exist_ok=True)
    built = build_stage(build_cast())
    add_member(built.cast.people["radiographer"], "radiographer", built.cast.group, by=STAGE, reason="one list")
    return built


def test_a_clerk_books_over_sites(browser_page, live_server, stage, sign_in, axe):
    for days, name in ((38, "Olwen Farrow"), (20, "Tobias Birchall"), (3, "Ines Kestrel")):
        reachable(stage, days_ago=days, name=name)
    page = browser_page
    sign_in(page, live_server, stage.cast.people["booking_clerk"])
    page.goto(f"{live_server.url}/imaging/bookings/")
    expect(page.locator(".app-lead")).to_contain_text("1 to book today")
    axe(page)
    page.get_by_role("link", name="Find a time for Olwen Farrow").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("When and where can this patient come?")
    axe(page)
    page.screenshot(path=FOLDER / "find_slot.png", full_page=True)
    page.get_by_label("Site", exact=True).select_option(label="South")
    page.get_by_role("button", name="Look again").click()
    table = page.get_by_role("table", name="The earliest times")
    expect(table).not_to_contain_text("North MR1")
    table.get_by_role("button", name=re.compile("^Offer")).first.click()
    page.get_by_text("It is not held").wait_for()
    page.get_by_role("button", name="Declines").click()
    page.get_by_text("The answer is kept.").wait_for()
    page.get_by_role("button", name=re.compile("^Book")).nth(1).click()
    expect(page.locator(".app-lead")).to_contain_text("Booked for")
    axe(page)
    page.get_by_role("button", name="Cancel this appointment").click()
    page.get_by_role("button", name="Cancel the appointment").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter reason")
    axe(page)
    assert Appointment.objects.in_force().count() == 1


def test_a_freed_time_is_taken_by_somebody_who_waits(browser_page, browser, live_server, stage, axe):
    soon = stage.session("MR1")
    going = book(reachable(stage, name="Rafi Gorse"), soon.pk, soon.opens_at, by=STAGE)
    waiting = reachable(stage, name="Petra Loxley", days_ago=39)
    send_due(next_allowed(timezone.now(), "sms"))
    phone = browser_page
    phone.set_viewport_size({"width": 360, "height": 640})
    open_own_page(phone, link_to(going.request))
    phone.get_by_role("button", name="I cannot come").click()
    phone.get_by_role("button", name="Cancel my appointment").click()
    phone.get_by_text("You have no appointment now").wait_for()
    axe(phone)
    send_due(next_allowed(timezone.now(), "sms"))
    other = browser.new_context(viewport={"width": 360, "height": 640}).new_page()
    open_own_page(other, link_to(waiting))
    other.get_by_role("button", name="Look at the earlier time").click()
    axe(other)
    other.get_by_role("button", name=re.compile("^Yes")).click()
    other.get_by_role("heading", name="When is your appointment?").wait_for()
    axe(other)
    other.screenshot(path=FOLDER / "patient.png")
    held = Appointment.objects.in_force().get()
    assert (held.request_id, held.starts_at) == (waiting.pk, going.starts_at)
    other.context.close()


def test_a_scanner_is_down_and_everybody_has_a_new_time(browser_page, live_server, stage, sign_in, axe):
    session = stage.session("MR1")
    for number, days in enumerate((39, 12, 30, 5)):
        book(reachable(stage, days_ago=days, name=f"Patient {number}"), session.pk,
             session.opens_at + dt.timedelta(minutes=30 * number), by=STAGE)  # fmt: skip
    page = browser_page
    sign_in(page, live_server, stage.cast.people["radiographer"])
    page.goto(f"{live_server.url}/imaging/today/?on={session.opens_at:%Y-%m-%d}")
    expect(page.get_by_role("heading", name="North MR1, North")).to_be_visible()
    axe(page)
    page.screenshot(path=FOLDER / "today.png", full_page=True)
    page.locator("section", has_text="North MR1").get_by_role("button", name="Scanner is down").click()
    page.get_by_role("button", name="Show who is affected").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter what is wrong?")
    axe(page)
    page.get_by_label("What is wrong?").fill("Helium pressure")
    page.get_by_label("Expected back").fill(f"{timezone.localtime(session.closes_at):%Y-%m-%dT%H:%M}")
    page.get_by_role("button", name="Show who is affected").click()
    expect(page.locator(".app-lead")).to_contain_text("4 patients are booked on North MR1")
    axe(page)
    page.screenshot(path=FOLDER / "down.png", full_page=True)
    page.get_by_role("button", name="Mark North MR1 down and move them").click()
    expect(page.locator(".app-lead")).to_contain_text("4 patients were moved")
    axe(page)
    assert not Appointment.objects.in_force().filter(session=session).exists()
    assert Appointment.objects.in_force().count() == 4


def link_to(request) -> str:
    """The address in the newest message that went out about a request."""
    from django.conf import settings

    for path in sorted((settings.HOME / "messages").iterdir(), key=lambda one: one.stat().st_mtime, reverse=True):
        found = re.search(r"https?://\S+/p/\S+?/", path.read_text(encoding="utf-8"))
        if found and request.patient.mobile in path.read_text(encoding="utf-8"):
            return found.group()
    raise AssertionError("no message with a link was sent")


def open_own_page(page, link: str) -> None:
    page.goto(link)
    page.get_by_label("Day").fill(str(BORN.day))
    page.get_by_label("Month").fill(str(BORN.month))
    page.get_by_label("Year").fill(str(BORN.year))
    page.get_by_role("button", name="Continue").click()
