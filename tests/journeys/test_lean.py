"""Journey of a manager: where the time goes, why sites differ, the exams behind a figure, a service from today."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from trustwide.commons.accounts.tests.cast import build_cast
from trustwide.services.imaging.booking.tests.booking_stage import build_stage
from trustwide.services.imaging.lean.tests import lean_stage
from trustwide.services.imaging.lean.tests.lean_stage import a_worked_day

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def stage(monkeypatch):
    monkeypatch.setattr(lean_stage, "DAY", timezone.localdate() - dt.timedelta(weeks=6))
    stage = build_stage(build_cast())
    a_worked_day(stage)
    return stage


def reads_where_the_time_goes(page, live_server, axe):
    page.goto(f"{live_server.url}/imaging/lean/", timeout=60_000)  # the first visit loads the engine of the measures
    page.get_by_role("heading", name="Where does the time go?").wait_for()
    expect(page.locator(".app-lead")).to_contain_text("from scan to report")
    page.get_by_label("Exam", exact=True).select_option(label="MRI liver with contrast")
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".app-way__step--value")).to_contain_text("takes 40 minutes")
    axe(page)


def opens_the_exams_behind_a_figure(page, axe):
    page.get_by_role("link", name="Rows of Door to door").click()
    page.get_by_role("heading", name="What is this figure counted from?").wait_for()
    expect(page.locator("tbody tr")).to_have_count(1)  # the filter came along
    axe(page)
    page.get_by_role("link", name="Where does the time go?").first.click()


def compares_sites(page, axe):
    page.get_by_role("link", name="Why do sites differ?").click()
    page.get_by_role("link", name="Wait from request to scan").click()
    page.get_by_role("heading", name="Why do sites differ?").wait_for()
    expect(page.locator("[name=exam]")).to_have_value("MLIVC")
    axe(page)


def starts_from_today(page, live_server, axe):
    page.goto(f"{live_server.url}/imaging/services/")
    page.get_by_role("button", name="Start from today").click()
    axe(page)
    page.get_by_label("Scanners", exact=True).select_option(label="CT")
    page.get_by_role("button", name="Describe it from today").click()
    expect(page.get_by_role("alert")).to_contain_text("there is no demand to run")
    axe(page)
    page.get_by_label("Scanners", exact=True).select_option(label="MRI")
    page.get_by_role("button", name="Describe it from today").click()
    page.get_by_role("heading", name="How do we run it?").wait_for()
    expect(page.get_by_text("The waiting list at the start of")).to_be_visible()


def test_from_a_figure_to_its_exams_and_to_a_plan(stage, live_server, browser_page, sign_in, axe):
    sign_in(browser_page, live_server, stage.cast.chief)
    reads_where_the_time_goes(browser_page, live_server, axe)
    opens_the_exams_behind_a_figure(browser_page, axe)
    compares_sites(browser_page, axe)
    starts_from_today(browser_page, live_server, axe)
