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


def _as_moment(value: object) -> object:
    if isinstance(value, str) and len(value) == _MOMENT_LENGTH:
        try:
            return dt.datetime.fromisoformat(value)
        except ValueError:
            pass
    if type(value) is dt.datetime and value.tzinfo is None:
        return value
    raise PydanticCustomError("moment", "must be a date and time such as 2026-01-05 09:30")


def _word_or_parts(value: object) -> str:
    return "@word" if isinstance(value, str) else "@parts"


_MOMENT_LENGTH = len("2026-01-05 09:30")
Name = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=r"^[^\s,:/\\][^,:/\\]*$")]
Clock = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$")]
Date = Annotated[dt.date, BeforeValidator(_as_date)]
Moment = Annotated[dt.datetime, BeforeValidator(_as_moment)]
Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0, le=1e9)]
NotNegative = Annotated[float, Field(ge=0, le=1e9)]
Count = Annotated[int, Field(ge=1, le=10_000)]
Days = Annotated[int, Field(ge=0, le=3_660)]
Week = Annotated[int, Field(ge=0, le=5_200)]  # counted from the start, 0 the first: days 7k to 7k + 6 are week k
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
    """`hold`: share of a static scanner's session kept for a stream until `release_days` before.

    `pool_lists`: patients are booked at other sites too, if they accept the journey; from `pool_from_week` on.
    """

    hold: dict[Name, Share] = {}
    release_days: Days = 0
    pool_lists: bool = False
    pool_from_week: Week = 0


class Site(Fields):
    id: Name
    name: str | None = None


class Travel(Fields):
    """`minutes` between two sites (key `a-b`); `willing`: share who accept a journey of up to the key's minutes."""

    minutes: dict[str, NotNegative]
    willing: Annotated[dict[Annotated[int, Field(strict=False, ge=0)], Share], Field(min_length=1)]


class Session(Fields):
    """Opening hours on some days of the week, from `from_week` to the week before `until_week`."""

    days: Annotated[
        Annotated[Literal["daily", "weekdays"], Tag("@word")]
        | Annotated[list[Weekday], Field(min_length=1), Tag("@parts")],
        WordOrParts,
    ]
    opens: Clock
    closes: Clock
    every_weeks: Annotated[int, Field(ge=1, le=52)] = 1
    from_week: Week = 0
    until_week: Week | None = None


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


class BreakdownsThen(Fields):
    """Breakdowns `factor` times as frequent: times up that begin in `from_week` or later are divided by it."""

    from_week: Week = 0
    factor: Positive


class Breakdowns(Fields):
    """Calendar time up and down; `booked: rebook` says what becomes of booked patients a breakdown displaces."""

    up: TimeLaw
    down: TimeLaw
    then: BreakdownsThen | None = None
    booked: Literal["rebook"] = "rebook"


class Scanner(Fields):
    """`count` like scanners, numbered in the order of the file, from `from_week` to the week before `until_week`.

    `crew`: how many of each role of `staff` a session needs.
    """

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
    crew: dict[Name, Positive] = {}
    from_week: Week = 0
    until_week: Week | None = None


class Staff(Fields):
    """Hours a week of a role, at all sites or at some; sessions of scanners with a `crew` open while they last."""

    role: Name
    hours_per_week: NotNegative
    sites: Annotated[list[Name], Field(min_length=1)] | None = None
    from_week: Week = 0
    until_week: Week | None = None


class Maintenance(Fields):
    planned_days_per_year: Annotated[int, Field(ge=0, le=183)]


class Queue(Fields):
    """Who is called first of those who walked in: by priority and then arrival, or by arrival alone."""

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
    """A rate, how it grows (compound, a year of 365 days), and relative weights of weekdays and months.

    Weights, from Monday and from January, are scaled so that the week's and the year's mean keep the rate.
    """

    per_minute: NotNegative | None = None
    per_hour: NotNegative | None = None
    per_day: NotNegative | None = None
    per_week: NotNegative | None = None
    growth_per_year: Annotated[float, Field(gt=-1, le=10)] = 0.0
    weekdays: Annotated[list[NotNegative], Field(min_length=7, max_length=7)] | None = None
    months: Annotated[list[NotNegative], Field(min_length=12, max_length=12)] | None = None


class Arrivals(Fields):
    """Drawn from a rate, or listed: known dates and times, for examples and checks."""

    poisson: Poisson | None = None
    listed: Annotated[list[Moment], Field(min_length=1, max_length=100_000)] | None = None


class Rebook(Fields):
    """How often a patient who did not attend is booked again, and for walk-ins how many days later they come back."""

    times: Annotated[int, Field(ge=0, le=100)]
    after_days: NotNegative | None = None


class MissedThen(Fields):
    """Another probability for appointments and visits on days of `from_week` or later."""

    from_week: Week = 0
    probability: Share


class DidNotAttend(Fields):
    probability: Share
    slot_lost: NotNegative | None = None
    rebook: Rebook = Rebook(times=0)
    then: MissedThen | None = None


class PatientCancels(Fields):
    probability: Annotated[float, Field(ge=0, lt=1)]
    notice_days: Days = 0


class ShortSlot(Fields):
    """A shorter slot for a share of a booked stream's patients, in appointments made in `from_week` or later."""

    minutes: Annotated[int, Field(ge=1, le=1_440)]
    share: Share
    from_week: Week = 0


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
    short_slot: ShortSlot | None = None
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
    """A whole service file. `allow_overload`: run it even if it asks for far more than its scanners can do.

    `repair_crews`: how many scanners can be repaired at once, in the order in which they failed; without it, all.
    """

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
    staff: Annotated[list[Staff], Field(max_length=1_000)] = []
    maintenance: Maintenance | None = None
    repair_crews: Count | None = None
    closed_on: Annotated[
        Annotated[Literal["england_bank_holidays"], Tag("@word")] | Annotated[list[Date], Tag("@parts")], WordOrParts
    ] = []
    queue: Queue = Queue()
    allow_overload: bool = False
    demand: Annotated[list[Stream], Field(min_length=1, max_length=1_000)]
    costs: Costs | None = None
