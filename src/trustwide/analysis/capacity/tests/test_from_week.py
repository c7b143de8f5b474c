"""Changes that act from a week on: in the calendar, in how patients attend, in slots, breakdowns and pooled lists."""

import numpy as np
import pytest

from trustwide.analysis import capacity
from trustwide.analysis.capacity.calendars import calendar_of
from trustwide.analysis.capacity.fast import Runner
from trustwide.analysis.capacity.model import SEEN

WEEK = 10_080


def clinic(*, sites=("here",), scanners=None, weeks=6, booking=None, **stream):
    """A booked clinic: each site has one scanner with two hours a weekday, four slots of half an hour."""
    sessions = [{"days": "weekdays", "opens": "09:00", "closes": "11:00"}]
    return {
        "service": "clinic",
        "allow_overload": True,
        "start": "2026-01-05",
        "stop": {"weeks": weeks},
        "sites": [{"id": site} for site in sites],
        "booking": booking or {},
        "scanners": scanners or [{"id": site, "site": site, "modality": "MR", "sessions": sessions} for site in sites],
        "demand": [
            {
                "id": "routine",
                "site": sites[0],
                "modality": "MR",
                "access": "booked",
                "arrivals": {"poisson": {"per_day": 6}},
                "slot": 30,
                "duration": {"fixed": 20},
                **stream,
            }
        ],
    }


def journeys(mapping, replication=0):
    return Runner(capacity.load_service(mapping)).journeys(1, replication)[0]


