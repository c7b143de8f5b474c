"""Described services: every change is a version with its reason, audited, and nothing is overwritten."""

from __future__ import annotations

from dataclasses import replace

import pytest

from trustwide.analysis.capacity import LeverError, ServiceError
from trustwide.commons.accounts.actions import add_member
from trustwide.commons.accounts.models import Membership
from trustwide.commons.accounts.rules import PERMISSIONS, NotAllowedError
from trustwide.commons.accounts.tests.cast import STAGE, person
from trustwide.commons.audit.models import AuditEvent
from trustwide.commons.organisations.actions import create_partner, create_partnership, create_site
from trustwide.services.imaging.append_only import AppendOnlyError
from trustwide.services.imaging.capacity import actions
from trustwide.services.imaging.capacity.actions import content_of
from trustwide.services.imaging.capacity.description import service_of
from trustwide.services.imaging.capacity.models import CapacityService, ServiceVersion, WaitingList
from trustwide.services.imaging.capacity.tests.service_stage import LEVERS, PLANNER, a_service, content, described
from trustwide.services.imaging.runs import RunStateError

pytestmark = pytest.mark.django_db


@pytest.fixture
def service(cast):
    return a_service(cast.north, cast.people[PLANNER])


def changed(service, by, reason="a reason", **parts):
    service.refresh_from_db()
    wanted = replace(content_of(service.newest), **parts)
    return actions.change_service(service.newest, wanted, reason=reason, by=by)


def test_a_described_service_is_what_was_described(service, cast):
    version = service.newest
    assert (version.number, version.reason, version.created_by) == (1, "for the test", cast.people[PLANNER])
    assert version.mapping == described()
    assert list(version.mapping["demand"][0]["site_mix"]) == ["north", "south"]  # their order decides draws
    assert service_of(version).fingerprint == version.fingerprint
    assert (version.facts["waiting"], version.waiting_list.size) == (90, 90)
    event = AuditEvent.objects.latest("sequence")
    assert (event.action, event.site_code, event.reason) == ("described a service", "N1", "for the test")
    assert event.details["fingerprint"] == version.fingerprint


def test_each_change_is_a_version_and_the_old_ones_stay(service, cast):
    first = service.newest
    second = changed(service, cast.people[PLANNER], described=described(service="Another name"), reason="renamed")
    service.refresh_from_db()
    assert (second.number, service.newest, service.name) == (2, second, "Another name")
    assert second.waiting_list == first.waiting_list  # the same list is kept once
    assert WaitingList.objects.count() == 1
    assert ServiceVersion.objects.get(pk=first.pk).mapping["service"] == "Two rivers MR"
    assert AuditEvent.objects.latest("sequence").reason == "renamed"


def test_what_is_kept_is_not_overwritten(service):
    version = service.newest
    for row in (version, version.waiting_list):
        with pytest.raises(AppendOnlyError):
            row.save()
        with pytest.raises(AppendOnlyError):
            row.delete()


def test_an_older_version_becomes_the_newest_again(service, cast):
    first = service.newest
    changed(service, cast.people[PLANNER], levers=[])
    first.service.refresh_from_db()
    third = actions.restore_version(first, reason="back", by=cast.people[PLANNER])
    assert (third.number, third.fingerprint, third.lever_list) == (3, first.fingerprint, LEVERS)
    third.service.refresh_from_db()
    with pytest.raises(RunStateError, match="newest version already"):
        actions.restore_version(third, reason="back", by=cast.people[PLANNER])


def test_two_people_do_not_undo_each_others_changes(service, cast):
    first = service.newest
    changed(service, cast.people[PLANNER], described=described(service="One"))
    late = replace(content_of(first), described=described(service="Other"))
    with pytest.raises(RunStateError, match="Somebody has saved a newer version since you opened this page"):
        actions.change_service(first, late, reason="late", by=cast.people["improvement_lead"])


def test_saving_the_same_again_saves_nothing(service, cast):
    with pytest.raises(RunStateError, match="Nothing is different"):
        changed(service, cast.people[PLANNER])
    assert service.versions.count() == 1


@pytest.mark.parametrize(
    ("parts", "error", "sentence"),
    [
        ({"described": described(scanners=[])}, ServiceError, "scanners: must have at least 1 entries"),
        ({"described": described(service="a\x00b")}, ServiceError, "holds a character of code 0"),
        ({"rows": "request_id\n"}, ServiceError, "row 1: must be the columns"),
        ({"levers": [{"id": "x"}]}, LeverError, "lever x: does: is missing"),
        ({"levers": [{"id": "x", "does": {"remove": {"scanner": "none"}}}]}, LeverError, "there is no scanner 'none'"),
    ],
)  # fmt: skip
def test_what_cannot_be_run_is_not_kept(service, cast, parts, error, sentence):
    before = AuditEvent.objects.count()
    with pytest.raises(error, match=sentence):
        changed(service, cast.people[PLANNER], **parts)
    assert (service.versions.count(), AuditEvent.objects.count()) == (1, before)


def test_a_service_that_cannot_be_run_leaves_nothing(cast):
    with pytest.raises(ServiceError):
        a_service(cast.north, cast.people[PLANNER], start="soon", rows=False)
    assert not CapacityService.objects.exists()


def test_only_those_who_make_plans_where_it_is_kept(service, cast):
    board, elsewhere = cast.people["board_member"], person("South Planner")
    add_member(elsewhere, Membership.Role.PLANNER, cast.south, by=STAGE, reason="test")
    for somebody in (board, elsewhere):
        for act in (
            lambda by: changed(service, by, levers=[]),
            lambda by: actions.share_service(service, shared=True, by=by),
            lambda by: actions.archive_service(service, reason="x", by=by),
            lambda by: actions.describe_service(cast.north, content(), reason="x", by=by),
        ):
            with pytest.raises(NotAllowedError):
                act(somebody)
    changed(service, cast.people["improvement_lead"], levers=[])


class TestWhoMayOpen:
    def test_those_who_see_plans_where_it_is_kept(self, service, cast):
        sees = {role for role, somebody in cast.people.items() if CapacityService.objects.for_user(somebody).exists()}
        assert sees == {role for role, allowed in PERMISSIONS.items() if "view_plans" in allowed}
        assert len(sees) == 6
        assert service in CapacityService.objects.for_user(cast.chief)
        assert not CapacityService.objects.for_user(cast.stranger).exists()

    def test_a_shared_one_is_read_in_the_whole_partnership_and_no_further(self, service, cast):
        south, other = person("South Planner"), person("Other Planner")
        add_member(south, Membership.Role.PLANNER, cast.south, by=STAGE, reason="test")
        others = create_partnership("others", "Another group", by=STAGE)
        site = create_site(create_partner(others, "T8", "Other Trust", by=STAGE), "O1", "Other Hospital", by=STAGE)
        add_member(other, Membership.Role.PLANNER, site, by=STAGE, reason="test")
        assert service not in CapacityService.objects.for_user(south)
        actions.share_service(service, shared=True, by=cast.people[PLANNER])
        assert service in CapacityService.objects.for_user(south)
        assert service not in CapacityService.objects.for_user(other)
        actions.share_service(service, shared=False, by=cast.people[PLANNER])
        assert service not in CapacityService.objects.for_user(south)

    def test_one_put_away_leaves_the_list_only(self, service, cast):
        actions.archive_service(service, reason="old", by=cast.people[PLANNER])
        visible = CapacityService.objects.for_user(cast.people[PLANNER])
        assert service in visible
        assert service not in visible.in_use()
