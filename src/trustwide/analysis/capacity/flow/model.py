"""Frozen inputs and results of a department's flow; the only shapes that travel between its parts."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from trustwide.analysis.capacity.flow.department_fields import DepartmentFields, Step
from trustwide.analysis.capacity.model import MINUTES_A_DAY
from trustwide.analysis.capacity.service_words import minute_of
from trustwide.analysis.capacity.tables import Records

INSIDE, GONE, TURNED_AWAY = 0, 1, 2
OUTSIDE = -1  # where patients come from and go to
NO_PLACE = -1  # no bay to wait in is asked for


@dataclass(frozen=True)
class Department:
    """A validated department: the fields of its file."""

    fields: DepartmentFields

    @property
    def name(self) -> str:
        return self.fields.department

    @property
    def opens(self) -> float:
        """Minutes after midnight."""
        return float(minute_of(self.fields.hours.opens))

    @property
    def closes(self) -> float:
        """Minutes after midnight."""
        return float(minute_of(self.fields.hours.closes))

    @property
    def end(self) -> float:
        """Minutes from the first midnight to the end of a run."""
        return self.fields.days * MINUTES_A_DAY + self.fields.hours.run_on * 60.0

    @cached_property
    def takt_step(self) -> Step:
        """The step whose starts set the pace: as the file says, else the last that a scanner does, else the last."""
        if self.fields.takt_of is not None:
            return next(step for step in self.fields.steps if step.id == self.fields.takt_of)
        scanners = {part.id for part in self.fields.resources if part.kind == "scanner"}
        return next((step for step in reversed(self.fields.steps) if scanners & set(step.holds)), self.fields.steps[-1])

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over everything that can change a run."""
        whole = json.dumps(self.fields.model_dump(mode="json", exclude_defaults=True), sort_keys=True)
        return hashlib.sha256(whole.encode()).hexdigest()


# One record a patient who came, in order of arrival; times are minutes from the first midnight. number: within the
# type, as the draws know it. left: infinite for those still inside at the end. outcome: INSIDE, GONE, TURNED_AWAY.
PATIENT = np.dtype([("type", "i8"), ("number", "i8"), ("arrived", "f8"), ("left", "f8"), ("outcome", "i8")])

# One record a step of a patient, in the order in which they came to wait for it. place: number of the visit in the
# pathways of all types, one after the other. joined: when the step before was over. seated: when there was a bay to
# wait in (infinite if none was asked for or got). began, ended: the step. left: when what the step keeps was given up,
# `ended` if it keeps nothing. Infinite what has not happened before the run's end.
VISIT = np.dtype(
    [
        ("patient", "i8"),
        ("place", "i8"),
        ("joined", "f8"),
        ("seated", "f8"),
        ("began", "f8"),
        ("ended", "f8"),
        ("left", "f8"),
    ]
)


class Run(NamedTuple):
    """One replication: records of PATIENT and of VISIT."""

    patients: Records
    visits: Records