def seen_by_week(mapping):
    found = journeys(mapping)
    return np.bincount((found.left[found.outcome == SEEN] // WEEK).astype(int), minlength=mapping["stop"]["weeks"])


def test_sessions_and_scanners_open_in_their_weeks():
    mapping = clinic(
        scanners=[
            {
                "id": "here",
                "site": "here",
                "modality": "MR",
                "until_week": 4,
                "sessions": [
                    {"days": ["mon"], "opens": "09:00", "closes": "11:00", "until_week": 2},
                    {"days": ["mon"], "opens": "08:00", "closes": "12:00", "from_week": 3},
                    {"days": ["tue"], "opens": "09:00", "closes": "10:00", "every_weeks": 2},
                ],
            }
        ]
    )
    (windows,) = calendar_of(capacity.load_service(mapping), 42).windows
    assert [(opens // 1440, (closes - opens) // 60) for opens, closes in windows] == [
        *((0, 2), (1, 1), (7, 2)),
        *((15, 1), (21, 4)),
    ]


def test_a_scanner_that_closes_for_good_scans_nobody_later():
    mapping = clinic()
    mapping["scanners"][0] |= {"from_week": 1, "until_week": 3}
    assert seen_by_week(mapping).tolist() == [0, 20, 20, 0, 0, 0]


def test_reminders_from_a_week_on_change_only_later_appointments():
    before = clinic(did_not_attend={"probability": 1.0})
    after = clinic(did_not_attend={"probability": 1.0, "then": {"from_week": 3, "probability": 0.0}})
    assert seen_by_week(before).sum() == 0
    assert seen_by_week(after).tolist() == [0, 0, 0, 20, 20, 20]


def test_a_walk_in_who_comes_from_that_week_on_is_as_likely_to_attend_as_then():
    mapping = clinic(
        access="walk_in", did_not_attend={"probability": 1.0, "then": {"from_week": 3, "probability": 0.0}}
    )
    del mapping["booking"]
    assert (seen_by_week(mapping)[:3] == 0).all() and (seen_by_week(mapping)[3:] > 0).all()


def busy_clinic(**short_slot):
    return clinic(arrivals={"poisson": {"per_day": 12}}, duration={"fixed": 10}, short_slot=short_slot)


def test_short_slots_make_room_for_more():
    assert seen_by_week(busy_clinic(minutes=15, share=0.0))[1:].tolist() == [20] * 5
    assert seen_by_week(busy_clinic(minutes=15, share=1.0))[1:].tolist() == [40] * 5


def test_appointments_made_before_the_short_slot_keep_their_length():
    """Twelve requests a day for four slots: by week 1 weeks 1 and 2 are full of long slots, which stay."""
    weeks = seen_by_week(busy_clinic(minutes=15, share=1.0, from_week=1) | {"stop": {"weeks": 9}})
    assert weeks[1:3].tolist() == [20] * 2
    assert weeks[6:].tolist() == [40] * 3


def test_about_the_share_gets_the_short_slot_and_only_they():
    """With room for all, a patient's start is the one before plus that one's slot."""
    mapping = clinic(
        arrivals={"poisson": {"per_day": 60}},
        short_slot={"minutes": 10, "share": 0.4},
        duration={"fixed": 1},
    )
    mapping["scanners"][0]["sessions"] = [{"days": "daily", "opens": "00:00", "closes": "24:00"}]
    starts = np.sort(journeys(mapping).left)
    steps = np.diff(starts[np.isfinite(starts)])
    short, long = (steps == 10).sum(), (steps == 30).sum()
    assert short + long > 0.9 * steps.size
    assert abs(short / (short + long) - 0.4) < 4 * np.sqrt(0.24 / (short + long))


def test_breakdowns_become_more_frequent_from_a_week_on():
    """Up 10 days, down 1: days 10, 21, 32; up 2 days from week 4 (day 28), which the state from day 33 is first in."""
    mapping = clinic()
    mapping["scanners"][0]["breakdowns"] = {
        "up": {"fixed": {"days": 10}},
        "down": {"fixed": {"days": 1}},
        "then": {"from_week": 4, "factor": 5},
    }
    figures = Runner(capacity.load_service(mapping)).replicate(1, 0)
    assert figures.scanners[0, 1:3].tolist() == [6 * 1440, 6]  # 10, 21, 32, then 35, 38, 41
    mapping["scanners"][0]["breakdowns"]["then"] = {"factor": 0.5}
    figures = Runner(capacity.load_service(mapping)).replicate(1, 0)
    assert figures.scanners[0, 1:3].tolist() == [2 * 1440, 2]  # days 20 and 41


def test_lists_are_pooled_from_a_week_on():
    mapping = clinic(
        sites=("here", "there"),
        booking={"pool_lists": True, "pool_from_week": 2},
        arrivals={"poisson": {"per_day": 12}},
    )
    mapping["travel"] = {"minutes": {"here-there": 20}, "willing": {30: 1.0}}
    mapping["demand"][0] |= {"notice_days": 0}
    found = journeys(mapping)
    elsewhere = found.left[found.served_by == 1]
    assert elsewhere.size and elsewhere.min() >= 2 * WEEK


def test_weeks_by_stream_and_site_are_those_of_the_journeys():
    """Counted anew from the journeys, and adding up to the weekly list."""
    from .builders import CASES

    runner = Runner(capacity.load_service(CASES / "booked_group.yaml"))
    found, _ = runner.journeys(1, 0)
    figures = runner.replicate(1, 0)
    assert np.array_equal(figures.cells[..., 0].sum(axis=2), figures.weeks[..., 0])
    assert np.array_equal(figures.cells[..., 1].sum(axis=2), figures.weeks[..., 2])
    for week, stream, site in ((0, 2, 0), (40, 1, 2), (103, 2, 1), (60, 3, 0)):
        end = (week + 1) * WEEK
        mine = found[(found.stream == stream) & (found.site == site)]
        waiting = mine[(mine.arrived < end) & (mine.left >= end)]
        seen = mine[(mine.outcome == SEEN) & (mine.left >= end - WEEK) & (mine.left < end)]
        if stream == 3:
            days, overdue = (seen.left - seen.arrived) / 1440, end - waiting.arrived >= 42 * 1440
        else:
            days, overdue = seen.left // 1440 - seen.arrived // 1440, end // 1440 - 1 - waiting.arrived // 1440 >= 42
        expected = [waiting.size, seen.size, days.sum(), overdue.sum()]
        assert figures.cells[week, stream, site, :4] == pytest.approx(expected)
