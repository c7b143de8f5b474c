"""The fields of a service file, one class a part, with what each may hold. `service` reads and checks them."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, StringConstraints, Tag
from pydantic_core import PydanticCustomError


def _as_date(value: object) -> object:
    if isinstance(value, str) or type(value) is dt.date:
        try:
            return dt.date.fromisoformat(str(value))
        except ValueError:
            pass
    raise PydanticCustomError("date", "must be a date such as 2026-01-05")


def _word_or_parts(value: object) -> str:
    return "@word" if isinstance(value, str) else "@parts"


Name = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=r"^[^\s,:/\\][^,:/\\]*$")]
Clock = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$")]
Date = Annotated[dt.date, BeforeValidator(_as_date)]
Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0, le=1e9)]
NotNegative = Annotated[float, Field(ge=0, le=1e9)]
Count = Annotated[int, Field(ge=1, le=10_000)]
Days = Annotated[int, Field(ge=0, le=3_660)]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WordOrParts = Discriminator(
    _word_or_parts
)  # a field that is one word or a list or mapping: errors only of the one meant


class Fields(BaseModel):
    """No unknown fields, no NaN, no silent conversion of text to numbers."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class Stop(Fields):
    """When a run ends: after so many patients have left, or at the end of so many days or weeks."""

    patients: Annotated[int, Field(ge=1, le=50_000_000)] | None = None
    days: Annotated[int, Field(ge=1, le=36_600)] | None = None
    weeks: Annotated[int, Field(ge=1, le=5_200)] | None = None


class WarmUp(Fields):
    """Patients who arrive in this time are simulated and not counted."""

    days: Days | None = None
    weeks: Annotated[int, Field(ge=0, le=520)] | None = None


class Target(Fields):
    who: Literal["scanned", "waiting"] = "scanned"
    statistic: Literal["mean", "median", "p95"] = "mean"
    weeks: Positive = 2.0
    by: Date | None = None


class Booking(Fields):
    """`hold`: share of a static scanner's session kept for a stream until `release_days` before."""

    hold: dict[Name, Share] = {}
    release_days: Days = 0
    pool_lists: bool = False


class Site(Fields):
    id: Name
    name: str | None = None


class Travel(Fields):
    """`minutes` between two sites (key `a-b`); `willing`: share who accept a journey of up to the key's minutes."""

    minutes: dict[str, NotNegative]
    willing: Annotated[dict[Annotated[int, Field(strict=False, ge=0)], Share], Field(min_length=1)]


class Session(Fields):
    days: Annotated[
        Annotated[Literal["daily", "weekdays"], Tag("@word")]
        | Annotated[list[Weekday], Field(min_length=1), Tag("@parts")],
        WordOrParts,
    ]
    opens: Clock
    closes: Clock
    every_weeks: Annotated[int, Field(ge=1, le=52)] = 1


class UpTo(Fields):
    up_to: NotNegative


class MeanTime(Fields):
    mean_days: Positive | None = None
    mean_hours: Positive | None = None
    mean_minutes: Positive | None = None


class MeanAndSdTime(MeanTime):
    sd_days: Positive | None = None
    sd_hours: Positive | None = None
    sd_minutes: Positive | None = None


class FixedTime(Fields):
    days: Positive | None = None
    hours: Positive | None = None
    minutes: Positive | None = None


class TimeLaw(Fields):
    """A length of time whose unit is in the names of its fields."""

    exponential: MeanTime | None = None
    lognormal: MeanAndSdTime | None = None
    fixed: FixedTime | None = None


class Breakdowns(Fields):
    """Calendar time up and down; `booked: rebook` says what becomes of booked patients a breakdown displaces."""

    up: TimeLaw
    down: TimeLaw
    booked: Literal["rebook"] = "rebook"


