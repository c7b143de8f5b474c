"""The places of each site: the same standard names everywhere, beside what each site calls them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from string import ascii_uppercase

from trustwide.demo.group import FELLSIDE_SITE, MIDVALE, NORTHCLIFF, SOUTHMERE, DemoSite

DEPARTMENT, ROOM = "department", "room"


@dataclass(frozen=True)
class DemoPlace:
    """A department or a room; `parent` is the code of the department it is in."""

    site: DemoSite
    kind: str
    code: str
    name: str
    local_name: str = ""
    parent: str = ""


@dataclass(frozen=True)
class Rooms:
    """Rooms of one kind in one department. local: their local names, or a pattern with {number} or {letter}."""

    code: str
    name: str
    count: int
    local: str | tuple[str, ...] = ""

    def local_name(self, number: int) -> str:
        """What the site calls the room of this number, counted from 1."""
        if isinstance(self.local, tuple):
            return self.local[number - 1]
        return self.local.format(number=number, letter=ascii_uppercase[number - 1])


@dataclass(frozen=True)
class Department:
    """A radiology department with its rooms."""

    site: DemoSite
    code: str
    name: str
    local_name: str
    rooms: tuple[Rooms, ...]

    def places(self) -> Iterator[DemoPlace]:
        """The department first, then its rooms."""
        yield DemoPlace(self.site, DEPARTMENT, self.code, self.name, self.local_name)
        prefix = "" if self.code == "RAD" else f"{self.code}-"
        for rooms in self.rooms:
            for number in range(1, rooms.count + 1):
                many = rooms.count > 1
                yield DemoPlace(
                    self.site, ROOM, f"{prefix}{rooms.code}{number if many else ''}",
                    f"{rooms.name} {number}" if many else rooms.name, rooms.local_name(number), self.code,
                )  # fmt: skip


def _others(xray: int, fluoroscopy: int, gamma: int) -> tuple[Rooms, ...]:
    return (
        Rooms("XR", "X-ray room", xray),
        Rooms("FL", "Fluoroscopy and intervention room", fluoroscopy),
        Rooms("GC", "Gamma camera room", gamma),
        Rooms("DX", "DEXA room", 1),
    )


DEPARTMENTS = (
    Department(NORTHCLIFF, "RAD", "Radiology", "X-ray and Scanning", (
        Rooms("MR", "MRI room", 4, ("Alder room", "Beech room", "Cedar room", "Damson room")),
        Rooms("CT", "CT room", 5, "CT bay {number}, lower floor"),
        Rooms("US", "Ultrasound room", 15, "Scan room {number}"),
        *_others(9, 4, 2),
        Rooms("MRWAIT", "MRI waiting area", 1, "Orchard"),
        Rooms("CTWAIT", "CT waiting area", 1, "Lower floor seating"),
        Rooms("USWAIT", "Ultrasound waiting area", 1, "Blue seats"),
    )),
    Department(MIDVALE, "RAD", "Radiology", "Imaging Centre", (
        Rooms("MR", "MRI room", 3, "Magnet {letter}"),
        Rooms("CT", "CT room", 3, "Scanner {letter}"),
        Rooms("US", "Ultrasound room", 13, "U{number}"),
        *_others(8, 3, 1),
        Rooms("MRWAIT", "MRI waiting area", 1, "Zone 3"),
        Rooms("CTWAIT", "CT waiting area", 1, "Zone 2"),
        Rooms("USWAIT", "Ultrasound waiting area", 1, "Zone 1"),
        Rooms("PAD", "Mobile scanner pad", 1, "Van bay, car park 4"),
    )),
    Department(SOUTHMERE, "RAD", "Radiology", "Radiology, Lake Wing", (
        Rooms("MR", "MRI room", 3, ("Heron", "Kingfisher", "Osprey")),
        Rooms("CT", "CT room", 4, ("Lapwing", "Plover", "Redshank", "Sandpiper")),
        Rooms("US", "Ultrasound room", 12, "Cubicle {letter}"),
        *_others(7, 3, 2),
        Rooms("MRWAIT", "MRI waiting area", 1, "The Jetty"),
        Rooms("CTWAIT", "CT waiting area", 1, "The Landing"),
        Rooms("USWAIT", "Ultrasound waiting area", 1, "The Boathouse"),
        Rooms("PAD", "Mobile scanner pad", 1, "The Slipway"),
    )),
    Department(FELLSIDE_SITE, "ASH", "Radiology, Ashbeck Hospital", "Ashbeck Scans", (
        Rooms("MR", "Wide-bore MRI room", 1, "Big magnet"), Rooms("CT", "CT room", 1, "CT"),
        Rooms("US", "Ultrasound room", 5, "Ultrasound {number}"), Rooms("DX", "DEXA room", 1, "Bone room"),
        Rooms("WAIT", "Waiting area", 1, "Ashbeck lounge"),
    )),
    Department(FELLSIDE_SITE, "WHF", "Radiology, Wharfmouth Hospital", "Wharfmouth Imaging", (
        Rooms("MR", "MRI room", 1, "Harbour magnet"), Rooms("CT", "CT room", 1, "Harbour CT"),
        Rooms("US", "Ultrasound room", 6, "Quay {number}"), Rooms("WAIT", "Waiting area", 1, "Quayside seats"),
    )),
    Department(FELLSIDE_SITE, "EMC", "Radiology, Brackenmoor Emergency Hospital", "Brackenmoor Imaging", (
        Rooms("MR", "MRI room", 1, "Hot magnet"), Rooms("CT", "CT room", 2, "Hot CT {number}"),
        Rooms("US", "Ultrasound room", 4, "Acute scan {number}"), Rooms("WAIT", "Waiting area", 1, "Front desk"),
    )),
    Department(FELLSIDE_SITE, "MOB", "Mobile MRI, Larkdale Clinic", "Larkdale van", (
        Rooms("PAD", "Mobile scanner pad", 1, "Clinic yard"),
    )),
)  # fmt: skip


def places() -> tuple[DemoPlace, ...]:
    """Every place, each department before its rooms."""
    return tuple(place for department in DEPARTMENTS for place in department.places())
