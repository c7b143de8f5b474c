"""The partnership, its two partners and their sites: names, people served, colours and marks."""

from __future__ import annotations

from dataclasses import dataclass

PARTNERSHIP_SLUG = "three-bays"
PARTNERSHIP_NAME = "Three Bays and Fellside Imaging Partnership"


@dataclass(frozen=True)
class DemoPartner:
    """A legal body of the group. ODS codes are letters and digits only, so none can equal a code with a hyphen."""

    code: str
    name: str


@dataclass(frozen=True)
class DemoSite:
    """A site as its visitors know it. population: people served; mark: what its logo draws, in a square of 40."""

    code: str
    partner: DemoPartner
    name: str
    short_name: str
    colour: str
    population: int
    mark: str

    @property
    def logo(self) -> str:
        """The site's mark in white on its colour."""
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40">'
            f'<rect width="40" height="40" rx="6" fill="{self.colour}"/>'
            f'<path d="{self.mark}" fill="none" stroke="#ffffff" stroke-width="4" stroke-linejoin="round" '
            'stroke-linecap="round"/></svg>'
        )


THREE_BAYS = DemoPartner("DEMO-TB", "Three Bays University Hospitals")
FELLSIDE = DemoPartner("DEMO-FS", "Fellside Hospitals")
PARTNERS = (THREE_BAYS, FELLSIDE)

NORTHCLIFF = DemoSite(
    "DEMO-N", THREE_BAYS, "Northcliff General Hospital", "Northcliff", "#1d4f7c", 430_000,
    "M7 31L18 11L24 21L28 16L34 31Z",
)  # fmt: skip
MIDVALE = DemoSite(
    "DEMO-M", THREE_BAYS, "Midvale Hospital", "Midvale", "#6b2d5c", 380_000, "M6 12C12 34 28 34 34 12M20 9V20"
)
SOUTHMERE = DemoSite(
    "DEMO-S", THREE_BAYS, "Southmere University Hospital", "Southmere", "#1f6b4a", 390_000,
    "M6 15Q13 8 20 15T34 15M6 25Q13 18 20 25T34 25",
)  # fmt: skip
# one list over its three hospitals and the mobile scanner, so it is one site here with its hospitals as departments
FELLSIDE_SITE = DemoSite(
    "DEMO-F", FELLSIDE, "Fellside Hospitals", "Fellside", "#8a3b12", 500_000, "M6 30L14 14L20 23L27 9L34 30"
)
GROUP_SITES = (NORTHCLIFF, MIDVALE, SOUTHMERE)
SITES = (*GROUP_SITES, FELLSIDE_SITE)
