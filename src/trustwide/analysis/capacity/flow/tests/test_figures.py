"""Figures of a day worked out by hand, Little's law on random departments, and what two layouts share."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trustwide.analysis.capacity.exceptions import RunError
from trustwide.analysis.capacity.flow.department import load_department
from trustwide.analysis.capacity.flow.fast import Runner
from trustwide.analysis.capacity.flow.measures import BIN, STEP_FIGURES, figures_of
from trustwide.analysis.capacity.flow.simulation import compare_layouts, simulate_department

from .builders import department, step, walkers
from .random_departments import departments


def fixed(name, minutes, resource, **fields):
    return {"id": name, "duration": {"fixed": minutes}, "holds": {resource: 1}, **fields}


def four_patients(*, closes="11:00", scan=30, cannulation=10, every=5, number=4, **fields):
    """Cannulation in the one bay, which is kept; then a scan, with one chair to wait for it."""
    return department(
        [
            fixed("Cannulation", cannulation, "bay", keeps=["bay"]),
            fixed("Scan", scan, "scanner", waits_in="chair"),
        ],
        resources={"bay": 1, "chair": 1, "scanner": 1},
        patients=[
            {
                "id": "all",
                "arrivals": {"recorded": [540 + every * patient for patient in range(number)]},
                "pathway": [{"step": "Cannulation"}, {"step": "Scan"}],
            }
        ],
        hours={"opens": "09:00", "closes": closes},
        **fields,
    )


@pytest.fixture(scope="module")
def day():
    """Cannulated 540-550, 550-560, 560-570 and 580-590; the bay is kept 570-580 by the third patient, 590-610 by the
    fourth; the chair is taken from 560 by the second, 580 the third, 610 the fourth; scans begin at 550, 580, 610, 640.
    """
    return simulate_department(load_department(four_patients()), replications=1).to_dict()


def mean_of(part, *names):
    return [part[name]["mean"] for name in names]


def test_waits_and_blocking_by_hand(day):
    assert mean_of(day["steps"]["Cannulation"], "visits", "mean_wait", "blocked_minutes") == [4, 10, 0]
    assert mean_of(day["steps"]["Scan"], "mean_wait", "blocked_minutes", "longest_queue") == [27.5, 30, 2]
    assert mean_of(day["steps"]["Scan"], "waited_share") == [0.75]


def test_resources_by_hand(day):
    assert mean_of(day["resources"]["bay"], "in_use_minutes", "blocked_minutes", "waiting_minutes") == [40, 30, 0]
    assert mean_of(day["resources"]["chair"], "in_use_minutes", "blocked_minutes", "waiting_minutes") == [0, 0, 80]
    assert mean_of(day["resources"]["scanner"], "in_use_minutes", "utilisation") == [120, pytest.approx(110 / 120)]


def test_the_whole_day_by_hand(day):
    whole = mean_of(day["whole"], "came", "left", "mean_minutes", "takt_minutes", "takt_needed", "overtime_minutes")
    assert whole == [4, 4, 77.5, 30, 30, 10]
    assert mean_of(day["patients"]["all"], "median_minutes", "unable_to_finish") == [77.5, 0]
    assert day["takt_of"] == "Scan"


def test_queue_through_the_day_by_hand(day):
    waiting = {row["from"]: row["Scan"] for row in day["queue"]}
    assert waiting["09:15"] == pytest.approx(10 / 15, abs=1e-4)  # the second from 560, the third from 570
    assert waiting["09:30"] == pytest.approx((10 + 15) / 15, abs=1e-4)
    assert "10:45" not in waiting


def test_bottleneck_by_hand(day):
    assert day["bottleneck"] == "Scan is the bottleneck from 09:00 to 10:00."
    assert day["bottleneck_hours"] == [{"from": "09:00", "step": "Scan", "waiting": 1.0}]


def test_a_queue_for_a_bay_that_is_kept_is_laid_to_the_step_behind_it():
    """Nearly all wait for Cannulation, but its bay is mostly kept by patients who wait for the scanner."""
    crowded = four_patients(scan=30, cannulation=5, every=10, number=14, closes="12:00")
    chairless = crowded | {"steps": [crowded["steps"][0], crowded["steps"][1] | {"waits_in": None}]}
    result = simulate_department(load_department(chairless), replications=1).to_dict()
    assert result["steps"]["Cannulation"]["mean_wait"]["mean"] > result["steps"]["Scan"]["mean_wait"]["mean"]
    assert result["bottleneck"].startswith("Scan is the bottleneck from ")
    slow = four_patients(scan=5, cannulation=30, every=10, number=14, closes="12:00")
    assert simulate_department(load_department(slow), 1).bottleneck.startswith("Cannulation is the bottleneck from ")


def test_no_bottleneck_where_nobody_waits():
    result = simulate_department(load_department(four_patients(scan=1, cannulation=1)), replications=2)
    assert result.bottleneck.startswith("No step is a bottleneck")


def test_patients_who_wait_for_each_others_rooms_are_stuck_and_counted():
    """One keeps the bay and needs the scanner, the other keeps the scanner and needs the bay."""
    described = four_patients(number=3, every=0, closes="11:00")
    described["steps"][1] |= {"keeps": ["scanner"], "waits_in": None}
    described["patients"][0]["pathway"][1]["then"] = {"Cannulation": 0.95, "leave": 0.05}
    result = simulate_department(load_department(described), replications=1, seed=2).to_dict()
    assert result["whole"]["unable_to_finish"]["mean"] == 3
    assert result["resources"]["bay"]["utilisation"]["mean"] == 1
    assert " to 24:00." in result["bottleneck"]


def test_those_who_cannot_finish_are_counted():
    described = four_patients() | {"resources": [
        {"id": "bay"}, {"id": "chair"}, {"id": "scanner", "times": [{"opens": "09:00", "closes": "10:00"}]}
    ]}  # fmt: skip
    result = simulate_department(load_department(described), replications=1).to_dict()
    # a scan that has begun when the scanner closes is ended: 550-580 and 580-610
    assert mean_of(result["whole"], "left", "unable_to_finish", "overtime_minutes") == [2, 2, 780]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(described=departments(), seed=st.integers(0, 2**32))
def test_littles_law_and_other_balances(described, seed):
    """For each step the queue's mean over the run times its length is all the waiting; nobody is lost from the count.

    The queue is followed here event by event, apart from how the figures are made.
    """
    layout = load_department(described)
    runner = Runner(layout)
    run = runner.replicate(seed, 0)
    figures = figures_of(layout, runner.plan, run)
    end, days = runner.plan.end, layout.fields.days
    for number in range(runner.plan.steps):
        row = dict(zip(STEP_FIGURES, figures.steps[number], strict=True))
        area, inside = 0.0, 0
        before = 0.0
        for time, change in sorted(changes_of_queue(run, runner.plan, number, end)):
            area += inside * (time - before)
            before, inside = time, inside + change
        area += inside * (end - before)
        assert row["mean_queue"] * end == pytest.approx(area, abs=1e-6)
        per_day = figures.queues[:, number].sum() * BIN
        last = figures.queues[96:, number].sum() * BIN
        assert (per_day - last) * days + last == pytest.approx(area, abs=1e-6)
    came, left, away, inside = figures.whole[:4]
    assert came == left + away + inside
    assert figures.types[:, :4].sum(axis=0).tolist() == figures.whole[:4].tolist()


def changes_of_queue(run, plan, number, end):
    for visit in run.visits:
        if plan.places.step[visit.place] == number and run.patients.outcome[visit.patient] != 2:
            yield float(visit.joined), 1
            if visit.began < end:
                yield float(visit.began), -1


def test_nothing_is_held_twice():
    """What a step holds is never more than there is, whatever is kept and waited in."""
    layout = load_department(
        department(
            [
                step("Cannulation", 9, "bay", keeps=["bay"], waits_in="chair"),
                step("Scan", 8, "scanner", keeps=["scanner"]),
                step("Recovery", 12, "bay"),
            ],
            resources={"bay": 3, "chair": 2, "scanner": 1},
            patients=[walkers(5, ["Cannulation", "Scan", "Recovery"])],
        )
    )
    runner = Runner(layout)
    figures = figures_of(layout, runner.plan, runner.replicate(1, 0))
    assert np.all(figures.taken <= [resource.count + 1e-9 for resource in layout.fields.resources])
    assert figures.taken[:, 0].max() > 2.9


def test_a_layout_compared_with_itself_differs_by_nothing():
    layout = load_department(department([step("Scan", 9, "scanner")], resources={"scanner": 1}))
    difference = compare_layouts(layout, layout, replications=10).to_dict()["difference"]
    assert difference["steps"]["Scan"]["mean_wait"] == {"mean": 0.0, "half_width": 0.0}


def test_two_layouts_see_the_same_patients():
    """The same arrivals and the same length of each step, though the second has a step more; so the paired interval
    of the difference is narrower than one of independent runs."""
    first = department([step("Scan", 9, "scanner")], resources={"scanner": 1, "desk": 2})
    second = department([step("Check-in", 2, "desk"), step("Scan", 9, "scanner")], resources={"scanner": 2, "desk": 2})
    runs = [Runner(load_department(layout)).replicate(5, 0) for layout in (first, second)]
    assert runs[0].patients.arrived.tolist() == runs[1].patients.arrived.tolist()
    lasts = [scan_minutes(run, place) for run, place in zip(runs, (0, 1), strict=True)]
    both = sorted(lasts[0].keys() & lasts[1].keys())
    assert len(both) > 100
    assert [lasts[0][one] for one in both] == pytest.approx([lasts[1][one] for one in both], abs=1e-9)
    compared = compare_layouts(load_department(first), load_department(second), replications=30).to_dict()
    apart = [compared[side]["whole"]["came"]["half_width"] for side in ("first", "second")]
    assert min(apart) > 0 and compared["difference"]["whole"]["came"]["half_width"] == 0
    assert compared["difference"]["steps"]["Scan"]["mean_wait"]["mean"] < 0


def scan_minutes(run, place):
    """Length of the scan by patient, of those that ended."""
    scans = run.visits[(run.visits.place == place) & np.isfinite(run.visits.ended)]
    return dict(zip(scans.patient.tolist(), (scans.ended - scans.began).tolist(), strict=True))


@pytest.mark.parametrize(("numbers", "said"), [((0, 1), "replications"), ((5, -1), "seed")])
def test_numbers_that_make_no_sense_are_refused(numbers, said):
    layout = load_department(four_patients())
    with pytest.raises(RunError, match=said):
        simulate_department(layout, *numbers)


def test_a_run_of_millions_is_refused_before_it_starts():
    crowd = department([step("Scan", 9, "scanner")], resources={"scanner": 1}, patients=[walkers(60_000, ["Scan"])])
    with pytest.raises(RunError, match="more than 1,000,000 in one run"):
        simulate_department(load_department(crowd))


def test_room_is_made_for_patients_who_come_back_often():
    """Each patient is scanned 19 times on average, more than room was made for at first."""
    again = {"step": "Scan", "then": {"Scan": 0.947, "leave": 0.053}}
    described = department([step("Scan", 1, "scanner")], resources={"scanner": 9}, patients=[walkers(25, [again])])
    run = Runner(load_department(described)).replicate(1, 0)
    done = run.visits[np.isfinite(run.visits.ended)]
    assert done.size / run.patients.size == pytest.approx(1 / 0.053, rel=0.15)


def test_digest_tells_runs_apart():
    layout = load_department(department([step("Scan", 9, "scanner")], resources={"scanner": 1}))
    digests = [simulate_department(layout, 2, seed).digest for seed in (1, 1, 2)]
    assert digests[0] == digests[1] != digests[2]
