"""The people who can sign in: one for each role at least, over the group, one partner or one site."""

from __future__ import annotations

from dataclasses import dataclass

from trustwide.demo.group import FELLSIDE, MIDVALE, PARTNERSHIP_NAME, SOUTHMERE, THREE_BAYS

DOMAIN = "demo.trustwide.example"
PASSWORD = "three-bays-demo"  # noqa: S105 - printed on the screen; the demo answers on this machine only


@dataclass(frozen=True)
class DemoPerson:
    """Somebody invented. where: code of a partner or site, or empty for the whole partnership."""

    login: str
    name: str
    role: str
    where: str
    sees: str

    @property
    def email(self) -> str:
        return f"{self.login}@{DOMAIN}"


PEOPLE = (
    DemoPerson("radiology.manager", "Rosalind Achebe", "radiology_manager", THREE_BAYS.code, THREE_BAYS.name),
    DemoPerson("planner", "Tomasz Hale", "planner", "", PARTNERSHIP_NAME),
    DemoPerson("board.member", "Priya Lindqvist", "board_member", "", PARTNERSHIP_NAME),
    DemoPerson("administrator", "Owen Castellan", "administrator", "", PARTNERSHIP_NAME),
    DemoPerson("improvement.lead", "Maeve Okonjo", "improvement_lead", THREE_BAYS.code, THREE_BAYS.name),
    DemoPerson("equipment.manager", "Idris Penhallow", "equipment_manager", THREE_BAYS.code, THREE_BAYS.name),
    DemoPerson("booking.clerk", "Shona Varga", "booking_clerk", THREE_BAYS.code, THREE_BAYS.name),
    DemoPerson("radiographer", "Nerys Dalgleish", "radiographer", THREE_BAYS.code, THREE_BAYS.name),
    DemoPerson("radiologist", "Anselm Okafor", "radiologist", THREE_BAYS.code, THREE_BAYS.name),
    DemoPerson("ward.nurse", "Luca Addo", "ward_nurse", MIDVALE.code, MIDVALE.name),
    DemoPerson("southmere.lead", "Hester Quaye", "radiology_manager", SOUTHMERE.code, SOUTHMERE.name),
    DemoPerson("fellside.manager", "Callum Yildiz", "radiology_manager", FELLSIDE.code, FELLSIDE.name),
)
