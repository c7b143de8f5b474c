"""What a plan is made of and what it shows: the list as usual, the gap, and what each measure does here.

Setting up a list's futures takes a third of a second, so the last few are kept in the memory of each process. What is
kept is named by everything it follows from: the returns as they are now, the question and the measures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import F

from trustwide.commons.audit.models import AuditEvent
from trustwide.commons.organisations.models import Site
from trustwide.services.imaging.diagnostic_tests import same_category
from trustwide.services.imaging.figures import BANDS, history
from trustwide.services.imaging.models import RETURNS_IMPORTED, Dm01Return

if TYPE_CHECKING:
    import numpy as np

    from trustwide.analysis.capacity.monthly import Lever, MonthlyHistory, Panel, Planner, Question, UsualCourse
    from trustwide.analysis.capacity.monthly.plan import Progress
    from trustwide.services.imaging.plan_models import Plan

PLANNERS_KEPT = 6  # each holds some 30 MB of futures
Figures = dict[str, Any]


class ListKey(NamedTuple):
    """One list and the returns it is seen from: equal keys mean equal figures. `stamp` changes with any import."""

    site_id: int
    name: str
    test: str
    stamp: str


@dataclass(frozen=True)
class Inputs:
    """All that a plan for a list follows from, besides the question and the measures."""

    history: MonthlyHistory
    usual_course: UsualCourse
    hindsight: Figures | None


@dataclass(frozen=True)
class LeverHere:
    """What a measure would do for this list: extra tests a week while it acts, in words, and pounds a year and once."""

    lever: Lever
    tests_a_week: float
    does: str
    cost_per_year: float
    once: float
    refused: str


def history_of(site: Site, test: str) -> MonthlyHistory:
    """Every month this site returned for this test; none where it returned none."""
    return history(site, test)


def panel(test: str) -> Panel:
    """The lists of every site for the tests of the same category as `test`, ordered by site code and test."""
    import numpy as np

    from trustwide.analysis.capacity.monthly import Panel

    over = sum((F(band) for band in BANDS[7:]), start=F(BANDS[6]))
    rows = Dm01Return.objects.filter(test__in=same_category(test)).order_by()
    columns = list(zip(*rows.values_list("site__code", "test", "month", "waiting_list", over), strict=True))
    codes, tests = (np.array(column, dtype=str) for column in columns[:2])
    _, site_number = np.unique(codes, return_inverse=True)
    kinds, test_number = np.unique(tests, return_inverse=True)
    _, first, series = np.unique(site_number * len(kinds) + test_number, return_index=True, return_inverse=True)
    months = np.array(columns[2], dtype="datetime64[M]")
    waiting, over_six_weeks = (np.array(column, dtype=np.float64) for column in columns[3:])
    return Panel.from_rows(series, tests[first], months, waiting, over_six_weeks)


def list_key(site: Site, test: str) -> ListKey:
    """The key of this list as it is now; one query."""
    # every import that changes a return is audited with it, and no two events have the same seal
    imports = AuditEvent.objects.filter(action=RETURNS_IMPORTED).order_by("-sequence")
    return ListKey(site.pk, site.name, test, imports.values_list("hash", flat=True).first() or "")


def inputs_of(key: ListKey) -> Inputs:
    """The months of a list, the usual course of lists like it, and how right an earlier projection would have been."""
    return _inputs(key)


def planner_for(key: ListKey, question: Question, levers: Sequence[Lever]) -> Planner:
    """A planner that is set up for this list. Raises HistoryError when the months or the question cannot carry it."""
    return _planner(key, question, tuple(levers))


def as_usual(key: ListKey, question: Question) -> Figures:
    """The list now, doing nothing, the gap and the closed forms: the part of a plan's JSON that needs no measure."""
    return _as_usual(key, question)


def outcome(planner: Planner, chosen: Sequence[str]) -> Figures:
    """What a set of measures brings: cost, probability and waits by the date, and each month until then."""
    from trustwide.analysis.capacity.monthly.answer import month_dict, plan_dict

    return {
        "plan": plan_dict(planner.evaluate(chosen), planner.other_tests_per_week),
        "months": [month_dict(month) for month in planner.project(chosen)],
    }


def planner_of(plan: Plan) -> Planner:
    """The planner of a stored plan, from nothing but what is stored with it."""
    import numpy as np

    from trustwide.analysis.capacity.monthly import MonthlyHistory, Planner, Question, UsualCourse, levers_from

    by = np.datetime64(plan.by, "M")
    question = Question(plan.target_weeks, by, plan.confidence, plan.replications, plan.seed)
    months, course = MonthlyHistory.from_dict(plan.history), UsualCourse.from_dict(plan.usual_course)
    return Planner(months, course, levers_from(plan.levers), question)