class Scanner(Fields):
    """`count` like scanners, numbered in the order of the file."""

    id: Name
    site: Name
    modality: Name
    count: Count = 1
    mobile: bool = False
    sessions: Annotated[
        Annotated[Literal["always"], Tag("@word")]
        | Annotated[list[Session], Field(min_length=1, max_length=100), Tag("@parts")],
        WordOrParts,
    ]
    overrun: Annotated[Annotated[Literal["finish"], Tag("@word")] | Annotated[UpTo, Tag("@parts")], WordOrParts] = UpTo(
        up_to=0.0
    )
    changeover: NotNegative = 0.0
    breakdowns: Breakdowns | None = None
    suits: Annotated[list[Name], Field(min_length=1)] | None = None
    from_week: Annotated[int, Field(ge=0, le=5_200)] = 0


class Maintenance(Fields):
    planned_days_per_year: Annotated[int, Field(ge=0, le=183)]


class Queue(Fields):
    order: list[Literal["priority", "arrival"]] = ["priority", "arrival"]


class Mean(Fields):
    mean: Positive


class MeanAndSd(Fields):
    mean: Positive
    sd: Positive


class Law(Fields):
    """A distribution in the field's own unit; mean and sd are of the variable itself."""

    exponential: Mean | None = None
    lognormal: MeanAndSd | None = None
    fixed: NotNegative | None = None


class Poisson(Fields):
    """A rate, how it grows (compound, a year of 365 days) and the relative weight of each weekday from Monday."""

    per_minute: NotNegative | None = None
    per_hour: NotNegative | None = None
    per_day: NotNegative | None = None
    per_week: NotNegative | None = None
    growth_per_year: Annotated[float, Field(gt=-1, le=10)] = 0.0
    weekdays: Annotated[list[NotNegative], Field(min_length=7, max_length=7)] | None = None


class Arrivals(Fields):
    poisson: Poisson


class Rebook(Fields):
    """How often a patient who did not attend is booked again, and for walk-ins how many days later they come back."""

    times: Annotated[int, Field(ge=0, le=100)]
    after_days: NotNegative | None = None


class DidNotAttend(Fields):
    probability: Share
    slot_lost: NotNegative | None = None
    rebook: Rebook = Rebook(times=0)


class PatientCancels(Fields):
    probability: Annotated[float, Field(ge=0, lt=1)]
    notice_days: Days = 0


class Stream(Fields):
    """One stream of demand. Minutes for `slot`, `duration` and `slot_lost`."""

    id: Name
    site: Name | None = None
    site_mix: Annotated[dict[Name, Share], Field(min_length=1)] | None = None
    modality: Name
    access: Literal["walk_in", "booked"]
    priority: Annotated[int, Field(ge=0, le=1_000)] = 1
    within_days: Days | None = None
    notice_days: Annotated[int, Field(ge=0, le=119)] | None = None
    arrivals: Annotated[Annotated[Literal["none"], Tag("@word")] | Annotated[Arrivals, Tag("@parts")], WordOrParts]
    vetting_days: Law | None = None
    slot: Annotated[int, Field(ge=1, le=1_440)] | None = None
    duration: Law
    did_not_attend: DidNotAttend | None = None
    patient_cancels: PatientCancels | None = None
    patience_hours: NotNegative | None = None
    target: Target | None = None


class Costs(Fields):
    """Prices for reports; they do not change a run."""

    session_hour: NotNegative | None = None
    mobile_day: NotNegative | None = None
    overtime_hour: NotNegative | None = None


class ServiceFields(Fields):
    """A whole service file."""

    service: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    start: Date
    stop: Stop
    warm_up: WarmUp = WarmUp()
    waiting_list: Annotated[str, StringConstraints(min_length=1)] | None = None
    target: Target | None = None
    booking: Booking | None = None
    sites: Annotated[list[Site], Field(min_length=1, max_length=1_000)]
    travel: Travel | None = None
    scanners: Annotated[list[Scanner], Field(min_length=1, max_length=10_000)]
    maintenance: Maintenance | None = None
    closed_on: Annotated[
        Annotated[Literal["england_bank_holidays"], Tag("@word")] | Annotated[list[Date], Tag("@parts")], WordOrParts
    ] = []
    queue: Queue = Queue()
    demand: Annotated[list[Stream], Field(min_length=1, max_length=1_000)]
    costs: Costs | None = None
