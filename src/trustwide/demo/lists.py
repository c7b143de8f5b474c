"""Every waiting list of the group: how many tests, how many wait, and what happened to it.

Tests a year, lists and shares are England's rates for the people served; what is planted is told in each `story`.
"""

from __future__ import annotations

from dataclasses import dataclass

from trustwide.demo.group import FELLSIDE_SITE, MIDVALE, NORTHCLIFF, SOUTHMERE, DemoSite


@dataclass(frozen=True)
class Modality:
    """What lists of one test have in common, near the published figures of England.

    from_list, planned, unscheduled: shares of all tests done. newest_week: people in the newest band for each person
    added a week. noise: relative spread of a list from month to month.
    """

    from_list: float
    planned: float
    unscheduled: float
    newest_week: float
    noise: float


MODALITIES = {
    "MRI": Modality(0.80, 0.08, 0.12, newest_week=0.95, noise=0.018),
    "CT": Modality(0.45, 0.09, 0.46, newest_week=0.76, noise=0.024),
    "NOUS": Modality(0.79, 0.08, 0.13, newest_week=0.95, noise=0.016),
    "DEXA": Modality(0.84, 0.15, 0.01, newest_week=1.00, noise=0.030),
}
# Fellside has no emergency scanner to itself and few surveillance scans
FELLSIDE_MRI = Modality(0.85, 0.05, 0.10, newest_week=0.95, noise=0.022)


@dataclass(frozen=True)
class Story:
    """A list that moved from `before` to its present length.

    It began `months_ago` (0 is the newest month) and took `months`. additions_share: how much of the move came from
    additions; the rest came from tests. demand_change: relative and lasting change of additions from then on.
    note: what is written on the chart of the list.
    """

    months_ago: int
    months: int
    before: int
    additions_share: float
    note: str
    demand_change: float = 0.0


@dataclass(frozen=True)
class DemoList:
    """One test at one site. tests_a_year: all tests of the last 12 months; waiting: people at the newest month end.

    over_six_weeks, over_thirteen_weeks: shares of them. growth: relative growth of the list a year. pressure_power:
    how steeply the share over six weeks follows the wait. steady: only chance moves it. The last three are months
    ago with a fault in what was returned: a repeat of the month before, no tests at all, half of the list missing.
    """

    site: DemoSite
    test: str
    tests_a_year: int
    waiting: int
    over_six_weeks: float
    over_thirteen_weeks: float
    modality: Modality
    growth: float = 0.02
    pressure_power: float = 1.5
    steady: bool = False
    story: Story | None = None
    repeated: int | None = None
    no_activity: int | None = None
    halved: int | None = None


SCANNER_LOST = Story(
    months_ago=9, months=3, before=1480, additions_share=0.3, demand_change=0.03,
    note="Osprey, one of three MRI scanners, broke down for good; a mobile scanner came in the third month. "
    "Referrals for back pain rose at the same time.",
)  # fmt: skip
ONE_LIST = Story(
    months_ago=17, months=6, before=2200, additions_share=0.2,
    note="One list and one booking team for all three hospitals and the mobile scanner; a third van day a week.",
)  # fmt: skip
MRI, CT, NOUS, DEXA = (MODALITIES[test] for test in ("MRI", "CT", "NOUS", "DEXA"))

LISTS = (
    DemoList(NORTHCLIFF, "MRI", 38_000, 1_900, 0.125, 0.018, MRI, growth=0.05),
    DemoList(MIDVALE, "MRI", 29_000, 1_220, 0.075, 0.010, MRI, growth=0.01),
    DemoList(SOUTHMERE, "MRI", 28_000, 2_380, 0.280, 0.050, MRI, growth=0.01, pressure_power=1.7, story=SCANNER_LOST),
    DemoList(NORTHCLIFF, "CT", 75_000, 1_450, 0.100, 0.012, CT),
    DemoList(MIDVALE, "CT", 50_000, 1_000, 0.070, 0.006, CT, growth=0.0, steady=True),
    DemoList(SOUTHMERE, "CT", 55_000, 1_050, 0.095, 0.010, CT, growth=0.01, no_activity=14),
    DemoList(NORTHCLIFF, "NOUS", 80_000, 4_900, 0.160, 0.024, NOUS, growth=0.06),
    DemoList(MIDVALE, "NOUS", 67_000, 4_150, 0.120, 0.016, NOUS, growth=0.0, repeated=20),
    DemoList(SOUTHMERE, "NOUS", 63_000, 3_950, 0.135, 0.018, NOUS, growth=-0.03),
    DemoList(NORTHCLIFF, "DEXA", 4_900, 400, 0.110, 0.020, DEXA),
    DemoList(MIDVALE, "DEXA", 3_900, 300, 0.090, 0.013, DEXA, growth=0.0),
    DemoList(SOUTHMERE, "DEXA", 3_700, 300, 0.100, 0.020, DEXA),
    DemoList(FELLSIDE_SITE, "MRI", 30_000, 940, 0.010, 0.001, FELLSIDE_MRI, growth=0.0, pressure_power=3.6,
             story=ONE_LIST),
    DemoList(FELLSIDE_SITE, "CT", 75_000, 1_420, 0.060, 0.005, CT),
    DemoList(FELLSIDE_SITE, "NOUS", 87_000, 5_100, 0.110, 0.012, NOUS, growth=0.0, halved=16),
    DemoList(FELLSIDE_SITE, "DEXA", 5_200, 420, 0.080, 0.012, DEXA, growth=0.0),
)  # fmt: skip
SMALL = tuple(facts for facts in LISTS if facts.site is not FELLSIDE_SITE and facts.test in ("MRI", "CT"))
SIZES = {"small": SMALL, "group": LISTS}
