"""Returns land once, all or none, and bring their measures with them."""

from __future__ import annotations

import pytest
from django.db import DatabaseError

from trustwide.commons.accounts.rules import NotAllowedError
from trustwide.commons.audit.actions import SystemActor
from trustwide.commons.audit.exceptions import AnonymousWriteError
from trustwide.commons.audit.models import AuditEvent
from trustwide.commons.measures.models import ChartSummary, Observation
from trustwide.commons.organisations.models import Partner, Partnership, Site
from trustwide.services.imaging import actions
from trustwide.services.imaging.actions import ImportSummary, import_returns
from trustwide.services.imaging.models import Dm01Return
from trustwide.services.imaging.providers import partner_kind, short_name
from trustwide.services.imaging.tests.returns import frame, month, one_return

pytestmark = pytest.mark.django_db

CLERK = SystemActor("import")
THREE = [one_return(), one_return(when=1, waiting=120), one_return(provider="XBB", test="CT")]


def bring_in(*rows, by=CLERK):
    return import_returns(frame(*rows), by=by, source="sample.csv")


def everything():
    tables = (Dm01Return, Observation, ChartSummary, Partner, Site, AuditEvent)
    return [list(table.objects.order_by("pk").values_list()) for table in tables]


def test_new_returns_land_under_their_providers():
    assert bring_in(*THREE) == ImportSummary(3, 0, 0, ("XAA", "XBB"))
    stored = Dm01Return.objects.get(site__code="XAA", month=month(1))
    assert (stored.waiting_list, stored.band_00, stored.band_06, stored.unscheduled_tests) == (120, 110, 10, 40)
    england = Partnership.objects.get(slug="england")
    assert (england.name, england.comparison) == ("Providers in England (public data)", True)
    assert {site.partner.partnership for site in Site.objects.all()} == {england}


def test_the_same_again_changes_nothing_at_all():
    bring_in(*THREE)
    before = everything()
    assert bring_in(*THREE) == ImportSummary(0, 0, 3, ())
    assert everything() == before


def test_a_revised_return_changes_its_own_row_and_measures_only():
    bring_in(*THREE)
    other = list(Observation.objects.filter(site__code="XBB").values_list())
    assert bring_in(one_return(when=1, waiting=130), THREE[2]) == ImportSummary(0, 1, 1, ())
    assert Dm01Return.objects.count() == 3
    values = Observation.objects.filter(measure="dm01_waiting_list", site__code="XAA").order_by("period")
    assert list(values.values_list("value", flat=True)) == [100.0, 130.0]
    assert list(Observation.objects.filter(site__code="XBB").values_list()) == other


def test_one_event_says_what_was_done_by_whom():
    bring_in(*THREE)
    event = AuditEvent.objects.get()
    assert (event.actor_id, event.action) == ("system:import", "DM01 returns imported")
    assert event.details == {
        "source": "sample.csv", "added": 3, "changed": 0, "unchanged": 0, "providers_added": 2,
        "first_month": "2024-01", "last_month": "2024-02",
    }  # fmt: skip


def test_nobody_may_import():
    with pytest.raises(AnonymousWriteError):
        bring_in(*THREE, by=None)
    assert not Dm01Return.objects.exists()
    assert not Site.objects.exists()


def test_a_person_imports_only_where_they_may(cast):
    planner, clerk = cast.people["planner"], cast.people["booking_clerk"]
    assert bring_in(one_return("N1"), by=planner).added == 1
    assert AuditEvent.objects.order_by("sequence").last().actor_id == planner.audit_id
    before = everything()
    with pytest.raises(NotAllowedError, match=r"You may not import returns\. That takes one of these roles"):
        bring_in(one_return("N1", when=1), by=clerk)
    for code, name in (("S1", "South Hospital"), ("E9", "Elsewhere Trust"), ("XBB", "Xbb NHS Trust")):
        with pytest.raises(NotAllowedError, match=f"You may not import returns at {name}"):
            bring_in(one_return("N1", when=1), one_return(code), by=planner)
    assert everything() == before


def test_a_failure_halfway_leaves_nothing_behind(monkeypatch):
    def fail(*_):
        raise DatabaseError("disk full")

    monkeypatch.setattr(actions, "refresh", fail)
    with pytest.raises(DatabaseError):
        bring_in(*THREE)
    assert not Dm01Return.objects.exists()
    assert not Partnership.objects.exists()


def test_returns_of_a_site_of_the_group_land_there():
    group = Partnership.objects.create(slug="group", name="Group")
    trust = Partner.objects.create(partnership=group, code="XAA", name="Our trust")
    site = Site.objects.create(partner=trust, code="XAA", name="Our hospital", short_name="Ours")
    assert bring_in(*THREE).providers_added == ("XBB",)
    assert site.dm01_returns.count() == 2
    assert Site.objects.get(code="XAA").name == "Our hospital"


def test_a_partner_of_the_group_without_such_a_site_gets_one():
    group = Partnership.objects.create(slug="group", name="Group")
    trust = Partner.objects.create(partnership=group, code="XAA", name="Our trust")
    bring_in(*THREE)
    assert Site.objects.get(code="XAA").partner == trust


@pytest.mark.parametrize(
    ("name", "kind", "short"),
    [
        ("Mid and South Essex NHS Foundation Trust", "trust", "Mid and South Essex"),
        ("Leeds Teaching Hospitals NHS Trust", "trust", "Leeds Teaching"),
        ("Spire Harpenden Hospital", "company", "Spire Harpenden Hospital"),
        ("Nuffield Health", "company", "Nuffield Health"),
    ],
)
def test_what_a_provider_is_by_its_name(name, kind, short):
    assert partner_kind(name) == kind
    assert short_name(name) == short
