"""What the pages of runs show: the course of the list and of the waits, pictures of it, and runs side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from trustwide.services.imaging import plan_charts
from trustwide.services.imaging.capacity import run_charts, run_words, words
from trustwide.services.imaging.capacity.models import ServiceRun
from trustwide.services.imaging.capacity.run_forms import question_query
from trustwide.services.imaging.plan_charts import Axes
from trustwide.services.imaging.plan_pages import Picture

Figures = Mapping[str, Any]
PLANS_SHOWN = 12
# figure of a course, its title and its decimal places
FANS = (("list", "People waiting", 0), ("scanned_mean_weeks", "Mean wait of those scanned, weeks", 1))


@dataclass(frozen=True)
class Course:
    """The rows of a course, week by week, as usual and with the measures, and what they are held against."""

    nothing: list[dict[str, Any]]
    chosen: list[dict[str, Any]]
    target: float | None = None
    by: str = ""


def course_of(run: ServiceRun) -> Course:
    """What the fans of a run are drawn from."""
    given = run.given
    if run.kind == ServiceRun.Kind.NOTHING:
        target = run.of.mapping.get("target") or {}
        return Course(given["nothing"]["weeks"], [], target.get("weeks", run_words.USUAL_TARGET))
    asked, plan = given["target"], plan_of(run)
    target = asked["weeks"] if (asked["who"], asked["statistic"]) == ("scanned", "mean") else None
    chosen = _weeks(given["best"]) if plan["levers"] else []
    return Course(_weeks(given["do_nothing"]), chosen, target, asked["by"])


def plan_of(run: ServiceRun) -> dict[str, Any]:
    """Cost, probability and waits of the set that a run is about: the one that was tried, or the best found."""
    plan: dict[str, Any] = run.given["plan"] if run.kind == ServiceRun.Kind.SET else run.given["plans"][0]
    return plan


def fans(run: ServiceRun, axes: Mapping[str, Axes] | None = None, prefix: str = "fan") -> tuple[Picture, ...]:
    """The list and the mean wait of those scanned, as usual and with the measures. `axes`: a figure's, if set."""
    course, drawn = course_of(run), []
    for figure, title, places in FANS:
        target = course.target if figure == "scanned_mean_weeks" else None
        spec = plan_charts.fans(
            title, figure, course.nothing, course.chosen, by=course.by, target=target, axes=(axes or {}).get(figure)
        )  # fmt: skip
        drawn.append(Picture(f"{prefix}-{figure}", spec, _sentence(title, figure, places, course)))
    return tuple(drawn)


def common_axes(runs: Sequence[ServiceRun]) -> dict[str, Axes]:
    """For each figure, axes on which the fans of all these runs can be compared."""
    every = [rows for run in runs for rows in (course_of(run).nothing, course_of(run).chosen)]
    return {figure: plan_charts.common_axes(figure, every, []) for figure, *_ in FANS}


def pareto(result: Figures) -> Picture:
    """Cost against wait, for a search."""
    best = result["plans"][0]
    sentence = (
        f"{result['evaluated']:,} sets of measures were looked at; {result['ruled_out']:,} could be ruled out without "
        f"simulation. The best costs {words.price(best)} and leaves a mean wait of "
        f"{run_words.spread(best['scanned_mean_weeks'], 1)} weeks. The line joins the sets that no other beats in both."
    )
    return Picture("pareto", run_charts.cost_against_wait(result, titles_of(result)), sentence)


def titles_of(result: Figures) -> dict[str, str]:
    """The title of each measure by its id."""
    return {lever["id"]: words.lever_title(lever) for lever in result["levers"]}


def streams_of(run: ServiceRun) -> list[dict[str, Any]]:
    """The waits of each stream of a run without changes, in its own unit."""
    streams: dict[str, Any] = run.given["nothing"]["streams"]
    order = [stream["id"] for stream in run.of.mapping["demand"]]
    return [{"id": key, **streams[key]} for key in order]


def scanners_of(run: ServiceRun) -> list[dict[str, Any]]:
    """The use of each scanner in a run without changes."""
    scanners: dict[str, Any] = run.given["nothing"]["scanners"]
    return [{"id": one["id"], **scanners[one["id"]]} for one in run.of.mapping["scanners"]]


def course_table(course: Course) -> list[dict[str, Any]]:
    """The figures behind the fans, every fourth week and the last."""
    chosen = {row["month"]: row for row in course.chosen}
    last = len(course.nothing) - 1
    return [
        {"date": run_words.date(row), "nothing": row, "chosen": chosen.get(row["month"])}
        for place, row in enumerate(course.nothing)
        if place % 4 == 0 or place == last
    ]


def _weeks(course: Figures) -> list[dict[str, Any]]:
    return [{"month": row["ends_on"], **row} for row in course["weeks"]]


def _sentence(title: str, figure: str, places: int, course: Course) -> str:
    said = [f"as usual {_at_end(course.nothing, figure, places)}"]
    if course.chosen:
        said.append(f"with the measures {_at_end(course.chosen, figure, places)}")
    return f"{title}, {run_words.date(course.nothing[-1])}, median and 80% interval: {'; '.join(said)}."


def _at_end(rows: Sequence[Figures], figure: str, places: int) -> str:
    last = rows[-1].get(figure)
    return run_words.spread(last, places) if last and last["median"] is not None else "not known"


@dataclass(frozen=True)
class Row:
    """One plan of the ranked table, with the address that loads it into the switches."""

    rank: int
    plan: Figures
    query: str


def ranked(run: ServiceRun) -> list[Row]:
    """The best sets of a search."""
    return [
        Row(rank, plan, urlencode([*question_query(run, plan["levers"]), ("run", str(run.pk))]))
        for rank, plan in enumerate(run.given["plans"][:PLANS_SHOWN], start=1)
    ]


def column(run: ServiceRun, axes: Mapping[str, Axes]) -> dict[str, Any]:
    """One run of a comparison."""
    course = course_of(run)
    has_plan = run.kind != ServiceRun.Kind.NOTHING
    return {
        "run": run, "pictures": fans(run, axes, f"run-{run.pk}"), "plan": plan_of(run) if has_plan else None,
        "titles": titles_of(run.given) if has_plan else {}, "last": (course.chosen or course.nothing)[-1],
    }  # fmt: skip


def compared(runs: Sequence[ServiceRun]) -> str:
    """The first line of a comparison: the likeliest run and the cheapest a year."""
    plans = {run: plan_of(run) for run in runs if run.kind != ServiceRun.Kind.NOTHING}
    if len({run.of.fingerprint for run in runs}) > 1:
        return "These runs are of different versions of the service: what differs may come from that alone."
    if len(plans) < 2:
        return "Read each beside the others; only one of them switches measures on."
    likeliest = max(plans, key=lambda run: float(plans[run]["probability_target_met"]))
    cheapest = min(plans, key=lambda run: float(plans[run]["annual_equivalent"]))
    share = f"{plans[likeliest]['probability_target_met']:.0%}"
    if likeliest is cheapest:
        return f"“{likeliest}” is both the likeliest to meet its target ({share}) and the cheapest."
    return (
        f"“{likeliest}” is the likeliest to meet its target ({share}, for {words.price(plans[likeliest])}); "
        f"“{cheapest}” is the cheapest (for {words.price(plans[cheapest])}, "
        f"{plans[cheapest]['probability_target_met']:.0%})."
    )
