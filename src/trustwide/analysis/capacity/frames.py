"""Data frames of a result, for notebooks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from trustwide.analysis.capacity.model import CELL_FIGURES, SCANNER_FIGURES, STREAM_FIGURES, WEEK_FIGURES

if TYPE_CHECKING:
    from trustwide.analysis.capacity.result import Result

Axes = dict[str, Sequence[Any]]


def frame_of(result: Result, what: str) -> pd.DataFrame:
    """See `Result.to_frame`."""
    makers = {"streams": _streams, "scanners": _scanners, "weeks": _weeks, "sites": _sites}
    if what not in makers:
        raise ValueError(f"to_frame: must be {', '.join(makers)}, got {what!r}")
    return makers[what](result)


def _streams(result: Result) -> pd.DataFrame:
    frame = _long(result.streams, _axes(result, stream=_streams_of(result)), STREAM_FIGURES)
    units = {stream.id: "days" if stream.access == "booked" else "minutes" for stream in result.service.fields.demand}
    frame.insert(2, "unit", frame["stream"].map(units))
    return frame


def _scanners(result: Result) -> pd.DataFrame:
    ids = [scanner.id for scanner in result.service.fields.scanners]
    return _long(result.scanners, _axes(result, scanner=ids), SCANNER_FIGURES)


def _weeks(result: Result) -> pd.DataFrame:
    """Nobody has come or gone at week 0: only who was waiting is known."""
    start = np.zeros_like(result.weeks, shape=(result.replications, 1, *result.weeks.shape[2:]))
    start[:, 0, :, 0] = result.opening
    values = np.concatenate([start, result.weeks], axis=1)
    return _long(values, _axes(result, week=range(values.shape[1]), stream=_streams_of(result)), WEEK_FIGURES)


def _sites(result: Result) -> pd.DataFrame:
    weeks = range(1, result.cells.shape[1] + 1)
    sites = [site.id for site in result.service.fields.sites]
    return _long(result.cells, _axes(result, week=weeks, stream=_streams_of(result), site=sites), CELL_FIGURES)


def _streams_of(result: Result) -> list[str]:
    return [stream.id for stream in result.service.fields.demand]


def _axes(result: Result, **others: Sequence[Any]) -> Axes:
    return {"replication": range(result.replications), **others}


def _long(values: NDArray[Any], axes: Axes, figures: Sequence[str]) -> pd.DataFrame:
    """`values` has one dimension an axis and a last one for the figures."""
    rows = pd.MultiIndex.from_product(list(axes.values()), names=list(axes))
    return pd.DataFrame(values.reshape(len(rows), len(figures)), rows, pd.Index(figures)).reset_index()
