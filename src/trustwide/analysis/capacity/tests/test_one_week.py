"""The second case by hand, worked out in docs/explanation/booking.md: `one_week_expected.csv` says who fares how."""

import csv
import datetime as dt

import pytest

from trustwide.analysis import capacity
from trustwide.analysis.capacity.fast import Runner
from trustwide.analysis.capacity.model import LOST, SCANNER_FIGURES, SEEN
from trustwide.analysis.capacity.reference_booked import run_reference

from .builders import CASES

SERVICE = capacity.load_service(CASES / "one_week.yaml")


def by_kernel():
    return Runner(SERVICE).journeys(1, 0)[0]


def by_reference():
    return run_reference(SERVICE, 1, 0)[0]


@pytest.mark.parametrize("journeys_of", [by_kernel, by_reference])
def test_each_patient_fares_as_the_rules_say(journeys_of):
    with (CASES / "one_week_expected.csv").open() as file:
        expected = [tuple(row.values())[1:] for row in csv.DictReader(file)]
    start = dt.datetime(2026, 1, 5)
    found = [
        (
            SERVICE.fields.demand[journey.stream].id,
            str(journey.missed),
            {SEEN: "seen", LOST: "lost"}[int(journey.outcome)],
            f"{start + dt.timedelta(minutes=float(journey.left)):%Y-%m-%d %H:%M}",
        )
        for journey in journeys_of()
    ]
    streams = [stream.id for stream in SERVICE.fields.demand]
    assert sorted(found, key=lambda row: streams.index(row[0])) == expected


def test_the_scanner_is_reported_as_the_rules_say():
    figures = Runner(SERVICE).replicate(1, 0)
    scanner = dict(zip(SCANNER_FIGURES, figures.scanners[0], strict=True))
    assert scanner["breakdowns"] == 5
    assert scanner["down_minutes"] == 5 * 90
    assert scanner["overrun_minutes"] == 5  # W5
    scanned = 25 * (3 + 8 + 1) + 10 * (4 + 4)
    assert scanner["utilisation"] == pytest.approx((scanned - 5) / (6 * 120))
    assert figures.misfits[0] == 1  # R2 was given a Saturday


def test_the_week_is_counted_by_stream():
    figures = Runner(SERVICE).replicate(1, 0)
    routine = SERVICE.fields.demand[1]
    assert routine.id == "routine"
    # nine had come by Sunday night, of whom only R8 was still waiting; waits in days from request to scan
    days = [48, 49, 37, 36, 36, 2, 2]
    assert figures.cells[0, 1, 0].tolist() == [1, 7, sum(days), 0, 0]
