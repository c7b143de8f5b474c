"""What is kept of a run so that anybody can repeat it: the inputs whole, the seed, the versions and the digest."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import platform
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any, NamedTuple

from trustwide.analysis.capacity.exceptions import ServiceError
from trustwide.analysis.capacity.model import Service
from trustwide.analysis.capacity.result import Result
from trustwide.analysis.capacity.service import checked_fields
from trustwide.analysis.capacity.waiting_list import COLUMNS, parse_waiting_list

_FORMAT = 1
_KEPT = COLUMNS[1:]  # not the request ids, which lead to patients: their order is all a run needs of them
_COMPUTED_BY = ("trustwide", "numpy", "numba", "llvmlite")


class StoredRun(NamedTuple):
    """A run as it was kept."""

    service: Service
    seed: int
    replications: int
    digest: str
    versions: dict[str, str]


def record_of(result: Result, made: dt.datetime) -> dict[str, Any]:
    """The record of a run as plain values for JSON. Requests of the waiting list are without ids, in their order."""
    service = result.service
    fields = json.loads(json.dumps(service.fields.model_dump(), default=_text))
    return {
        "trustwide_run": _FORMAT,
        "made": made.isoformat(timespec="seconds"),
        "versions": versions(),
        "digest": result.digest,
        "seed": result.seed,
        "replications": result.replications,
        "chosen": result.chosen,
        "service": fields,
        "waiting_list": [[_text(getattr(row, name)) for name in _KEPT] for row in service.waiting_list],
    }


def read_record(record: object, name: str) -> StoredRun:
    """The run a record tells of. Raises ServiceError with what is wrong in it; `name` is what the record is called."""
    if not isinstance(record, Mapping) or record.get("trustwide_run") != _FORMAT:
        raise ServiceError(name, ["is not the record of a run; expected a file that trustwide simulate has stored"])
    seed, replications, digest, made_by = (record.get(key) for key in ("seed", "replications", "digest", "versions"))
    if not isinstance(seed, int) or not isinstance(replications, int) or not isinstance(digest, str):
        raise ServiceError(name, ["must have seed and replications, whole numbers, and digest, text"])
    if not isinstance(made_by, Mapping):
        raise ServiceError(name, ["versions: must be a mapping of names to versions"])
    fields = checked_fields(record.get("service") or {}, name)
    rows = parse_waiting_list(_csv(record.get("waiting_list") or [], name), fields)
    return StoredRun(
        Service(fields, rows), seed, replications, digest, {str(key): str(value) for key, value in made_by.items()}
    )


def versions() -> dict[str, str]:
    """Everything that figures could depend on beside the inputs."""
    return {"python": platform.python_version(), **{name: version(name) for name in _COMPUTED_BY}}


def _text(value: object) -> str:
    """Dates and times as a service file writes them."""
    if isinstance(value, dt.datetime):
        return value.isoformat(" ", "minutes")
    return "" if value is None else str(value)


def _csv(rows: object, name: str) -> str:
    """The waiting list as its file would have it, with numbers in the place of ids."""
    if not isinstance(rows, list) or not all(isinstance(row, list) and len(row) == len(_KEPT) for row in rows):
        raise ServiceError(name, [f"waiting_list: must be a list of rows of {', '.join(_KEPT)}"])
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([f"{number:09d}", *row] for number, row in enumerate(rows))
    return text.getvalue()
