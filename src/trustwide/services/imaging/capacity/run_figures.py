"""What a run answers: the list and the waits week by week, the use of each scanner, and what a set of levers brings."""

from __future__ import annotations

import datetime
import hashlib
import json
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from trustwide.services.imaging.capacity.description import service_of
from trustwide.services.imaging.capacity.figures import share_used
from trustwide.services.imaging.capacity.models import ServiceRun

if TYPE_CHECKING:
    from trustwide.analysis.capacity import Result, Service
    from trustwide.services.imaging.runs import Progress

Figures = dict[str, Any]
Reals = NDArray[np.float64]
WINDOW = 4  # weeks over whose scanned patients a wait is averaged, as the target is
LONGEST_BLOCK = 10  # replications between two words about progress


def answer_of(run: ServiceRun, progress: Progress | None = None) -> Figures:
    """The whole answer of a run as JSON, from nothing but what is stored with it.

    Raises ServiceError, LeverError and RunError, each with sentences for the person who asked.
    """
    from trustwide.services.imaging.capacity import lever_figures

    service = service_of(run.of)
    if run.kind == ServiceRun.Kind.SEARCH:
        return lever_figures.searched(service, run, progress)
    if run.kind == ServiceRun.Kind.SET:
        return lever_figures.tried(service, run, progress)
    return {"nothing": simulated(service, run, progress)}


def digest_of(result: Figures) -> str:
    """SHA-256 over all that was answered."""
    return hashlib.sha256(json.dumps(result, sort_keys=True).encode()).hexdigest()


def simulated(service: Service, run: ServiceRun, progress: Progress | None = None) -> Figures:
    """A simulation of a service: its figures, the course week by week, and the share of the open time that is used."""
    from trustwide.analysis import capacity

    block = max(1, min(LONGEST_BLOCK, run.replications // 20))
    result = capacity.simulate(service, run.replications, run.seed, block_size=block, progress=progress)
    figures = result.to_dict()
    del figures["weeks"]
    return figures | {"weeks": course(result), "used": share_used(service, figures["streams"])}


def course(result: Result) -> list[Figures]:
    """Week by week, median and 80% interval: the list, the mean wait of those scanned in four weeks, the long waiters.

    The first row is the start. `month` is the date a row is of, as the fan charts call it.
    """
    start, on_list = result.service.fields.start, _listed_streams(result.service)
    cells = result.cells[:, :, on_list].sum(axis=(2, 3))  # (replications, weeks, figures)
    rows = [{"month": start.isoformat(), "list": _range(result.opening[:, on_list].sum(axis=1), 0)}]
    for week in range(cells.shape[1]):
        ends = start + datetime.timedelta(days=7 * (week + 1))
        waiting, over = cells[:, week, 0], cells[:, week, 3]
        rows.append({
            "month": ends.isoformat(), "list": _range(waiting, 0), "over_6_weeks": _range(over, 0),
            "over_6_weeks_share": _range(_ratio(over, waiting), 4), "seen": _range(cells[:, week, 1], 0),
            "scanned_mean_weeks": _range(_mean_weeks(cells[:, max(0, week + 1 - WINDOW) : week + 1]), 2),
        })  # fmt: skip
    return rows


def _listed_streams(service: Service) -> list[int]:
    """The streams that make the list: booked ones where there are any."""
    booked = [number for number, stream in enumerate(service.fields.demand) if stream.access == "booked"]
    return booked or list(range(len(service.fields.demand)))


def _mean_weeks(cells: Reals) -> Reals:
    """Mean weeks waited by those scanned in some weeks, (replications,); NaN where nobody was."""
    return _ratio(cells[:, :, 2].sum(axis=1), cells[:, :, 1].sum(axis=1)) / 7


def _ratio(above: Reals, below: Reals) -> Reals:
    ratio: Reals = np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 0)
    return ratio


def _range(values: NDArray[Any], digits: int) -> Figures:
    from trustwide.analysis.capacity.forecast import Range

    return Range.of(np.asarray(values, dtype=float)).to_dict(digits)
