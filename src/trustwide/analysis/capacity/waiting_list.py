"""The waiting list a run starts from: one row a request."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator

from trustwide.analysis.capacity.exceptions import ServiceError
from trustwide.analysis.capacity.model import WaitingRequest
from trustwide.analysis.capacity.service_fields import ServiceFields, Stream
from trustwide.analysis.capacity.service_words import sites_of

COLUMNS = ("request_id", "site", "stream", "requested_on", "appointment_on")
WAITING_LIST_BYTES = 100_000_000
_OLDEST = dt.timedelta(days=36_500)
_SHOWN_PROBLEMS = 20


def parse_waiting_list(text: str, fields: ServiceFields) -> tuple[WaitingRequest, ...]:
    """Requests ordered by id. Raises ServiceError naming the file, row, column and value of each wrong cell."""
    name = str(fields.waiting_list)
    reader = csv.DictReader(io.StringIO(text), strict=True)
    try:
        if tuple(reader.fieldnames or ()) != COLUMNS:
            found = ",".join(reader.fieldnames or ()) or "nothing"
            raise ServiceError(name, [f"row 1: must be the columns {','.join(COLUMNS)}, got {found[:200]}"])
        rows, problems = _rows(reader, fields)
    except csv.Error as error:
        raise ServiceError(name, [f"row {reader.line_num}: is not CSV: {error}"]) from error
    if problems:
        raise ServiceError(name, problems)
    return tuple(sorted(rows, key=lambda row: row.request_id))


def _rows(reader: csv.DictReader[str], fields: ServiceFields) -> tuple[list[WaitingRequest], list[str]]:
    streams = {stream.id: stream for stream in fields.demand}
    rows: list[WaitingRequest] = []
    problems: list[str] = []
    seen: set[str] = set()
    for cells in reader:
        wrong = list(_wrong_cells(cells, fields.start, streams, seen))
        problems += [f"row {reader.line_num}: {sentence}" for sentence in wrong]
        if len(problems) >= _SHOWN_PROBLEMS:
            return rows, [*problems[:_SHOWN_PROBLEMS], "and perhaps more; the rows below were not read"]
        if not wrong:
            rows.append(_request(cells))
        seen.add(cells["request_id"])
    return rows, problems


def _wrong_cells(cells: dict[str, str], start: dt.date, streams: dict[str, Stream], seen: set[str]) -> Iterator[str]:
    if None in cells or None in cells.values():
        yield f"must have {len(COLUMNS)} cells"
        return
    if not cells["request_id"] or cells["request_id"] in seen:
        yield f"request_id: must be a name used once, got {cells['request_id']!r}"
    stream = streams.get(cells["stream"])
    if stream is None or stream.access != "booked":
        yield f"stream: must be a booked stream of the service file, got {cells['stream']!r}"
    elif cells["site"] not in sites_of(stream):
        yield f"site: must be a site of stream {stream.id}, got {cells['site']!r}"
    requested = _date(cells["requested_on"])
    if requested is None or not start - _OLDEST <= requested < start:
        yield f"requested_on: must be a date before the start, {start}, got {cells['requested_on']!r}"
    appointment = cells["appointment_on"]
    if appointment and ((given := _date(appointment)) is None or given < start):
        yield f"appointment_on: must be empty or a date not before the start {start}, got {appointment!r}"


def _date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _request(cells: dict[str, str]) -> WaitingRequest:
    appointment = cells["appointment_on"]
    return WaitingRequest(
        request_id=cells["request_id"],
        site=cells["site"],
        stream=cells["stream"],
        requested_on=dt.date.fromisoformat(cells["requested_on"]),
        appointment_on=dt.date.fromisoformat(appointment) if appointment else None,
    )
