"""Builds the synthetic group in an empty database: all of it or nothing."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path

from django.db import transaction

from trustwide.commons.accounts.actions import add_member, create_person
from trustwide.commons.audit.actions import record
from trustwide.commons.measures.actions import annotate_chart
from trustwide.commons.organisations.actions import create_partner, create_partnership, create_place, create_site
from trustwide.commons.organisations.models import Partner, Partnership, Place, Site
from trustwide.demo.bookings.centre import build_centre
from trustwide.demo.figures import BUILT, DEMO, DemoBuild
from trustwide.demo.group import PARTNERS, PARTNERSHIP_NAME, PARTNERSHIP_SLUG, SITES, SOUTHMERE
from trustwide.demo.lists import SIZES
from trustwide.demo.people import PASSWORD, PEOPLE
from trustwide.demo.returns import returns
from trustwide.demo.rooms import places
from trustwide.demo.rules import check_can_build
from trustwide.demo.service import KEPT_BY, content
from trustwide.services.imaging.actions import import_returns
from trustwide.services.imaging.capacity.actions import describe_service, share_service
from trustwide.services.imaging.flow.actions import add_layout
from trustwide.services.imaging.lean.actions import refresh_lean_measures

Progress = Callable[[str], None]
SOURCE = "the synthetic group"
WAITING_LIST = "dm01_waiting_list"
LAYOUTS = tuple(Path(__file__).parent / "departments" / name for name in ("cubicles.yaml", "bays.yaml"))


@transaction.atomic
def build(wanted: DemoBuild, *, progress: Progress) -> None:
    """Make the group as `wanted` describes it; `progress` is told each step in words.

    Raises NotADemoDatabaseError when the database is not for the demo.
    """
    check_can_build()
    progress(f"Founding the {PARTNERSHIP_NAME}")
    partnership = create_partnership(PARTNERSHIP_SLUG, PARTNERSHIP_NAME, by=DEMO)
    sites = _add_sites(partnership)
    progress("Naming their departments and rooms")
    _add_places(sites)
    progress(f"Adding {len(PEOPLE)} people")
    _add_people(partnership, sites)
    progress(f"Working out returns up to {wanted.last_month:%B %Y}")
    import_returns(returns(wanted.size, wanted.last_month), by=DEMO, source=SOURCE, progress=progress)
    _write_notes(wanted, sites)
    progress("Describing a service and its waiting list")
    _describe_service(wanted, sites)
    progress("Running two layouts of a new department")
    for path in LAYOUTS:
        add_layout(sites[SOUTHMERE.code], path.read_text(encoding="utf-8"), by=DEMO)
    progress("Filling the booking centre: scanners, sessions, and everybody who waits")
    build_centre(partnership, sites, wanted.size)
    progress("Computing the measures of the pathway")
    refresh_lean_measures()
    record(BUILT, by=DEMO, target=partnership, details=wanted.details())


def _add_sites(partnership: Partnership) -> dict[str, Site]:
    partners = {partner.code: create_partner(partnership, partner.code, partner.name, by=DEMO) for partner in PARTNERS}
    return {
        site.code: create_site(
            partners[site.partner.code], site.code, site.name, by=DEMO, short_name=site.short_name,
            colour=site.colour, logo=site.logo, population=site.population,
        )
        for site in SITES
    }  # fmt: skip


def _add_places(sites: dict[str, Site]) -> None:
    departments: dict[tuple[str, str], Place] = {}
    for place in places():
        added = create_place(
            sites[place.site.code], place.code, place.name, kind=place.kind, local_name=place.local_name,
            parent=departments.get((place.site.code, place.parent)), by=DEMO,
        )  # fmt: skip
        if place.kind == Place.Kind.DEPARTMENT:
            departments[place.site.code, place.code] = added


def _write_notes(wanted: DemoBuild, sites: dict[str, Site]) -> None:
    for facts in SIZES[wanted.size]:
        if facts.story:
            months = wanted.last_month.year * 12 + wanted.last_month.month - 1 - facts.story.months_ago
            began = datetime.date(months // 12, months % 12 + 1, 1)
            annotate_chart(WAITING_LIST, sites[facts.site.code], facts.test, began, text=facts.story.note, by=DEMO)


def _describe_service(wanted: DemoBuild, sites: dict[str, Site]) -> None:
    kept = describe_service(sites[KEPT_BY.code], content(wanted.last_month), reason="the demo shows one", by=DEMO)
    share_service(kept, shared=True, by=DEMO)


def _add_people(partnership: Partnership, sites: dict[str, Site]) -> None:
    partners = {partner.code: partner for partner in Partner.objects.filter(partnership=partnership)}
    over: dict[str, Partnership | Partner | Site] = {"": partnership, **partners, **sites}
    for someone in PEOPLE:
        person = create_person(someone.email, someone.name, by=DEMO, password=PASSWORD)
        add_member(person, someone.role, over[someone.where], by=DEMO, reason="the demo shows every role")
