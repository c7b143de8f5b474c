"""Services that no run could serve are explained before one is tried."""

import copy

import pytest

from trustwide.analysis import capacity
from trustwide.analysis.capacity.exceptions import ServiceError
from trustwide.analysis.capacity.service import FILE_BYTES
from trustwide.analysis.capacity.waiting_list import WAITING_LIST_BYTES

from .builders import CASES, queue, walkers
from .test_from_week import clinic

DAILY = [{"days": "daily", "opens": "08:00", "closes": "18:00"}]


def booked(**stream):
    """One site open ten hours a day and asked for two hours a day."""
    mapping = clinic(scanners=[{"id": "mr", "site": "here", "modality": "MR", "sessions": DAILY}])
    mapping["demand"][0] |= {"arrivals": {"poisson": {"per_day": 4}}, **stream}
    return mapping | {"allow_overload": False}


def merged(mapping, changes):
    """A deep copy with parts replaced; lists by the number of the entry."""
    mapping = copy.deepcopy(mapping)
    for path, value in changes.items():
        *way, last = path
        part = mapping
        for key in way:
            part = part[key]
        part[last] = value
    return mapping


def problem(mapping, folder=CASES):
    with pytest.raises(ServiceError) as refusal:
        capacity.load_service(mapping, folder=folder)
    return str(refusal.value)


def test_the_services_below_are_sound_as_they_are():
    capacity.load_service(booked())
    capacity.load_service(queue())


MISSED = "did_not_attend"
NEVER = "demand[0]: no session in which routine of site here could be scanned is ever open during the run"
ENDLESS = "must be < 1 where patients are booked again, or that goes on and nobody is ever seen; got 1"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        # patients booked again and again
        (
            {("demand", 0, MISSED): {"probability": 1.0, "rebook": {"times": 100}}},
            f"demand[0].{MISSED}.probability: {ENDLESS}",
        ),
        (
            {("demand", 0, MISSED): {"probability": 0.1, "rebook": {"times": 1}, "then": {"probability": 1.0}}},
            f"demand[0].{MISSED}.then.probability: {ENDLESS}",
        ),
        (
            {("demand", 0, MISSED): {"probability": 0.1, "rebook": {"times": 101}}},
            "rebook.times: must be <= 100, got 101",
        ),
        # never open
        ({("scanners", 0, "from_week"): 6}, NEVER),
        (
            {("scanners", 0, "sessions"): [DAILY[0] | {"from_week": 2, "until_week": 2}]},
            "sessions[0].until_week: must be",
        ),
        ({("scanners", 0, "sessions"): [DAILY[0] | {"from_week": 6}]}, NEVER),
        ({("stop",): {"days": 2}, ("closed_on",): ["2026-01-05", "2026-01-06"]}, NEVER),
        (
            {
                ("staff",): [{"role": "radiographer", "hours_per_week": 9}],
                ("scanners", 0, "crew"): {"radiographer": 1},
            },
            NEVER,
        ),
        ({("demand", 0, "slot"): 700}, "demand[0].slot: must fit a session at here, at most 600, got 700"),
        (
            {("scanners", 0, "suits"): ["routine"], ("demand", 0, "modality"): "CT"},
            "demand[0]: has no scanner at site here",
        ),
        # far too much work
        (
            {("demand", 0, "arrivals"): {"poisson": {"per_day": 61}}},
            "demand: asks for 12,810 minutes of MR a week at here, where scanners are open and up for 4,200; at most 3",
        ),
        (
            {("demand", 0, "arrivals"): {"poisson": {"per_day": 40}}, ("demand", 0, "slot"): 60},
            "demand: asks for 16,800 minutes",
        ),
        (
            {
                ("demand", 0, "arrivals"): {"poisson": {"per_day": 40}},
                ("demand", 0, MISSED): {"probability": 0.5, "rebook": {"times": 1}},
                ("scanners", 0, "breakdowns"): {
                    "up": {"fixed": {"days": 2}},
                    "down": {"fixed": {"days": 1}},
                    "then": {"factor": 2},
                },
            },
            "demand: asks for 12,600 minutes of MR a week at here, where scanners are open and up for 2,100",
        ),
        ({("allow_overload",): "yes"}, "allow_overload: must be true or false, got 'yes'"),
    ],
)
def test_what_a_booked_service_cannot_do(changes, expected):
    assert expected in problem(merged(booked(), changes))


