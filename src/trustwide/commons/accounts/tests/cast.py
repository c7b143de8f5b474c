"""A small cast for tests: a partnership of two trusts with a site each, and one person a role at the first site."""

from __future__ import annotations

from dataclasses import dataclass, field

from trustwide.commons.accounts.actions import add_member, create_person
from trustwide.commons.accounts.models import Membership, User
from trustwide.commons.audit.actions import SystemActor
from trustwide.commons.organisations.actions import create_partner, create_partnership, create_place, create_site
from trustwide.commons.organisations.models import Partnership, Place, Site

STAGE = SystemActor("tests")
PASSWORD = "correct horse battery"


@dataclass
class Cast:
    """Who and what is on stage. `people` maps a role at North to its person."""

    group: Partnership
    north: Site
    south: Site
    public: Site
    room: Place
    chief: User
    stranger: User
    people: dict[str, User] = field(default_factory=dict)


def person(name: str, *, password: str = PASSWORD) -> User:
    """Somebody without a role."""
    return create_person(f"{name.lower().replace(' ', '.')}@example.test", name, by=STAGE, password=password)


def build_cast() -> Cast:
    """The whole cast; the chief is administrator of the whole partnership, the stranger has no role."""
    group = create_partnership("group", "Two Rivers Group", by=STAGE)
    north = create_site(
        create_partner(group, "T1", "North Trust", by=STAGE),
        "N1",
        "North Hospital",
        by=STAGE,
        short_name="North",
        colour="#7c2855",
    )
    south = create_site(
        create_partner(group, "T2", "South Trust", by=STAGE),
        "S1",
        "South Hospital",
        by=STAGE,
        short_name="South",
        colour="#ffb81c",
    )
    known = create_partnership("public", "Providers in public data", by=STAGE, comparison=True)
    public = create_site(create_partner(known, "T9", "Elsewhere Trust", by=STAGE), "E9", "Elsewhere Trust", by=STAGE)
    room = create_place(north, "MR1", "MRI scanner 1", kind=Place.Kind.ROOM, local_name="Blue room", by=STAGE)
    create_place(south, "MR1", "MRI scanner 1", kind=Place.Kind.ROOM, by=STAGE)
    chief = person("Chief Administrator")
    add_member(chief, Membership.Role.ADMINISTRATOR, group, by=STAGE, reason="cast")
    cast = Cast(group, north, south, public, room, chief, person("Stranger"))
    for role in Membership.Role:
        someone = person(f"North {role.label}")
        add_member(someone, role, north, by=STAGE, reason="cast")
        cast.people[role.value] = someone
    return cast
