"""Journey: signing in through the organisation's directory, against a real OpenID Connect provider."""

from __future__ import annotations

import shutil
import socket
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from trustwide.commons.accounts.models import User
from trustwide.commons.accounts.tests.cast import build_cast
from trustwide.commons.audit.models import AuditEvent
from trustwide.config import environment

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module")
def issuer(live_server):
    """The provider, running for this module; it knows the address of our callback only."""
    node = shutil.which("node")
    if node is None or not (ROOT / "node_modules/oidc-provider").exists():
        pytest.skip("node and its packages are missing (run `npm ci` in the repository)")
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    callback = f"{live_server.url}/accounts/oidc/sign-in/callback/"
    provider = subprocess.Popen(
        [node, Path(__file__).with_name("provider.mjs"), str(port), callback],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert "ready" in iter(provider.stdout.readline, "ready\n") or provider.poll() is None
    yield f"http://localhost:{port}"
    provider.terminate()
    provider.wait(timeout=10)
    provider.stdout.close()


@pytest.fixture(autouse=True)
def directory(settings, monkeypatch, issuer):
    monkeypatch.setenv("TRUSTWIDE_OIDC_CLIENT_ID", "trustwide")
    monkeypatch.setenv("TRUSTWIDE_OIDC_CLIENT_SECRET", "a secret for tests")
    settings.OIDC_ISSUER, settings.OIDC_NAME = issuer, "Two Rivers account"
    settings.SOCIALACCOUNT_PROVIDERS = environment.openid_connect(issuer, settings.OIDC_NAME)
    settings.CSP_FORM_ACTION = [f"http://{urlsplit(issuer).netloc}"]


def go_through_directory(page, live_server, email: str) -> None:
    page.goto(f"{live_server.url}/accounts/sign-in/?next=/sites/")
    page.get_by_role("button", name="Sign in with Two Rivers account").click()
    page.locator("input[name=login]").fill(email)
    page.locator("input[name=password]").fill("any")
    page.locator("button[type=submit]").click()
    page.locator("button[type=submit]").click()
    page.wait_for_url(f"{live_server.url}/**")


def test_a_known_person_comes_in_as_themselves(browser_page, live_server, axe):
    page, cast = browser_page, build_cast()
    planner = cast.people["planner"]
    page.goto(f"{live_server.url}/accounts/sign-in/")
    axe(page)
    go_through_directory(page, live_server, planner.email.upper())
    assert page.url == f"{live_server.url}/sites/"
    expect(page.get_by_role("link", name=planner.name)).to_be_visible()
    assert AuditEvent.objects.filter(action="signed in", actor_id=planner.audit_id).count() == 1
    assert User.objects.count() == len(cast.people) + 2

    page.goto(f"{live_server.url}/accounts/oidc/sign-in/?process=connect")
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(f"{live_server.url}/accounts/oidc/sign-in/callback/**")
    expect(page.get_by_text("linked by signing in with it")).to_be_visible()

    page.goto(f"{live_server.url}/sites/")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Sign in with Two Rivers account").click()
    page.wait_for_url(f"{live_server.url}/")
    expect(page.get_by_role("link", name=planner.name)).to_be_visible()


def test_a_stranger_is_refused_with_the_reason(browser_page, live_server, axe):
    build_cast()
    before = User.objects.count()
    go_through_directory(browser_page, live_server, "someone@elsewhere.test")
    expect(browser_page.get_by_text("There is no account for someone@elsewhere.test")).to_be_visible()
    axe(browser_page)
    browser_page.goto(f"{live_server.url}/sites/")
    assert "/accounts/sign-in/" in browser_page.url
    assert User.objects.count() == before


def test_an_address_the_directory_does_not_vouch_for_is_refused(browser_page, live_server):
    cast = build_cast()
    User.objects.filter(pk=cast.chief.pk).update(email="unverified.chief@example.test")
    go_through_directory(browser_page, live_server, "unverified.chief@example.test")
    expect(browser_page.get_by_text("did not vouch for your email address")).to_be_visible()


def test_a_new_person_of_an_allowed_domain_has_an_account_but_no_role(browser_page, live_server, axe, settings):
    settings.OIDC_DOMAINS = ("two-rivers.test",)
    build_cast()
    go_through_directory(browser_page, live_server, "new.starter@two-rivers.test")
    expect(browser_page.get_by_role("link", name="Name From Directory")).to_be_visible()
    axe(browser_page)
    browser_page.goto(f"{live_server.url}/")
    expect(browser_page.get_by_text("You have no role yet")).to_be_visible()
    starter = User.objects.get(email="new.starter@two-rivers.test")
    assert not starter.memberships.exists()
    assert not starter.has_usable_password()
    assert AuditEvent.objects.filter(action="created an account", target_id=str(starter.pk)).exists()
