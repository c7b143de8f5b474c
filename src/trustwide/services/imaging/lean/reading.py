"""Reads exams, stays, appointments and sessions from the database as frames, a few queries each.

Steps that an extract only implies have no time of their own, so their times are left empty; that a request was sent
back counts also where it is only implied.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import polars as pl
from django.db.models import Count, Max, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from trustwide.commons.measures.arrow import arrow_of
from trustwide.services.imaging.booking.cells import CELL_MINUTES, TAKEN
from trustwide.services.imaging.booking.models import Appointment, ScannerSession
from trustwide.services.imaging.requests.models import ImagingRequest, PathwayEvent
from trustwide.services.imaging.requests.pathway import Event
from trustwide.services.imaging.waiting.clocks import LONDON, midnight

E, State = Event, Appointment.State
MOMENT = pl.Datetime("us", "UTC")
# moment of an exam: the last event of these kinds; going back over a step replaces its time
MOMENTS: dict[str, tuple[Event, ...]] = {
    "received_at": (E.RECEIVE, E.ANSWER), "vetted_at": (E.ACCEPT, E.CHANGE), "protocolled_at": (E.PROTOCOL,),
    "ready_at": (E.SAFETY_PASS,), "booked_at": (E.BOOK,), "arrived_at": (E.ARRIVE,), "in_room_at": (E.ENTER_ROOM,),
    "started_at": (E.START,), "ended_at": (E.END,), "out_room_at": (E.OUT_OF_ROOM,), "left_at": (E.LEAVE,),
    "reported_at": (E.REPORT,), "verified_at": (E.VERIFY,),
}  # fmt: skip
# how often it was sent back, and why
SENT_BACK: dict[str, Event] = {
    "queries": E.QUERY, "changes": E.CHANGE, "holds": E.SAFETY_HOLD, "missed": E.MISS,
    "patient_cancels": E.PATIENT_CANCEL, "hospital_cancels": E.HOSPITAL_CANCEL, "abandons": E.ABANDON,
}  # fmt: skip
_REQUEST: dict[str, Any] = {
    "request": pl.Int64, "list_site_id": pl.Int64, "exam": pl.String, "modality": pl.String, "priority": pl.String,
    "requested_at": MOMENT, "from_on": pl.Date, "scanned_at": MOMENT,
}  # fmt: skip
_FROM_REQUEST = (
    "pk", "site_id", "exam__code", "exam__modality", "priority", "requested_at", "experienced_from", "scanned_at",
)  # fmt: skip
_VISIT: dict[str, Any] = {
    "request": pl.Int64, "session": pl.Int64, "scanner": pl.Int64, "scan_site_id": pl.Int64, "starts_at": MOMENT,
}  # fmt: skip
_FROM_VISIT = ("request_id", "session_id", "session__scanner_id", "session__site_id", "starts_at")
_STAY_KINDS = (E.ENTER_ROOM, E.OUT_OF_ROOM, E.ABANDON, E.END)


@dataclass(frozen=True)
class Span:
    """Which rows: of these sites (all for None), from the day `since` (all for None) until before the day `until`."""

    site_ids: frozenset[int] | None
    since: datetime.date | None = None
    until: datetime.date | None = None

    @classmethod
    def of(cls, site_ids: Collection[int] | None) -> Span:
        """All days of some sites, or of all."""
        return cls(None if site_ids is None else frozenset(site_ids))

    def dated(self, name: str) -> Q:
        """Rows whose moment `name` lies in the days, as the hospital counts them."""
        asked = Q()
        if self.since is not None:
            asked &= Q(**{f"{name}__gte": midnight(self.since)})
        if self.until is not None:
            asked &= Q(**{f"{name}__lt": midnight(self.until)})
        return asked

    def sited(self, name: str) -> Q:
        """Rows whose site, by way of `name`, is among these."""
        return Q() if self.site_ids is None else Q(**{f"{name}__in": self.site_ids})


def read_exams(span: Span) -> pl.DataFrame:
    """One row an exam scanned in the days, whose list or scanner is at one of the sites; times are UTC. Three queries.

    scan_site_id: where it was scanned, or, if no scanner is known, whose list it was on.
    """
    done = Appointment.objects.filter(span.sited("session__site"), state=State.DONE)
    of_sites = Q() if span.site_ids is None else span.sited("site") | Q(pk__in=done.values("request"))
    asked = ImagingRequest.objects.filter(of_sites, span.dated("scanned_at"), scanned_at__isnull=False).order_by()
    requests = frame(asked.values_list(*_FROM_REQUEST), _REQUEST)
    visits = Appointment.objects.filter(state=State.DONE, request__in=asked.values("pk")).order_by()
    read = (
        requests.join(_events_of(asked), on="request", how="left")
        .join(frame(visits.values_list(*_FROM_VISIT), _VISIT), on="request", how="left")
        .with_columns(pl.col("scan_site_id").fill_null(pl.col("list_site_id")))
        .with_columns(pl.col(list(SENT_BACK)).fill_null(0), pl.col("arrivals").fill_null(0))
    )
    return read.sort("request")


def _events_of(asked: QuerySet[ImagingRequest]) -> pl.DataFrame:
    """Events pivoted by the database: one row a request. What is only implied has no time, but was sent back."""
    recorded, sent_back = Q(details__implied__isnull=True), frozenset(SENT_BACK.values())
    known = PathwayEvent.objects.filter(recorded | Q(kind__in=sent_back), request__in=asked.values("pk")).order_by()
    moments = {
        name: Max("at", filter=Q(kind__in=kinds) & (recorded if sent_back & set(kinds) else Q()))
        for name, kinds in MOMENTS.items()
    }
    counts = {name: Count("pk", filter=Q(kind=kind)) for name, kind in SENT_BACK.items()}
    counts["arrivals"] = Count("pk", filter=Q(kind=E.ARRIVE))
    rows = known.values("request_id").annotate(**moments, **counts)
    schema: dict[str, Any] = {"request": pl.Int64, **dict.fromkeys(moments, MOMENT), **dict.fromkeys(counts, pl.Int64)}
    return frame(rows.values_list("request_id", *moments, *counts), schema)


def read_stays(span: Span) -> pl.DataFrame:
    """One row a time that a patient was in the room of a session of the sites and days; two queries.

    Columns: request, stay (its number), session, scanner, scan_site_id, in_room, out_room (empty where coming out was
    not recorded) and used_until (then the end of the scan). A scan that was abandoned in the room counts too.
    """
    visits = Appointment.objects.filter(
        span.sited("session__site"), span.dated("session__opens_at"), state__in=[State.DONE, State.ABANDONED]
    ).order_by()
    known = PathwayEvent.objects.filter(
        request__in=visits.values("request"), kind__in=_STAY_KINDS, details__implied__isnull=True
    )
    columns = {**_VISIT, "outcome": pl.String}
    seen = frame(visits.values_list(*_FROM_VISIT, "state"), columns)
    events = frame(
        known.order_by("request", "number").values_list("request_id", "kind", "at"),
        {"request": pl.Int64, "kind": pl.String, "at": MOMENT},
    )
    return _with_visit(_paired(events), seen)


def _paired(events: pl.DataFrame) -> pl.DataFrame:
    """Each entry with what followed it before the next entry."""
    numbered = events.with_columns((pl.col("kind") == E.ENTER_ROOM).cum_sum().over("request").alias("stay"))

    def when(kind: Event) -> pl.Expr:
        return pl.col("at").filter(pl.col("kind") == kind).min()

    stays = numbered.filter(pl.col("stay") > 0).group_by("request", "stay").agg(
        when(E.ENTER_ROOM).alias("in_room"),
        when(E.OUT_OF_ROOM).alias("out"),
        when(E.ABANDON).alias("abandoned"),
        when(E.END).alias("ended"),
    )  # fmt: skip
    # what follows an abandoned scan belongs to a later visit, whose entry nobody recorded
    given_up = pl.col("abandoned").is_not_null()
    timed = stays.with_columns(
        pl.when(given_up).then(pl.lit(State.ABANDONED.value)).otherwise(pl.lit(State.DONE.value)).alias("outcome"),
        pl.coalesce("abandoned", "out").alias("out_room"),
        pl.coalesce("abandoned", "out", "ended").alias("used_until"),
    )
    return timed.filter(pl.col("used_until").is_not_null())


def _with_visit(stays: pl.DataFrame, visits: pl.DataFrame) -> pl.DataFrame:
    """Stays with the appointment they belong to: of the same request and outcome, the nearest in time."""
    return (
        stays.sort("in_room")
        .join_asof(
            visits.sort("starts_at"), left_on="in_room", right_on="starts_at", by=["request", "outcome"],
            strategy="nearest", check_sortedness=False,
        )
        .filter(pl.col("session").is_not_null())
        .select("request", "stay", "session", "scanner", "scan_site_id", "in_room", "out_room", "used_until")
    )  # fmt: skip


def read_sessions(span: Span) -> pl.DataFrame:
    """One row an open session that is over: its length and the minutes booked of it. One query.

    A session closed for maintenance or for any other reason is no time that could be used, so it is left out.
    """
    over = ScannerSession.objects.filter(
        span.sited("site"), span.dated("opens_at"), closed_reason="", closes_at__lte=timezone.now()
    ).order_by()
    wanted = ("pk", "scanner_id", "scanner__modality", "site_id", "opens_at", "cells")
    rows = (
        (*row, len(cells) * CELL_MINUTES, cells.count(TAKEN) * CELL_MINUTES)
        for *row, cells in over.values_list(*wanted).iterator(chunk_size=5000)
    )
    schema: dict[str, Any] = {
        "session": pl.Int64, "scanner": pl.Int64, "modality": pl.String, "scan_site_id": pl.Int64, "opens_at": MOMENT,
        "open_minutes": pl.Int64, "booked_minutes": pl.Int64,
    }  # fmt: skip
    return frame(rows, schema)


def read_appointments(span: Span) -> pl.DataFrame:
    """One row an appointment whose time is past or that was ended, with hours of notice if it was cancelled."""
    ended = Appointment.objects.filter(span.sited("session__site"), span.dated("starts_at")).exclude(
        state=State.BOOKED
    ).order_by()  # fmt: skip
    wanted = (
        "pk", "request_id", "session__site_id", "session__scanner_id", "request__exam__modality",
        "request__exam__code", "request__priority", "starts_at", "minutes", "state", "booked_at", "ended_at",
    )  # fmt: skip
    schema: dict[str, Any] = {
        "appointment": pl.Int64, "request": pl.Int64, "scan_site_id": pl.Int64, "scanner": pl.Int64,
        "modality": pl.String, "exam": pl.String, "priority": pl.String, "starts_at": MOMENT, "minutes": pl.Int64,
        "outcome": pl.String, "made_at": MOMENT, "cancelled_at": MOMENT,
    }  # fmt: skip
    notice = (pl.col("starts_at") - pl.col("cancelled_at")).dt.total_seconds() / 3600
    cancelled = pl.col("outcome").is_in([State.PATIENT_CANCELLED.value, State.HOSPITAL_CANCELLED.value])
    return frame(ended.values_list(*wanted), schema).with_columns(
        pl.when(cancelled).then(notice).otherwise(None).alias("notice_hours")
    )


def read_demand(span: Span) -> pl.DataFrame:
    """Requests by the site of their list, modality and day on which they were made. One query."""
    rows = (
        ImagingRequest.objects.filter(span.sited("site"), span.dated("requested_at"))
        .order_by()
        .values_list("site_id", "exam__modality", TruncDate("requested_at", tzinfo=LONDON))
        .annotate(Count("pk"))
    )
    return frame(
        rows, {"scan_site_id": pl.Int64, "modality": pl.String, "day": pl.Date, "requests": pl.Int64}
    )  # fmt: skip


def frame(rows: Iterable[Any], schema: dict[str, Any]) -> pl.DataFrame:
    """Rows as a frame; those of a query set come as columns, without a Python object for each value."""
    if isinstance(rows, QuerySet):
        columns = pl.DataFrame(schema=schema).to_arrow(compat_level=pl.CompatLevel.oldest()).schema
        return pl.DataFrame(arrow_of(rows, columns))
    return pl.DataFrame(list(rows), schema=schema, orient="row")
