"""Pages that say what went wrong say what to do, and never show a stack trace."""

from __future__ import annotations

import pytest
from django.core.exceptions import SuspiciousOperation
from django.test import Client, RequestFactory

from trustwide.commons.accounts.tests.cast import build_cast
from trustwide.web import views

pytestmark = pytest.mark.django_db


def test_a_page_that_does_not_exist(client):
    response = client.get("/nowhere/")
    assert response.status_code == 404
    assert "Check the address" in response.content.decode()


def test_a_refusal_says_whom_to_ask(client):
    client.force_login(build_cast().people["ward_nurse"])
    response = client.get("/accounts/people/")
    assert response.status_code == 403
    assert "You may not manage people" in response.content.decode()


def test_a_form_left_open_too_long():
    response = Client(enforce_csrf_checks=True).post("/accounts/sign-in/", {})
    assert response.status_code == 403
    assert "reload the page" in response.content.decode()


def test_a_fault_of_ours_shows_no_trace(monkeypatch, client):
    def broken(request):
        raise RuntimeError("secret detail")

    monkeypatch.setattr("trustwide.web.views.connection.cursor", broken)
    client.raise_request_exception = False
    response = client.get("/healthz")
    assert response.status_code == 500
    page = response.content.decode()
    assert "You did nothing wrong" in page
    assert "secret detail" not in page
    assert "Traceback" not in page


def test_a_fault_of_ours_leaves_no_script_blocked(monkeypatch, client):
    monkeypatch.setattr("trustwide.web.views.connection.cursor", lambda: 1 / 0)
    client.raise_request_exception = False
    response = client.get("/healthz")
    nonce = response["Content-Security-Policy"].split("'nonce-")[1].split("'")[0]
    assert f'nonce="{nonce}"' in response.content.decode()


@pytest.mark.parametrize(("view", "status"), [(views.bad_request, 400), (views.not_allowed, 403)])
def test_other_problems_do_not_quote_the_exception(view, status, client):
    request = RequestFactory().get("/")
    request.user = build_cast().chief
    request.csp_nonce = "nonce"
    response = view(request, SuspiciousOperation("secret detail"))
    assert response.status_code == status
    assert "secret detail" not in response.content.decode()


def test_every_answer_carries_the_policies(client):
    response = client.get("/accounts/sign-in/")
    policy = response["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'self'" in policy
    assert response["X-Frame-Options"] == "DENY"
    nonce = policy.split("'nonce-")[1].split("'")[0]
    assert f'nonce="{nonce}"' in response.content.decode()
    assert nonce not in client.get("/accounts/sign-in/")["Content-Security-Policy"]


def test_the_load_balancer_hears_that_all_is_well(client):
    assert client.get("/healthz").content == b"ok"


def test_navigation_shows_what_the_person_may_open(client):
    cast = build_cast()
    for person, shown in ((cast.chief, True), (cast.people["ward_nurse"], False)):
        client.force_login(person)
        assert ("/accounts/people/" in client.get("/sites/").content.decode()) is shown


def test_a_host_that_is_not_ours(client):
    response = client.get("/", headers={"host": "evil.test"})
    assert response.status_code == 400
    assert "We could not read that request" in response.content.decode()
