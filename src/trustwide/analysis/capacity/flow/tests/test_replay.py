"""The day that is shown again: everybody is at one place at a time, from coming to leaving."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trustwide.analysis.capacity.flow.department import load_department
from trustwide.analysis.capacity.flow.fast import Runner
from trustwide.analysis.capacity.flow.replay import middle_of, recorded_day
from trustwide.analysis.capacity.flow.simulation import simulate_department

from .random_departments import departments
from .test_figures import four_patients


def test_where_each_of_four_patients_is():
    described = four_patients()
    for number, resource in enumerate(described["resources"]):
        resource["plan"] = {"x": 5 * number, "y": 0, "width": 4, "height": 3}
    day = recorded_day(simulate_department(load_department(described), replications=3))
    bay, chair, scanner = range(3)
    assert (day["from"], day["to"]) == (540, 670)
    assert day["people"][2]["spans"] == [
        [bay, "queue", 0, 550, 560],
        [bay, "step", 0, 560, 570],
        [bay, "kept", 1, 570, 580],
        [chair, "seat", 1, 580, 610],
        [scanner, "step", 1, 610, 640],
    ]


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(described=departments(), seed=st.integers(0, 2**32))
def test_spans_follow_each_other_without_a_gap(described, seed):
    result = simulate_department(load_department(described), replications=2, seed=seed)
    runner = Runner(result.department)
    run = runner.replicate(seed, middle_of(result))
    for person, row in zip(recorded_day(result)["people"], run.patients, strict=True):
        times = [round(float(row.arrived), 2), round(min(float(row.left), runner.plan.end), 2)]
        ends = [time for *_, begin, end in person["spans"] for time in (begin, end)]
        if times[1] - times[0] < 0.02:
            continue
        assert [ends[0], ends[-1]] == times
        assert ends[1:-1:2] == ends[2::2]
