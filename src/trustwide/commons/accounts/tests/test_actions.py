"""Giving and taking roles, and helping people sign in."""

from __future__ import annotations

import pytest
from django.core.exceptions import ObjectDoesNotExist

from trustwide.commons.accounts.actions import add_member, make_password_link, remove_member, remove_two_step
from trustwide.commons.accounts.figures import manageable_memberships, places_to_give_roles_at, visible_audit_events
from trustwide.commons.accounts.models import Membership, User
from trustwide.commons.accounts.rules import NotAllowedError, can
from trustwide.commons.audit.actions import SystemActor, record
from trustwide.commons.audit.exceptions import AnonymousWriteError
from trustwide.commons.audit.models import AuditEvent


def last_event() -> AuditEvent:
    return AuditEvent.objects.order_by("-sequence")[0]


def test_a_role_is_given_once_and_ends_when_it_is_taken(cast):
    first = add_member(cast.stranger, "planner", cast.south, by=cast.chief, reason="joined the team")
    event = last_event()
    assert (event.action, event.site_code, event.reason) == ("gave a role", "S1", "joined the team")
    assert event.details["person"] == cast.stranger.audit_id
    assert add_member(cast.stranger, "planner", cast.south, by=cast.chief, reason="again") == first
    assert last_event() == event
    assert can(cast.stranger, "make_plans", cast.south)
    remove_member(first, by=cast.chief, reason="moved on")
    assert last_event().action == "took a role away"
    assert not can(cast.stranger, "make_plans", cast.south)


def test_no_role_without_an_actor_or_the_right(cast):
    with pytest.raises(NotAllowedError, match="may not give or take roles at South Hospital"):
        add_member(cast.stranger, "planner", cast.south, by=cast.people["administrator"], reason="")
    with pytest.raises(NotAllowedError):
        remove_member(Membership.objects.get(user=cast.chief), by=cast.people["administrator"], reason="")
    with pytest.raises((AnonymousWriteError, NotAllowedError)):
        add_member(cast.stranger, "planner", cast.south, by=None, reason="")
    with pytest.raises(ObjectDoesNotExist):
        Membership.objects.get(user=cast.stranger)


def test_a_password_link_works_once(cast, client):
    nurse = cast.people["ward_nurse"]
    link = make_password_link(nurse, by=cast.people["administrator"], reason="forgot it")
    assert link not in str(last_event().details) + last_event().reason
    page = client.get(link, follow=True)
    assert "Set your password" in page.content.decode()
    new = {"password1": "a quite new pass phrase", "password2": "a quite new pass phrase"}
    done = client.post(page.request["PATH_INFO"], new, follow=True)
    assert "Your password is set" in done.content.decode()
    assert last_event().action == "changed their password"
    nurse.refresh_from_db()
    assert nurse.check_password(new["password1"])
    assert "no longer works" in client.get(link, follow=True).content.decode()


def test_nobody_resets_the_sign_in_of_those_above_them(cast):
    with pytest.raises(NotAllowedError, match="do not manage every role"):
        make_password_link(cast.chief, by=cast.people["administrator"], reason="")
    with pytest.raises(NotAllowedError):
        remove_two_step(cast.chief, by=cast.people["administrator"], reason="")


def test_administrators_see_the_roles_they_may_take(cast):
    local = manageable_memberships(cast.people["administrator"])
    assert {membership.site for membership in local} == {cast.north}
    assert manageable_memberships(cast.chief).count() == len(cast.people) + 1
    assert places_to_give_roles_at(cast.people["administrator"]) == [cast.north]
    assert cast.group in places_to_give_roles_at(cast.chief)
    assert places_to_give_roles_at(cast.people["planner"]) == []


def test_the_audit_record_is_scoped(cast):
    record("at south", by=cast.chief, site_code="S1")
    record("at north", by=cast.chief, site_code="N1")
    record("of no site", by=cast.chief)
    record("by a stranger", by=cast.stranger)
    record("a job", by=SystemActor("import"))

    def seen(user):
        return set(visible_audit_events(user).values_list("action", flat=True))

    board = seen(cast.people["board_member"])
    assert "at north" in board
    assert not board & {"at south", "of no site", "by a stranger", "a job"}
    assert seen(cast.chief) >= {"at north", "at south", "of no site", "a job"}
    assert "by a stranger" not in seen(cast.chief)
    assert seen(cast.people["planner"]) == set()


def test_a_lost_phone(cast, client):
    from allauth.mfa.models import Authenticator

    nurse, local = cast.people["ward_nurse"], cast.people["administrator"]
    Authenticator.objects.create(user=nurse, type=Authenticator.Type.TOTP, data={"secret": "kept"})
    client.force_login(local)
    answer = client.post(f"/accounts/people/{nurse.pk}/two-step/", {"reason": "phone lost, spoke to her"}, follow=True)
    assert "now signs in without a code" in answer.content.decode()
    assert not Authenticator.objects.filter(user=nurse).exists()
    event = last_event()
    assert (event.action, event.actor_name) == ("removed two-step sign-in", local.name)


def test_whoever_signs_in_elsewhere_has_no_password_to_change_here(cast, client):
    nurse = cast.people["ward_nurse"]
    nurse.set_unusable_password()
    nurse.save()
    client.force_login(nurse)
    answer = client.get("/accounts/password/")
    assert answer.status_code == 403
    assert "your password is changed there" in answer.content.decode()


def test_nobody_gives_a_role_anonymously(cast):
    from django.contrib.auth.models import AnonymousUser

    with pytest.raises(NotAllowedError):
        add_member(cast.stranger, "planner", cast.north, by=AnonymousUser(), reason="")


def test_a_role_is_over_exactly_one_place(cast):
    from django.db import IntegrityError, transaction

    for places in ({}, {"site": cast.north, "partnership": cast.group}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Membership.objects.create(user=cast.stranger, role="planner", **places)
    with pytest.raises(ValueError, match="names no partnership"):
        str(Membership(user=cast.stranger, role="planner"))
    assert str(Membership.objects.get(user=cast.chief)) == "Chief Administrator: Administrator at Two Rivers Group"


def test_nobody_new_gets_an_account_when_the_role_is_refused(cast, client, monkeypatch):
    def refuse(*_):
        raise NotAllowedError("Not here.")

    client.force_login(cast.chief)
    wanted = {"email": "new@example.test", "name": "New", "role": "planner", "where": f"site:{cast.north.pk}",
              "reason": "joins"}  # fmt: skip
    with monkeypatch.context() as patch:
        patch.setattr("trustwide.commons.accounts.actions.check_can_give_roles_at", refuse)
        assert client.post("/accounts/people/give-role/", wanted).status_code == 403
    assert not User.objects.filter(email="new@example.test").exists()
    assert client.post("/accounts/people/give-role/", wanted).status_code == 302
    assert can(User.objects.get(email="new@example.test"), "make_plans", cast.north)
