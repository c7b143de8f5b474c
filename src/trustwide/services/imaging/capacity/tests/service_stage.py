"""A small service of two sites that is run in a moment, for the tests of its pages."""

from __future__ import annotations

import copy
import datetime

from trustwide.services.imaging.capacity import actions, run_actions
from trustwide.services.imaging.capacity.actions import Content
from trustwide.services.imaging.capacity.description import nameless
from trustwide.services.imaging.capacity.models import ServiceRun

PLANNER = "planner"
START = datetime.date(2026, 1, 5)  # a Monday
WEEKDAYS = [1, 1, 1, 1, 1, 0, 0]
DESCRIBED = {
    "service": "Two rivers MR",
    "start": START.isoformat(),
    "stop": {"weeks": 16},
    "target": {"who": "scanned", "statistic": "mean", "weeks": 2},
    "booking": {"hold": {"urgent": 0.2}, "release_days": 3, "pool_lists": False},
    "sites": [{"id": "north", "name": "North Hospital"}, {"id": "south", "name": "South Hospital"}],
    "travel": {"minutes": {"north-south": 30}, "willing": {"30": 0.7, "45": 0.4}},
    "scanners": [
        {"id": "north-mr", "site": "north", "modality": "MR", "count": 2, "changeover": 5, "overrun": {"up_to": 20},
         "sessions": [{"days": "weekdays", "opens": "08:00", "closes": "12:00"}]},
        {"id": "south-mr", "site": "south", "modality": "MR", "changeover": 5, "overrun": {"up_to": 20},
         "sessions": [{"days": "weekdays", "opens": "08:00", "closes": "12:00"},
                      {"days": ["sat"], "opens": "08:00", "closes": "12:00"}]},
        {"id": "van", "site": "south", "modality": "MR", "mobile": True, "changeover": 5, "suits": ["routine"],
         "sessions": [{"days": ["mon", "tue"], "every_weeks": 2, "opens": "08:00", "closes": "12:00"}]},
    ],
    "maintenance": {"planned_days_per_year": 6},
    "closed_on": "england_bank_holidays",
    "demand": [
        {"id": "urgent", "priority": 1, "access": "booked", "within_days": 14, "notice_days": 2, "modality": "MR",
         "site_mix": {"north": 0.6, "south": 0.4}, "slot": 30,
         "arrivals": {"poisson": {"per_week": 30, "weekdays": WEEKDAYS}},
         "duration": {"lognormal": {"mean": 24, "sd": 8}},
         "did_not_attend": {"probability": 0.05, "rebook": {"times": 1}}},
        {"id": "routine", "priority": 2, "access": "booked", "within_days": 42, "notice_days": 5, "modality": "MR",
         "site_mix": {"north": 0.6, "south": 0.4}, "slot": 30,
         "arrivals": {"poisson": {"per_week": 85, "weekdays": WEEKDAYS}},
         "duration": {"lognormal": {"mean": 23, "sd": 7}},
         "did_not_attend": {"probability": 0.08, "rebook": {"times": 1}}},
    ],
}  # fmt: skip
LONG = {"opens": "08:00", "closes": "18:00"}
LEVERS = [
    {"id": "sundays-north", "title": "Sunday lists at North", "cost_per_year": 120000,
     "needs_staff": {"radiographer": 2},
     "does": {"add_sessions": {"scanner": "north-mr", "sessions": [{"days": ["sun"], **LONG}]}}},
    {"id": "reminders", "title": "Text reminders", "cost_per_year": 9000, "one_off": 5000,
     "does": {"scale_did_not_attend": 0.5}},
    {"id": "longer-van", "title": "The van each week", "cost_per_year": 80000, "capital": 20000,
     "does": {"set_sessions": {"scanner": "van", "sessions": [{"days": ["mon", "tue"], **LONG}]}}},
]  # fmt: skip


def described(**changes):
    """The description, with some of its parts replaced."""
    return copy.deepcopy(DESCRIBED) | changes


def list_rows(count=90):
    """A waiting list as a department would export it: ids of its own, the oldest request 80 days ago."""
    rows = ["request_id,site,stream,requested_on,appointment_on"]
    for number in range(count):
        requested = START - datetime.timedelta(days=1 + number * 80 // count)
        stream = "urgent" if number % 5 == 0 else "routine"
        site = "north" if number % 2 else "south"
        given = (START + datetime.timedelta(days=number % 4)).isoformat() if number % 6 == 0 else ""
        rows.append(f"RIS-{1000 + number},{site},{stream},{requested},{given}")
    return "\n".join(rows) + "\n"


def content(*, levers=LEVERS, rows=True, **changes):
    """What a version holds."""
    mapping = described(**changes)
    notes = {"scanners": "Rota of autumn 2025"}
    return Content(mapping, copy.deepcopy(levers), notes, nameless(list_rows(), mapping) if rows else "")


def a_service(site, by, **more):
    """A service that is described."""
    return actions.describe_service(site, content(**more), reason="for the test", by=by)


def ask(service, by, kind=ServiceRun.Kind.NOTHING, *chosen, replications=20, seed=1, name="", date="2026-04-26"):
    """A run that waits until it is answered."""
    asked = {}
    if kind != ServiceRun.Kind.NOTHING:
        asked = {"target_weeks": 2.5, "by": date, "confidence": 0.8, "budget": None, "staff": {},
                 "levers": list(chosen)}  # fmt: skip
    run = run_actions.ask_run(service.newest, kind, replications=replications, seed=seed, by=by, question=asked)
    if name:
        ServiceRun.objects.filter(pk=run.pk).update(name=name)
    return run


def answered(service, by, *args, **more):
    """A run with its answer."""
    run = ask(service, by, *args, **more)
    run_actions.answer_run(run.pk)
    return ServiceRun.objects.select_related("of__service__site", "created_by").get(pk=run.pk)
