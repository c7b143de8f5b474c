"""One service of the group as its departments would describe it: MR at Midvale and Southmere, with its waiting list.

Its demand is a little above what the sessions can take, so the list grows unless something is done.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from trustwide.demo.flows import SEED
from trustwide.demo.group import MIDVALE, SOUTHMERE

if TYPE_CHECKING:
    from trustwide.services.imaging.capacity.actions import Content

KEPT_BY = SOUTHMERE
WEEKS = 52
SITES = {"midvale": MIDVALE, "southmere": SOUTHMERE}
MIX = {"midvale": 0.35, "southmere": 0.65}
WEEKDAYS = [1, 1, 1, 1, 1, 0, 0]
LONG_DAY = {"days": "weekdays", "opens": "08:00", "closes": "20:00"}
SATURDAY = {"days": ["sat"], "opens": "08:00", "closes": "16:00"}
SUNDAY = {"days": ["sun"], "opens": "08:00", "closes": "16:00"}
# stream: requests a week, people waiting at the start, longest wait in days, share that has a date
STREAMS = {"suspected_cancer": (41, 46, 12, 0.6), "urgent": (94, 225, 45, 0.5), "routine": (230, 1_240, 110, 0.45)}
NOTES = {
    "scanners": "Asset register and rota of both sites (invented)",
    "sessions": "Rota of both sites (invented)",
    "demand": "Requests of the last twelve months in the radiology system (invented)",
    "list": "Extract of the waiting list, request ids replaced by order numbers (invented)",
    "booking": "Booking office's standing rules (invented)",
}


def content(last_month: datetime.date) -> Content:
    """The service and its list on the first Monday after the newest month."""
    from trustwide.services.imaging.capacity.actions import Content
    from trustwide.services.imaging.capacity.description import nameless

    start = first_monday_after(last_month)
    described = _described(start)
    return Content(described, _levers(), NOTES, nameless("\n".join(_rows(start)) + "\n", described))


def first_monday_after(month: datetime.date) -> datetime.date:
    """The first Monday of the month after `month`."""
    first = (month.replace(day=1) + datetime.timedelta(days=32)).replace(day=1)
    return first + datetime.timedelta(days=-first.weekday() % 7)


def _described(start: datetime.date) -> dict[str, Any]:
    return {
        "service": "Three Bays MR", "start": start.isoformat(), "stop": {"weeks": WEEKS},
        "target": {"who": "scanned", "statistic": "mean", "weeks": 2},
        "booking": {"hold": {"suspected_cancer": 0.1, "urgent": 0.2}, "release_days": 4, "pool_lists": False},
        "sites": [{"id": key, "name": site.name} for key, site in SITES.items()],
        "travel": {"minutes": {"midvale-southmere": 35}, "willing": {"40": 0.6}},
        "scanners": [
            _scanner("midvale-mr", "midvale", 1), _scanner("southmere-mr", "southmere", 2),
            {"id": "van", "site": "southmere", "modality": "MR", "mobile": True, "changeover": 5, "suits": ["routine"],
             "sessions": [{"days": ["mon", "tue"], "every_weeks": 2, "opens": "08:00", "closes": "20:00"}]},
        ],
        "maintenance": {"planned_days_per_year": 6}, "closed_on": "england_bank_holidays",
        "demand": [
            _stream("suspected_cancer", 1, within_days=7, notice_days=2, missed=0.03, vetting=1, mean=24),
            _stream("urgent", 2, within_days=14, notice_days=5, missed=0.05, vetting=2, mean=24),
            _stream("routine", 3, within_days=42, notice_days=7, missed=0.075, vetting=3, mean=23),
            {"id": "inpatient", "priority": 1, "access": "walk_in", "site_mix": MIX, "modality": "MR", "slot": 25,
             "arrivals": {"poisson": {"per_day": 4}}, "duration": {"lognormal": {"mean": 30, "sd": 11}},
             "patience_hours": 24},
        ],
        "costs": {"session_hour": 310, "mobile_day": 5200, "overtime_hour": 420},
    }  # fmt: skip


def _scanner(key: str, site: str, count: int) -> dict[str, Any]:
    breakdowns = {"up": {"exponential": {"mean_days": 60}}, "down": {"lognormal": {"mean_hours": 8, "sd_hours": 9}}}
    return {
        "id": key, "site": site, "modality": "MR", "count": count, "sessions": [LONG_DAY, SATURDAY], "changeover": 5,
        "overrun": {"up_to": 20}, "breakdowns": breakdowns,
    }  # fmt: skip


def _stream(key: str, priority: int, *, missed: float, vetting: int, mean: int, **days: int) -> dict[str, Any]:
    poisson = {"per_week": STREAMS[key][0], "growth_per_year": 0.03, "weekdays": WEEKDAYS}
    return {
        "id": key, "priority": priority, "access": "booked", **days, "site_mix": MIX, "modality": "MR",
        "arrivals": {"poisson": poisson}, "vetting_days": {"lognormal": {"mean": vetting, "sd": 2}}, "slot": 30,
        "duration": {"lognormal": {"mean": mean, "sd": 8}},
        "did_not_attend": {"probability": missed, "rebook": {"times": 1}},
    }  # fmt: skip


def _levers() -> list[dict[str, Any]]:
    def sundays(site: str) -> dict[str, Any]:
        return {"add_sessions": {"scanner": f"{site}-mr", "sessions": [SUNDAY]}}

    return [
        {"id": "sundays-midvale", "title": "Sunday lists at Midvale", "does": sundays("midvale"),
         "cost_per_year": 110_000, "needs_staff": {"radiographer": 1.3}},
        {"id": "sundays-southmere", "title": "Sunday lists at Southmere", "does": sundays("southmere"),
         "cost_per_year": 220_000, "needs_staff": {"radiographer": 2.5}},
        {"id": "weekly-van", "title": "The van every week", "cost_per_year": 270_000,
         "does": {"set_sessions": {"scanner": "van", "sessions": [
             {"days": ["mon", "tue"], "opens": "08:00", "closes": "20:00"}]}}},
        {"id": "reminders", "title": "Text reminders", "does": {"scale_did_not_attend": 0.55}, "cost_per_year": 28_000,
         "one_off": 15_000},
        {"id": "one-list", "title": "One list for both hospitals", "does": {"pool_lists": True},
         "cost_per_year": 30_000},
        {"id": "shorter-slots", "title": "Shorter slots for simple scans", "cost_per_year": 45_000,
         "does": {"set_slot": {"streams": ["routine"], "minutes": 25, "share": 0.4}}},
    ]  # fmt: skip


def _rows(start: datetime.date) -> Iterator[str]:
    """A list whose waits fall off as real ones do, the same whatever the date."""
    random = np.random.default_rng([SEED, *b"waiting list"])
    yield "request_id,site,stream,requested_on,appointment_on"
    number = 0
    for stream, (_, waiting, longest, given) in STREAMS.items():
        ages = np.ceil(longest * random.beta(1, 2.2, waiting)).astype(int)
        sites = random.choice(list(MIX), waiting, p=list(MIX.values()))
        ahead = np.where(random.random(waiting) < given, random.integers(0, 26, waiting), -1)
        for site, age, days in zip(sites.tolist(), np.maximum(ages, 1).tolist(), ahead.tolist(), strict=True):
            number += 1
            booked = "" if days < 0 else (start + datetime.timedelta(days=days)).isoformat()
            yield f"{number},{site},{stream},{start - datetime.timedelta(days=age)},{booked}"
