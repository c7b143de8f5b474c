"""Who may ask, and that nobody sees more by the API than on the pages."""

from __future__ import annotations

import datetime
import json

import pytest
from django.utils import timezone

from trustwide.commons.accounts.actions import make_token, revoke_token
from trustwide.commons.accounts.models import AccessToken, Membership, User
from trustwide.commons.measures.models import Signal
from trustwide.exchange.api.tests.conftest import LIST

pytestmark = pytest.mark.django_db
LISTS = ("sites", "definitions", "observations", "charts", "signals")
OF_SITES = ("observations", "charts", "signals")


def signal_at(site):
    return Signal.objects.get_or_create(
        site=site, measure=LIST, breakdown="CT", kind="shift", direction="up", verdict="concern",
        defaults={
            "since": "2025-01-01", "opened": "2025-02-01", "latest": "2025-06-01", "opened_at": timezone.now(),
            "points": 7, "sigmas": 3.0, "rank": 1.0, "sentence": "It rose.",
        },
    )[0]  # fmt: skip


def of_one_site(site):
    """Addresses about one site, all of which hold something."""
    return [
        *(f"{name}?site={site.code}" for name in OF_SITES),
        f"charts/{LIST}/{site.code}/MRI",
        f"signals/{signal_at(site).pk}",
    ]


@pytest.mark.parametrize("role", Membership.Role.values)
def test_every_role_sees_its_own_site_and_nothing_of_another(stage, ask, role):
    person = stage.people[role]
    signal_at(stage.south)
    for path in LISTS:
        answer = ask(person, path)
        assert answer.status_code == 200, path
        assert b'"S1"' not in answer.content and b"South" not in answer.content, path
    for path in of_one_site(stage.north):
        assert ask(person, path).status_code == 200, path
    for path in of_one_site(stage.public)[1:2]:
        assert ask(person, path).status_code == 200, path
    for path in of_one_site(stage.south):
        answer = ask(person, path)
        assert answer.status_code == 404, path
        assert "that you may see" in answer.json()["detail"]
        assert "South" not in answer.json()["detail"]


def test_the_whole_partnership_is_seen_by_whoever_is_its_member(stage, ask):
    assert {row["code"] for row in ask(stage.chief, "sites").json()["items"]} == {"N1", "S1", "E9"}
    for site in (stage.north, stage.south):
        for path in of_one_site(site):
            answer = ask(stage.chief, path)
            assert answer.status_code == 200 and answer.json().get("items", True), path


def test_whoever_has_no_role_is_told_so(stage, ask):
    token, key = make_token("before", days=30, by=stage.people["planner"])
    AccessToken.objects.filter(pk=token.pk).update(user=stage.stranger)
    for path in (*LISTS, *of_one_site(stage.north)):
        answer = ask(key, path)
        assert answer.status_code == 403, path
        assert "You may not see measures" in answer.json()["detail"]


def test_a_narrow_token_sees_its_sites_and_never_more_than_its_person(stage, ask):
    _, key = make_token("south only", days=30, by=stage.chief, sites=[stage.south])
    assert [row["code"] for row in ask(key, "sites").json()["items"]] == ["S1"]
    for path in OF_SITES[:2]:
        assert {row["site"] for row in ask(key, path).json()["items"]} == {"S1"}
    assert all(ask(key, path).status_code == 404 for path in of_one_site(stage.north))
    Membership.objects.filter(user=stage.chief).update(partnership=None, site=stage.north)
    assert ask(key, "sites").json()["items"] == []
    assert ask(key, "observations").json()["items"] == []


def test_a_narrow_token_whose_sites_are_gone_sees_none(stage, ask):
    token, key = make_token("south only", days=30, by=stage.chief, sites=[stage.south])
    token.sites.clear()
    assert ask(key, "observations").json() == {"items": [], "next": None}


