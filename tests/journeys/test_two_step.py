"""Journey: setting up two-step sign-in and coming in with it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
import time

import pytest
from playwright.sync_api import expect

from trustwide.commons.accounts.tests.cast import PASSWORD, build_cast
from trustwide.commons.audit.models import AuditEvent

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def code_of(secret: str, at: float) -> str:
    """RFC 6238: six digits of HMAC-SHA-1 over the count of half minutes."""
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", int(at // 30)), hashlib.sha1)
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


def test_code_of_agrees_with_the_rfc():
    secret = base64.b32encode(b"12345678901234567890").decode()
    assert [code_of(secret, at) for at in (59, 1111111109, 20000000000)] == ["287082", "081804", "353130"]


def sign_in_by_form(page, live_server, user):
    page.goto(f"{live_server.url}/accounts/sign-in/")
    page.get_by_label("Email address").fill(user.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: not url.endswith("/sign-in/"))


def confirm_password(page, then: str) -> None:
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.wait_for_url(f"**{then}")


def set_up(page, live_server, axe) -> str:
    """Set the app up, with a wrong password and a wrong code on the way; returns a recovery code."""
    page.goto(f"{live_server.url}/accounts/two-step/")
    axe(page)
    page.get_by_role("button", name="Set up two-step sign-in").click()
    page.get_by_label("Password", exact=True).fill("not my password")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("alert").get_by_text("The password is not right")).to_be_visible()
    axe(page)
    confirm_password(page, "/two-step/app/")
    axe(page)
    assert page.locator("img.app-qr").evaluate("picture => picture.naturalWidth") > 0
    page.get_by_label("Authenticator code").fill("000000")
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_role("alert").get_by_text("The code is not right")).to_be_visible()
    axe(page)
    secret = page.locator("strong.app-secret").inner_text()
    page.get_by_label("Authenticator code").fill(code_of(secret, time.time()))
    page.get_by_role("button", name="Turn on").click()
    page.wait_for_url("**/recovery-codes/")
    expect(page.locator(".app-codes li")).to_have_count(10)
    axe(page)
    return page.locator(".app-codes li").first.inner_text()


def come_in_with_a_code(page, live_server, axe, clerk, recovery_code: str) -> None:
    """The password alone is not enough, nor is a wrong code."""
    sign_in_by_form(page, live_server, clerk)
    page.wait_for_url("**/two-step/code/")
    axe(page)
    page.goto(f"{live_server.url}/sites/")
    assert page.url.endswith("/two-step/code/")
    page.get_by_role("button", name="Sign in as somebody else").click()
    page.wait_for_url("**/sign-in/")
    page.goto(f"{live_server.url}/sites/")
    assert "/accounts/sign-in/" in page.url
    sign_in_by_form(page, live_server, clerk)
    page.get_by_label("Code").fill("123456")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert").get_by_text("The code is not right")).to_be_visible()
    axe(page)
    page.get_by_label("Code").fill(recovery_code)
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(f"{live_server.url}/")


def turn_off(page, live_server, axe) -> None:
    page.goto(f"{live_server.url}/accounts/two-step/")
    expect(page.get_by_text("9 unused")).to_be_visible()
    axe(page)
    page.get_by_role("link", name="Turn two-step sign-in off").click()
    confirm_password(page, "/two-step/app/remove/")
    axe(page)
    page.get_by_role("button", name="Turn off").click()
    page.wait_for_url("**/two-step/")


def test_set_up_use_and_turn_off(browser_page, live_server, axe):
    page, cast = browser_page, build_cast()
    clerk = cast.people["booking_clerk"]
    sign_in_by_form(page, live_server, clerk)
    recovery_code = set_up(page, live_server, axe)
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in/")
    come_in_with_a_code(page, live_server, axe, clerk, recovery_code)
    turn_off(page, live_server, axe)
    actions = set(AuditEvent.objects.filter(target_id=str(clerk.pk)).values_list("action", flat=True))
    assert {"set up two-step sign-in", "entered a wrong code", "removed two-step sign-in"} <= actions
