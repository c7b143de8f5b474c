"""What the page of one list shows: what happened to it, when, and every month behind that."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from trustwide.commons.measures.chart_pages import ChartPage, chart_page
from trustwide.services.imaging.explanation import step_explanation
from trustwide.services.imaging.figures import LIST, SHARE, history
from trustwide.services.imaging.rules import DataQualityNote, data_quality_notes, month_name, net_additions

if TYPE_CHECKING:
    from trustwide.analysis.capacity import MonthlyHistory
    from trustwide.commons.organisations.models import Site

CHARTS = (LIST, SHARE, "dm01_tests_per_working_day", "dm01_additions_per_working_day")
OVER_SIX_FROM = 6  # the first band that counts as over six weeks
BAND_NAMES = ("under 1", *(f"{weeks} to {weeks + 1}" for weeks in range(1, 13)), "13 or more")
COLOURS = {"Under six weeks": "#005eb8", "Six weeks or more": "#c2510a"}


@dataclass(frozen=True)
class Month:
    """One return. `additions` are net, and None where the month before was not returned; `doubts` are sentences."""

    month: datetime.date
    waiting_list: int
    over_six_weeks: int
    six_week_share: float | None
    additions: int | None
    waiting_list_tests: int
    planned_tests: int
    unscheduled_tests: int
    bands: tuple[int, ...]
    doubts: tuple[str, ...]


@dataclass(frozen=True)
class ListPage:
    """One test's list at one site. Without a return there are no `months`, and no chart has a picture.

    `explanation` says why the list moved as its chart says; empty where the chart says that it did not.
    """

    charts: tuple[ChartPage, ...]
    explanation: str
    notes: tuple[DataQualityNote, ...]
    months: tuple[Month, ...]

    @property
    def answer(self) -> str:
        """What the chart of the list says."""
        return self.charts[0].sentence

    @property
    def newest(self) -> Month | None:
        """The newest return."""
        return self.months[0] if self.months else None


def list_page(site: Site, test: str) -> ListPage:
    """What happened to this list. Raises UnknownMeasureError for a test that does not exist."""
    charts = tuple(chart_page(code, site, test) for code in CHARTS)
    returned = history(site, test)
    since = charts[0].since
    notes = data_quality_notes(returned)
    return ListPage(
        charts=charts,
        explanation=step_explanation(returned, since) if since else "",
        notes=notes,
        months=_months(returned, notes),
    )


def _months(returned: MonthlyHistory, notes: tuple[DataQualityNote, ...]) -> tuple[Month, ...]:
    """Newest first."""
    additions = net_additions(returned)
    waiting, late = returned.waiting_list, returned.over_six_weeks
    return tuple(
        Month(
            month=day,
            waiting_list=int(waiting[place]),
            over_six_weeks=int(late[place]),
            six_week_share=late[place] / waiting[place] if waiting[place] else None,
            additions=None if np.isnan(additions[place]) else int(additions[place]),
            waiting_list_tests=int(returned.waiting_list_tests[place]),
            planned_tests=int(returned.planned_tests[place]),
            unscheduled_tests=int(returned.unscheduled_tests[place]),
            bands=tuple(returned.bands[place].tolist()),
            doubts=tuple(note.sentence for note in notes if note.month == day),
        )
        for place, day in reversed(list(enumerate(returned.months.astype("datetime64[D]").tolist())))
    )


def band_words(month: Month) -> str:
    """How the people of one month divide at six weeks."""
    if not month.waiting_list:
        return f"Nobody was waiting at the end of {month_name(month.month)}."
    longest = month.bands[-1]
    return (
        f"Of {month.waiting_list:,} people waiting at the end of {month_name(month.month)}, {month.over_six_weeks:,} "
        f"had waited six weeks or more, {longest:,} of them 13 weeks or more."
    )


def band_picture(month: Month) -> dict[str, Any]:
    """People by weeks waited, as a Vega-Lite specification; told apart at six weeks by colour, place and legend."""
    late = list(COLOURS)
    rows = [
        {"weeks": name, "people": people, "which": late[place >= OVER_SIX_FROM]}
        for place, (name, people) in enumerate(zip(BAND_NAMES, month.bands, strict=True))
    ]
    axis = {"labelFontSize": 12, "titleFontSize": 13}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": band_words(month),
        "width": "container",
        "height": 200,
        "autosize": {"type": "fit", "contains": "padding"},
        "data": {"values": rows},
        "mark": {"type": "bar", "tooltip": True},
        "encoding": {
            "x": {
                "field": "weeks",
                "type": "nominal",
                "sort": None,
                "axis": {"title": "Weeks waited", "labelAngle": 0},
            },
            "y": {"field": "people", "type": "quantitative", "axis": {"title": "People", "tickMinStep": 1}},
            "color": {
                "field": "which",
                "type": "nominal",
                "scale": {"domain": late, "range": list(COLOURS.values())},
                "legend": {"title": None, "orient": "bottom", "labelFontSize": 13},
            },
        },
        "config": {"font": "Arial, sans-serif", "axis": axis},
    }
