"""Frozen inputs and results of the simulation; the only shapes that travel between its parts."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from trustwide.analysis.capacity.service_fields import ServiceFields, Stream

Reals = NDArray[np.float64]
Integers = NDArray[np.int64]

MINUTES_A_DAY = 1440.0
MINUTES_A_WEEK = 10080.0
WAITING, SEEN, LOST = 0, 1, 2
NOBODY = -1


@dataclass(frozen=True)
class WaitingRequest:
    """One row of the waiting list at the start; `appointment_on` where the department has already given a date."""

    request_id: str
    site: str
    stream: str
    requested_on: dt.date
    appointment_on: dt.date | None


@dataclass(frozen=True)
class Service:
    """A validated service: the fields of its file and its waiting list, ordered by request id."""

    fields: ServiceFields
    waiting_list: tuple[WaitingRequest, ...] = ()

    @property
    def name(self) -> str:
        return self.fields.service

    @property
    def days(self) -> int | None:
        """Days a run lasts; None where it ends with the last of a number of patients."""
        stop = self.fields.stop
        return stop.days if stop.days is not None else (stop.weeks * 7 if stop.weeks is not None else None)

    @property
    def warm_up_days(self) -> int:
        return (self.fields.warm_up.days or 0) + 7 * (self.fields.warm_up.weeks or 0)

    @property
    def booked_streams(self) -> tuple[Stream, ...]:
        return tuple(stream for stream in self.fields.demand if stream.access == "booked")

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over everything that can change a run: of the waiting list the rows in their order, not the ids."""
        rows = [
            (row.site, row.stream, str(row.requested_on), str(row.appointment_on or "")) for row in self.waiting_list
        ]
        whole = json.dumps([self.fields.model_dump(mode="json", exclude_defaults=True), rows], sort_keys=True)
        return hashlib.sha256(whole.encode()).hexdigest()


# One record a patient of one replication. arrived: minutes from the start, 00:00 of the request date for booked
# streams, negative for those on the waiting list. left: when the scan started or the patient was lost, infinite for
# those still waiting. served_by: number of the device that scanned, -1 for none. missed: appointments or visits not
# attended.
JOURNEY = np.dtype(
    [
        ("arrived", "f8"),
        ("left", "f8"),
        ("stream", "u2"),
        ("site", "u2"),
        ("served_by", "i2"),
        ("missed", "i1"),
        ("outcome", "i1"),
    ],
    align=True,
)


class Figures(NamedTuple):
    """Results of one replication. Rows of `streams` and `scanners` follow the service file.

    streams: (streams, 12), columns `STREAM_FIGURES`. scanners: (scanners, 5), columns `SCANNER_FIGURES`.
    opening: (streams,) waiting at the start. weeks: (weeks, streams, 4), columns `WEEK_FIGURES`, whole weeks of the
    run. misfits: (1,) appointments given before the start that no session had room for. cells: (weeks, streams, sites,
    5), columns `CELL_FIGURES`: waiting at the week's end, seen in it, sum of their waits in days, and those who at its
    end have waited six weeks (42 days) or more, on the experienced clock and (booked streams only) on the DM01 one.
    dm01: (streams, 12), as `streams`, with waits on the DM01 clock; NaN for walk-in streams.
    """

    streams: Reals
    scanners: Reals
    opening: Integers
    weeks: Integers
    misfits: Integers
    cells: Reals
    dm01: Reals


STREAM_FIGURES = (
    "arrived",
    "seen",
    "mean_wait",
    "median_wait",
    "p95_wait",
    "waited_share",
    "over_2_weeks",
    "over_6_weeks",
    "over_13_weeks",
    "did_not_attend",
    "lost",
    "within_days",
)
SCANNER_FIGURES = ("utilisation", "down_minutes", "breakdowns", "overrun_minutes", "unstaffed_hours")
WEEK_FIGURES = ("list", "arrived", "seen", "lost")
CELL_FIGURES = ("waiting", "seen", "days_waited", "over_6_weeks", "over_6_weeks_dm01")
DM01_FIGURES = STREAM_FIGURES[STREAM_FIGURES.index("mean_wait") : STREAM_FIGURES.index("over_13_weeks") + 1]
