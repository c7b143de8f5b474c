"""Roles, permissions and where they hold."""

from __future__ import annotations

import pytest

from trustwide.commons.accounts.actions import add_member
from trustwide.commons.accounts.models import Membership, User
from trustwide.commons.accounts.rules import (
    PERMISSIONS,
    WHAT_IT_ALLOWS,
    NotAllowedError,
    can,
    can_give_roles_at,
    can_look_after,
    check_can,
    people_where,
    sites_where,
)
from trustwide.commons.accounts.tests.cast import STAGE, person
from trustwide.commons.organisations.models import Partner


def test_every_role_is_in_the_table_and_every_permission_exists():
    assert set(PERMISSIONS) == set(Membership.Role)
    assert frozenset().union(*PERMISSIONS.values()) == set(WHAT_IT_ALLOWS)


def test_each_role_holds_its_permissions_at_its_site_only(cast):
    for role, holder in cast.people.items():
        for permission in WHAT_IT_ALLOWS:
            granted = permission in PERMISSIONS[role]
            assert can(holder, permission) is granted
            assert can(holder, permission, cast.north) is granted
            assert can(holder, permission, cast.south) is False
            assert holder.has_perm(permission, cast.north) is granted


def test_two_doors_agree_and_the_refusal_says_whom_to_ask(cast):
    check_can(cast.people["planner"], "make_plans", cast.north)
    with pytest.raises(NotAllowedError) as refusal:
        check_can(cast.people["ward_nurse"], "make_plans", cast.north)
    sentence = str(refusal.value)
    assert sentence.startswith("You may not make plans at North Hospital.")
    assert "Planner" in sentence


def test_a_role_over_the_partner_or_partnership_reaches_its_sites(cast):
    over_partner = person("Partner Planner")
    add_member(over_partner, "planner", cast.south.partner, by=STAGE, reason="test")
    assert can(over_partner, "make_plans", cast.south)
    assert not can(over_partner, "make_plans", cast.north)
    assert can(cast.chief, "manage_people", cast.north)
    assert can(cast.chief, "manage_people", cast.south)


def test_public_providers_are_open_for_plans_but_not_for_management(cast):
    assert can(cast.people["planner"], "make_plans", cast.public)
    assert not can(cast.people["ward_nurse"], "make_plans", cast.public)
    assert not can(cast.chief, "manage_sites", cast.public)
    assert [site.code for site in sites_where(cast.people["planner"], "make_plans")] == ["E9", "N1"]
    assert [site.code for site in sites_where(cast.chief, "manage_sites")] == ["N1", "S1"]
    assert not sites_where(cast.stranger, "view_measures").exists()


def test_nobody_and_closed_accounts_may_nothing(cast):
    from django.contrib.auth.models import AnonymousUser

    assert not can(AnonymousUser(), "view_measures")
    cast.chief.is_active = False
    assert not can(cast.chief, "view_measures", cast.north)


def test_a_permission_that_does_not_exist_is_a_mistake_of_the_programmer(cast):
    with pytest.raises(KeyError, match="no permission 'fly'"):
        can(cast.chief, "fly")


def test_roles_are_given_only_at_or_below_ones_own_level(cast):
    local = cast.people["administrator"]
    assert can_give_roles_at(local, cast.north)
    assert not can_give_roles_at(local, cast.south)
    assert not can_give_roles_at(local, cast.north.partner)
    assert not can_give_roles_at(local, cast.group)
    assert all(can_give_roles_at(cast.chief, where) for where in (cast.group, cast.north.partner, cast.south))
    assert not can_give_roles_at(cast.people["planner"], cast.north)
    assert not can_give_roles_at(cast.chief, Partner.objects.get(code="T9"))


def test_sign_in_is_reset_only_by_those_who_manage_every_role(cast):
    local, nurse = cast.people["administrator"], cast.people["ward_nurse"]
    assert can_look_after(local, nurse)
    add_member(nurse, "planner", cast.south, by=STAGE, reason="test")
    assert not can_look_after(local, nurse)
    assert can_look_after(cast.chief, nurse)
    assert not can_look_after(local, cast.chief)
    assert not can_look_after(cast.chief, cast.stranger)


@pytest.mark.parametrize("permission", ["act_on_signals", "make_plans", "manage_people"])
def test_the_people_at_some_sites_are_those_who_can_at_one_of_them(cast, permission):
    over_partner, gone = person("Partner Planner"), person("Gone Planner")
    for someone in (over_partner, gone):
        add_member(someone, "planner", cast.south.partner, by=STAGE, reason="test")
    add_member(cast.chief, "planner", cast.south, by=STAGE, reason="twice over one site")
    User.objects.filter(pk=gone.pk).update(is_active=False)
    everybody = list(User.objects.all())
    for sites in ((cast.north,), (cast.south,), (cast.public,), (cast.north, cast.south), (cast.south, cast.public)):
        wanted = [each for each in everybody if any(can(each, permission, site) for site in sites)]
        assert list(people_where(permission, *sites)) == wanted
    assert not people_where(permission)
