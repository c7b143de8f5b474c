"""`booked_group.yaml`: the whole booked model from its list of 5,220 requests."""

import pytest

from trustwide.analysis import capacity

from .builders import CASES


@pytest.fixture(scope="module")
def answer():
    service = capacity.load_service(CASES / "booked_group.yaml")
    return capacity.simulate(service, replications=6, seed=3).to_dict()


@pytest.mark.parametrize(("week", "expected"), [(52, 7_700), (104, 12_000)])
def test_doing_nothing_the_list_grows_as_an_independent_reading_says(answer, week, expected):
    assert answer["weeks"][week]["list"]["mean"] == pytest.approx(expected, rel=0.1)


def test_it_starts_from_the_real_list(answer):
    assert answer["weeks"][0]["list"]["mean"] == 5_220


def test_more_urgent_streams_wait_less(answer):
    waits = [answer["streams"][name]["mean_wait"]["mean"] for name in ("suspected_cancer", "urgent", "routine")]
    assert waits == sorted(waits)


def test_arrivals_are_those_described(answer):
    """736 routine requests a week, growing 3 % a year from the start, and those on the list."""
    expected = 4_300 + sum(736 / 7 * 1.03 ** (day / 365) for day in range(728))
    found = answer["streams"]["routine"]["arrived"]
    assert abs(found["mean"] - expected) < 4 * (expected / 6) ** 0.5


def test_given_appointments_without_room_are_reported(answer):
    assert len(answer["notes"]) == 1
    assert "of 2,946 appointments given before the start had no room" in answer["notes"][0]
