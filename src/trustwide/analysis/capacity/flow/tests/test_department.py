"""A department file is checked whole, each problem with its path."""

import pytest
import yaml

from trustwide.analysis.capacity.exceptions import ServiceError
from trustwide.analysis.capacity.flow.department import load_department
from trustwide.analysis.capacity.flow.department_checks import source_of
from trustwide.analysis.capacity.flow.fast import Runner

from .builders import CASES, department, step, walkers


def good():
    return department(
        [step("Check-in", 2, "desk"), step("Scan", 9, "scanner", keeps=["scanner"])],
        resources={"desk": 1, "scanner": 1, "chairs": 4},
    )


def changed(path, value):
    """`good()` with one thing changed; a path such as ("steps", 0, "holds")."""
    described = yaml.safe_load(yaml.safe_dump(good()))
    inner = described
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = value
    return described


WRONG = [
    (("steps", 0, "holds"), {"desc": 1}, "steps[0].holds: 'desc' is not among resources; there are desk, scanner"),
    (("steps", 0, "holds"), {"desk": 2}, "steps[0].holds.desk: must be at most 1"),
    (("steps", 1, "keeps"), ["desk"], "steps[1].keeps: 'desk' is not among what the step holds"),
    (("steps", 1, "waits_in"), "sofa", "steps[1].waits_in: 'sofa' is not among resources"),
    (("steps", 1, "id"), "leave", "steps[1].id: must not be 'leave'"),
    (("steps", 1, "id"), "Check-in", "steps[1].id: must be used once"),
    (("steps", 0, "duration"), {"fixed": 1, "exponential": {"mean": 1}}, "steps[0].duration: must have exactly one"),
    (("steps", 0, "duration"), {"exponential": {"mean": 0}}, "steps[0].duration.exponential.mean: must be > 0, got 0"),
    (("steps", 0, "duration"), {"fixed": float("nan")}, "steps[0].duration.fixed: must be a finite number"),
    (("steps", 0, "duration"), {"triangular": {"low": 5, "mode": 4, "high": 9}}, "must have low <= mode <= high"),
    (("hours", "closes"), "00:00", "hours.closes: must be after 00:00"),
    (("resources", 0, "times"), [{"opens": "09:00", "closes": "08:00"}], "resources[0].times[0].closes: must be after"),
    (
        ("resources", 0, "times"),
        [{"opens": "09:00", "closes": "12:00"}, {"opens": "11:00", "closes": "13:00"}],
        "resources[0].times[1].opens: must not be before the end of the part above",
    ),
    (("patients", 0, "pathway", 0, "then"), {"Scan": 0.5}, "patients[0].pathway[0].then: probabilities must add up"),
    (("patients", 0, "pathway", 0, "then"), {"X-ray": 1}, "patients[0].pathway[0].then: 'X-ray' is not among this"),
    (("patients", 0, "pathway", 1, "then"), {"Check-in": 1}, "patients[0].pathway: must lead to leaving"),
    (("patients", 0, "pathway", 1, "then"), {"Scan": 0.96, "leave": 0.04}, "at most 20 visits to a step"),
    (("patients", 0, "pathway", 1, "step"), "Check-in", "patients[0].pathway[1].step: must be there once"),
    (("patients", 0, "arrivals"), {"recorded": [5], "off_time": {"mean": 0, "sd": 1}}, "off_time and did_not_attend"),
    (("patients", 0, "arrivals"), {}, "patients[0].arrivals: must have exactly one of appointments, slots"),
    (
        ("patients", 0, "arrivals"),
        {"slots": [{"opens": "09:00", "closes": "08:00", "every": 5}]},
        "patients[0].arrivals.slots[0].closes: must not be before",
    ),
    (("patients", 0, "pathway", 1, "duration"), {}, "patients[0].pathway[1].duration: must have exactly one of fixed"),
    (("takt_of",), "X-ray", "takt_of: 'X-ray' is not among steps"),
    (("colour",), "blue", "colour: is not a field here"),
]


@pytest.mark.parametrize(("path", "value", "said"), WRONG)
def test_each_problem_names_its_place(path, value, said):
    with pytest.raises(ServiceError) as caught:
        load_department(changed(path, value))
    assert said in str(caught.value)


def test_names_that_would_draw_the_same_numbers_are_refused():
    seen = {}
    for number in range(70_000):  # more names than numbers
        first = seen.setdefault(source_of(f"step {number}"), number)
        if first != number:
            break
    steps = [step(f"step {one}", 2, "desk") for one in (first, number)]
    with pytest.raises(ServiceError, match=rf"steps\[1\].id: would draw the same random numbers as 'step {first}'"):
        load_department(department(steps, resources={"desk": 1}))


def test_a_file_is_read_and_named(tmp_path):
    assert load_department(CASES / "treatment_centre.yaml").name == "Treatment centre"
    path = tmp_path / "wrong.yaml"
    path.write_text("- a list")
    with pytest.raises(ServiceError, match=r"wrong\.yaml: must be a mapping"):
        load_department(path)


def test_the_step_that_sets_the_pace():
    assert load_department(good()).takt_step.id == "Scan"
    assert load_department(good() | {"takt_of": "Check-in"}).takt_step.id == "Check-in"
    scanner = [
        resource | {"kind": "scanner"} if resource["id"] == "desk" else resource for resource in good()["resources"]
    ]
    assert load_department(good() | {"resources": scanner}).takt_step.id == "Check-in"


def test_slots_and_appointments_are_due_every_day():
    slots = {"slots": [{"opens": "08:00", "closes": "09:00", "every": 30, "each": 2}]}
    patients = [
        walkers(1, ["Scan"], name="slots") | {"arrivals": slots},
        walkers(1, ["Scan"], name="times") | {"arrivals": {"appointments": ["08:10"]}},
    ]
    run = Runner(load_department(good() | {"patients": patients, "days": 2})).replicate(1, 0)
    first = [480, 480, 490, 510, 510, 540, 540]
    assert run.patients.arrived.tolist() == first + [1440 + minute for minute in first]


def test_patients_come_off_time_or_not_at_all():
    """Off time is normal with the law's mean and sd; the share who stay away is as given."""
    coming = {"appointments": ["12:00"] * 4000, "off_time": {"mean": -7, "sd": 5}, "did_not_attend": 0.1}
    patients = [walkers(1, ["Check-in"]) | {"arrivals": coming}]
    run = Runner(load_department(good() | {"patients": patients})).replicate(1, 0)
    off = run.patients.arrived - 720
    assert off.mean() == pytest.approx(-7, abs=4 * 5 / 60)
    assert off.std() == pytest.approx(5, abs=4 * 5 / 84)
    assert run.patients.size == pytest.approx(3600, abs=4 * (4000 * 0.09) ** 0.5)