@pytest.mark.parametrize("end", ["expired", "revoked", "inactive"])
def test_a_token_that_has_ended_opens_nothing(stage, ask, end):
    person = stage.people["ward_nurse"]
    token, key = make_token("x", days=30, by=person)
    assert ask(key, "sites").status_code == 200
    if end == "expired":
        AccessToken.objects.filter(pk=token.pk).update(expires_at=timezone.now() - datetime.timedelta(seconds=1))
    elif end == "revoked":
        revoke_token(token, by=person)
    else:
        User.objects.filter(pk=person.pk).update(is_active=False)
    for path in LISTS:
        answer = ask(key, path)
        assert answer.status_code == 401, path
        assert answer["WWW-Authenticate"] == "Bearer"
        assert "makes a new one" in answer.json()["detail"]


def test_a_key_counts_in_its_header_alone(stage, client):
    _, key = make_token("x", days=30, by=stage.chief)
    for asked in ({"token": key}, {"key": key}, {"Authorization": key}):
        assert client.get("/api/v1/sites", asked).status_code == 401
    for header in (key, f"Basic {key}", f"Bearer {key}x", f"Bearer  {key}", "Bearer", "Bearer \x00"):
        assert client.get("/api/v1/sites", headers={"Authorization": header}).status_code == 401, header
    assert client.get("/api/v1/sites", headers={"Authorization": f"bearer {key}"}).status_code == 200


def test_a_browser_may_read_by_its_session_unless_it_shows_a_wrong_key(stage, client):
    client.force_login(stage.people["ward_nurse"])
    assert client.get("/api/v1/observations?site=N1").json()["items"]
    assert client.get("/api/v1/observations?site=S1").status_code == 404
    assert client.get("/api/v1/sites", headers={"Authorization": "Bearer wrong"}).status_code == 401


def test_nothing_is_written_and_nobody_keeps_an_answer(stage, client, ask):
    client.force_login(stage.chief)
    for method in ("post", "put", "patch", "delete", "head", "options"):
        answer = getattr(client, method)("/api/v1/observations")
        assert (answer.status_code, answer["Allow"]) == (405, "GET"), method
        if method != "head":
            assert "only GET" in answer.json()["detail"]
    assert ask(stage.chief, "sites")["Cache-Control"] == "private, no-store"


def test_use_is_noted_on_the_token(stage, ask):
    token, key = make_token("x", days=30, by=stage.chief)
    ask(key, "sites")
    token.refresh_from_db()
    assert timezone.now() - token.last_used_at < datetime.timedelta(minutes=1)


def test_too_many_calls_are_told_to_wait_and_others_are_not(stage, ask, settings):
    settings.API_CALLS_A_MINUTE = 3
    nurse, planner = stage.people["ward_nurse"], stage.people["planner"]
    assert [ask(nurse, "sites").status_code for _ in range(4)] == [200, 200, 200, 429]
    answer = ask(nurse, "sites")
    assert answer["Retry-After"] == "60" and "wait 60 seconds" in answer.json()["detail"]
    assert ask(planner, "sites").status_code == 200
    # a second token is another caller, but all at one address get four times as many at most
    others = [make_token(str(number), days=30, by=nurse)[1] for number in range(4)]
    assert [ask(key, "sites").status_code for key in others for _ in range(3)].count(200) < 12
    assert ask(others[-1], "sites").status_code == 429


@pytest.mark.parametrize("path", ["nowhere", "", "signals/abc", "charts/x/y", "charts/a/b/c/d", "sites/", "sites\x00"])
def test_an_address_with_nothing_is_answered_as_json(client, path):
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == 404
    assert "openapi.json lists" in answer.json()["detail"]


def test_a_failure_shows_no_trace(stage, client, monkeypatch, settings):
    def fail(*_):
        raise RuntimeError("secret of the inside")

    client.force_login(stage.chief)
    client.raise_request_exception = False
    monkeypatch.setattr("trustwide.exchange.api.rows.version_numbers", fail)
    for debug in (False, True):
        settings.DEBUG = debug
        answer = client.get("/api/v1/definitions")
        assert answer.status_code == 500
        assert list(json.loads(answer.content)) == ["detail"]
        assert "secret" not in answer.content.decode()
