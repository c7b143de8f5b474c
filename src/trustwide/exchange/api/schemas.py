"""What the API answers: rows of lists, which are also the columns of files, and the one chart."""

from __future__ import annotations

import datetime as dt
from typing import Generic, TypeVar

from ninja import Schema
from pydantic import Field

Row = TypeVar("Row", bound=Schema)

MEASURE = "Code of the measure."
SITE = "Code of the site."
BREAKDOWN = 'Code of the breakdown, such as a diagnostic test; empty where there is none ("-" in addresses).'
UNIT = "In the unit of the measure: a share of a measure in % is given in hundredths."


class Problem(Schema):
    """What went wrong, in a sentence."""

    detail: str


class Page(Schema, Generic[Row]):
    """Some rows of a list, in an order that never changes."""

    items: list[Row]
    next: str | None = Field(description="The cursor of the page that follows; null on the last one.")


class SiteRow(Schema):
    """A hospital, or a provider as a whole where only that is known."""

    code: str = Field(description=SITE)
    name: str
    short_name: str
    partner: str = Field(description="Code of the partner, a legal body.")
    partnership: str
    comparison: bool = Field(description="Whether it is known from public data only.")


class DefinitionRow(Schema):
    """A measure as it is defined now."""

    code: str = Field(description=MEASURE)
    title: str
    unit: str
    improvement_direction: str = Field(description="increase, decrease or neutral.")
    target: float | None = Field(description=f"The target now. {UNIT}")
    quantity: str = Field(description="What the figures are made of, which decides the kind of control chart.")
    cadence: str = Field(description="How long a period is: month, week or day.")
    counts: str = Field(description="What the numerator counts.")
    out_of: str = Field(description="What the denominator counts.")
    leaves_out: str
    quality: str = Field(description="What to know about the data.")
    owner: str
    aim: str = Field(description="Code of the strategic aim that it serves.")
    version: int | None = Field(description="Number of the version in force; null before the first figures.")


class Version(Schema):
    """A version of a definition, from the moment figures were first computed with it."""

    number: int
    version: str = Field(description="A hash of what the measure means and how it is judged.")
    since: dt.datetime
    changes: str
    title: str
    unit: str
    improvement_direction: str
    target: float | None = Field(description=UNIT)
    quantity: str
    sql: str = Field(description="The expression, as DuckDB runs it.")


class DatedTarget(Schema):
    """A target that holds from a day on."""

    since: dt.date
    target: float = Field(description=UNIT)


class Breakdown(Schema):
    """A breakdown of a measure with its name."""

    code: str
    name: str


class Definition(DefinitionRow):
    """A measure with its history."""

    sql: str = Field(description="The expression now, as DuckDB runs it.")
    targets: list[DatedTarget]
    breakdowns: list[Breakdown]
    versions: list[Version] = Field(description="Newest first.")


class ObservationRow(Schema):
    """A measure's value at a site in a period."""

    measure: str = Field(description=MEASURE)
    site: str = Field(description=SITE)
    breakdown: str = Field(description=BREAKDOWN)
    period: dt.date = Field(description="The first day of the period.")
    numerator: float
    denominator: float | None
    value: float = Field(description=UNIT)


class ChartRow(Schema):
    """What one control chart says at its newest point."""

    measure: str = Field(description=MEASURE)
    site: str = Field(description=SITE)
    breakdown: str = Field(description=BREAKDOWN)
    period: dt.date = Field(description="The first day of the newest period.")
    value: float = Field(description=UNIT)
    points: int
    mean: float | None = Field(description=UNIT)
    lower_limit: float | None = Field(description=UNIT)
    upper_limit: float | None = Field(description=UNIT)
    kind: str = Field(description="xmr, pp, up, t, g or run.")
    reason: str = Field(description="Why the chart is of its kind.")
    variation_icon: str = Field(description="Empty where the series cannot be judged; the sentence says why.")
    assurance_icon: str = Field(description="Empty without a target.")
    sentence: str
    since: dt.date | None = Field(description="Where the pattern at the newest point began.")
    change: float | None = Field(description=f"How far the value moved from before the pattern. {UNIT}")


