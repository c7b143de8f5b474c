"""The case by hand: `ten_patients_expected.csv` says who is scanned when."""

import csv

import pytest

from trustwide.analysis import capacity
from trustwide.analysis.capacity.fast import Runner
from trustwide.analysis.capacity.reference_booked import run_reference

from .builders import CASES

SERVICE = capacity.load_service(CASES / "ten_patients.yaml")


def by_kernel():
    return Runner(SERVICE).journeys(1, 0)[0]


def by_reference():
    return run_reference(SERVICE, 1, 0)[0]


@pytest.mark.parametrize("journeys_of", [by_kernel, by_reference])
def test_each_patient_is_scanned_when_the_rules_say(journeys_of):
    with (CASES / "ten_patients_expected.csv").open() as file:
        expected = [(row["request_id"], row["scanned_on"], row["starts"]) for row in csv.DictReader(file)]
    found = []
    for request, journey in zip(SERVICE.waiting_list, journeys_of(), strict=True):
        day, minute = divmod(int(journey.left), 1440)
        found.append((request.request_id, f"2026-01-{5 + day:02}", f"{minute // 60:02}:{minute % 60:02}"))
    assert found == expected


def test_waits_are_in_days_from_the_request():
    answer = capacity.simulate(SERVICE, replications=2).to_dict()
    cancer = answer["streams"]["cancer"]
    assert cancer["unit"] == "days"
    assert cancer["mean_wait"] == {"mean": (4 + 3 + 2) / 3, "half_width": 0.0}
    assert cancer["within_days"]["mean"] == 1.0
    assert answer["weeks"][0] == {
        "week": 0,
        "list": {"mean": 10.0, "half_width": 0.0},
        "over_6_weeks": {"mean": 0.0, "half_width": 0.0},
        "over_6_weeks_dm01": {"mean": 0.0, "half_width": 0.0},
    }
    assert answer["weeks"][1]["list"]["mean"] == 0.0
