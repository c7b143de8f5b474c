"""The two waiting-time clocks: by hand, and every restart against the plain-Python rules."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trustwide.analysis import capacity
from trustwide.analysis.capacity.clocks import DM01_RULES, dm01_rules_on
from trustwide.analysis.capacity.fast import Runner
from trustwide.analysis.capacity.model import DM01_FIGURES, SEEN
from trustwide.analysis.capacity.reference_booked import Booked
from trustwide.analysis.capacity.service import load_service

from .builders import CASES
from .random_services import booked_services


def by_reference(service, seed):
    booked = Booked(service, seed, 3)
    booked.run()
    return [patient for patient in booked.patients if booked.streams[patient.stream].booked]


def clock_at(patient, day):
    """The day the DM01 clock runs from, as known at the end of a day."""
    started = [runs_from for known, runs_from in patient.clocks if known <= day]
    return started[-1] if started else patient.requested


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(case=booked_services(), seed=st.integers(0, 2**64 - 1))
def test_both_clocks_are_as_the_rules_say(case, seed, tmp_path):
    mapping, waiting_list = case
    (tmp_path / "list.csv").write_text(waiting_list)
    service = load_service(mapping, folder=tmp_path)
    figures = Runner(service).replicate(seed, 3)
    patients = by_reference(service, seed)
    for number, stream in enumerate(service.fields.demand):
        if stream.access != "booked":
            assert np.isnan(figures.dm01[number]).all()
            continue
        mine = [patient for patient in patients if patient.stream == number]
        waits = [max(patient.left // 1440 - clock_at(patient, 1e9), 0) for patient in mine if patient.outcome == SEEN]
        if waits:
            assert figures.dm01[number, 2:5] == pytest.approx([np.mean(waits), *np.quantile(waits, [0.5, 0.95])])
        for week in range(len(figures.cells)):
            last_day = 7 * week + 6
            waiting = [
                patient for patient in mine if patient.requested <= last_day and patient.left >= 1440 * (last_day + 1)
            ]
            assert figures.cells[week, number, :, 3:].sum(axis=0).tolist() == [
                sum(last_day - patient.requested >= 42 for patient in waiting),
                sum(last_day - clock_at(patient, last_day) >= 42 for patient in waiting),
            ]


def test_a_missed_appointment_restarts_only_the_dm01_clock():
    """`one_week.yaml`: F1 was asked for on 12 December, missed Monday the 5th and was scanned on Monday the 12th."""
    answer = capacity.simulate(capacity.load_service(CASES / "one_week.yaml"), replications=1).to_dict()
    forgetful = answer["streams"]["forgetful"]
    assert forgetful["mean_wait"]["mean"] == 31
    assert forgetful["dm01"]["mean_wait"]["mean"] == 7
    assert tuple(forgetful["dm01"]) == DM01_FIGURES
    assert "dm01" not in answer["streams"]["inpatient"]
    # displaced patients' clocks run on: both means of the routine stream are the same
    routine = answer["streams"]["routine"]
    assert routine["dm01"]["mean_wait"] == routine["mean_wait"]


def test_long_waits_at_the_start_and_the_end():
    """`one_week.yaml` on Sunday 4 January: R1 has waited 47 days and R2 45; both are scanned in the week."""
    weeks = capacity.simulate(capacity.load_service(CASES / "one_week.yaml"), replications=1).to_dict()["weeks"]
    assert [week["over_6_weeks"]["mean"] for week in weeks] == [2, 0]
    assert [week["over_6_weeks_dm01"]["mean"] for week in weeks] == [2, 0]


def test_the_monthly_clock_flatters_a_list_that_misses_appointments():
    weeks = capacity.simulate(capacity.load_service(CASES / "booked_group.yaml"), replications=2).to_dict()["weeks"]
    assert 0 < weeks[-1]["over_6_weeks_dm01"]["mean"] < weeks[-1]["over_6_weeks"]["mean"]


def test_rules_are_dated():
    assert dm01_rules_on(dt.date(2026, 1, 5)) is DM01_RULES[-1]
    assert dm01_rules_on(dt.date(1999, 1, 1)) is DM01_RULES[0]
    assert [rules.in_force for rules in DM01_RULES] == sorted(rules.in_force for rules in DM01_RULES)
