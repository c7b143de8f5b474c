"""What a simulation answers: figures over all replications, each with its 95 % half-width, and a digest of them all."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from trustwide.analysis.capacity.model import (
    CELL_FIGURES,
    DM01_FIGURES,
    SCANNER_FIGURES,
    STREAM_FIGURES,
    WEEK_FIGURES,
    Figures,
    Integers,
    Reals,
    Service,
)
from trustwide.analysis.capacity.student import t_of_95

if TYPE_CHECKING:
    import pandas as pd

Figure = dict[str, float | None]


@dataclass(frozen=True)
class Result:
    """Every replication's figures, in replication order.

    streams: (replications, streams, 12), scanners: (replications, scanners, 5), opening: (replications, streams),
    weeks: (replications, weeks, streams, 4), the weeks that every replication reached; columns as in `model.Figures`.
    misfits: appointments given before the start that no session had room for. cells: (replications, weeks, streams,
    sites, 5). dm01: (replications, streams, 12). chosen: why there are as many replications as there are.
    """

    service: Service
    seed: int
    streams: Reals
    scanners: Reals
    opening: Integers
    weeks: Integers
    misfits: int
    cells: Reals
    dm01: Reals
    digest: str
    chosen: str = "as many as were asked for"

    @property
    def replications(self) -> int:
        return int(self.streams.shape[0])

    def to_dict(self) -> dict[str, Any]:
        """The answer as `trustwide simulate --json` prints it. Waits are of those seen, in each stream's `unit`."""
        fields = self.service.fields
        return {
            "service": self.service.name,
            "replications": self.replications,
            "seed": self.seed,
            "digest": self.digest,
            "chosen": {"replications": self.replications, "reason": self.chosen},
            "streams": {stream.id: self._stream(number) for number, stream in enumerate(fields.demand)},
            "scanners": {
                scanner.id: _named(SCANNER_FIGURES, self.scanners[:, number])
                for number, scanner in enumerate(fields.scanners)
            },
            "weeks": list(self._weeks()),
            "notes": list(self._notes()),
        }

    def to_frame(self, what: str = "streams") -> pd.DataFrame:
        """Every replication's own figures as a pandas data frame; ids of the service file are in columns of their own.

        "streams": one row a replication and stream, waits in the stream's `unit`. "scanners": one a replication and
        scanner. "weeks": one a replication, week and stream, from week 0, the start. "sites": the same for each site,
        from week 1, with the sum of the waits in days of those seen in it. Raises ValueError for another word.
        """
        from trustwide.analysis.capacity.frames import frame_of  # loads pandas

        return frame_of(self, what)

    def to_columns(self) -> dict[str, list[Any]]:
        """One row a replication and stream, as columns: ready for any data frame."""
        ids = [stream.id for stream in self.service.fields.demand]
        columns: dict[str, list[Any]] = {
            "replication": [number for number in range(self.replications) for _ in ids],
            "stream": ids * self.replications,
        }
        for column, name in enumerate(STREAM_FIGURES):
            columns[name] = self.streams[:, :, column].ravel().tolist()
        return columns

    def _stream(self, number: int) -> dict[str, Any]:
        booked = self.service.fields.demand[number].access == "booked"
        figures: dict[str, Any] = {
            "unit": "days" if booked else "minutes",
            **_named(STREAM_FIGURES, self.streams[:, number]),
        }
        if booked:
            waits = self.dm01[:, number, STREAM_FIGURES.index(DM01_FIGURES[0]) :]
            figures["dm01"] = _named(DM01_FIGURES, waits)
        return figures

    def _notes(self) -> Iterator[str]:
        if self.misfits:
            given = sum(row.appointment_on is not None for row in self.service.waiting_list)
            yield f"{self.misfits:,} of {given:,} appointments given before the start had no room and were booked again"

    @cached_property
    def _on_the_list(self) -> NDArray[np.bool_]:
        """The streams that make the list: booked ones where there are any."""
        booked = np.array([stream.access == "booked" for stream in self.service.fields.demand])
        return booked if booked.any() else ~booked

    def _weeks(self) -> Iterator[dict[str, Any]]:
        """The list at the start (week 0), then each whole week: the list at its end and what happened in it.

        The longest waits of the list are counted on both clocks, which agree at the start: its restarts are not known.
        """
        opening = self.opening[:, self._on_the_list].sum(axis=1)
        last_day = self.service.fields.start - dt.timedelta(days=1)
        long = sum((last_day - row.requested_on).days >= 6 * 7 for row in self.service.waiting_list)
        yield {"week": 0, "list": figure(opening), **_named(self._clocks, np.full((self.replications, 2), long))}
        counts = self.weeks[:, :, self._on_the_list].sum(axis=2)
        longs = self.cells[:, :, self._on_the_list, :, 3:].sum(axis=(2, 3))
        names = (*WEEK_FIGURES, *self._clocks)
        columns = np.concatenate([counts, longs], axis=2)[:, :, : len(names)]
        every = iter(figures(columns.reshape(self.replications, -1)))
        for week in range(self.weeks.shape[1]):
            yield {"week": week + 1, **{name: next(every) for name in names}}

    @property
    def _clocks(self) -> tuple[str, ...]:
        """Over six weeks by each clock; without booked streams there is one."""
        return CELL_FIGURES[3:] if self.service.booked_streams else CELL_FIGURES[3:4]


def gather(service: Service, seed: int, replications: Sequence[Figures], chosen: str = Result.chosen) -> Result:
    """The result of replications given in replication order."""
    weeks = min(one.weeks.shape[0] for one in replications)
    return Result(
        service=service,
        seed=seed,
        streams=np.stack([one.streams for one in replications]),
        scanners=np.stack([one.scanners for one in replications]),
        opening=np.stack([one.opening for one in replications]),
        weeks=np.stack([one.weeks[:weeks] for one in replications]),
        misfits=int(replications[0].misfits[0]),
        cells=np.stack([one.cells[:weeks] for one in replications]),
        dm01=np.stack([one.dm01 for one in replications]),
        digest=_digest(service, seed, replications),
        chosen=chosen,
    )


def _digest(service: Service, seed: int, replications: Sequence[Figures]) -> str:
    """SHA-256 over the service, the seed and every replication's results in replication order."""
    digest = hashlib.sha256(f"{service.fingerprint} {seed} {len(replications)}".encode())
    for one in replications:
        for values in one:
            digest.update(str(values.shape).encode())
            digest.update(values.astype(values.dtype.newbyteorder("<"), copy=False).tobytes())
    return digest.hexdigest()


def figure(values: NDArray[Any]) -> Figure:
    """Mean over replications with a 95 % half-width (Student); replications without the figure are left out."""
    return figures(np.asarray(values)[:, np.newaxis])[0]


def figures(values: NDArray[Any]) -> list[Figure]:
    """The same of each column of (replications, columns)."""
    known = ~np.isnan(values)
    count = known.sum(axis=0)
    mean = np.where(known, values, 0.0).sum(axis=0) / np.maximum(count, 1)
    squares = (np.where(known, values - mean, 0.0) ** 2).sum(axis=0)
    error = np.sqrt(squares / np.maximum(count - 1, 1) / np.maximum(count, 1))
    return [
        {
            "mean": one if known_times else None,
            "half_width": t_of_95(known_times - 1) * its_error if known_times > 1 else None,
        }
        for one, its_error, known_times in zip(mean.tolist(), error.tolist(), count.tolist(), strict=True)
    ]


def _named(names: Sequence[str], values: NDArray[Any]) -> dict[str, Figure]:
    return dict(zip(names, figures(values[:, : len(names)]), strict=True))
