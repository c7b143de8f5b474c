"""Rates of the last weeks by kind of request: how many come, how long they take, who does not come.

Where a kind has too few cases, the rate of all kinds together stands in, and where there are none of those, the length
that the catalogue gives an exam.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
from django.db.models import Max, Min, Q

from trustwide.services.imaging.booking.models import Appointment
from trustwide.services.imaging.capacity.live.scope import LEAST, LEAST_WEEKS, WEEKS, NothingLiveError, Scope
from trustwide.services.imaging.lean import reading, tables
from trustwide.services.imaging.requests.models import ImagingRequest, PathwayEvent, Priority
from trustwide.services.imaging.requests.pathway import Event

State = Appointment.State
BOOKED = (Priority.SUSPECTED_CANCER, Priority.URGENT, Priority.ROUTINE, Priority.PLANNED)
WALK_IN = (Priority.EMERGENCY, Priority.INPATIENT)
LEFT_WITHOUT = ("rejected", "withdrawn")
SPREAD = 0.3  # standard deviation of a scan as a share of its mean, where none was measured; to be confirmed
_LONGEST_NOTICE = 119


@dataclass(frozen=True)
class Figure:
    """A figure and how many cases it is from; own: of this kind of request, not of all together."""

    value: float
    cases: int
    own: bool


@dataclass(frozen=True)
class Rates:
    """One kind of request. per_week: requests that were not taken off; by_site: the same by site id.

    weekdays: from Monday. minutes: mean and standard deviation in the room, from the catalogue where `measured` is
    false. notice_days: the shortest notice that is usual. cancel_days: the usual notice of a patient who cancels.
    weeks: over which requests were counted.
    """

    priority: str
    arrived: int
    by_site: dict[int, int]
    weekdays: tuple[int, ...]
    slot: int
    minutes: tuple[float, float]
    measured: Figure
    missed: Figure
    cancelled: Figure
    cancel_days: int
    notice_days: int
    vetting: tuple[float, float]
    vetting_cases: int
    weeks: float

    @property
    def per_week(self) -> float:
        """Requests a week."""
        return self.arrived / self.weeks


@dataclass(frozen=True)
class Past:
    """What the rates are taken from. weeks: since the first request was recorded, at most WEEKS."""

    arrivals: pl.DataFrame
    visits: pl.DataFrame
    stays: pl.DataFrame
    vetting: pl.DataFrame
    weeks: float


def read_past(scope: Scope) -> Past:
    """Requests, appointments, stays and vetting of the weeks before; six queries."""
    of_modality = pl.col("modality") == scope.modality
    visits = reading.read_appointments(scope.span).filter(of_modality)
    stays = reading.read_stays(scope.span)
    named = visits.filter(pl.col("outcome") == State.DONE.value).select("request", "priority").unique("request")
    return Past(_arrivals(scope), visits, stays.join(named, on="request"), _vetting(scope), _weeks(scope))


def rates_of(past: Past, priority: str, usual_minutes: float) -> Rates:
    """The rates of one kind of request. usual_minutes: the catalogue's, where nothing was booked or measured."""
    arrivals, visits = _of(past.arrivals, priority), _of(past.visits, priority)
    weekdays = arrivals.group_by("weekday").len()
    counted = dict(zip(weekdays["weekday"].to_list(), weekdays["len"].to_list(), strict=True))
    sites = arrivals.group_by("site").len().sort("site")
    slot = visits["minutes"].median()
    mean, sd, measured = _minutes_in_room(past.stays, priority, usual_minutes)
    vetting_mean, vetting_sd, vetted = _mean_and_sd(_enough(past.vetting, priority)["days"])
    cancelled = visits.filter(pl.col("outcome") == State.PATIENT_CANCELLED.value)["notice_hours"].median()
    return Rates(
        priority, arrivals.height, dict(sites.iter_rows()), tuple(counted.get(day, 0) for day in range(1, 8)),
        round(_plain(slot)) or round(usual_minutes), (mean, sd), measured,
        _share(past.visits, priority, (State.MISSED,), (State.MISSED, State.DONE)),
        _share(past.visits, priority, (State.PATIENT_CANCELLED,), tuple(State)),
        max(0, int(_plain(cancelled) // 24)), _notice(visits), (vetting_mean, vetting_sd), vetted, past.weeks,
    )  # fmt: skip


def changeovers(past: Past) -> dict[int, float]:
    """The median changeover in minutes by scanner id, where enough were recorded."""
    gaps = tables.changeovers(past.stays).filter(pl.col("changeover").is_not_null())
    by_scanner = gaps.group_by("scanner").agg(pl.col("changeover").median(), pl.len())
    return {scanner: round(gap, 1) for scanner, gap, cases in by_scanner.iter_rows() if cases >= LEAST}


def _weeks(scope: Scope) -> float:
    """Weeks since the first request of the sites was recorded, at most WEEKS. Raises NothingLiveError for too few."""
    ours = ImagingRequest.objects.filter(site__in=scope.sites, exam__modality=scope.modality)
    first = ours.aggregate(first=Min("experienced_from"))["first"]
    weeks = WEEKS if first is None else min(float(WEEKS), (scope.today - first).days / 7)
    if weeks < LEAST_WEEKS:
        raise NothingLiveError(
            f"The first request was made on {first:%-d %B %Y}; rates need {LEAST_WEEKS} weeks of requests. Bring in "
            "activity of earlier weeks, or come back later."
        )
    return weeks


def _arrivals(scope: Scope) -> pl.DataFrame:
    """Requests by the day from which their patients wait, without those taken off since."""
    came = (
        ImagingRequest.objects.filter(
            site__in=scope.sites, exam__modality=scope.modality, experienced_from__gte=scope.since,
            experienced_from__lt=scope.today,
        )
        .exclude(stop_reason__in=LEFT_WITHOUT)
        .exclude(Q(state="rejected") | Q(state="withdrawn"))
        .order_by()
    )  # fmt: skip
    schema = {"request": pl.Int64, "site": pl.Int64, "priority": pl.String, "day": pl.Date}
    rows = reading.frame(came.values_list("pk", "site_id", "priority", "experienced_from"), schema)
    return rows.with_columns(pl.col("day").dt.weekday().cast(pl.Int64).alias("weekday"))


def _vetting(scope: Scope) -> pl.DataFrame:
    """Days from request to ready to be booked, of requests of the weeks looked at."""
    ready = (
        PathwayEvent.objects.filter(
            scope.span.dated("request__requested_at"), kind=Event.SAFETY_PASS, details__implied__isnull=True,
            request__site__in=scope.sites, request__exam__modality=scope.modality,
        )
        .order_by()
        .values("request_id")
        .annotate(ready=Max("at"))
        .values_list("request__priority", "request__requested_at", "ready")
    )  # fmt: skip
    schema = {"priority": pl.String, "requested": reading.MOMENT, "ready": reading.MOMENT}
    days = (pl.col("ready") - pl.col("requested")).dt.total_seconds() / 86_400
    return reading.frame(ready, schema).with_columns(days.alias("days"))


def _minutes_in_room(stays: pl.DataFrame, priority: str, usual: float) -> tuple[float, float, Figure]:
    inside = (pl.col("used_until") - pl.col("in_room")).dt.total_seconds() / 60
    timed = stays.with_columns(inside.alias("inside")).filter(pl.col("inside") > 0)
    rows = _enough(timed, priority)
    mean, sd, cases = _mean_and_sd(rows["inside"])
    own = _of(timed, priority).height >= LEAST
    if cases < LEAST:
        return float(usual), round(SPREAD * usual, 1), Figure(usual, 0, own=False)
    return max(mean, 1.0), max(sd, 0.1), Figure(mean, cases, own=own)


def _share(visits: pl.DataFrame, priority: str, of: Sequence[str], among: Sequence[str]) -> Figure:
    counted = visits.filter(pl.col("outcome").is_in([str(one) for one in among]))
    own = _of(counted, priority).height >= LEAST
    rows = _of(counted, priority) if own else counted
    if not rows.height:
        return Figure(0.0, 0, own=False)
    part = rows.filter(pl.col("outcome").is_in([str(one) for one in of])).height
    return Figure(round(part / rows.height, 4), rows.height, own=own)


def _notice(visits: pl.DataFrame) -> int:
    """Days from booking to appointment that nine in ten have at least."""
    days = visits.select((pl.col("starts_at") - pl.col("made_at")).dt.total_days()).to_series()
    return min(_LONGEST_NOTICE, max(0, int(_plain(days.quantile(0.1, "lower")))))


def _enough(rows: pl.DataFrame, priority: str) -> pl.DataFrame:
    """Rows of this kind, or of all kinds where it has too few."""
    own = _of(rows, priority)
    return own if own.height >= LEAST else rows


def _mean_and_sd(values: pl.Series) -> tuple[float, float, int]:
    return round(_plain(values.mean()), 2), round(_plain(values.std()), 2), values.len()


def _of(rows: pl.DataFrame, priority: str) -> pl.DataFrame:
    return rows.filter(pl.col("priority") == priority)


def _plain(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