@pytest.mark.parametrize(
    ("stream", "scanner", "expected"),
    [
        (
            {"did_not_attend": {"probability": 1.0, "rebook": {"after_days": 0, "times": 1}}},
            {},
            f"demand[0].did_not_attend.probability: {ENDLESS}",
        ),
        (
            {"per_minute": 1.6},
            {},
            "demand: asks for 16,128 minutes of ANY a week at clinic, where scanners are open and up",
        ),
        (
            {"per_minute": 0.4, "duration": {"lognormal": {"mean": 2, "sd": 5}}},
            {"sessions": [{"days": "weekdays", "opens": "08:00", "closes": "18:00"}], "overrun": "finish"},
            "demand: asks for 8,064 minutes of ANY a week at clinic, where scanners are open and up for 3,010",
        ),
    ],
)
def test_what_a_walk_in_service_cannot_do(stream, scanner, expected):
    assert expected in problem(queue(demand=[walkers(**stream)], **scanner))


@pytest.mark.parametrize("allowed", [{"allow_overload": True}, {"patience_hours": 1}])
def test_overload_may_be_meant(allowed):
    patience = {name: value for name, value in allowed.items() if name == "patience_hours"}
    mapping = queue(demand=[walkers(per_minute=1.6, **patience)], stop={"patients": 100})
    service = capacity.load_service(mapping | {name: value for name, value in allowed.items() if name not in patience})
    assert capacity.simulate(service, replications=1).to_dict()["streams"]["walkers"]["arrived"]["mean"] == 100


def test_a_scanner_for_one_stream_is_not_room_for_another():
    mapping = booked(id="other")
    mapping["demand"].append(mapping["demand"][0] | {"id": "brains", "arrivals": {"poisson": {"per_day": 40}}})
    mapping["scanners"] = [
        {"id": "mr", "site": "here", "modality": "MR", "count": 9, "sessions": DAILY, "suits": ["other"]},
        {"id": "old", "site": "here", "modality": "MR", "sessions": [DAILY[0] | {"days": ["mon", "tue"]}]},
    ]
    assert (
        "demand[1]: asks for 8,400 minutes of MR a week at here, where scanners are open and up for 1,200"
        in problem(mapping)
    )


def test_a_site_without_a_scanner_needs_one_that_all_its_patients_accept():
    mapping = booked() | {
        "sites": [{"id": "here"}, {"id": "there"}],
        "travel": {"minutes": {"here-there": 20}, "willing": {30: 1.0}},
        "booking": {"pool_lists": True},
    }
    mapping["demand"][0]["site"] = "there"
    service = capacity.load_service(mapping)
    assert capacity.simulate(service, replications=1).to_dict()["streams"]["routine"]["seen"]["mean"] > 100
    for change in (
        {("booking", "pool_lists"): False},
        {("travel", "minutes"): {}},
        {("travel", "minutes", "here-there"): 31},
    ):
        assert problem(merged(mapping, change)).endswith(
            "demand[0]: has no scanner at site there of modality MR that suits routine"
        )
    assert "and 20% of its patients accept no other site" in problem(
        merged(mapping, {("travel", "willing"): {30: 0.8}})
    )


def test_a_first_come_queue_may_disregard_priority():
    """Under [arrival] two classes wait alike; under [priority, arrival] the less urgent wait longer."""
    streams = [walkers("a", per_minute=0.4, priority=1), walkers("b", per_minute=0.4, priority=2)]
    waits = {}
    for order in (["arrival"], ["priority", "arrival"]):
        service = capacity.load_service(queue(demand=streams, stop={"patients": 40_000}) | {"queue": {"order": order}})
        answer = capacity.simulate(service, replications=10, seed=2).to_dict()["streams"]
        waits[order[0]] = [answer[name]["mean_wait"] for name in ("a", "b")]
    # M/M/1 at load 0.8: mean wait 4; Cobham: 0.8 / 0.6 and 0.8 / (0.6 x 0.2)
    for found, exact in zip(waits["arrival"] + waits["priority"], [4, 4, 0.8 / 0.6, 0.8 / 0.12], strict=True):
        assert abs(found["mean"] - exact) < 2.5 * found["half_width"]
    assert "queue.order: must be [priority, arrival] or [arrival]" in problem(
        queue() | {"queue": {"order": ["priority"]}}
    )


@pytest.mark.parametrize(("size", "name"), [(10_000_000, "service.yaml")])
def test_a_file_of_ten_megabytes_is_refused_unread(tmp_path, size, name):
    (tmp_path / name).write_text("service: big\n" + "#" * size)
    assert f"{name}: is longer than {FILE_BYTES:,} bytes" in problem(tmp_path / name)


def test_a_waiting_list_too_long_is_refused_unread(tmp_path):
    with (tmp_path / "one_week.csv").open("wb") as file:
        file.truncate(WAITING_LIST_BYTES + 1)
    mapping = CASES / "one_week.yaml"
    assert f"one_week.csv: is longer than {WAITING_LIST_BYTES:,} bytes" in problem(mapping, tmp_path)
