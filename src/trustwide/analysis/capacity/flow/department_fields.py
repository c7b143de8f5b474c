"""The fields of a department file, one class a part, with what each may hold. `department` reads and checks them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from trustwide.analysis.capacity.service_fields import Clock, Count, Fields, Mean, MeanAndSd, Name, NotNegative, Share

Minutes = Annotated[float, Field(ge=-1_440, le=1_440)]
Metres = Annotated[float, Field(ge=0, le=1_000)]
Length = Annotated[float, Field(gt=0, le=1_000)]
Minute = Annotated[float, Field(ge=0, le=1e6)]

LEAVE = "leave"  # where a pathway ends; no step may have this name


class Normal(Fields):
    """A normal law, never below `at_least`: a draw below it counts as `at_least`."""

    mean: Minutes
    sd: NotNegative
    at_least: NotNegative = 0.0


class Triangular(Fields):
    low: NotNegative
    mode: NotNegative
    high: NotNegative


class StepLaw(Fields):
    """How long a step lasts, in minutes; mean and sd are of the variable itself."""

    fixed: NotNegative | None = None
    exponential: Mean | None = None
    lognormal: MeanAndSd | None = None
    normal: Normal | None = None
    triangular: Triangular | None = None


class OffTime(Fields):
    """Minutes after the appointed time at which patients come, normal; negative is early."""

    mean: Minutes
    sd: NotNegative


class Hours(Fields):
    """The working day; patients still inside `run_on` hours after the last midnight have not been able to finish."""

    opens: Clock
    closes: Clock
    run_on: Annotated[float, Field(ge=0, le=48)] = 0.0


class Times(Fields):
    """A part of each day in which a resource is there, with another count if one is given."""

    opens: Clock
    closes: Clock
    count: Count | None = None


class Rectangle(Fields):
    """Where a resource is on the floor, in metres from the top left corner of the plan."""

    x: Metres
    y: Metres
    width: Length
    height: Length


class Resource(Fields):
    """Rooms, bays, people or devices of one kind; any of them will do. Always there unless `times` says when."""

    id: Name
    kind: Literal["room", "bay", "staff", "scanner"] = "room"
    count: Count = 1
    times: Annotated[list[Times], Field(min_length=1, max_length=24)] | None = None
    plan: Rectangle | None = None


class Step(Fields):
    """What is done with a patient: how long it lasts and what it `holds`, all taken together when it starts.

    `keeps`: what of it the patient still occupies after the end, until the next step starts or there is a place to
    wait for it (blocking after service). `waits_in`: the bays in which patients wait for this step; without it there
    is room for any number.
    """

    id: Name
    duration: StepLaw
    holds: dict[Name, Count] = {}
    keeps: list[Name] = []
    waits_in: Name | None = None


class Slots(Fields):
    """Appointments from one time to another (the last not later than it), every so many minutes, `each` at a time."""

    opens: Clock
    closes: Clock
    every: Annotated[float, Field(ge=1, le=1_440)]
    each: Annotated[int, Field(ge=1, le=100)] = 1


class Coming(Fields):
    """When patients come. One of `appointments` (times of each day), `slots`, `per_hour` or `recorded`.

    `per_hour`: from each time on, so many patients an hour, until the next (a Poisson process by thinning).
    `recorded`: minutes after the first midnight, as seen on a real day. `off_time` and `did_not_attend`: of
    appointments and slots.
    """

    appointments: Annotated[list[Clock], Field(min_length=1, max_length=10_000)] | None = None
    slots: Annotated[list[Slots], Field(min_length=1, max_length=100)] | None = None
    per_hour: Annotated[dict[Clock, NotNegative], Field(min_length=1)] | None = None
    recorded: Annotated[list[Minute], Field(min_length=1, max_length=100_000)] | None = None
    off_time: OffTime | None = None
    did_not_attend: Share = 0.0


class Visit(Fields):
    """A step of a pathway. `then`: the probability of each next step (or `leave`); without it, the one that follows."""

    step: Name
    duration: StepLaw | None = None
    then: Annotated[dict[Name, Share], Field(min_length=1)] | None = None


class PatientType(Fields):
    """One type of patient: when they come and the steps they take. Lower `priority` goes first.

    `if_full: turn_away`: who finds neither the first step free nor a place to wait leaves at once.
    """

    id: Name
    priority: Annotated[int, Field(ge=0, le=1_000)] = 1
    arrivals: Coming
    if_full: Literal["wait", "turn_away"] = "wait"
    pathway: Annotated[list[Visit], Field(min_length=1, max_length=100)]


class DepartmentFields(Fields):
    """A whole department file. `takt_of`: the step whose starts set the pace (by default the last that a scanner does).

    `days`: how many days alike follow each other in one run; who is still inside at midnight stays.
    """

    department: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    days: Annotated[int, Field(ge=1, le=1_000)] = 1
    hours: Hours
    takt_of: Name | None = None
    resources: Annotated[list[Resource], Field(min_length=1, max_length=200)]
    steps: Annotated[list[Step], Field(min_length=1, max_length=200)]
    patients: Annotated[list[PatientType], Field(min_length=1, max_length=100)]
