"""Journey: coming in with an e-mail address and a password, first wrong, then right."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from trustwide.commons.accounts.tests.cast import PASSWORD, build_cast
from trustwide.commons.audit.models import AuditEvent

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_wrong_then_right_then_out(browser_page, live_server, axe):
    page, cast = browser_page, build_cast()
    planner = cast.people["planner"]

    page.goto(f"{live_server.url}/sites/N1/")
    assert "/accounts/sign-in/" in page.url
    axe(page)

    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("alert").get_by_role("link", name="Enter your email address.").click()
    expect(page.get_by_label("Email address")).to_be_focused()
    assert page.title() == "Error: Sign in – Trustwide"
    axe(page)

    page.get_by_label("Email address").fill(planner.email)
    page.get_by_label("Password", exact=True).fill("not my password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert").get_by_text("is not right")).to_be_visible()
    axe(page)
    failed = AuditEvent.objects.order_by("-sequence")[0]
    assert (failed.action, failed.actor_name, failed.target_id) == ("failed to sign in", "sign-in", str(planner.pk))

    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/sites/N1/")
    expect(page.get_by_role("heading", name="North Hospital")).to_be_visible()
    axe(page)

    page.get_by_role("link", name=planner.name).click()
    expect(page.get_by_role("row", name="Planner North Hospital")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/sign-in/")
    assert AuditEvent.objects.order_by("-sequence")[0].action == "signed out"


def test_what_a_stranger_types_is_not_kept(client, db):
    client.post("/accounts/sign-in/", {"login": "jane.patient@example.test", "password": "NHS 999 123 4567"})
    event = AuditEvent.objects.get(action="failed to sign in")
    assert event.target_id == ""
    assert "jane" not in str(vars(event))
    assert "999" not in str(event.details) + event.reason


def test_guessing_is_slowed_down(client, db):
    cast = build_cast()
    guess = {"login": cast.chief.email, "password": "a guess"}
    for _ in range(5):
        client.post("/accounts/sign-in/", guess)
    refused = client.post("/accounts/sign-in/", guess | {"password": PASSWORD})
    assert "_auth_user_id" not in client.session
    assert "too many wrong passwords" in refused.content.decode()


def test_after_sign_in_nobody_is_sent_to_another_host(client, db):
    cast = build_cast()
    went = client.post("/accounts/sign-in/?next=https://evil.test/", {"login": cast.chief.email, "password": PASSWORD})
    assert went["Location"] == "/"


def test_nobody_makes_an_account_for_themselves(client, db):
    assert client.get("/accounts/signup/").status_code == 404


def test_a_flood_of_attempts_is_told_to_wait(client, db):
    answers = [client.post("/accounts/sign-in/", {"login": f"a{n}@example.test", "password": "x"}) for n in range(40)]
    last = answers[-1]
    assert last.status_code == 429
    assert "Wait five minutes" in last.content.decode()
