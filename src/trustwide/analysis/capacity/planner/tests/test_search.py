"""The search finds the winner of trying all, with fewer replications and whatever the workers."""

import datetime as dt
import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from trustwide.analysis.capacity import load_levers, load_service, plan
from trustwide.analysis.capacity.planner.bounds import room_for
from trustwide.analysis.capacity.planner.outcome import Outcome
from trustwide.analysis.capacity.planner.reference import best_of_all
from trustwide.analysis.capacity.planner.standing import Standing, binomial_tail, first_block, front, is_out
from trustwide.analysis.capacity.planner.tests.small import SMALL_LEVERS, START, small_service
from trustwide.analysis.capacity.tests.builders import CASES


def asked(service, *, levers=SMALL_LEVERS, weeks=14, **more):
    more = {"replications": 24, "by": START + dt.timedelta(days=7 * weeks - 1), **more}
    return plan(service, load_levers(levers), **more)


def the_best_of_all(everything):
    """By the definition, from a plan that tried every set in every replication."""
    return best_of_all(
        [one.levers for one in everything.ranking],
        [[outcome.met for outcome in one.outcomes] for one in everything.ranking],
        [[outcome.lost_share for outcome in one.outcomes] for one in everything.ranking],
        everything.question,
    )


@given(
    per_week=st.floats(110, 175), listed=st.integers(0, 450), target=st.floats(0.6, 4), confidence=st.floats(0.2, 0.95),
    walk_ins=st.sampled_from([0.0, 3.0]), seed=st.integers(0, 2**32), who=st.sampled_from(["scanned", "waiting"]),
    statistic=st.sampled_from(["mean", "median", "p95"]),
)  # fmt: skip
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
def test_same_winner_as_trying_all(per_week, listed, target, confidence, walk_ins, seed, who, statistic):
    wanted = {"who": who, "statistic": statistic, "weeks": target}
    service = small_service(per_week=per_week, listed=listed, walk_ins=walk_ins, target=wanted)
    quick = asked(service, confidence=confidence, seed=seed, replications=12)
    everything = asked(service, confidence=confidence, seed=seed, replications=12, exhaustive=True)
    assert quick.ranking[0].levers.ids == everything.ranking[0].levers.ids == the_best_of_all(everything).ids
    assert quick.replications_spent <= everything.replications_spent == 12 * len(everything.ranking)
    assert quick.ranking[0].outcomes == everything.ranking[0].outcomes
    ruled_out = {one.levers.ids for one in quick.ranking if one.ruled_out}
    assert not any(one.successes for one in everything.ranking if one.levers.ids in ruled_out)


def test_the_group_with_four_levers_by_search_and_by_trying_all():
    group, levers = load_service(CASES / "booked_group.yaml"), load_levers(CASES / "levers_four.yaml")
    question = {"target_weeks": 5.5, "by": dt.date(2026, 5, 31), "replications": 10}
    quick, everything = plan(group, levers, **question), plan(group, levers, exhaustive=True, **question)
    assert quick.ranking[0].levers.ids == everything.ranking[0].levers.ids == the_best_of_all(everything).ids
    assert quick.replications_spent < everything.replications_spent


def test_workers_do_not_change_the_answer():
    service = small_service(walk_ins=3.0)
    one, two = (asked(service, workers=workers).to_dict() for workers in (1, 2))
    assert one == two
    assert asked(service, seed=2).digest != one["digest"]


def test_doing_nothing_wins_where_the_target_is_met_already():
    assert asked(small_service(per_week=90, listed=20)).ranking[0].levers.ids == ()


def test_where_nothing_meets_the_target_the_answer_says_so_and_names_the_quickest():
    answer = asked(small_service(per_week=400, listed=450), target_weeks=0.5).to_dict()
    assert answer["plans"][0]["probability_target_met"] == 0
    assert any("No set of these levers" in note for note in answer["notes"])
    assert answer["ruled_out"] > 0


