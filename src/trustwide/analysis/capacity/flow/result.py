"""What many replications of a department say together, and the difference between two layouts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trustwide.analysis.capacity.flow.bottleneck import Hour, clock, hours_of, longest_of, sentence
from trustwide.analysis.capacity.flow.measures import (
    BIN,
    RESOURCE_FIGURES,
    STEP_FIGURES,
    TYPE_FIGURES,
    WHOLE_FIGURES,
    Figures,
)
from trustwide.analysis.capacity.flow.model import Department
from trustwide.analysis.capacity.result import figure


@dataclass(frozen=True)
class FlowResult:
    """A department that has been run: the figures of each replication, in order. `digest`: SHA-256 of all visits."""

    department: Department
    seed: int
    figures: tuple[Figures, ...]
    digest: str

    @property
    def bottleneck(self) -> str:
        """The bottleneck in one sentence, by the rule of the module `bottleneck`."""
        return sentence(self.department, self.bottleneck_hours)

    @property
    def bottleneck_hours(self) -> list[Hour]:
        return hours_of(self.department, self.figures)

    def to_dict(self) -> dict[str, Any]:
        """Plain data. Each figure is a mean over replications with the half-width of its 95 % interval."""
        fields = self.department.fields
        steps = [step.id for step in fields.steps]
        queues = np.mean([one.queues for one in self.figures], axis=0)
        return {
            "department": self.department.name,
            "replications": len(self.figures),
            "seed": self.seed,
            "digest": self.digest,
            "bottleneck": self.bottleneck,
            "bottleneck_at": self._bottleneck_at(steps),
            "bottleneck_hours": [
                {"from": clock(60 * one.hour), "step": steps[one.step], "waiting": round(one.waiting, 3)}
                for one in self.bottleneck_hours
            ],
            "whole": _named(WHOLE_FIGURES, self.stacked("whole")),
            "takt_of": self.department.takt_step.id,
            "patients": self._rows("types", TYPE_FIGURES, [one.id for one in fields.patients]),
            "steps": self._rows("steps", STEP_FIGURES, steps),
            "resources": self._rows("resources", RESOURCE_FIGURES, [one.id for one in fields.resources]),
            "queue": [
                {"from": clock(number * BIN)} | dict(zip(steps, row.round(4).tolist(), strict=True))
                for number, row in enumerate(queues)
                if row.round(4).any()
            ],
        }

    def _bottleneck_at(self, steps: list[str]) -> dict[str, Any] | None:
        """The step that the sentence names, and from which minute after midnight to which."""
        found = longest_of(self.bottleneck_hours)
        if found is None:
            return None
        return {"step": steps[found.step], "from": 60 * found.opens, "to": 60 * found.closes}

    def stacked(self, name: str) -> NDArray[np.float64]:
        """One field of `Figures` of all replications, replications first."""
        return np.stack([getattr(one, name) for one in self.figures])

    def column(self, name: str) -> NDArray[np.float64]:
        """(replications,): one of `WHOLE_FIGURES`."""
        return self.stacked("whole")[:, WHOLE_FIGURES.index(name)]

    def _rows(self, field: str, columns: Sequence[str], names: Sequence[str]) -> dict[str, dict[str, Any]]:
        values = self.stacked(field)
        return {name: _named(columns, values[:, row]) for row, name in enumerate(names)}


@dataclass(frozen=True)
class Comparison:
    """Two layouts run with the same patients."""

    first: FlowResult
    second: FlowResult

    def to_dict(self) -> dict[str, Any]:
        """Both results, and under `difference` second minus first, replication by replication.

        Types, steps and resources that both have, by id.
        """
        first, second = self.first.department.fields, self.second.department.fields
        return {
            "first": self.first.to_dict(),
            "second": self.second.to_dict(),
            "difference": {
                "whole": _named(WHOLE_FIGURES, self.second.stacked("whole") - self.first.stacked("whole")),
                "patients": self._rows("types", TYPE_FIGURES, _ids(first.patients), _ids(second.patients)),
                "steps": self._rows("steps", STEP_FIGURES, _ids(first.steps), _ids(second.steps)),
                "resources": self._rows("resources", RESOURCE_FIGURES, _ids(first.resources), _ids(second.resources)),
            },
        }

    def _rows(self, field: str, columns: Sequence[str], first: list[str], second: list[str]) -> dict[str, Any]:
        before, after = self.first.stacked(field), self.second.stacked(field)
        return {
            name: _named(columns, after[:, second.index(name)] - before[:, first.index(name)])
            for name in first
            if name in second
        }


def _ids(parts: Sequence[Any]) -> list[str]:
    return [part.id for part in parts]


def _named(names: Sequence[str], values: NDArray[np.float64]) -> dict[str, Any]:
    return {name: figure(values[:, column]) for column, name in enumerate(names)}
