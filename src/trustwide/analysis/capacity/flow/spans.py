"""The visits of one replication as columns, and who took which resource when."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from trustwide.analysis.capacity.flow.model import TURNED_AWAY, Department, Run
from trustwide.analysis.capacity.flow.tables import Plan
from trustwide.analysis.capacity.model import Integers, Reals


class Spans(NamedTuple):
    """Visits as columns, with what had not happened by the run's end put at the end. step, after: the step of the
    visit and the one that the patient then waits for (-1 if none)."""

    step: Integers
    place: Integers
    after: Integers
    joined: Reals
    seated: Reals
    began: Reals
    ended: Reals
    left: Reals
    started: np.ndarray
    turned: np.ndarray

    @classmethod
    def of(cls, plan: Plan, run: Run) -> Spans:
        visits = run.visits
        step = plan.places.step[visits.place]
        turned = run.patients.outcome[visits.patient] == TURNED_AWAY
        joined, seated, began, ended, left = (
            np.minimum(visits[name], plan.end) for name in ("joined", "seated", "began", "ended", "left")
        )
        began = np.where(turned, joined, began)
        return cls(
            step=step,
            place=np.asarray(visits.place),
            after=_after(visits.patient, step),
            joined=joined,
            seated=np.minimum(seated, began),
            began=began,
            ended=ended,
            left=left,
            started=np.isfinite(visits.began),
            turned=turned,
        )

    def waiting(self, step: int) -> tuple[Reals, Reals]:
        """When each of those who waited for a step began to and stopped."""
        mine = self.step == step
        return self.joined[mine], self.began[mine]

    def holding(self, plan: Plan, resource: int) -> tuple[Reals, Reals, Reals]:
        """When a resource was held by a step: from, to, how many."""
        count = np.where(self.started, plan.holds[self.place, resource], 0)
        mine = count > 0
        return self.began[mine], self.ended[mine], count[mine].astype(float)

    def keeping(self, department: Department, plan: Plan, resource: int) -> tuple[Reals, Reals, Reals, Integers]:
        """When it was kept by patients who waited for the next step: from, to, how many, that step."""
        name = department.fields.resources[resource].id
        keeps = np.array([name in step.keeps for step in department.fields.steps])
        mine = keeps[self.step] & (self.after >= 0) & self.started
        return self.ended[mine], self.left[mine], plan.holds[self.place[mine], resource].astype(float), self.after[mine]

    def sitting(self, plan: Plan, resource: int) -> tuple[Reals, Reals, Integers]:
        """When it was a place to wait: from, to, for which step."""
        seats = np.full(plan.steps, -1)
        going = plan.edges.to >= 0
        seats[plan.places.step[plan.edges.to[going]]] = plan.edges.seat[going]
        mine = (seats[self.step] == resource) & (self.seated < self.began)
        return self.seated[mine], self.began[mine], self.step[mine]

    def taking(self, department: Department, plan: Plan, resource: int) -> tuple[Reals, Reals, Reals]:
        """When it was taken, in whatever way: from, to, how many."""
        held, kept = self.holding(plan, resource), self.keeping(department, plan, resource)[:3]
        begin, end, _ = self.sitting(plan, resource)
        parts = (held, kept, (begin, end, np.ones(begin.size)))
        return tuple(np.concatenate(column) for column in zip(*parts, strict=True))  # type: ignore[return-value]


def _after(patient: Integers, step: Integers) -> Integers:
    """The step of each patient's next visit."""
    after = np.full(step.size, -1)
    order = np.argsort(patient, kind="stable")
    same = patient[order][1:] == patient[order][:-1]
    after[order[:-1][same]] = step[order[1:][same]]
    return after