def test_money_and_staff_bound_the_choice():
    service = small_service()
    dear = {one.levers.ids for one in asked(service).ranking}
    cheap = asked(service, budget=30_000)
    assert {one.levers.ids for one in cheap.ranking} < dear
    assert max(one.levers.annual_equivalent for one in cheap.ranking) <= 30_000
    short = asked(service, staff={"radiographer": 2})
    assert not any("third-scanner" in one.levers.ids for one in short.ranking)
    assert any("saturdays" in one.levers.ids for one in short.ranking)


def test_levers_that_exclude_each_other_or_come_too_late_are_left_out():
    answer = asked(small_service(), weeks=7)
    assert list(answer.choice.refused) == ["third-scanner"]
    assert "must act for 4 weeks" in answer.choice.refused["third-scanner"]
    assert not any({"shorter-slots", "third-scanner"} <= set(one.levers.ids) for one in asked(small_service()).ranking)


def test_of_equal_sets_the_one_that_starts_later_is_taken_if_it_does():
    """The same levers cost the same a year, so what is spent by the date decides."""
    saturdays = {**SMALL_LEVERS[0], "start_weeks": [0, 2, 4]}
    answer = asked(small_service(per_week=150, listed=420), levers=[saturdays], target_weeks=3, confidence=0.7)
    sure = [one for one in answer.ranking if one.probability >= 0.7]
    assert {one.levers.starts for one in answer.ranking} == {(), (0,), (2,), (4,)}
    assert answer.ranking[0] is sure[0]
    assert answer.ranking[0].levers.starts == max(one.levers.starts for one in sure)


def test_more_walk_ins_lost_than_usual_is_not_met():
    outcome = Outcome(True, 3, 1.0, 0.5, 0.05, 10, 0)
    assert Standing(None, None, [outcome], [0.035]).met == [False]
    assert Standing(None, None, [outcome], [0.045]).met == [True]


def test_the_sequential_rule():
    """A set is out when it cannot be sure any more, or when a sure one would so rarely do so badly."""

    def stands(successes, failures):
        good, bad = Outcome(True, 3, 1.0, 0.5, 0.0, 0, 0), Outcome(False, -1, 3.0, 2.0, 0.0, 0, 0)
        return Standing(None, None, [good] * successes + [bad] * failures, [0.0] * (successes + failures))

    assert first_block(80, 100) == 9 == math.ceil(math.log(1e-6) / math.log(0.2))
    assert not is_out(stands(0, 8), 80, 100) and is_out(stands(0, 9), 80, 100)
    assert is_out(stands(79, 21), 80, 100) and not is_out(stands(75, 20), 80, 100)


@given(trials=st.integers(1, 120), share=st.floats(0.01, 0.99), data=st.data())
@settings(max_examples=60, deadline=None)
def test_the_binomial_tail(trials, share, data):
    successes = data.draw(st.integers(0, trials))
    assert binomial_tail(successes, trials, share) == pytest.approx(
        binom.cdf(successes, trials, share), rel=1e-9, abs=1e-14
    )


def test_the_front_holds_what_nothing_beats():
    ranking = asked(small_service(listed=420)).ranking
    chosen = front(ranking)
    for one in (one for one in ranking if one not in chosen):
        assert any(
            other.levers.annual_equivalent <= one.levers.annual_equivalent and other.mean_wait <= one.mean_wait
            for other in chosen
        )
    costs, waits = [one.levers.annual_equivalent for one in chosen], [one.mean_wait for one in chosen]
    assert costs == sorted(costs) and waits == sorted(waits, reverse=True) and len(chosen) > 2


def test_the_bound_by_hand():
    """One site of two has 5 x 8 h a week; nobody misses, all slots 30 minutes."""
    service = small_service(per_week=200, listed=0, missed=0.0)
    question = asked(service, levers=SMALL_LEVERS[2:3]).question
    room = room_for(service, question)
    requests, kept = 14 * 100, 1.25 * 2 * 100
    low = sum(3 * math.sqrt(share * requests) for share in (0.3, 0.7))
    assert room.needed == pytest.approx(30 * (requests - low - kept))
    assert room.sessions == 14 * 5 * 8 * 60
