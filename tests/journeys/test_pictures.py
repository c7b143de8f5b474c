"""The pictures in the README: home, chart and plan of the demo group, as they are.

They land in test-artifacts/; `make screenshots` puts them into docs/images/.
"""

from __future__ import annotations

import datetime
import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from trustwide.commons.accounts.models import User
from trustwide.demo.actions import build
from trustwide.demo.figures import wanted
from trustwide.demo.group import SOUTHMERE
from trustwide.demo.people import DOMAIN

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs/images" if os.environ.get("TRUSTWIDE_SCREENSHOTS") else ROOT / "test-artifacts"
MONTH = datetime.date(2026, 10, 1)


def settle(page) -> None:
    """Wait until every chart is drawn and nothing is being fetched."""
    page.wait_for_load_state("networkidle")
    for holder in page.locator("[data-vega-spec]").all():
        expect(holder.locator("svg, canvas").first).to_be_visible()


def test_home_chart_and_plan(browser_page, live_server, sign_in, axe) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    build(wanted("group", MONTH), progress=lambda _: None)
    browser_page.set_viewport_size({"width": 1366, "height": 960})
    sign_in(browser_page, live_server, User.objects.get(email=f"planner@{DOMAIN}"))
    for name, address in (
        ("home", "/"),
        ("chart", f"/imaging/{SOUTHMERE.code}/MRI/"),
        ("plan", f"/imaging/plans/{SOUTHMERE.code}/MRI/?lever=van-days&lever=insourcing&lever=more-sessions"),
    ):
        browser_page.goto(live_server.url + address)
        settle(browser_page)
        axe(browser_page)
        browser_page.screenshot(path=FOLDER / f"{name}.png")
        assert browser_page.locator("h1").inner_text().endswith("?")
