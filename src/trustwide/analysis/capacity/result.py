"""What a simulation answers: figures over all replications, each with its 95 % half-width, and a digest of them all."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trustwide.analysis.capacity.model import (
    SCANNER_FIGURES,
    STREAM_FIGURES,
    WEEK_FIGURES,
    Figures,
    Integers,
    Reals,
    Service,
)

Figure = dict[str, float | None]


@dataclass(frozen=True)
class Result:
    """Every replication's figures, in replication order.

    streams: (replications, streams, 12), scanners: (replications, scanners, 4), opening: (replications, streams),
    weeks: (replications, weeks, streams, 4), the weeks that every replication reached; columns as in `model.Figures`.
    misfits: appointments given before the start that no session had room for.
    """

    service: Service
    seed: int
    streams: Reals
    scanners: Reals
    opening: Integers
    weeks: Integers
    misfits: int
    digest: str

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
            "streams": {stream.id: self._stream(number) for number, stream in enumerate(fields.demand)},
            "scanners": {
                scanner.id: _named(SCANNER_FIGURES, self.scanners[:, number])
                for number, scanner in enumerate(fields.scanners)
            },
            "weeks": list(self._weeks()),
            "notes": list(self._notes()),
        }

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
        return {"unit": "days" if booked else "minutes", **_named(STREAM_FIGURES, self.streams[:, number])}

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
        """The list at the start (week 0), then each whole week: the list at its end and what happened in it."""
        yield {"week": 0, "list": figure(self.opening[:, self._on_the_list].sum(axis=1))}
        for week in range(self.weeks.shape[1]):
            totals = self.weeks[:, week, self._on_the_list].sum(axis=1)
            yield {"week": week + 1, **_named(WEEK_FIGURES, totals)}


def gather(service: Service, seed: int, replications: Sequence[Figures]) -> Result:
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
        digest=_digest(service, seed, replications),
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
    known = np.asarray(values, dtype=float)
    known = known[~np.isnan(known)]
    if known.size == 0:
        return {"mean": None, "half_width": None}
    half_width = None
    if known.size > 1:
        from scipy.special import stdtrit  # only here: it takes a while to load

        half_width = float(stdtrit(known.size - 1, 0.975) * known.std(ddof=1) / np.sqrt(known.size))
    return {"mean": float(known.mean()), "half_width": half_width}


def _named(names: Sequence[str], values: NDArray[Any]) -> dict[str, Figure]:
    return {name: figure(values[:, column]) for column, name in enumerate(names)}
