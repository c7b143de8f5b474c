"""The group as it is built: its returns, charts, people and rooms, and what counts as work in it."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

import pytest
from django.db import transaction

from trustwide.commons.accounts.models import Membership, User
from trustwide.commons.accounts.rules import can, sites_where
from trustwide.commons.audit.actions import first_broken_link, record
from trustwide.commons.measures.models import Annotation, ChartSummary
from trustwide.commons.organisations.actions import create_partnership
from trustwide.commons.organisations.models import Place, Site
from trustwide.demo import actions, figures
from trustwide.demo.people import PASSWORD, PEOPLE
from trustwide.demo.rules import can_build, check_can_build
from trustwide.services.imaging.models import Dm01Return

MONTH = datetime.date(2026, 10, 1)


def quiet(_: str) -> None:
    pass


pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker) -> Iterator[figures.DemoBuild]:
    """One build for all tests: what one of them writes is undone after it."""
    wanted = figures.wanted("small", MONTH)
    with django_db_blocker.unblock(), transaction.atomic():
        actions.build(wanted, progress=quiet)
        yield wanted
        transaction.set_rollback(True)


def test_it_is_found_again_as_it_was_wanted(built):
    assert figures.found() == built == figures.wanted("small", MONTH)
    assert figures.wanted("small", datetime.date(2026, 9, 1)) != built
    assert first_broken_link() is None


def test_returns_charts_and_every_role_are_there(built):
    assert Dm01Return.objects.count() == 3 * 2 * 36
    assert ChartSummary.objects.filter(measure="dm01_waiting_list").count() == 3 * 2
    assert set(Membership.objects.values_list("role", flat=True)) == set(Membership.Role.values)
    assert {user.email for user in User.objects.all()} == {someone.email for someone in PEOPLE}


def test_the_chart_says_what_happened_when(built):
    note = Annotation.objects.get()
    assert (note.measure, note.site.code, note.breakdown) == ("dm01_waiting_list", "DEMO-S", "MRI")
    assert note.date == datetime.date(2026, 1, 1)


def test_everybody_signs_in_with_the_password_on_the_screen_which_is_not_stored(built):
    for person in User.objects.all():
        assert person.check_password(PASSWORD)
        assert PASSWORD not in person.password


@pytest.mark.parametrize(
    ("login", "sees"),
    [
        ("planner", {"DEMO-N", "DEMO-M", "DEMO-S", "DEMO-F"}),
        ("radiology.manager", {"DEMO-N", "DEMO-M", "DEMO-S"}),
        ("southmere.lead", {"DEMO-S"}),
        ("fellside.manager", {"DEMO-F"}),
    ],
)
def test_people_see_their_own_level(built, login, sees):
    person = User.objects.get(email__startswith=f"{login}@")
    assert {site.code for site in Site.objects.for_user(person)} == sees
    assert {site.code for site in sites_where(person, "make_plans")} == sees
    assert can(person, "view_measures")


def test_the_same_room_has_another_name_at_each_site(built):
    rooms = Place.objects.filter(name="MRI room 1", site__code__in=["DEMO-N", "DEMO-M", "DEMO-S"])
    assert rooms.count() == 3
    assert len({room.local_name for room in rooms}) == 3
    assert all(room.parent.name == "Radiology" for room in rooms)
    for wanted in ("CT room 1", "Ultrasound room 1", "MRI waiting area"):
        here = Place.objects.filter(name=wanted).exclude(site__code="DEMO-F")
        assert len(set(here.values_list("local_name", flat=True))) == 3


def test_scanners_are_as_many_as_the_figures_say(built):
    def count(kind: str) -> list[int]:
        codes = ("DEMO-N", "DEMO-M", "DEMO-S")
        return [Place.objects.filter(site__code=code, name__startswith=kind).count() for code in codes]

    assert count("MRI room") == [4, 3, 3]
    assert count("CT room") == [5, 3, 4]
    assert count("Ultrasound room") == [15, 13, 12]
    assert count("X-ray room") == [9, 8, 7]
    assert count("Mobile scanner pad") == [0, 1, 1]
    assert Place.objects.filter(site__code="DEMO-F", name__icontains="MRI room").count() == 3


def test_it_may_be_built_anew_where_it_is(built):
    check_can_build()
    create_partnership("own", "Our Own Partnership", by=figures.DEMO)
    assert not can_build()


def test_looking_is_not_work_and_changing_is(built):
    planner = User.objects.get(email__startswith="planner@")
    record("signed in", by=planner, target=planner)
    assert not figures.work_since_built()
    record("saved a plan", by=planner)
    assert figures.work_since_built()


def test_public_returns_are_remembered_by_their_source(built):
    from trustwide.demo.returns import returns
    from trustwide.services.imaging.actions import import_returns

    assert not figures.public_data_imported()
    import_returns(returns("group", MONTH), by=figures.DEMO, source="england.csv 0123", progress=quiet)
    assert figures.was_imported("england.csv 0123")
    assert not figures.was_imported("england.csv 4567")
    assert figures.public_data_imported()
