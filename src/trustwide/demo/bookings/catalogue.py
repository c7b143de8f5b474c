"""Exams, scanners and hours of the booking centre. Minutes and shares are of the right size; everything is invented."""

from __future__ import annotations

from dataclasses import dataclass

from trustwide.demo.group import MIDVALE, NORTHCLIFF, SOUTHMERE, DemoSite

NOTHING_TO_EAT = "Do not eat for four hours before you come. You may drink water."
FULL_BLADDER = "Drink a pint of water an hour before you come, and do not go to the toilet until after the scan."


@dataclass(frozen=True)
class DemoExam:
    """An exam of the catalogue. share: of all requests of its modality."""

    code: str
    name: str
    modality: str
    test: str
    minutes: int
    share: float
    safety: tuple[str, ...] = ()
    scanner_must_have: tuple[str, ...] = ()
    competence: str = ""
    preparation: str = ""
    preparation_days: int = 0


EXAMS = (
    DemoExam("MBRAIN", "MRI brain", "MR", "MRI", 30, 0.24, ("mr",)),
    DemoExam("MLSPN", "MRI lower back", "MR", "MRI", 30, 0.24, ("mr",)),
    DemoExam("MKNEE", "MRI knee", "MR", "MRI", 25, 0.2, ("mr",)),
    DemoExam("MSHOU", "MRI shoulder", "MR", "MRI", 30, 0.1, ("mr",)),
    DemoExam("MMRCP", "MRI bile ducts", "MR", "MRI", 30, 0.06, ("mr",), preparation=NOTHING_TO_EAT, preparation_days=1),
    DemoExam("MLIVC", "MRI liver with contrast", "MR", "MRI", 40, 0.06, ("mr", "contrast"), ("contrast",),
             preparation=NOTHING_TO_EAT, preparation_days=2),
    DemoExam("MPROS", "MRI prostate", "MR", "MRI", 40, 0.06, ("mr", "contrast"), ("contrast",), preparation_days=1),
    DemoExam("MCARD", "MRI heart", "MR", "MRI", 60, 0.04, ("mr", "contrast"), ("cardiac",), "cardiac_mr"),
    DemoExam("CHEAD", "CT head", "CT", "CT", 10, 0.5, ("pregnancy",)),
    DemoExam("CCAPC", "CT chest, abdomen and pelvis", "CT", "CT", 20, 0.5, ("contrast", "pregnancy"), ("contrast",)),
    DemoExam("UABDO", "Ultrasound abdomen", "US", "NOUS", 20, 0.5, preparation=NOTHING_TO_EAT),
    DemoExam("UPELV", "Ultrasound pelvis", "US", "NOUS", 20, 0.5, preparation=FULL_BLADDER),
    DemoExam("BDEXA", "Bone density scan", "BD", "DEXA", 20, 1.0),
)  # fmt: skip


@dataclass(frozen=True)
class DemoScanner:
    """A scanner with the hours it works on weekdays, Saturdays and Sundays; every_weeks: a van comes so often."""

    site: DemoSite
    code: str
    name: str
    has: tuple[str, ...]
    hours: dict[int, tuple[int, int]]
    mobile: bool = False
    every_weeks: int = 1
    cardiac_on: int | None = None


LONG, SHORT = (8, 20), (8, 16)
WEEKDAYS = dict.fromkeys(range(5), LONG)
SIX_DAYS = WEEKDAYS | {5: SHORT}
SEVEN_DAYS = dict.fromkeys(range(7), LONG)
SCANNERS = (
    DemoScanner(NORTHCLIFF, "MR1", "Northcliff MR1", ("contrast", "cardiac", "hoist"), SEVEN_DAYS, cardiac_on=2),
    DemoScanner(NORTHCLIFF, "MR2", "Northcliff MR2", ("contrast", "wide_bore"), SEVEN_DAYS),
    DemoScanner(NORTHCLIFF, "MR3", "Northcliff MR3", ("contrast", "hoist"), SEVEN_DAYS),
    DemoScanner(MIDVALE, "MR1", "Midvale MR1", ("contrast", "cardiac"), SIX_DAYS, cardiac_on=3),
    DemoScanner(MIDVALE, "MR2", "Midvale MR2", ("contrast", "wide_bore", "hoist"), SIX_DAYS),
    DemoScanner(SOUTHMERE, "MR1", "Southmere Heron", ("contrast", "hoist"), SIX_DAYS),
    DemoScanner(SOUTHMERE, "MR2", "Southmere Curlew", ("contrast", "wide_bore"), SIX_DAYS),
    DemoScanner(SOUTHMERE, "VAN", "The van", (), dict.fromkeys((0, 1), LONG), mobile=True, every_weeks=2),
)
SMALL = tuple(scanner for scanner in SCANNERS if scanner.code in ("MR1", "VAN"))
TRAVEL = ((NORTHCLIFF, MIDVALE, 35), (NORTHCLIFF, SOUTHMERE, 30), (MIDVALE, SOUTHMERE, 45))
# people waiting at each site, and their share of all requests
WAITING = {NORTHCLIFF: 1_000, MIDVALE: 650, SOUTHMERE: 1_250}
PRIORITIES = {"routine": 0.6, "urgent": 0.26, "suspected_cancer": 0.1, "planned": 0.04}
# share of each week's time that is booked, this week first
BOOKED_AHEAD = (0.97, 0.8, 0.45, 0.2, 0.08, 0.03)
BOOKED_BEFORE = 0.94
MISSED, CANCELLED = 0.065, 0.045
NOTICE_DAYS = 4.0  # that a patient gives on average who cancels
NEEDS = {"anxiety": 0.02, "claustrophobia": 0.02, "interpreter": 0.02, "dementia": 0.01, "hoist": 0.012,
         "learning_disability": 0.008, "carer": 0.02}  # fmt: skip
