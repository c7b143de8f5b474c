"""Journeys of an administrator: people and their roles, the identity of a site, the audit record."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from trustwide.commons.accounts.models import Membership, User
from trustwide.commons.accounts.tests.cast import build_cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def from_menu(page, name):
    """Go by a link of the header; those that do not fit stand behind "More"."""
    page.get_by_role("button", name="More").click()
    page.get_by_role("banner").get_by_role("link", name=name, exact=True).click()


def test_give_and_take_a_role(browser_page, live_server, axe, sign_in):
    page, cast = browser_page, build_cast()
    sign_in(page, live_server, cast.chief)
    page.goto(f"{live_server.url}/")
    axe(page)
    from_menu(page, "People")
    expect(page.get_by_text("11 people hold 11 roles that you look after.")).to_be_visible()
    axe(page)

    page.get_by_role("button", name="Give a role").click()
    page.wait_for_url("**/give-role/")
    axe(page)
    page.get_by_label("Email address").fill("new.person@example.test")
    page.get_by_role("button", name="Give role").click()
    expect(page.get_by_role("alert").get_by_text("they have no account yet")).to_be_visible()
    axe(page)

    page.get_by_label("Name").fill("New Person")
    page.get_by_label("Role").select_option(label="Planner")
    page.get_by_label("Where").select_option(label="South Hospital (site)")
    page.get_by_label("Reason").fill("covers the South lists")
    page.get_by_role("button", name="Give role").click()
    page.get_by_text("New Person now has the role.").wait_for()
    axe(page)
    assert Membership.objects.get(user__email="new.person@example.test").site == cast.south

    page.get_by_role("link", name="Make a link to set it").click()
    page.get_by_label("Reason").fill("new here")
    page.get_by_role("button", name="Make link").click()
    link = page.locator(".app-secret strong").inner_text()
    axe(page)

    page.goto(f"{live_server.url}/accounts/people/{User.objects.get(name='New Person').pk}/")
    page.get_by_role("link", name="Take away").click()
    page.wait_for_url("**/take/")
    axe(page)
    page.get_by_role("button", name="Take role away").click()
    expect(page.get_by_role("alert").get_by_text("Enter reason")).to_be_visible()
    axe(page)
    page.get_by_label("Reason").fill("a mistake")
    page.get_by_role("button", name="Take role away").click()
    page.get_by_text("New Person no longer has the role.").wait_for()
    assert not Membership.objects.filter(user__name="New Person").exists()

    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in/")
    page.goto(link)
    axe(page)
    page.get_by_label("New Password", exact=True).fill("short")
    page.get_by_label("New Password (again)").fill("short")
    page.get_by_role("button", name="Set password").click()
    expect(page.get_by_role("alert")).to_be_visible()
    axe(page)


def test_change_the_identity_of_a_site(browser_page, live_server, axe, sign_in, tmp_path):
    page, cast = browser_page, build_cast()
    sign_in(page, live_server, cast.chief)
    page.goto(f"{live_server.url}/sites/")
    axe(page)
    page.get_by_role("link", name="North Hospital").click()
    expect(page.get_by_role("cell", name="Blue room")).to_be_visible()
    axe(page)

    page.get_by_role("button", name="Change identity").click()
    page.get_by_label("Colour").fill("blue")
    page.get_by_label("Reason for the change").fill("new brand")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert").get_by_text("six hexadecimal digits")).to_be_visible()
    axe(page)

    drawing = tmp_path / "logo.svg"
    drawing.write_text('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>')
    page.get_by_label("Colour").fill("#FFB81C")
    page.locator("input[type=file]").set_input_files(drawing)
    page.get_by_role("button", name="Save").click()
    page.get_by_text("The identity of the site is changed.").wait_for()
    band = page.locator(".app-site-band")
    assert band.evaluate("band => getComputedStyle(band).backgroundColor") == "rgb(255, 184, 28)"
    assert band.evaluate("band => getComputedStyle(band).color") == "rgb(0, 0, 0)"
    assert page.locator(".app-site-band__logo").evaluate("logo => logo.naturalWidth") > 0
    axe(page)

    page.get_by_role("link", name="Rename MRI scanner 1").click()
    page.get_by_label("Local name").fill("Green room")
    page.get_by_label("Reason for the change").fill("painted")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("MRI scanner 1 is now called Green room here.").wait_for()

    from_menu(page, "Audit")
    expect(page.get_by_role("row", name="renamed a place")).to_be_visible()
    axe(page)
    page.get_by_label("Site code").fill("N1")
    page.get_by_label("What").fill("identity")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name="Check that no event was changed").click()
    expect(page.get_by_text("The record is intact")).to_be_visible()
    axe(page)


@pytest.mark.parametrize("path", ["/accounts/people/", "/nowhere/", "/sites/S1/"])
def test_pages_that_say_no_say_what_to_do(browser_page, live_server, axe, sign_in, path):
    page, cast = browser_page, build_cast()
    sign_in(page, live_server, cast.people["ward_nurse"])
    response = page.goto(f"{live_server.url}{path}")
    assert response.status in {403, 404}
    expect(page.get_by_role("link", name="Go to the home page")).to_be_visible()
    axe(page)
