"""Whether a replication met the target: the vectors say what the plain definition says."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trustwide.analysis.capacity.model import JOURNEY, LOST, SEEN, WAITING
from trustwide.analysis.capacity.planner.outcome import NEVER, booked_of, outcome_of, target_ratios
from trustwide.analysis.capacity.planner.question import ask
from trustwide.analysis.capacity.planner.reference import target_met
from trustwide.analysis.capacity.planner.tests.small import START, small_service
from trustwide.analysis.capacity.tables import records

WEEKS = 9
BY = START + dt.timedelta(days=7 * WEEKS - 1)

patients = st.lists(
    st.tuples(
        st.integers(-70, 7 * WEEKS - 1), st.integers(0, 60), st.integers(0, 1), st.integers(0, 1),
        st.sampled_from([SEEN, SEEN, SEEN, WAITING, LOST]),
    ),
    max_size=60,
)  # fmt: skip


def journeys(rows):
    table = np.zeros(len(rows), JOURNEY)
    for row, (arrived, waited, stream, site, outcome) in zip(table, rows, strict=True):
        row["arrived"], row["stream"], row["site"], row["outcome"] = arrived * 1440.0, stream, site, outcome
        row["left"] = np.inf if outcome == WAITING else max(arrived + waited, 0) * 1440.0 + 600.0
    return records(table)


@pytest.mark.parametrize("who", ["scanned", "waiting"])
@pytest.mark.parametrize("statistic", ["mean", "median", "p95"])
@given(rows=patients, weeks=st.floats(0.5, 6))
@settings(max_examples=60, deadline=None)
def test_met_as_the_definition_says(who, statistic, rows, weeks):
    service = small_service(listed=0, target={"who": who, "statistic": statistic, "weeks": weeks})
    question = ask(service, by=BY)
    table = journeys(rows)
    assert outcome_of(table, service, question).met == target_met(table, service, question)


def one_scan_a_day(wait_of, last=7 * WEEKS):
    """Every day somebody of each stream and site is scanned who has waited so many days."""
    return [
        (day - wait_of(day), wait_of(day), stream, site, SEEN)
        for day in range(last)
        for stream in (0, 1)
        for site in (0, 1)
    ]


def test_first_met_is_the_week_from_which_it_was_kept_for_four_weeks():
    """Waits fall from 20 days to 10 on day 21: a window of four weeks has a mean of at most 14 days from day 38 on.

    By hand: (20 x + 10 (28 - x)) / 28 <= 14 when x <= 11.2 of its days lie before day 21, so from the week that ends
    with day 41 (week 5, counted from 0) on; kept for four weeks at the end of week 8.
    """
    service = small_service(listed=0)
    question = ask(service, target_weeks=2, by=BY)
    outcome = outcome_of(journeys(one_scan_a_day(lambda day: 20 if day < 21 else 10)), service, question)
    assert (outcome.met, outcome.first_met) == (True, 8)
    assert outcome.scanned_mean_weeks == pytest.approx(10 / 7)
    assert outcome_of(journeys(one_scan_a_day(lambda _: 20)), service, question).first_met == NEVER


def test_a_site_where_nobody_is_scanned_while_people_wait_too_long_has_not_met():
    service = small_service(listed=0)
    question = ask(service, target_weeks=2, by=BY)
    fine = one_scan_a_day(lambda _: 7)
    stuck = [row for row in fine if row[2:4] != (1, 1)] + [(10, 0, 1, 1, WAITING)]
    ratios = target_ratios(booked_of(journeys(stuck), question.targets), 2, question)
    assert np.isinf(ratios[-1, 3]) and (ratios[:, :3] <= 1).all()
    assert not outcome_of(journeys(stuck), service, question).met
    assert outcome_of(journeys(stuck[:-1]), service, question).met


def test_counts_at_the_date():
    service = small_service(listed=0, walk_ins=1.0)
    question = ask(service, target_weeks=2, by=BY)
    rows = [(0, 0, 0, 0, WAITING), (60, 0, 1, 1, WAITING), (3, 5, 1, 0, LOST), (1, 1, 2, 0, LOST), (1, 1, 2, 0, SEEN)]
    outcome = outcome_of(journeys(rows), service, question)
    assert (outcome.waiting, outcome.over_six_weeks, outcome.lost_share) == (2, 1, 0.5)