class Point(Schema):
    """One point of a chart: a period, or an event where a chart is of gaps between events."""

    date: dt.date
    value: float | None
    mean: float | None
    lower_limit: float | None
    upper_limit: float | None
    segment: int = Field(description="Counts from 0; a person's recalculation begins another.")
    cause: str = Field(
        description="Which rule marks the point; Common Cause where none does, and where it was left out."
    )
    other_cause: str = Field(description="What it shows besides, the other way.")
    kind: str = Field(
        description="common_cause, special_cause_improvement, special_cause_concern, special_cause_neutral_high or "
        "special_cause_neutral_low; ghost where a person left the point out, where no flag is true."
    )
    outside_limits: bool
    close_to_limits: bool
    trend: bool
    two_in_three: bool
    shift: bool
    ghost: bool = Field(description="A person left it out of limits and rules.")


class Forecast(Schema):
    """A period to come: four in five outcomes are expected between low and high."""

    period: dt.date
    low: float
    median: float
    high: float


class Mark(Schema):
    """What a person marked on the chart and did not take back."""

    kind: str = Field(description="rebase, ghost, note, go_live or pdsa.")
    date: dt.date
    reason: str
    author: str
    at: dt.datetime


class Chart(Schema):
    """One control chart, in the unit of the measure."""

    measure: str = Field(description=MEASURE)
    title: str
    unit: str = Field(description="Of the points: the measure's own, or what passes between rare events.")
    site: str = Field(description=SITE)
    breakdown: str = Field(description=BREAKDOWN)
    breakdown_name: str
    kind: str = Field(description="xmr, pp, up, t, g or run.")
    reason: str = Field(description="Why the chart is of its kind.")
    sentence: str
    variation_icon: str
    assurance_icon: str
    since: dt.date | None
    target: float | None
    points: list[Point] = Field(description="Oldest first.")
    forecast: list[Forecast]
    marks: list[Mark] = Field(description="Oldest first.")


class SignalRow(Schema):
    """A pattern on one chart that chance does not explain."""

    id: int
    measure: str = Field(description=MEASURE)
    site: str = Field(description=SITE)
    breakdown: str = Field(description=BREAKDOWN)
    kind: str
    direction: str
    verdict: str = Field(description="concern, improvement or neutral.")
    since: dt.date = Field(description="First period of the pattern.")
    opened: dt.date = Field(description="Period in which it was first seen.")
    latest: dt.date = Field(description="Newest period in which it runs.")
    closed: dt.date | None = Field(description="Period in which it was closed; null while it runs.")
    closing: str = Field(
        description="Why it closed. By itself: ended (back within its usual variation), replaced (another change took "
        "its place). By a mark on the chart: rebased (the limits were recalculated), ghosted (a period was left out), "
        "withdrawn (a mark was taken back). Else: redefined (the definition of the measure changed), corrected "
        "(earlier figures were changed), unjudged (the chart can no longer be judged), emptied (it has no figures any "
        "more). Empty while it runs, and where it closed before reasons were kept."
    )
    mark_date: dt.date | None = Field(description="The date of the mark that closed it; null where none did.")
    points: int
    step: float | None = Field(description=f"How far the mean moved. {UNIT}")
    sigmas: float = Field(description="The same in units of chance.")
    people: float = Field(description="Those it touches in the newest period, where people or exams are counted.")
    rank: float = Field(
        description="A score: the highest is to be looked at first. The page of signals and its files number places: "
        "1 has the highest score."
    )
    sentence: str
    snoozed_until: dt.date | None
    assigned_to: str = Field(description="Who looks after it; empty where nobody does.")


class Act(Schema):
    """What somebody did about a signal."""

    kind: str
    reason: str
    until: dt.date | None
    author: str
    at: dt.datetime


class Signal(SignalRow):
    """A signal, and what people did about it."""

    acts: list[Act] = Field(description="Newest first.")
