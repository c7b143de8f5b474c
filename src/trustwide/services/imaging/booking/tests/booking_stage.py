"""A small booking centre: two sites and a van, four exams, sessions for eight weeks, requests ready to be booked."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass

from django.utils import timezone

from trustwide.commons.accounts.tests.cast import STAGE, Cast
from trustwide.commons.patients.actions import find_or_add_patient
from trustwide.services.imaging.booking.models import Scanner, ScannerSession, TravelTime
from trustwide.services.imaging.booking.sessions import add_scanner, add_template, make_sessions
from trustwide.services.imaging.requests.actions import happen, receive_request
from trustwide.services.imaging.requests.models import ExamType, ImagingRequest
from trustwide.services.imaging.requests.pathway import Event
from trustwide.services.imaging.waiting.clocks import LONDON

WEEKS = 8
TO_READY = (Event.ACCEPT, Event.PROTOCOL, Event.SAFETY_PASS)
_numbers = itertools.count(1)


@dataclass
class BookingStage:
    """The cast with its scanners and exams by code. `monday` is the first day of a session, a week ahead."""

    cast: Cast
    scanners: dict[str, Scanner]
    exams: dict[str, ExamType]
    monday: dt.date

    def request(self, exam: str = "MKNEE", *, site=None, priority: str = "routine", days_ago: int = 10, **patient):
        """A request ready to be booked."""
        facts = {"nearest": self.cast.north, "born_year": 1960} | patient
        someone = find_or_add_patient(self.cast.group, f"S{next(_numbers)}", by=STAGE, **facts)
        asked = timezone.now() - dt.timedelta(days=days_ago)
        due = {"due_on": timezone.localdate() + dt.timedelta(days=20)} if priority == "planned" else {}
        request = receive_request(
            someone, self.exams[exam], site or self.cast.north, priority, by=STAGE, requested_at=asked, at=asked, **due
        )
        for event in TO_READY:
            happen(request, event, by=STAGE)
        return ImagingRequest.objects.select_related("exam", "patient", "site").get(pk=request.pk)

    def session(self, scanner: str, day: int = 0) -> ScannerSession:
        """A scanner's session so many days after `monday`."""
        opens = dt.datetime.combine(self.monday + dt.timedelta(days=day), dt.time(), LONDON)
        return ScannerSession.objects.get(
            scanner=self.scanners[scanner], opens_at__gte=opens, opens_at__lt=opens + dt.timedelta(days=1)
        )


def build_stage(cast: Cast) -> BookingStage:
    """Two static MRI scanners, a van at South on Mondays for routine requests only, and a CT scanner."""
    scanners = {
        "MR1": add_scanner(cast.north, "MR1", "North MR1", "MR", by=STAGE, has=["contrast", "cardiac", "hoist"]),
        "MR2": add_scanner(cast.south, "MR2", "South MR2", "MR", by=STAGE, has=["contrast", "wide_bore"]),
        "VAN": add_scanner(cast.south, "VAN", "The van", "MR", by=STAGE, mobile=True),
        "CT1": add_scanner(cast.north, "CT1", "North CT1", "CT", by=STAGE, has=["contrast"]),
    }
    today = timezone.localdate()
    monday = today + dt.timedelta(days=7 - today.weekday() + 7)
    hours = {"MR1": (8, 20, range(7)), "MR2": (8, 18, range(5)), "VAN": (9, 19, [0]), "CT1": (8, 20, range(5))}
    templates = [
        add_template(
            scanners[code], weekday, dt.time(opens), dt.time(closes), by=STAGE, from_on=monday, overbook_limit=1,
            competences=["cardiac_mr"] if code == "MR1" and weekday == 2 else [],
            priorities=["routine"] if code == "VAN" else [],
        )
        for code, (opens, closes, weekdays) in hours.items()
        for weekday in weekdays
    ]  # fmt: skip
    make_sessions(templates, monday, monday + dt.timedelta(weeks=WEEKS), by=STAGE)
    TravelTime.objects.create(origin=cast.north, destination=cast.south, minutes=35)
    TravelTime.objects.create(origin=cast.south, destination=cast.north, minutes=35)
    exams = {
        code: ExamType.objects.create(partnership=cast.group, code=code, name=name, **facts)
        for code, name, facts in (
            ("MKNEE", "MRI knee", {"modality": "MR", "test": "MRI", "minutes": 20, "safety": ["mr"]}),
            ("MCARD", "MRI heart", {"modality": "MR", "test": "MRI", "minutes": 60, "competence": "cardiac_mr",
                                    "scanner_must_have": ["cardiac"]}),
            ("MLIVC", "MRI liver with contrast", {"modality": "MR", "test": "MRI", "minutes": 40,
                                                  "scanner_must_have": ["contrast"], "preparation_days": 2}),
            ("CHEAD", "CT head", {"modality": "CT", "test": "CT", "minutes": 10}),
        )
    }  # fmt: skip
    return BookingStage(cast, scanners, exams, monday)
