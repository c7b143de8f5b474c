"""One day written down person by person, to be shown again on a plan of the floor."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from trustwide.analysis.capacity.flow.fast import Runner
from trustwide.analysis.capacity.flow.model import Department, Run
from trustwide.analysis.capacity.flow.result import FlowResult
from trustwide.analysis.capacity.flow.tables import Plan

QUEUE, SEAT, STEP, KEPT = "queue", "seat", "step", "kept"
NOWHERE = -1  # a step whose resources are not on the plan


def recorded_day(result: FlowResult) -> dict[str, Any]:
    """The run in the middle by mean time from door to door, as plain data. Times are minutes after midnight.

    `resources`: names, with `plan` where they are on the floor. `people`: for each patient the type and spans
    [resource, what, step, from, to]. `what`: "queue" waits for a step without a place, beside the resource where that
    step is done; "seat" waits in a bay; "step" has the step; "kept" waits where the step before was done.
    """
    department = result.department
    number = middle_of(result)
    runner = Runner(department)
    run = runner.replicate(result.seed, number)
    fields = department.fields
    spans: list[list[list[Any]]] = [[] for _ in run.patients]
    for patient, span in _spans(department, runner.plan, run):
        spans[patient].append(span)
    return {
        "replication": number,
        "from": min(department.opens, float(run.patients.arrived.min(initial=department.opens))),
        "to": max(department.closes, float(np.minimum(run.patients.left, runner.plan.end).max(initial=0.0))),
        "steps": [step.id for step in fields.steps],
        "resources": [
            {"id": one.id, "count": one.count, "plan": one.plan.model_dump() if one.plan else None}
            for one in fields.resources
        ],
        "people": [
            {"type": fields.patients[int(row.type)].id, "spans": mine}
            for row, mine in zip(run.patients, spans, strict=True)
        ],
    }


def middle_of(result: FlowResult) -> int:
    """The replication whose mean time from door to door is the middle one; the lower of two."""
    minutes = np.nan_to_num(result.column("mean_minutes"), nan=0.0)
    return int(np.argsort(minutes, kind="stable")[(minutes.size - 1) // 2])


def _spans(department: Department, plan: Plan, run: Run) -> Iterator[tuple[int, list[Any]]]:
    """Every patient's spans in order of time; those of no length are left out."""
    done_at = [_where(department, step) for step in range(plan.steps)]
    seats = _seats(department)
    before: dict[int, tuple[int, bool]] = {}  # where each patient's last step was done, and whether it is kept
    for visit in run.visits:
        patient, step = int(visit.patient), int(plan.places.step[visit.place])
        joined, seated, began, ended = (
            min(float(visit[name]), plan.end) for name in ("joined", "seated", "began", "ended")
        )
        if run.patients.outcome[patient] != 0:
            began = min(began, float(run.patients.left[patient]))
        place, kept = before.get(patient, (NOWHERE, False))
        parts = [
            (place, KEPT, joined, min(seated, began)) if kept else (done_at[step], QUEUE, joined, min(seated, began)),
            (seats[step], SEAT, seated, began),
            (done_at[step], STEP, began, ended),
        ]
        for where, what, begin, end in parts:
            if end > begin:
                yield patient, [where, what, step, round(begin, 2), round(end, 2)]
        before[patient] = done_at[step], bool(department.fields.steps[step].keeps)


def _where(department: Department, step: int) -> int:
    """The first of what the step holds that is on the plan."""
    names = [resource.id for resource in department.fields.resources]
    held = [names.index(name) for name in department.fields.steps[step].holds]
    return next((one for one in held if department.fields.resources[one].plan), NOWHERE)


def _seats(department: Department) -> list[int]:
    names = [resource.id for resource in department.fields.resources]
    return [names.index(step.waits_in) if step.waits_in else NOWHERE for step in department.fields.steps]
