"""Access tokens: made for oneself, shown once, ended by oneself or by whoever looks after one."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from trustwide.commons.accounts.actions import make_token, note_use, remove_member, revoke_token
from trustwide.commons.accounts.exceptions import TokenError
from trustwide.commons.accounts.models import AccessToken, Membership
from trustwide.commons.accounts.rules import MOST_TOKENS, NotAllowedError, can_make_token, can_revoke_token
from trustwide.commons.accounts.tests.cast import PASSWORD
from trustwide.commons.accounts.tokens import find_token
from trustwide.commons.audit.actions import SystemActor
from trustwide.commons.audit.models import AuditEvent


def last_event() -> AuditEvent:
    return AuditEvent.objects.order_by("-sequence")[0]


@pytest.fixture
def nurse(cast):
    return cast.people["ward_nurse"]


def test_a_key_is_kept_as_a_hash_alone_and_finds_its_token(nurse):
    token, key = make_token("notebook", days=30, by=nurse)
    now = timezone.now()
    assert find_token(key, now) == token
    kept = str(list(AccessToken.objects.values())) + str(list(AuditEvent.objects.values()))
    assert key not in kept and key.rsplit("_", 1)[-1] not in kept
    assert (last_event().action, last_event().actor_id) == ("made an access token", nurse.audit_id)
    assert last_event().details["sites"] == "all"


@pytest.mark.parametrize("change", ["", "another end", "another prefix", "cut", "NUL", "lookalike"])
def test_no_other_key_finds_it(nurse, change):
    token, key = make_token("notebook", days=30, by=nurse)
    end = "A" if key[-1] != "A" else "B"
    wrong = {
        "": "",
        "another end": key[:-1] + end,
        "another prefix": key.replace(token.prefix, "0" * 8),
        "cut": key[:-1],
        "NUL": key[:-1] + "\x00",
        "lookalike": "tw_" + "٣" + key[4:],
    }[change]
    assert find_token(wrong, timezone.now()) is None


def test_a_token_ends_by_time_by_its_person_and_with_its_person(nurse):
    token, key = make_token("notebook", days=30, by=nurse)
    now = timezone.now()
    assert find_token(key, token.expires_at - datetime.timedelta(seconds=1)) == token
    assert find_token(key, token.expires_at) is None
    nurse.is_active = False
    nurse.save()
    assert find_token(key, now) is None
    nurse.is_active = True
    nurse.save()
    assert find_token(key, now) == token
    revoke_token(token, by=nurse)
    assert find_token(key, now) is None
    events = AuditEvent.objects.count()
    revoke_token(token, by=nurse)
    assert AuditEvent.objects.count() == events
    assert last_event().action == "revoked an access token"


def test_a_token_lives_a_year_at_most_and_there_are_not_too_many(nurse):
    now = timezone.now()
    for days in (0, -1, 367):
        with pytest.raises(TokenError, match="within a year from now"):
            make_token("too long", days=days, by=nurse)
        assert not can_make_token(nurse, expires_at=now + datetime.timedelta(days=days), now=now)
    tokens = [make_token(str(number), days=366, by=nurse)[0] for number in range(MOST_TOKENS)]
    with pytest.raises(TokenError, match="revoke one first"):
        make_token("one more", days=30, by=nurse)
    revoke_token(tokens[0], by=nurse)
    assert can_make_token(nurse, expires_at=now + datetime.timedelta(days=30), now=now)


def test_nobody_gets_a_token_without_a_role_or_for_sites_they_may_not_see(cast, nurse):
    with pytest.raises(NotAllowedError, match="see measures"):
        make_token("x", days=30, by=cast.stranger)
    with pytest.raises(TokenError, match="You may not see South Hospital"):
        make_token("x", days=30, by=nurse, sites=[cast.north, cast.south])
    token, _ = make_token("x", days=30, by=nurse, sites=[cast.north])
    assert token.only_chosen_sites and list(token.sites.all()) == [cast.north]
    assert last_event().details["sites"] == ["N1"]


def test_who_may_revoke_a_token(cast, nurse):
    token, _ = make_token("x", days=30, by=nurse)
    allowed = {nurse, cast.people["administrator"], cast.chief}
    for person in (*cast.people.values(), cast.chief, cast.stranger):
        assert can_revoke_token(person, token) == (person in allowed), person
    assert can_revoke_token(SystemActor("job"), token)
    with pytest.raises(NotAllowedError, match="may not revoke a token of North Ward nurse"):
        revoke_token(token, by=cast.people["planner"])
    theirs, _ = make_token("x", days=30, by=cast.chief)
    assert not can_revoke_token(cast.people["administrator"], theirs)


def test_use_is_noted_to_the_minute(nurse, django_assert_num_queries):
    token, _ = make_token("x", days=30, by=nurse)
    now = timezone.now()
    note_use(token, now)
    token.refresh_from_db()
    assert token.last_used_at == now
    with django_assert_num_queries(0):
        note_use(token, now + datetime.timedelta(seconds=59))
    with django_assert_num_queries(1):
        note_use(token, now + datetime.timedelta(seconds=60))


def test_the_pages_ask_for_the_password_show_the_key_once_and_revoke(cast, nurse, client):
    client.force_login(nurse)
    wanted = {"name": "notebook", "days": "90", "sites": "n1"}
    asked = client.get("/accounts/me/tokens/new/")
    assert asked["Location"].startswith("/accounts/confirm/")
    client.post(asked["Location"], {"password": PASSWORD})
    refused = client.post("/accounts/me/tokens/new/", wanted | {"sites": "N1, S1"}).content.decode()
    assert "There is no site S1 that you may see" in refused
    assert client.post("/accounts/me/tokens/new/", wanted | {"days": "9999"}).status_code == 200
    assert not AccessToken.objects.exists()
    made = client.post("/accounts/me/tokens/new/", wanted)
    token = AccessToken.objects.get()
    assert (token.user, token.name, list(token.sites.all())) == (nurse, "notebook", [cast.north])
    assert f"tw_{token.prefix}_" in made.content.decode() and "no-store" in made["Cache-Control"]
    listed = client.get("/accounts/me/tokens/").content.decode()
    assert f"tw_{token.prefix}" in listed and f"tw_{token.prefix}_" not in listed
    ended = client.post(f"/accounts/me/tokens/{token.pk}/revoke/", follow=True).content.decode()
    assert "no longer works" in ended and "Revoked on" in ended
    assert client.post(f"/accounts/me/tokens/{token.pk}/revoke/").status_code == 404


def test_too_many_tokens_are_refused_on_the_page(nurse, client):
    for number in range(MOST_TOKENS):
        make_token(str(number), days=30, by=nurse)
    client.force_login(nurse)
    client.post("/accounts/confirm/", {"password": PASSWORD})
    page = client.post("/accounts/me/tokens/new/", {"name": "one more", "days": "30"})
    assert "revoke one first" in page.content.decode()
    assert AccessToken.objects.count() == MOST_TOKENS


def test_an_administrator_ends_the_tokens_of_those_they_look_after(cast, nurse, client):
    token, _ = make_token("notebook", days=30, by=nurse)
    client.force_login(cast.people["planner"])
    assert client.get(f"/accounts/me/tokens/{token.pk}/revoke/").status_code == 404
    client.force_login(cast.people["administrator"])
    assert "notebook" in client.get(f"/accounts/people/{nurse.pk}/").content.decode()
    answer = client.post(f"/accounts/me/tokens/{token.pk}/revoke/")
    assert answer["Location"] == f"/accounts/people/{nurse.pk}/"
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_a_token_outlives_a_role_but_sees_nothing_without_one(cast, nurse):
    _, key = make_token("x", days=30, by=nurse)
    remove_member(Membership.objects.get(user=nurse), by=cast.chief, reason="left the ward")
    assert find_token(key, timezone.now()) is not None  # the API then answers 403: see exchange.api
