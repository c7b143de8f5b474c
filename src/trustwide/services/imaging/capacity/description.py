"""A description as stored, as a service, and as a file: YAML with comments that say where its figures come from."""

from __future__ import annotations

import csv
import io
import json
import re
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from trustwide.analysis.capacity import Service
    from trustwide.analysis.capacity.model import WaitingRequest
    from trustwide.services.imaging.capacity.models import ServiceVersion

Described = dict[str, Any]

SERVICE_FILE, LIST_FILE = "service.yaml", "waiting_list.csv"
COMMENT = re.compile(r"^# source of (\w+): (.+)$", re.MULTILINE)
# what a version says the source of; each has its place on the page
PARTS = {
    "about": "The run and its target",
    "sites": "Sites and journeys",
    "scanners": "Scanners and vans",
    "sessions": "Sessions",
    "demand": "Demand",
    "staff": "Staff",
    "booking": "Booking rules",
    "closures": "Closed days and maintenance",
    "list": "The waiting list",
}


@dataclass(frozen=True)
class Upload:
    """A description that came in files. `rows`: its waiting list as CSV, nameless; None where it names none."""

    described: Described
    rows: str | None
    notes: dict[str, str] = field(default_factory=dict)


def service_of(version: ServiceVersion) -> Service:
    """The service as it can be run, with its waiting list."""
    rows = version.waiting_list.rows if version.waiting_list is not None else None
    return checked(version.mapping, rows)


def checked(described: Mapping[str, Any], rows: str | None = None) -> Service:
    """A service from its description and the rows of its list. Raises ServiceError, one sentence a problem."""
    from trustwide.analysis.capacity import load_service
    from trustwide.analysis.capacity.model import Service
    from trustwide.analysis.capacity.waiting_list import parse_waiting_list

    service = load_service({name: part for name, part in described.items() if name != "waiting_list"})
    if rows is None:
        return service
    fields = service.fields.model_copy(update={"waiting_list": LIST_FILE})
    return Service(fields, parse_waiting_list(rows, fields))


def as_text(described: Mapping[str, Any]) -> str:
    """JSON in which keys keep their order and dates are text; equal descriptions give equal text."""
    return json.dumps({name: part for name, part in described.items() if name != "waiting_list"}, default=str)


def to_yaml(version: ServiceVersion) -> str:
    """The file that gives this version again, its list being in a file beside it."""
    return file_text(version.mapping, version.notes, listed=version.waiting_list_id is not None)


def file_text(described: Mapping[str, Any], notes: Mapping[str, str], *, listed: bool) -> str:
    """A description as a file; listed: whether its waiting list is in a file beside it."""
    kept = checked(described).fields.model_dump(exclude_unset=True)
    if listed:
        place = list(kept).index("start") + 1
        kept = dict([*list(kept.items())[:place], ("waiting_list", LIST_FILE), *list(kept.items())[place:]])
    head = [f"# source of {part}: {' '.join(text.split())}" for part, text in notes.items() if text]
    body = yaml.safe_dump(kept, sort_keys=False, default_flow_style=None, allow_unicode=True, width=160)
    return "\n".join([*head, body])


def read_files(service_file: bytes, list_file: bytes | None = None) -> Upload:
    """A description and its list as they came. Raises ServiceError, which names the file and the place in it."""
    from trustwide.analysis.capacity import ServiceError

    described = _read_mapping(service_file)
    comments = COMMENT.findall(_text_of(service_file, SERVICE_FILE))
    notes = {part: text for part, text in comments if part in PARTS}
    named = described.pop("waiting_list", None)
    if list_file is not None:
        return Upload(described, nameless(_text_of(list_file, LIST_FILE), described), notes)
    if named is not None:
        raise ServiceError(SERVICE_FILE, [f"waiting_list: names {named}, so choose that file too, or take it out"])
    return Upload(described, None, notes)


def nameless(text: str, described: Mapping[str, Any]) -> str:
    """The rows of a waiting list with order numbers for request ids, in the order of the ids, as a run takes them.

    Raises ServiceError, one sentence a problem.
    """
    return as_rows(checked(described, text).waiting_list)


def as_rows(requests: tuple[WaitingRequest, ...]) -> str:
    """Requests as CSV, numbered from 1 in the order given."""
    from trustwide.analysis.capacity.waiting_list import COLUMNS

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    width = len(str(len(requests)))
    for number, row in enumerate(requests, start=1):
        writer.writerow([f"{number:0{width}}", row.site, row.stream, row.requested_on, row.appointment_on or ""])
    return out.getvalue()


def counts_of(service: Service) -> list[dict[str, Any]]:
    """Who waits at the start, a row for each stream and site that has somebody."""
    waiting, given, over = Counter[tuple[str, str]](), Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for row in service.waiting_list:
        key = (row.stream, row.site)
        waiting[key] += 1
        given[key] += row.appointment_on is not None
        over[key] += (service.fields.start - row.requested_on).days >= 6 * 7
    streams, sites = [one.id for one in service.fields.demand], [one.id for one in service.fields.sites]
    return [
        {"stream": stream, "site": site, "waiting": waiting[stream, site], "given": given[stream, site],
         "over_6_weeks": over[stream, site]}
        for stream in streams for site in sites if waiting[stream, site]
    ]  # fmt: skip


def _read_mapping(content: bytes) -> Described:
    """The reader of files refuses what is too long, repeats a key or unfolds into a flood."""
    from trustwide.analysis.capacity.service import read_mapping

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / SERVICE_FILE
        path.write_bytes(content)
        return read_mapping(path)


def _text_of(content: bytes, name: str) -> str:
    from trustwide.analysis.capacity import ServiceError

    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ServiceError(name, ["is not UTF-8 text; save it as UTF-8"]) from error
