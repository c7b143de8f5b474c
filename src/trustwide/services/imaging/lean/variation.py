"""Why do sites differ? Each site against what its mix of exams would lead one to expect, and against itself by week.

Expected: the mean that the site would have if each of its exams took as long as that exam takes on average over all
the sites (indirect standardisation). What is left is the site's own.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from trustwide.commons.measures.models import Annotation
from trustwide.commons.organisations.models import Site
from trustwide.services.imaging.lean import names
from trustwide.services.imaging.lean.figures import Asked, Spread, spread
from trustwide.services.imaging.lean.tables import local

FEWEST = 5  # exams of a kind at a site before its median is drawn


@dataclass(frozen=True)
class Subject:
    """A time that sites are compared by: its measure, column, unit and words that finish "Each exam's ..."."""

    code: str
    column: str
    unit: str
    words: str


SUBJECTS = {
    "door": Subject(names.DOOR_TO_DOOR, "door_to_door", "minutes", "time from arriving to leaving"),
    "scan": Subject(names.VALUE_ADDING, "scan_minutes", "minutes", "scanning time"),
    "report": Subject(names.REPORT_HOURS, "report_hours", "hours", "time from scan to verified report"),
    "wait": Subject(names.WAIT_DAYS, "wait_days", "days", "wait from request to scan"),
}


@dataclass(frozen=True)
class SiteDifference:
    """One site: exams with the time, their mean, the mean expected of its mix, and what people wrote on its chart."""

    site: Site
    count: int
    observed: float
    expected: float
    reasons: tuple[Annotation, ...]

    @property
    def own(self) -> float:
        """What its mix of exams does not explain."""
        return self.observed - self.expected


@dataclass(frozen=True)
class Cell:
    """One exam at one site."""

    exam: str
    site: str
    spread: Spread


@dataclass(frozen=True)
class Variation:
    """The page's figures. weeks: (Monday, site, median, count)."""

    subject: Subject
    sites: tuple[SiteDifference, ...]
    cells: tuple[Cell, ...]
    weeks: tuple[tuple[datetime.date, str, float, int], ...]

    @property
    def answer(self) -> str:
        """The first line."""
        if len(self.sites) < 2:
            return "Fewer than two sites have this time recorded, so there is nothing to compare."
        low, high = (pick(self.sites, key=lambda one: one.own) for pick in (min, max))
        unit = self.subject.unit
        raw = max(one.observed for one in self.sites) - min(one.observed for one in self.sites)
        return (
            f"The sites' mean {self.subject.words} differs by {raw:.1f} {unit}. Allowing for the exams each does, "
            f"{high.site.short_name} takes {_against(high, unit)}, and {low.site.short_name} {_against(low, unit)}."
        )


def variation(
    exams: pl.DataFrame, asked: Asked, subject: Subject, titles: Mapping[str, str], *, fewest: int = FEWEST
) -> Variation:
    """How sites differ in one time. exams: rows with site_id, exam and the subject's column; titles: of exams, by code.

    One query.
    """  # fmt: skip
    known = exams.filter(pl.col(subject.column).is_not_null())
    sites = {site.pk: site for site in asked.sites}
    reasons = Annotation.objects.filter(
        measure=subject.code, site__in=asked.sites, breakdown=asked.modality, withdraws=None, withdrawal=None
    ).order_by("-date")
    written = list(reasons)
    differences = tuple(
        SiteDifference(sites[pk], count, observed, expected, tuple(one for one in written if one.site_id == pk))
        for pk, count, observed, expected in expected_by_site(known, subject.column).iter_rows()
        if count >= fewest
    )
    return Variation(
        subject, tuple(sorted(differences, key=lambda one: one.site.name)),
        tuple(_cells(known, subject.column, sites, titles, fewest)),
        tuple(_weeks(known, subject.column, sites, fewest)),
    )  # fmt: skip


def expected_by_site(known: pl.DataFrame, column: str) -> pl.DataFrame:
    """By site: count, observed mean, and the mean expected if each exam took as long as it does over all sites."""
    usual = pl.col(column).mean().over("exam").alias("usual")
    return (
        known.with_columns(usual)
        .group_by("site_id")
        .agg(pl.len(), pl.col(column).mean().alias("observed"), pl.col("usual").mean().alias("expected"))
        .sort("site_id")
    )


def _cells(
    known: pl.DataFrame, column: str, sites: Mapping[int, Site], titles: Mapping[str, str], fewest: int
) -> Sequence[Cell]:  # fmt: skip
    groups = known.partition_by("exam", "site_id", as_dict=True)
    return [
        Cell(titles.get(str(exam), str(exam)), sites[int(str(site))].short_name, spread(rows[column]))
        for (exam, site), rows in sorted(groups.items())
        if rows.height >= fewest
    ]


def _weeks(
    known: pl.DataFrame, column: str, sites: dict[int, Site], fewest: int
) -> Sequence[tuple[datetime.date, str, float, int]]:
    weekly = (
        known.with_columns(local("scanned_at").dt.date().dt.truncate("1w").alias("week"))
        .group_by("week", "site_id")
        .agg(pl.col(column).median(), pl.len().alias("count"))
        .filter(pl.col("count") >= fewest)
        .sort("week", "site_id")
    )
    rows = weekly.select("week", "site_id", column, "count").iter_rows()
    return [(week, sites[site].short_name, median, count) for week, site, median, count in rows]


def _against(one: SiteDifference, unit: str) -> str:
    if abs(one.own) < 0.05:
        return "as long as expected"
    return f"{abs(one.own):.1f} {unit} {'longer' if one.own > 0 else 'less'} than expected"
