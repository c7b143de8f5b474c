"""The whole answer to "how do we get the wait under the target": now, doing nothing, the gap, ranked plans, honesty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from trustwide.analysis.capacity import closed_form
from trustwide.analysis.capacity.forecast import Range
from trustwide.analysis.capacity.monthly.backtest import Hindsight, hindsight
from trustwide.analysis.capacity.monthly.course import ENGLAND, Panel, fit_usual_course
from trustwide.analysis.capacity.monthly.history import HistoryError, MonthlyHistory
from trustwide.analysis.capacity.monthly.levers import Lever
from trustwide.analysis.capacity.monthly.lists import ROUTINE_NOTICE_DAYS
from trustwide.analysis.capacity.monthly.outcome import median_weeks
from trustwide.analysis.capacity.monthly.plan import WEEKS_A_YEAR, MonthAhead, Planner, Progress, Question
from trustwide.analysis.capacity.monthly.search import RankedPlan


@dataclass(frozen=True)
class Gap:
    """Extra tests a week over today's: `hold` for ever keeps the list; `reach`, hold included, meets the target by the
    date; `clearance` is the one-off part: people above the list at which the mean wait is the target."""

    hold: Range
    reach: Range
    clearance: Range


@dataclass(frozen=True)
class Answer:
    """Everything a plan says of one provider and test; `to_dict` is its JSON.

    newest: the last month that any list of the panel holds, where the question did not cut it short.
    """

    planner: Planner
    do_nothing: list[MonthAhead]
    gap: Gap
    plans: list[RankedPlan]
    hindsight: Hindsight | None
    digest: str
    newest: np.datetime64 | None = None

    def to_dict(self) -> dict[str, Any]:
        """The JSON shape of the `plan` command; every forecast figure has median, low and high (80 %)."""
        planner, history = self.planner, self.planner.history
        return {
            "provider": history.provider,
            "provider_name": history.provider_name,
            "test": history.test,
            "as_at": str(history.months[-1]),
            "target": target_dict(planner.question),
            "now": now_dict(planner),
            "gap_per_week": {"hold": self.gap.hold.to_dict(1), "reach": self.gap.reach.to_dict(1)},
            "clearance_tests": self.gap.clearance.to_dict(0),
            "do_nothing": {"months": [month_dict(month) for month in self.do_nothing]},
            "closed_form": closed_form_dict(planner),
            "plans": [plan_dict(plan, planner.other_tests_per_week) for plan in self.plans],
            "evaluated": len(self.plans),
            "refused": [{"lever": key, "reason": reason} for key, reason in planner.refused.items()],
            "levers": [lever.to_dict() for lever in planner.levers],
            "hindsight": None if self.hindsight is None else self.hindsight.to_dict(),
            "notes": notes(self),
            "replications": planner.question.replications,
            "seed": planner.question.seed,
            "digest": self.digest,
        }


def answer(
    history: MonthlyHistory,
    panel: Panel,
    levers: Sequence[Lever],
    question: Question | None = None,
    *,
    as_at: np.datetime64 | None = None,
    do_nothing: bool = False,
    exhaustive: bool = False,
    progress: Progress | None = None,
) -> Answer:
    """Answer from the months up to `as_at` (all by default); later months are used only to say how right it was.

    `do_nothing` leaves the levers out; `exhaustive` tries every set in every future.
    Raises HistoryError when the months or the question cannot carry an answer.
    """
    known = history if as_at is None else history.up_to(as_at)
    if as_at is not None and not len(known.months):
        raise HistoryError(f"as at: {history.provider_name} returned no {history.test} month up to {as_at}.")
    usual = fit_usual_course(panel.up_to(known.months[-1])) if len(known.months) else ENGLAND
    planner = Planner(known, usual, [] if do_nothing else levers, question)
    past = hindsight(history, panel, known)
    newest = panel.months[-1] if as_at is None else None
    return replace(settle(planner, past, exhaustive=exhaustive, progress=progress), newest=newest)


def settle(
    planner: Planner, past: Hindsight | None, *, exhaustive: bool = False, progress: Progress | None = None
) -> Answer:
    """The answer of a planner that is set up; the same planner always gives the same digits."""
    fit = planner.fit
    hold = Range(fit.additions - fit.tests, fit.additions_low - fit.tests, fit.additions_high - fit.tests)
    plans = planner.rank(progress, exhaustive=exhaustive)
    gap = Gap(hold, planner.reach(), planner.clearance())
    return Answer(planner, planner.project(), gap, plans, past, planner.digest())


def target_dict(question: Question) -> dict[str, Any]:
    """The target as it was asked for."""
    return {
        "who": "scanned", "statistic": "mean", "weeks": question.target_weeks, "by": str(question.by),
        "confidence": question.confidence,
    }  # fmt: skip


def now_dict(planner: Planner) -> dict[str, Any]:
    """The list as it stands: measured figures plain, estimated ones with their interval."""
    history, fit = planner.history, planner.fit
    waiting = int(history.waiting_list[-1])
    over = int(history.over_six_weeks[-1])
    median = float(median_weeks(history.bands[-1]))
    return {
        "month": str(history.months[-1]),
        "list": waiting,
        "over_6_weeks": over,
        "over_6_weeks_share": round(over / waiting, 4) if waiting else 0.0,
        "waiting_median_weeks": round(median, 2) if np.isfinite(median) else None,
        "scanned_mean_weeks": planner.scanned_mean_now().to_dict(),
        "weeks_of_additions": round(waiting / fit.recent_additions, 2),
        "additions_per_week": Range(fit.additions, fit.additions_low, fit.additions_high).to_dict(1),
        "tests_per_week": round(fit.tests, 4),
        "reports_per_week": round(fit.tests + planner.other_tests_per_week, 1),
        "gross_additions_per_week": round(fit.gross_additions, 1),
        "unexplained_per_week": round(fit.unexplained, 1),
        "bands": history.bands[-1].tolist(),
        "streams": {
            "urgent": round(float(fit.class_share[: planner.world.inputs.urgent].sum()), 3),
            "routine": round(float(fit.class_share[planner.world.inputs.urgent :].sum()), 3),
            "band_error": round(fit.band_error, 4),
        },
    }


def month_dict(month: MonthAhead) -> dict[str, Any]:
    """One month of a projection."""
    return {
        "month": str(month.month), "list": month.list.to_dict(0),
        "scanned_mean_weeks": month.scanned_mean_weeks.to_dict(),
        "waiting_median_weeks": month.waiting_median_weeks.to_dict(),
        "over_6_weeks": month.over_6_weeks.to_dict(0), "over_6_weeks_share": month.six_week_share.to_dict(4),
    }  # fmt: skip


def plan_dict(plan: RankedPlan, other_tests_per_week: float) -> dict[str, Any]:
    """One ranked plan; planned and unscheduled tests need reports too."""
    return {
        "levers": list(plan.levers),
        "cost_per_year": round(plan.cost.cost_per_year),
        "one_off": round(plan.cost.one_off),
        "capital": round(plan.cost.capital),
        "annual_equivalent": round(plan.annual_equivalent),
        "probability_target_met": round(plan.probability_target_met, 4),
        "scanned_mean_weeks": plan.scanned_mean_weeks.to_dict(),
        "over_6_weeks_share": plan.six_week_share.to_dict(4),
        "tests_per_week": plan.tests_per_week.to_dict(1),
        "reports_per_week": round(plan.tests_per_week.median + other_tests_per_week, 1),
        "target_met_on": None if plan.target_met_on is None else str(plan.target_met_on),
        "replications": plan.replications,
    }


def closed_form_dict(planner: Planner) -> dict[str, Any]:
    """The figures NHS analysts know (Fong et al. 2022), with why the simulation differs."""
    fit, question = planner.fit, planner.question
    demand = fit.additions
    waiting = float(planner.history.waiting_list[-1])
    weeks = (planner.by_day + 1) / 7
    wanted = closed_form.target_list(demand, question.target_weeks)
    by_little = closed_form.target_list(demand, question.target_weeks, factor=1.0)
    return {
        "demand": round(demand, 2),
        "capacity": round(fit.tests, 2),
        "load": round(closed_form.load(demand, fit.tests), 4) if fit.tests > 0 else None,
        "target_mean_wait": round(closed_form.target_mean_wait(question.target_weeks), 3),
        "target_list": round(wanted, 1),
        "relief_capacity": round(closed_form.relief_capacity(demand, waiting, wanted, weeks), 1),
        "target_capacity": round(closed_form.target_capacity(demand, question.target_weeks), 1),
        "pressure": round(closed_form.pressure(waiting / demand, question.target_weeks), 2),
        "mean_target_list": round(by_little, 1),
        "mean_target_relief_capacity": round(closed_form.relief_capacity(demand, waiting, by_little, weeks), 1),
        "list_in_a_year_at_this_load": round(max(waiting + (demand - fit.tests) * WEEKS_A_YEAR, 0.0)),
        "why_different": (
            "The closed forms take the target as a limit that 98.2 % keep (mean wait = target / 4) and rates that "
            "never change; the mean_target figures use the mean itself (Little's law). The simulation starts from the "
            "real list, keeps urgent patients first, counts those who leave without a test, and lets the list take its "
            "usual course instead of growing for ever at today's load."
        ),
    }


def notes(given: Answer) -> list[str]:
    """What the reader must know to trust the answer, in sentences."""
    planner, fit, history = given.planner, given.planner.fit, given.planner.history
    lines = [
        f"Figures are for {history.provider_name} as a provider, not for its residents; independent-sector sites count "
        "under their own code.",
        *fit.notes,
    ]
    if fit.unexplained > 0.05 * fit.recent_additions:
        lines.append(
            f"The newest band shows {fit.gross_additions:,.0f} additions a week, tests and the change in the list only "
            f"{fit.recent_additions:,.0f}: {fit.unexplained:,.0f} a week are unexplained (vetting, clocks started "
            "again after missed appointments, removals, coding). The waits' interval is widened for it."
        )
    if fit.baseline_months >= 3 and abs(fit.additions - fit.tests) > 0.02 * fit.tests:
        more = "more" if fit.additions > fit.tests else "fewer"
        lines.append(
            f"In the last {fit.baseline_months} usable months {abs(fit.additions - fit.tests):,.0f} {more} people a "
            "week joined than were tested. Over all providers such a gap has not lasted: services react. Doing nothing "
            "means carrying on as usual, that reaction included; hold is the gap as measured."
        )
    if not np.isfinite(given.gap.reach.median):
        lines.append(
            "No number of extra tests reaches the target by the date in nine futures of ten: routine patients are "
            f"given at least {ROUTINE_NOTICE_DAYS} days' notice."
        )
    if given.newest is not None and given.newest > history.months[-1]:
        lines.append(
            f"The last month returned for this list is {history.months[-1]}; others have returned up to {given.newest}."
        )
    lines.extend(planner.refused.values())
    lines.extend(_notes_on_plans(given))
    return lines


def _notes_on_plans(given: Answer) -> list[str]:
    """What to know of the ranked sets; nothing when no lever was tried."""
    planner, best = given.planner, given.plans[0]
    enough = best.probability_target_met >= planner.question.confidence
    lines = []
    if enough and best.levers == ():
        lines.append("The target is likely to be met without any measure.")
    if not planner.levers:
        return lines
    if not enough:
        lines.append(
            f"No set of these measures meets the target with {planner.question.confidence:.0%} confidence by "
            f"{planner.question.by}; the likeliest stand first."
        )
    lines.append(
        "Prices and effects of measures are planning assumptions with their source; put your own in their place. "
        "Capital and one-off money count as an annuity over ten years at 3.5 % when plans are ranked."
    )
    temporary = [planner.lever(key).title for key in best.levers if planner.lever(key).kind == "temporary_tests"]
    if temporary:
        lines.append(f"{' and '.join(temporary)}: this ends, and its money is spent at once; ranking spreads it.")
    other = planner.other_tests_per_week
    now, then = planner.fit.tests + other, best.tests_per_week.median + other
    lines.append(
        f"More tests need more reports: the first plan takes {then:,.0f} a week by the date, against {now:,.0f} now, "
        "all tests included."
    )
    return lines
