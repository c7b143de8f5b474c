"""A stored run is enough to repeat it, and holds nothing that leads to a patient."""

import datetime as dt
import json

import pytest

from trustwide.analysis import capacity
from trustwide.analysis.capacity.run_record import read_record, record_of

from .builders import CASES, queue, walkers

MADE = dt.datetime(2026, 3, 1, 12, 0, 5, tzinfo=dt.UTC)
LISTED = walkers(arrivals={"listed": ["2026-01-05 09:30", "2026-01-06 10:00"]})


def there_and_back(result):
    return read_record(json.loads(json.dumps(record_of(result, MADE))), "run.json")


@pytest.mark.parametrize("name", ["mm3", "imaging_year", "ten_patients", "booked_group"])
def test_every_case_can_be_repeated_from_its_record(name):
    result = capacity.simulate(capacity.load_service(CASES / f"{name}.yaml"), 1, seed=2**64 - 1)
    stored = there_and_back(result)
    assert stored.service.fingerprint == result.service.fingerprint
    assert capacity.simulate(stored.service, stored.replications, stored.seed).digest == stored.digest == result.digest


def test_listed_arrivals_too():
    result = capacity.simulate(capacity.load_service(queue(demand=[LISTED], stop={"days": 3}, overrun="finish")), 1)
    assert result.streams[0, 0, 0] == 2
    assert there_and_back(result).service == result.service


def test_no_request_id_is_kept():
    service = capacity.load_service(CASES / "booked_group.yaml")
    text = json.dumps(record_of(capacity.simulate(service, 1), MADE))
    ids = [row.request_id for row in service.waiting_list]
    assert len(ids) == 5_220
    assert not [each for each in ids if f'"{each}"' in text]


def test_it_says_when_and_with_what():
    record = record_of(capacity.simulate(capacity.load_service(queue(stop={"patients": 5})), "auto"), MADE)
    assert record["made"] == "2026-03-01T12:00:05+00:00"
    assert {"trustwide", "numba", "numpy", "python"} <= set(record["versions"])
    assert record["chosen"]
    assert record["service"]["service"] == "queue"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (None, "is not the record of a run"),
        ({"trustwide_run": 99}, "is not the record of a run"),
        ({"seed": "1"}, "must have seed and replications, whole numbers"),
        ({"versions": 3}, "versions: must be a mapping"),
        ({"waiting_list": [["clinic"]]}, "waiting_list: must be a list of rows of site, stream"),
        ({"waiting_list": [["clinic", "nobody", "2026-01-01", ""]]}, "row 2: stream: must be a booked stream"),
        ({"service": {"service": "x"}}, "start: is missing"),
    ],
)
def test_what_is_wrong_in_a_record_is_said(change, sentence):
    record = record_of(capacity.simulate(capacity.load_service(queue(stop={"patients": 5})), 1), MADE)
    with pytest.raises(capacity.ServiceError, match=sentence):
        read_record(None if change is None else record | change, "run.json")
