"""What the floor page shows: the plan, the waits by step, the queues by hour, and two layouts side by side."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trustwide.services.imaging.flow.models import DepartmentLayout

if TYPE_CHECKING:
    from trustwide.analysis.capacity.flow.result import FlowResult

MARGIN = 1.4  # metres around the plan: queues stand below their room
Figure = dict[str, float | None]
WHOLE = (
    ("mean_minutes", "Door to door, mean minutes"),
    ("p95_minutes", "Door to door, 95th percentile"),
    ("takt_minutes", "Minutes between scans"),
    ("takt_needed", "Minutes between scans that demand needs"),
    ("longest_queue", "Most patients waiting at once"),
    ("overtime_minutes", "Last leaving after closing, minutes"),
    ("unable_to_finish", "Unable to finish"),
)


def answer_of(result: FlowResult) -> dict[str, Any]:
    """All that a page needs of a run, as plain data."""
    from trustwide.analysis.capacity.flow.measures import STEP_FIGURES, WHOLE_FIGURES
    from trustwide.analysis.capacity.flow.replay import recorded_day

    waits = result.stacked("steps")[:, :, STEP_FIGURES.index("mean_wait")].round(6)
    names = [step.id for step in result.department.fields.steps]
    samples = {
        "whole": {name: _known(result.column(name)) for name in WHOLE_FIGURES},
        "mean_wait": {name: _known(waits[:, number]) for number, name in enumerate(names)},
    }
    return {"result": result.to_dict(), "day": recorded_day(result), "samples": samples}


def _known(values: Any) -> list[float | None]:
    """Figures of replications; JSON has no NaN."""
    return [None if math.isnan(value) else round(float(value), 6) for value in values]


@dataclass(frozen=True)
class Room:
    """Something on the plan, in metres; `number`: of the resource in the day that is shown."""

    number: int
    name: str
    count: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class StepRow:
    """Waiting for one step, in minutes; `other` and `difference` where another layout is beside it."""

    name: str
    figures: dict[str, Figure]
    other: Figure | None = None
    difference: Figure | None = None


@dataclass(frozen=True)
class CompareRow:
    """One figure of the whole day in two layouts; the difference is other less this."""

    words: str
    this: Figure
    other: Figure
    difference: Figure


@dataclass(frozen=True)
class FloorPage:
    """Everything about one layout, and beside it another."""

    layout: DepartmentLayout
    result: dict[str, Any]
    day: dict[str, Any]
    rooms: list[Room]
    box: str
    shown_first: int
    steps: list[StepRow]
    hours: list[tuple[str, list[float]]]
    compared: list[CompareRow]
    other: DepartmentLayout | None

    @property
    def queue_heads(self) -> list[dict[str, Any]]:
        """Heads of the columns of `hours`."""
        return [{"text": row.name, "numeric": True} for row in self.steps]

    @property
    def compared_in_words(self) -> str:
        """What the other layout does to the time that patients are inside."""
        if self.other is None or not self.compared:
            return ""
        inside = self.compared[0].difference
        mean, half_width = inside["mean"], inside["half_width"]
        if mean is None or half_width is None or abs(mean) <= half_width:
            return f"{self.other}: it is not clear that patients would be inside for longer or less long."
        low, high = sorted((abs(mean) - half_width, abs(mean) + half_width))
        change = "less" if mean < 0 else "more"
        return f"{self.other}: patients would be inside for {abs(mean):.0f} minutes {change} ({low:.0f} to {high:.0f})."


def floor_page(layout: DepartmentLayout, other: DepartmentLayout | None) -> FloorPage:
    """The page of a layout, compared with another if there is one."""
    answer = layout.answered
    against = other.answered if other is not None else None
    rooms = [
        Room(number, one["id"], one["count"], **one["plan"])
        for number, one in enumerate(answer["day"]["resources"])
        if one["plan"]
    ]
    return FloorPage(
        layout=layout,
        result=answer["result"],
        day=answer["day"],
        rooms=rooms,
        box=_box(rooms),
        shown_first=_shown_first(answer),
        steps=_step_rows(answer, against),
        hours=_by_hour(answer["result"]),
        compared=_compared(answer, against) if against else [],
        other=other,
    )


def _box(rooms: list[Room]) -> str:
    """The viewBox of the plan."""
    if not rooms:
        return ""
    left, top = min(room.x for room in rooms) - MARGIN / 2, min(room.y for room in rooms) - MARGIN / 2
    right, bottom = max(room.x + room.width for room in rooms), max(room.y + room.height for room in rooms)
    return f"{left:g} {top:g} {right - left + MARGIN / 2:g} {bottom - top + MARGIN:g}"


def _shown_first(answer: dict[str, Any]) -> int:
    """The minute at which most wait for the step that the first line names, so that the plan shows what it says."""
    day, at = answer["day"], answer["result"]["bottleneck_at"]
    if at is None:
        return int(day["from"])
    step = day["steps"].index(at["step"])
    waits = [span[3:] for one in day["people"] for span in one["spans"] if span[1] != "step" and span[2] == step]
    minutes = range(int(at["from"]), int(at["to"]))
    return max(minutes, key=lambda minute: sum(begin <= minute < end for begin, end in waits))


def _step_rows(answer: dict[str, Any], against: dict[str, Any] | None) -> list[StepRow]:
    rows = []
    for name, figures in answer["result"]["steps"].items():
        if against is None or name not in against["samples"]["mean_wait"]:
            rows.append(StepRow(name, figures))
            continue
        paired = _difference(answer["samples"]["mean_wait"][name], against["samples"]["mean_wait"][name])
        rows.append(StepRow(name, figures, against["result"]["steps"][name]["mean_wait"], paired))
    return rows


def _compared(answer: dict[str, Any], against: dict[str, Any]) -> list[CompareRow]:
    first, second = answer["result"]["whole"], against["result"]["whole"]
    samples, others = answer["samples"]["whole"], against["samples"]["whole"]
    return [
        CompareRow(words, first[name], second[name], _difference(samples[name], others[name])) for name, words in WHOLE
    ]


def _difference(first: list[float | None], second: list[float | None]) -> Figure:
    """Mean of second less first, day by day with the same patients, with its 95 % half-width."""
    import numpy as np

    from trustwide.analysis.capacity.result import figure

    return dict(figure(np.array(second, dtype=float) - np.array(first, dtype=float)))


def _by_hour(result: dict[str, Any]) -> list[tuple[str, list[float]]]:
    """Mean number waiting for each step in each hour that anybody waits."""
    hours: dict[str, list[list[float]]] = {}
    steps = list(result["steps"])
    for row in result["queue"]:
        hours.setdefault(f"{row['from'][:2]}:00", []).append([row[step] for step in steps])
    quarters = 4
    return [
        (hour, [sum(column) / quarters for column in zip(*rows, strict=True)]) for hour, rows in sorted(hours.items())
    ]