def answer_of(plan: Plan, progress: Progress | None = None) -> Figures:
    """The whole answer of a stored plan as JSON. The hindsight is one of its inputs, as it needs every other list."""
    from trustwide.analysis.capacity.monthly import settle

    return settle(planner_of(plan), None, progress=progress).to_dict() | {"hindsight": plan.hindsight}


def levers_here(planner: Planner) -> list[LeverHere]:
    """What each measure would do for this list, in the planner's order."""
    return [_here(planner, lever) for lever in planner.levers]


def tests_a_week(planner: Planner, lever: Lever) -> float:
    """Extra tests a week a measure is expected to bring while it acts; none for those that only clear or reorder."""
    from trustwide.analysis.capacity.monthly.plan import DID_NOT_ATTEND, DID_NOT_ATTEND_ELSEWHERE

    share = lever.size * (lever.low + lever.high) / 2
    if lever.kind == "fewer_missed":
        missed = DID_NOT_ATTEND.get(planner.history.test, DID_NOT_ATTEND_ELSEWHERE)
        share *= missed / (1 - missed)
    return share * planner.fit.tests if lever.kind not in ("validate", "one_list") else 0.0


def _here(planner: Planner, lever: Lever) -> LeverHere:
    from trustwide.analysis.capacity.monthly.levers import lever_cost

    extra, waiting = tests_a_week(planner, lever), float(planner.history.waiting_list[-1])
    removed = lever.size * (lever.low + lever.high) / 2 * waiting
    does = {
        "extra_tests": f"{extra:,.0f} more tests a week",
        "temporary_tests": f"{extra:,.0f} more tests a week for {lever.weeks} weeks",
        "faster": f"{extra:,.0f} more tests a week in the same hours",
        "fewer_missed": f"{extra:,.0f} more tests a week from kept appointments",
        "validate": f"{removed:,.0f} people off the list, once",
        "one_list": "no more tests; evens out who waits how long",
    }[lever.kind]
    cost = lever_cost(lever, planner.fit.tests, waiting)
    refused = planner.refused.get(lever.id, "")
    return LeverHere(lever, extra, does, cost.cost_per_year, cost.one_off + cost.capital, refused)


@lru_cache(maxsize=4)
def _panel(tests: tuple[str, ...], stamp: str) -> Panel:
    return panel(tests[0])


@lru_cache(maxsize=16)
def _usual_course(tests: tuple[str, ...], stamp: str, last_month: np.datetime64) -> UsualCourse:
    from trustwide.analysis.capacity.monthly import fit_usual_course

    return fit_usual_course(_panel(tests, stamp).up_to(last_month))


@lru_cache(maxsize=64)
def _inputs(key: ListKey) -> Inputs:
    from trustwide.analysis.capacity.monthly import HistoryError, hindsight

    months = history_of(Site.objects.get(pk=key.site_id), key.test)
    if not len(months.months):
        raise HistoryError(f"{key.name} has returned no {key.test} month yet, so there is nothing to plan from.")
    tests = tuple(same_category(key.test))
    past = hindsight(months, _panel(tests, key.stamp), months)
    usual = _usual_course(tests, key.stamp, months.months[-1])
    return Inputs(months, usual, None if past is None else past.to_dict())


@lru_cache(maxsize=PLANNERS_KEPT)
def _planner(key: ListKey, question: Question, levers: tuple[Lever, ...]) -> Planner:
    return _set_up(key, question, levers)


def _set_up(key: ListKey, question: Question, levers: tuple[Lever, ...]) -> Planner:
    from trustwide.analysis.capacity.monthly import Planner

    given = inputs_of(key)
    return Planner(given.history, given.usual_course, levers, question)


@lru_cache(maxsize=64)
def _as_usual(key: ListKey, question: Question) -> Figures:
    from trustwide.analysis.capacity.forecast import Range
    from trustwide.analysis.capacity.monthly.answer import closed_form_dict, month_dict, now_dict, target_dict

    planner = _set_up(key, question, ())
    fit = planner.fit
    hold = Range(fit.additions - fit.tests, fit.additions_low - fit.tests, fit.additions_high - fit.tests)
    return {
        "target": target_dict(planner.question),
        "as_at": str(planner.history.months[-1]),
        "now": now_dict(planner),
        "gap_per_week": {"hold": hold.to_dict(1), "reach": planner.reach().to_dict(1)},
        "clearance_tests": planner.clearance().to_dict(0),
        "do_nothing": {"months": [month_dict(month) for month in planner.project()]},
        "closed_form": closed_form_dict(planner),
    }
