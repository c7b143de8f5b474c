"""The journey of somebody who makes a token for a notebook, reads by it and ends it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from trustwide.commons.accounts.models import AccessToken
from trustwide.commons.accounts.tests.cast import PASSWORD, build_cast
from trustwide.exchange.api.client import ApiError, Client

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_make_a_token_read_by_it_and_end_it(browser_page, live_server, axe, sign_in):
    page, nurse = browser_page, build_cast().people["ward_nurse"]
    sign_in(page, live_server, nurse)
    page.goto(f"{live_server.url}/accounts/me/")
    page.get_by_role("link", name="Change access tokens").click()
    expect(page.get_by_text("You have no tokens.")).to_be_visible()
    axe(page)

    page.get_by_role("button", name="Make a token").click()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.wait_for_url("**/tokens/new/")
    axe(page)
    page.get_by_label("Only these sites").fill("S1")
    page.get_by_role("button", name="Make token").click()
    expect(page.get_by_role("alert").get_by_text("There is no site S1 that you may see")).to_be_visible()
    axe(page)
    page.get_by_label("What is it for?").fill("Monthly notebook")
    page.get_by_label("How long should it work?").select_option(label="90 days")
    page.get_by_label("Only these sites").fill("N1")
    page.get_by_role("button", name="Make token").click()
    key = page.locator(".app-secret strong").inner_text()
    axe(page)

    notebook = Client(live_server.url, key)
    assert notebook.sites()["code"].tolist() == ["N1"]
    page.get_by_role("link", name="Go to your access tokens").click()
    expect(page.get_by_role("row", name="Monthly notebook")).to_contain_text(AccessToken.objects.get().prefix)
    axe(page)
    page.get_by_role("link", name="Revoke Monthly notebook").click()
    axe(page)
    page.get_by_role("button", name="Revoke token").click()
    expect(page.get_by_text("no longer works.")).to_be_visible()
    axe(page)
    with pytest.raises(ApiError, match="Send the key of an access token"):
        notebook.sites()
