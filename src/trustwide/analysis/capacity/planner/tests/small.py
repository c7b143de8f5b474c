"""A small booked service that runs in milliseconds, and levers for it."""

import datetime as dt

from trustwide.analysis.capacity.model import Service, WaitingRequest
from trustwide.analysis.capacity.service import load_service

START = dt.date(2026, 1, 5)
FAILS = {"up": {"exponential": {"mean_days": 30}}, "down": {"exponential": {"mean_hours": 6}}}


def scanner(name, site, **more):
    hours = [{"days": "weekdays", "opens": "08:00", "closes": "16:00"}]
    return {"id": name, "site": site, "modality": "MR", "sessions": hours, **more}


def stream(name, per_week, **more):
    return {
        "id": name, "modality": "MR", "access": "booked", "notice_days": 1, "site_mix": {"east": 0.5, "west": 0.5},
        "arrivals": {"poisson": {"per_week": per_week}}, "slot": 30, "duration": {"lognormal": {"mean": 22, "sd": 7}},
        **more,
    }  # fmt: skip


def small_service(*, per_week=150.0, listed=300, walk_ins=0.0, missed=0.1, target=None, **more) -> Service:
    """Two sites with one scanner each: 160 slots a week."""
    missing = {"probability": missed, "rebook": {"times": 2}}
    demand = [
        stream("urgent", per_week * 0.3, priority=1, did_not_attend=missing),
        stream("routine", per_week * 0.7, priority=2, did_not_attend=missing),
    ]
    if walk_ins:
        demand.append({
            "id": "inpatient", "modality": "MR", "access": "walk_in", "priority": 1,
            "site_mix": {"east": 0.5, "west": 0.5}, "slot": 25, "duration": {"lognormal": {"mean": 25, "sd": 5}},
            "arrivals": {"poisson": {"per_day": walk_ins}}, "patience_hours": 24,
        })  # fmt: skip
    fields = {
        "service": "two small sites", "start": START, "stop": {"weeks": 60}, "sites": [{"id": "east"}, {"id": "west"}],
        "travel": {"minutes": {"east-west": 20}, "willing": {30: 0.8}},
        "scanners": [
            scanner("east-mr", "east", breakdowns=FAILS),
            scanner("west-mr", "west"),
        ],
        "demand": demand, "target": target or {"weeks": 2}, **more,
    }  # fmt: skip
    service = load_service(fields)
    return Service(service.fields, tuple(_request(number, listed) for number in range(listed)))


def _request(number, listed):
    asked = START - dt.timedelta(days=1 + (listed - number) // 12)
    return WaitingRequest(
        f"{number:05}", "east" if number % 3 else "west", "urgent" if number % 5 == 0 else "routine", asked, None
    )


SATURDAYS = {
    "add_sessions": {"scanner": "east-mr", "sessions": [{"days": ["sat"], "opens": "08:00", "closes": "16:00"}]}
}
SMALL_LEVERS = [
    {"id": "saturdays", "does": SATURDAYS, "cost_per_year": 60_000, "needs_staff": {"radiographer": 2}},
    {"id": "reminders", "does": {"scale_did_not_attend": 0.4}, "cost_per_year": 12_000},
    {"id": "one-list", "does": {"pool_lists": True}, "cost_per_year": 9_000},
    {
        "id": "shorter-slots", "does": {"set_slot": {"streams": ["routine"], "minutes": 25, "share": 0.5}},
        "cost_per_year": 20_000, "excludes": ["third-scanner"],
    },
    {
        "id": "third-scanner", "does": {"add_scanner": scanner("west-mr-2", "west", from_week=4)},
        "capital": 900_000, "cost_per_year": 100_000, "needs_staff": {"radiographer": 3},
    },
]  # fmt: skip
