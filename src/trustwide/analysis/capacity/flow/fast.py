"""Runs replications of one department with the compiled kernel, in the same memory."""

from __future__ import annotations

import numpy as np

from trustwide.analysis.capacity.exceptions import RunError
from trustwide.analysis.capacity.flow.arriving import NO_ROOM, draw_coming
from trustwide.analysis.capacity.flow.following import desk_for, follow
from trustwide.analysis.capacity.flow.model import PATIENT, VISIT, Department, Run
from trustwide.analysis.capacity.flow.tables import expected_patients, plan_of
from trustwide.analysis.capacity.tables import records

_FIRST_PATIENTS = 512
_VISITS_EACH = 8
_MOST_PATIENTS = 1_000_000


class Runner:
    """One department, ready to be replicated."""

    def __init__(self, department: Department) -> None:
        self.department = department
        self.plan = plan_of(department)
        self._make_room(max(_FIRST_PATIENTS, int(expected_patients(self.plan))))

    def replicate(self, seed: int, replication: int) -> Run:
        """Everybody who came in one replication and all their visits. Raises RunError if they are too many."""
        while True:
            count = draw_coming(self.plan, np.uint64(seed), replication, self._patients)
            if count != NO_ROOM:
                patients = records(_in_order(self._patients[:count]))
                visits = follow(self.plan, np.uint64(seed), replication, patients, self._visits, self._desk)
                if visits != NO_ROOM:
                    return Run(patients, records(self._visits[:visits].copy()))
            self._make_room(2 * self._patients.size)

    def _make_room(self, patients: int) -> None:
        if patients > _MOST_PATIENTS:
            raise RunError(
                f"{self.department.name}: patients: more than {_MOST_PATIENTS:,} in one run; ask for fewer days"
            )
        self._patients = records(np.zeros(patients, PATIENT))
        self._visits = records(np.zeros(patients * _VISITS_EACH, VISIT))
        self._desk = desk_for(self.plan, patients)


def _in_order(patients: np.ndarray) -> np.ndarray:
    return patients[np.lexsort((patients["number"], patients["type"], patients["arrived"]))]
