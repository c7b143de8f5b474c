"""What must hold of every service: names and the calendar year do not matter, and more capacity does no harm."""

import copy
import datetime as dt

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trustwide.analysis.capacity.fast import Runner
from trustwide.analysis.capacity.model import SEEN
from trustwide.analysis.capacity.service import load_service

from .builders import queue, walkers
from .random_services import booked_services

SEEDS = st.integers(0, 2**64 - 1)
SOME = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
HEADER = "request_id,site,stream,requested_on,appointment_on"


def run(mapping, waiting_list, folder, seed, replication=0):
    (folder / "list.csv").write_text(waiting_list)
    return Runner(load_service(mapping, folder=folder)).replicate(seed, replication)


def assert_same(one, other):
    for found, expected in zip(one, other, strict=True):
        np.testing.assert_array_equal(found, expected)


def renamed(mapping, waiting_list, names):
    """The same service with other names for its sites."""
    mapping = copy.deepcopy(mapping)
    for site in mapping["sites"]:
        site["id"] = names[site["id"]]
    for part in (*mapping["scanners"], *(stream for stream in mapping["demand"] if "site" in stream)):
        part["site"] = names[part["site"]]
    for stream in mapping["demand"]:
        if "site_mix" in stream:
            stream["site_mix"] = {names[site]: share for site, share in stream["site_mix"].items()}
    for entry in mapping.get("staff", []):
        if "sites" in entry:
            entry["sites"] = [names[site] for site in entry["sites"]]
    if "travel" in mapping:
        mapping["travel"]["minutes"] = {
            "-".join(names[site] for site in key.split("-")): minutes
            for key, minutes in mapping["travel"]["minutes"].items()
        }
    rows = [row.split(",") for row in waiting_list.splitlines()[1:]]
    return mapping, "\n".join([HEADER, *(",".join([row[0], names[row[1]], *row[2:]]) for row in rows)]) + "\n"


@SOME
@given(case=booked_services(), seed=SEEDS)
def test_names_of_sites_do_not_matter(case, seed, tmp_path):
    other = renamed(*case, {"a": "Zeta hospital", "b": "Alpha hospital"})
    assert_same(run(*case, tmp_path, seed), run(*other, tmp_path, seed))


@SOME
@given(case=booked_services(), seed=SEEDS, place=st.sampled_from(["a", "b"]))
def test_the_order_of_sites_does_not_matter(case, seed, place, tmp_path):
    """Where every stream belongs to one site: a mix of sites is drawn, in the order of the file."""
    mapping, waiting_list = case
    for stream in mapping["demand"]:
        if stream.pop("site_mix", None):
            stream["site"] = place
    rows = waiting_list.splitlines()[1:]
    if len(mapping["sites"]) == 2:
        rows = [row for row in rows if row.split(",")[1] == place]
    waiting_list = "\n".join([HEADER, *rows]) + "\n"
    one = run(mapping, waiting_list, tmp_path, seed)
    other = run(mapping | {"sites": mapping["sites"][::-1]}, waiting_list, tmp_path, seed)
    assert_same(one._replace(cells=one.cells[:, :, ::-1]), other)


def later(value, days):
    return str(dt.date.fromisoformat(value[:10]) + dt.timedelta(days=days)) + value[10:] if value else value


@SOME
@given(case=booked_services(), seed=SEEDS, weeks=st.integers(1, 60))
def test_a_shift_by_whole_weeks_without_dated_closures_changes_nothing(case, seed, weeks, tmp_path):
    mapping, waiting_list = copy.deepcopy(case[0]) | {"closed_on": []}, case[1]
    shifted = copy.deepcopy(mapping) | {"start": later(mapping["start"], 7 * weeks)}
    for stream in shifted["demand"]:
        if "listed" in stream["arrivals"]:
            stream["arrivals"]["listed"] = [later(moment, 7 * weeks) for moment in stream["arrivals"]["listed"]]
    rows = [row.split(",") for row in waiting_list.splitlines()[1:]]
    moved = [",".join([*row[:3], later(row[3], 7 * weeks), later(row[4], 7 * weeks)]) for row in rows]
    assert_same(
        run(mapping, waiting_list, tmp_path, seed),
        run(shifted, "\n".join([HEADER, *moved]) + "\n", tmp_path, seed),
    )


HOURS = [("08:00", "12:00"), ("08:00", "15:00"), ("07:00", "20:00"), ("00:00", "24:00")]


