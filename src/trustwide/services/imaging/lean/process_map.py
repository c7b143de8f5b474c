"""The pathway as a map: each step, the wait before it, how often what it hands on comes back, and where the time goes.

The record has moments, not efforts: only from entering the room to the end of the scan is time in a step known. All
other time is waiting between steps, as far as the record can say. Only scanning counts as adding value.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from trustwide.services.imaging.lean.figures import Spread, spread
from trustwide.services.imaging.lean.tables import minutes

WAIT, WORK, VALUE = "Waiting", "Work with the patient", "Scanning"


@dataclass(frozen=True)
class Place:
    """A step of the map. begins, ends: columns of its moments. sent_back: counts of what it did not get right.

    wrong and doing are words: what was done to those sent back, and the step in the middle of a sentence.
    """

    name: str
    begins: str
    ends: str
    sent_back: tuple[str, ...] = ()
    kind: str = WORK
    wrong: str = ""
    doing: str = ""


PLACES = (
    Place("Request", "requested_at", "requested_at", ("queries", "changes"), wrong="queried or changed",
          doing="request"),
    Place("Vet", "vetted_at", "vetted_at", doing="vetting"),
    Place("Choose the protocol", "protocolled_at", "protocolled_at", doing="choosing the protocol"),
    Place("Safety questions", "ready_at", "ready_at", ("holds",), wrong="held", doing="safety questions"),
    Place("Book", "booked_at", "booked_at", ("patient_cancels", "hospital_cancels", "missed"),
          wrong="cancelled or missed", doing="booking"),
    Place("Arrive", "arrived_at", "arrived_at", doing="arriving"),
    Place("Prepare in the room", "in_room_at", "started_at", doing="entering the room"),
    Place("Scan", "started_at", "ended_at", ("abandons",), VALUE, "abandoned", doing="scan"),
    Place("Report", "reported_at", "reported_at", doing="report"),
    Place("Verify the report", "verified_at", "verified_at", doing="verifying the report"),
)  # fmt: skip


@dataclass(frozen=True)
class Time:
    """Minutes of one part of the way: how they vary, their mean, and their share of the whole way."""

    name: str
    kind: str
    spread: Spread
    mean: float
    share: float


@dataclass(frozen=True)
class Step:
    """A step with the wait before it and the time in it, None where they are not recorded.

    complete: share of requests that went through without being sent back for what this step did (%C&A); None where
    that is not recorded of this step. reached: how many exams have its time.
    """

    place: Place
    before: Time | None
    inside: Time | None
    complete: float | None
    reached: int


@dataclass(frozen=True)
class ProcessMap:
    """The whole way. lead_minutes: the sum of the mean parts. rolled: share never sent back at any step."""

    exams: int
    steps: tuple[Step, ...]
    lead_minutes: float
    rolled: float | None

    @property
    def times(self) -> list[Time]:
        """Every part of the way in order."""
        return [time for step in self.steps for time in (step.before, step.inside) if time is not None]

    @property
    def value_adding(self) -> float | None:
        """Minutes that add value as a share of the whole."""
        added = [time.share for time in self.times if time.kind == VALUE]
        return sum(added) if added else None

    @property
    def longest(self) -> Time | None:
        """The part that takes most of the time."""
        return max(self.times, key=lambda time: time.share, default=None)


def process_map(exams: pl.DataFrame, *, fewest: int = 1) -> ProcessMap:
    """The map of exams as `tables.measured` gives them. fewest: a part that fewer exams have is left out."""
    parts = {key: part for key, part in _parts(exams).items() if part[2].len() >= fewest}
    lead = sum(mean for *_, mean in parts.values())
    times = {
        key: Time(name, kind, spread(values), mean, mean / lead if lead else 0.0)
        for key, (name, kind, values, mean) in parts.items()
    }
    steps = tuple(
        Step(
            place,
            times.get((place.name, "before")),
            times.get((place.name, "inside")),
            _complete(exams, place),
            exams[place.begins].count(),
        )
        for place in PLACES
    )
    rolled = exams["right_through"].mean() if exams.height else None
    return ProcessMap(exams.height, steps, lead, float(rolled) if isinstance(rolled, int | float) else None)


def _parts(exams: pl.DataFrame) -> dict[tuple[str, str], tuple[str, str, pl.Series, float]]:
    """Minutes of each wait and each step, from each moment that is recorded to the next."""
    found: dict[tuple[str, str], tuple[str, str, pl.Series, float]] = {}
    last = PLACES[0]
    for place in PLACES[1:]:
        if exams[place.begins].count():
            _add(found, (place.name, "before"), f"from {last.doing} to {place.doing}", WAIT,
                 exams.select(minutes(last.ends, place.begins)).to_series())  # fmt: skip
            last = place
        if place.ends != place.begins:
            _add(found, (place.name, "inside"), place.name.lower(), place.kind,
                 exams.select(minutes(place.begins, place.ends)).to_series())  # fmt: skip
    return {key: part for key, part in found.items() if part[2].count() and (part[3] or part[1] != WAIT)}


def _add(
    found: dict[tuple[str, str], tuple[str, str, pl.Series, float]], key: tuple[str, str], name: str, kind: str,
    values: pl.Series,
) -> None:  # fmt: skip
    known = values.drop_nulls().clip(lower_bound=0)
    mean = known.mean()
    found[key] = (name, kind, known, float(mean) if isinstance(mean, int | float) else 0.0)


def _complete(exams: pl.DataFrame, place: Place) -> float | None:
    if not place.sent_back or not exams.height:
        return None
    clean = exams.select((pl.sum_horizontal(place.sent_back) == 0).mean()).item()
    return float(clean)
