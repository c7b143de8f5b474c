"""The plan: futures that agree with the course, levers that help, a search that finds what trying all finds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from trustwide.analysis.capacity.costs import annual_equivalent
from trustwide.analysis.capacity.monthly import (
    HistoryError,
    Lever,
    MonthlyHistory,
    Planner,
    Question,
    UsualCourse,
    answer,
    default_levers,
    fit_usual_course,
    settle,
)
from trustwide.analysis.capacity.monthly.levers import lever_cost
from trustwide.analysis.capacity.monthly.lists import simulate_lists
from trustwide.analysis.capacity.monthly.outcome import Waits
from trustwide.analysis.capacity.monthly.tests.synthetic import FLOWS, steady_history, wandering_panel

PANEL = wandering_panel()
USUAL = fit_usual_course(PANEL)
SMALL = Question(replications=60)


def lever(key: str, size: float, cost: float, **more) -> Lever:
    fields = {
        "kind": "extra_tests", "low": 1.0, "high": 1.0, "lead_weeks": 2, "unit_cost": 0.0, "source": "a test",
        "priced_on": "2026-11", "cost_per_year": cost, **more,
    }  # fmt: skip
    return Lever(key, key, size=size, **fields)


def test_doing_nothing_follows_the_usual_course() -> None:
    planner = Planner(steady_history(), USUAL, [], Question(replications=400))
    months = planner.project()
    assert len(months) == 12
    for month, median in zip(months, planner.course.median, strict=True):
        # the median of 400 futures has a standard error of about 1.25 sd / 20
        assert month.list.median == pytest.approx(median, rel=0.08)
        assert month.list.low < month.list.median < month.list.high


def test_the_same_seed_gives_the_same_digits_and_another_does_not() -> None:
    def ask(seed: int) -> dict:
        return answer(
            steady_history(), PANEL, default_levers("MRI")[:3], Question(replications=60, seed=seed)
        ).to_dict()

    assert ask(1) == ask(1)
    assert ask(1)["digest"] != ask(2)["digest"]


def test_levers_meet_the_same_futures() -> None:
    planner = Planner(steady_history(), USUAL, [lever("a", 0.1, 1), lever("b", 0.2, 2)], SMALL)
    waits = [planner.evaluate(ids).scanned_mean_weeks.median for ids in ((), ("a",), ("b",), ("a", "b"))]
    assert waits == sorted(waits, reverse=True)
    assert waits[0] > waits[-1]


def test_the_gap_is_what_a_lever_of_that_size_needs() -> None:
    planner = Planner(steady_history(), USUAL, [], Question(replications=200))
    reach = planner.reach()
    usual = float(planner.world.inputs.tests[:, : planner.by_day + 1].sum(axis=1).mean()) / (planner.by_day + 1) * 7
    needed = reach.high + planner.fit.tests - usual
    enough = lever("enough", needed * 1.2 / planner.fit.tests, 1.0, lead_weeks=0)
    too_little = lever("too-little", max(reach.low, 1) * 0.4 / planner.fit.tests, 1.0, lead_weeks=0)
    planner = Planner(steady_history(), USUAL, [enough, too_little], Question(replications=200))
    assert planner.evaluate(("enough",)).probability_target_met >= 0.8
    assert planner.evaluate(("too-little",)).probability_target_met < 0.5


@pytest.mark.parametrize("seed", range(6))
def test_the_search_finds_the_winner_of_trying_everything(seed: int) -> None:
    rng = np.random.default_rng(seed)
    levers = [lever(f"l{i}", rng.uniform(0.02, 0.25), rng.uniform(1e4, 1e6)) for i in range(4)]
    levers.append(lever("one-list", 0.4, 3e4, kind="one_list"))
    planner = Planner(steady_history(growth=20), USUAL, levers, Question(replications=80, seed=seed))
    quick, full = planner.rank()[0], planner.rank(exhaustive=True)[0]
    assert (quick.levers, quick.probability_target_met) == (full.levers, full.probability_target_met)


def test_ranking_cheapest_that_meets_first_then_by_probability() -> None:
    levers = [lever("weak", 0.01, 1.0), lever("strong", 0.6, 500.0), lever("stronger", 0.8, 900.0)]
    plans = Planner(steady_history(), USUAL, levers, SMALL).rank(exhaustive=True)
    assert plans[0].levers == ("strong",)
    met = [plan.probability_target_met >= 0.8 for plan in plans]
    assert met == sorted(met, reverse=True)
    short = [plan.probability_target_met for plan, enough in zip(plans, met, strict=True) if not enough]
    assert short == sorted(short, reverse=True)


def test_a_provider_that_meets_the_target_needs_nothing() -> None:
    quick = np.zeros_like(FLOWS)
    quick[:3] = 100, 100, 30
    given = answer(steady_history(flows=quick), PANEL, default_levers("MRI")[:3], SMALL).to_dict()
    assert given["plans"][0]["levers"] == []
    assert "The target is likely to be met without any measure." in given["notes"]


def test_a_lever_that_cannot_act_in_time_is_refused_with_the_reason() -> None:
    planner = Planner(steady_history(), USUAL, [lever("late", 0.3, 1.0, lead_weeks=40)], SMALL)
    assert "takes 40 weeks to start" in planner.refused["late"]
    assert planner.admissible_sets() == [()]


def test_excluded_pairs_never_stand_together() -> None:
    levers = [lever("a", 0.1, 1.0, excludes=("b",)), lever("b", 0.1, 1.0), lever("c", 0.1, 1.0)]
    sets = Planner(steady_history(), USUAL, levers, SMALL).admissible_sets()
    assert ("a", "b") not in sets
    assert len(sets) == 6


def test_annual_equivalent_by_hand() -> None:
    """£1.9m over ten years at 3.5 % is 1,900,000 x 0.035 / (1 - 1.035 ** -10) = £228,459 a year."""
    cost = lever_cost(lever("scanner", 0.15, 740000, capital=1900000), tests_a_week=1000, waiting=5000)
    assert annual_equivalent(cost) == pytest.approx(740000 + 228458.6, abs=1)


def test_prices_follow_the_size_of_the_service() -> None:
    session = lever("session", 0.1, 0.0, unit_cost=100.0)
    cost = lever_cost(session, tests_a_week=200, waiting=0)
    assert cost.cost_per_year == pytest.approx(20 * 100 * 365.25 / 7)


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        (Question(by=np.datetime64("2020-01")), "expected a month after the last known one"),
        (Question(by=np.datetime64("2050-01")), "within five years"),
        (Question(by=np.datetime64("2025-10")), "expected 2025-11 or later"),
    ],
)
def test_dates_that_cannot_be_answered(question: Question, sentence: str) -> None:
    with pytest.raises(HistoryError, match=sentence):
        Planner(steady_history(), USUAL, [], question)


@pytest.mark.parametrize("fields", [{"target_weeks": 0}, {"confidence": 1.0}, {"replications": 10}])
def test_questions_that_make_no_sense(fields: dict) -> None:
    with pytest.raises(HistoryError, match="expected"):
        replace(Question(), **fields)


def test_as_at_uses_only_the_months_up_to_it() -> None:
    history = steady_history(growth=10)
    early = answer(history, PANEL, [], SMALL, as_at=np.datetime64("2025-03"))
    cut = answer(history.up_to(np.datetime64("2025-03")), PANEL, [], SMALL)
    assert early.to_dict()["do_nothing"] == cut.to_dict()["do_nothing"]
    assert early.hindsight is not None
    assert len(early.hindsight.since) == 6


def test_nobody_waiting_is_answered_sensibly() -> None:
    history = steady_history()
    empty = replace(history, bands=np.zeros_like(history.bands))
    given = answer(empty, PANEL, default_levers("MRI")[:2], SMALL).to_dict()
    assert given["now"]["list"] == 0
    assert given["plans"][0]["levers"] == []


def test_a_kept_plan_repeats_to_the_last_digit() -> None:
    history, question = steady_history(growth=5), Question(replications=60, seed=9)
    levers = default_levers("MRI")[:3]
    first = answer(history, PANEL, levers, question)
    kept = MonthlyHistory.from_dict(history.to_dict()), UsualCourse.from_dict(first.planner.usual.to_dict())
    again = settle(Planner(*kept, levers, question), first.hindsight)
    assert again.to_dict() == first.to_dict()


def test_a_service_that_stops_does_not_meet_the_target() -> None:
    planner = Planner(steady_history(), USUAL, [], SMALL)
    inputs = planner.world.first_days(planner.by_day + 1)
    stopped = simulate_lists(replace(inputs, tests=np.zeros_like(inputs.tests)))
    assert not Waits.of(stopped, planner.world.clocks).met(50.0).any()


def test_a_target_no_number_of_tests_reaches_is_said() -> None:
    """Routine patients get a week's notice, so a mean of half a week cannot be had."""
    given = answer(steady_history(), PANEL, [], Question(target_weeks=0.5, replications=60)).to_dict()
    assert given["gap_per_week"]["reach"] == {"median": None, "low": None, "high": None}
    assert any("No number of extra tests reaches the target" in note for note in given["notes"])


def test_the_first_plans_have_met_every_future() -> None:
    plans = Planner(steady_history(growth=20), USUAL, default_levers("MRI"), Question(replications=80)).rank()
    assert {plan.replications for plan in plans[:10]} == {80}


@pytest.mark.parametrize("growth", [0, 15])
def test_built_in_levers_give_the_winner_of_trying_everything(growth: int) -> None:
    levers = [lever for lever in default_levers("MRI") if lever.id not in ("van-days", "more-sessions", "mutual-aid")]
    planner = Planner(steady_history(growth=growth), USUAL, levers, Question(target_weeks=2.5, replications=80))
    quick, full = planner.rank()[0], planner.rank(exhaustive=True)[0]
    if full.probability_target_met >= 0.8:
        assert quick.levers == full.levers
    else:
        assert quick.probability_target_met >= full.probability_target_met - 0.1