@SOME
@given(
    seed=SEEDS,
    servers=st.integers(1, 4),
    more=st.integers(0, 2),
    hours=st.integers(0, 2),
    longer=st.integers(0, 1),
    changeover=st.sampled_from([0, 5]),
    law=st.sampled_from([{"exponential": {"mean": 30}}, {"lognormal": {"mean": 30, "sd": 40}}, {"fixed": 30}]),
    up_to=st.sampled_from(["finish", {"up_to": 0}, {"up_to": 40}]),
)
def test_on_first_come_queues_more_capacity_lengthens_nobodys_wait(
    seed, servers, more, hours, longer, changeover, law, up_to
):
    """Patient by patient: identical scanners, one more of them, longer hours or no changeover (Kiefer, Wolfowitz)."""
    streams = [walkers(name, per_minute=0.008 * servers, duration=law, slot=25) for name in ("x", "y")]

    def waits(count, hours, changeover):
        opens, closes = HOURS[hours]
        mapping = queue(
            servers=count,
            demand=streams,
            stop={"days": 15},
            sessions=[{"days": "daily", "opens": opens, "closes": closes}],
            overrun=up_to,
            changeover=changeover,
        )
        service = load_service(mapping | {"queue": {"order": ["arrival"]}, "allow_overload": True})
        found, _ = Runner(service).journeys(seed, 0)
        return found.arrived, found.left - found.arrived

    arrived, before = waits(servers, hours, changeover)
    also_arrived, after = waits(servers + more, hours + longer, 0)
    np.testing.assert_array_equal(arrived, also_arrived)
    assert (after <= before + 1e-6).all()


@st.composite
def busy_departments(draw):
    """Two booked streams and inpatients who ask for 0.8 to 1.6 of what two scanners can do, and a list of 80."""
    load = draw(st.floats(0.8, 1.6))

    def stream(name, priority, per_day):
        return {
            "id": name,
            "site": "here",
            "modality": "MR",
            "access": "booked",
            "priority": priority,
            "notice_days": draw(st.integers(0, 7)),
            "arrivals": {"poisson": {"per_day": load * per_day, "weekdays": [1, 1, 1, 1, 1, 0, 0]}},
            "vetting_days": {"lognormal": {"mean": 2, "sd": 2}},
            "slot": draw(st.sampled_from([20, 30])),
            "duration": {"lognormal": {"mean": 18, "sd": 5}},
            "did_not_attend": {
                "probability": draw(st.sampled_from([0.0, 0.1, 0.2])),
                "rebook": {"times": draw(st.integers(0, 2))},
            },
            "patient_cancels": {"probability": draw(st.sampled_from([0.0, 0.1])), "notice_days": 3},
        }

    wards = {
        "id": "wards",
        "access": "walk_in",
        "slot": 25,
        "patience_hours": 24,
        "arrivals": {"poisson": {"per_day": 3}},
    }
    duration = {"duration": {"lognormal": {"mean": 22, "sd": 5}}}
    sessions = [{"days": "weekdays", "opens": "08:00", "closes": "16:00"}]
    return {
        "service": "busy",
        "start": "2026-01-05",
        "stop": {"weeks": 10},
        "waiting_list": "list.csv",
        "sites": [{"id": "here"}],
        "booking": {
            "hold": draw(st.sampled_from([{}, {"urgent": 0.2, "wards": 0.1}])),
            "release_days": draw(st.integers(0, 5)),
        },
        "scanners": [
            {
                "id": name,
                "site": "here",
                "modality": "MR",
                "sessions": sessions,
                "overrun": {"up_to": 20},
                "changeover": 5,
            }
            | ({"breakdowns": {"up": {"exponential": {"mean_days": 20}}, "down": {"exponential": {"mean_hours": 9}}}})
            for name in ("old", "new")
        ],
        "demand": [
            stream("urgent", 1, 6),
            stream("routine", 2, 17),
            {"site": "here", "modality": "MR", **wards, **duration},
        ],
    }


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    mapping=busy_departments(),
    more=st.sampled_from(["scanner", "saturdays", "longer days"]),
    seed=SEEDS,
)
def test_on_booked_services_more_capacity_does_not_lengthen_the_mean_wait(mapping, more, seed, tmp_path):
    """Days on the list, to the end of the run for those still waiting, over 30 replications."""
    rows = [f"R{number:02},here,{'urgent' if number % 5 == 0 else 'routine'},2025-12-01," for number in range(80)]
    (tmp_path / "list.csv").write_text("\n".join([HEADER, *rows]) + "\n")
    richer = copy.deepcopy(mapping)
    if more == "scanner":
        richer["scanners"].append(richer["scanners"][0] | {"id": "third"})
    elif more == "saturdays":
        richer["scanners"][0]["sessions"] = [
            *richer["scanners"][0]["sessions"],
            {"days": ["sat"], "opens": "08:00", "closes": "12:00"},
        ]
    else:
        richer["scanners"][0]["sessions"] = [{"days": "weekdays", "opens": "08:00", "closes": "18:00"}]
    before, after = (Runner(load_service(one, folder=tmp_path)) for one in (mapping, richer))
    gains = np.array([mean_days(before, seed, number) - mean_days(after, seed, number) for number in range(30)])
    error = gains.std(ddof=1) / np.sqrt(gains.size)
    assert gains.mean() >= -3 * error - 1e-9


def mean_days(runner, seed, replication):
    found, world = runner.journeys(seed, replication)
    mine = found[world.streams.booked[found.stream] == 1]
    left = np.where(mine.outcome == SEEN, mine.left, np.minimum(mine.left, world.end))
    return (left // 1440 - mine.arrived // 1440).mean() if mine.size else 0.0
