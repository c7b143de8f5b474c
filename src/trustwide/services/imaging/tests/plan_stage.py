"""A list that grows beyond its tests, and plans for it, for the tests of the plan pages."""

from __future__ import annotations

import datetime
import io

import numpy as np

from trustwide.analysis.capacity.monthly import Question, default_levers
from trustwide.services.imaging import plan_actions
from trustwide.services.imaging.actions import import_returns
from trustwide.services.imaging.plan_forms import Setup
from trustwide.services.imaging.plan_models import Plan
from trustwide.services.imaging.tests.returns import frame, one_return
from trustwide.services.imaging.tests.stage import STAGE

# shares of a list by weeks waited, as a busy MRI service's return has them
SHAPE = np.array([22, 16, 15, 12, 10, 9, 5, 4, 2, 1, 1, 1, 1, 1]) / 100
MONTHS = 24  # from January 2024
LAST = np.datetime64("2025-12")
SOON = LAST + 3  # by then few measures can act, so that a search is short
PLANNER = "planner"


def growing_list(when):
    """People waiting: 1,500 at first, 25 more each month."""
    return 1500 + 25 * when


def shaped(row):
    """A return whose bands have the shape of a busy service."""
    bands = np.floor(SHAPE * row["waiting_list"]).astype(int)
    bands[0] += row["waiting_list"] - bands.sum()
    return row | {f"band_{weeks:02d}": int(people) for weeks, people in enumerate(bands)}


def import_growing_list(code="N1", test="MRI", months=MONTHS):
    """Returns of one site whose list grows."""
    rows = [
        shaped(one_return(code, test, when, waiting=growing_list(when), over=0, tests=1000)) for when in range(months)
    ]
    return import_returns(frame(*rows), by=STAGE, source="tests")


def asked(*chosen, weeks=6.0, by=SOON, seed=1):
    """A question that is answered fast."""
    return Setup(Question(weeks, by, 0.8, 100, seed), default_levers("MRI"), tuple(chosen))


def ask(cast, *chosen, by=None, name="", **more):
    """Ask for a plan for North's MRI list; it waits until it is run."""
    return plan_actions.ask_plan(cast.north, "MRI", asked(*chosen, **more), by=by or cast.people[PLANNER], name=name)


def answered(cast, *chosen, **more):
    """A plan with its answer."""
    plan = ask(cast, *chosen, **more)
    plan_actions.run_plan(plan.pk)
    plan.refresh_from_db()
    return plan


def a_plan(site, person, **more):
    """A plan without an answer, made by hand."""
    fields = {
        "test": "MRI", "name": "By hand", "target_weeks": 2, "by": datetime.date(2026, 3, 1), "confidence": 0.8,
        "replications": 100, "seed": 1, "levers": [], "history": {"months": ["2025-12"]}, "usual_course": {},
        "status": Plan.Status.CANCELLED, "version": "0", "shared": True,
    }  # fmt: skip
    return Plan.objects.create(site=site, created_by=person, **fields | more)


def workbook(response):
    """The sheets of a downloaded workbook."""
    from python_calamine import CalamineWorkbook

    return CalamineWorkbook.from_filelike(io.BytesIO(response.content))
