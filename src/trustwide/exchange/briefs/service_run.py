"""A run of a service as a brief: what was asked, what came of it, and what it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from trustwide.commons.nhsuk.formats import clock, day, percent, thousands
from trustwide.exchange.briefs.paper import Brief, Figure, Table, drawing
from trustwide.services.imaging.capacity import run_pages, run_words, words
from trustwide.services.imaging.capacity.models import ServiceRun

Figures = Mapping[str, Any]
PLANS_SHOWN, WORTH_SHOWN, POINTS_SHOWN, LONGEST_NAME = 8, 8, 6, 80
LIMITS = (
    "A simulation shows what would happen if the service were as it is described. It supports planning; it is not for "
    "decisions about one patient.",
    "Intervals hold 80% of the replications: chance in arrivals, durations, attendance and breakdowns. They do not "
    "hold what the description has wrong.",
)


def brief_of(run: ServiceRun) -> Brief:
    """The brief of an answered run."""
    pictures = tuple(drawing(picture.spec, picture.sentence) for picture in run_pages.fans(run))
    if run.kind == ServiceRun.Kind.NOTHING:
        figures, tables = _nothing_figures(run), _nothing_tables(run)
    else:
        figures, tables = _plan_figures(run), _plan_tables(run)
    made_at = timezone.localtime(run.finished_at)
    return Brief(
        title=run.get_kind_display(), subject=f"{run.service.name}, {run.of.service.site.name}", answer=run.headline,
        figures=figures, pictures=pictures, paragraphs=_paragraphs(run), tables=tables, lists=_lists(run),
        facts=_facts(run), made_at=made_at, footer=f"{run}, worked out {clock(made_at)}. Made with Trustwide.",
    )  # fmt: skip


def _nothing_figures(run: ServiceRun) -> tuple[Figure, ...]:
    result = run.given["nothing"]
    first, last = result["weeks"][0], result["weeks"][-1]
    used = result["used"]
    return (
        Figure("Waiting now", thousands(first["list"]["median"])),
        _spread_figure(f"Waiting on {run_words.date(last)}", last["list"], 0),
        _spread_figure("Mean wait of those scanned then, weeks", last.get("scanned_mean_weeks"), 1),
        Figure("Of the open time used", "–" if used is None else percent(used, 0), "slots given"),
    )  # fmt: skip


def _plan_figures(run: ServiceRun) -> tuple[Figure, ...]:
    plan, asked = run_pages.plan_of(run), run.given["target"]
    met = words.day_of(plan["target_met_on"]) if plan["target_met_on"] else "not by then"
    return (
        Figure("Probability of the target", percent(plan["probability_target_met"], 0),
               f"asked for: {percent(asked['confidence'], 0)}"),
        Figure("Annual equivalent", words.money(plan["annual_equivalent"]), "one-off money over ten years"),
        _spread_figure("Mean wait of those scanned then, weeks", plan["scanned_mean_weeks"], 1),
        Figure("Target likely met from", met),
    )  # fmt: skip


def _spread_figure(name: str, figure: Figures | None, places: int) -> Figure:
    if not figure or figure["median"] is None:
        return Figure(name, "not known")
    between = f"{thousands(figure['low'], places)} to {thousands(figure['high'], places)}"
    return Figure(name, thousands(figure["median"], places), f"80% of replications: {between}")


def _paragraphs(run: ServiceRun) -> tuple[tuple[str, str], ...]:
    facts = run.of.facts
    described = f"{words.service(facts, None)} {words.listed(facts)}"
    found = [("How it is run", described)]
    if run.kind != ServiceRun.Kind.NOTHING:
        titles, plan = run_pages.titles_of(run.given), run_pages.plan_of(run)
        names = "; ".join(_short(titles[lever]) for lever in plan["levers"]) or "None."
        found.append(("The measures", f"{names}{'' if names.endswith('.') else '.'} Cost: {words.price(plan)}."))
    if run.kind == ServiceRun.Kind.SEARCH:
        found.append(("What is missing", _missing(run.given)))
    if run.note:
        found.append(("Note", run.note[:600]))
    return tuple(found)


def _missing(result: Figures) -> str:
    gap = result["gap_per_week"]
    return (
        f"{run_words.spread(gap['hold'])} more tests a week hold the list as it is; "
        f"{run_words.spread(gap['reach'])} bring it to {words.weeks(result['target']['weeks'])} by "
        f"{words.day_of(result['target']['by'])}. {run_words.spread(result['clearance_tests'])} tests of it are needed "
        "only once (medians and 80% intervals)."
    )


def _nothing_tables(run: ServiceRun) -> tuple[Table, ...]:
    streams = tuple(
        (one["id"], _some(one["arrived"]), _some(one["seen"]), _some(one["mean_wait"], 1), one["unit"],
         _share(one["over_6_weeks"]), _some(one["lost"]))
        for one in run_pages.streams_of(run)
    )  # fmt: skip
    scanners = tuple(
        (one["id"], _share(one["utilisation"]), _some(one["breakdowns"], 1)) for one in run_pages.scanners_of(run)
    )
    heads = (("Stream", False), ("Requests", True), ("Scanned", True), ("Mean wait", True), ("In", False),
             ("Over six weeks", True), ("Lost", True))  # fmt: skip
    return (
        Table("Who waits how long, over the whole run", heads, streams),
        Table("How full the scanners are", (("Scanner", False), ("Scanning", True), ("Breakdowns", True)), scanners),
    )


def _plan_tables(run: ServiceRun) -> tuple[Table, ...]:
    result, titles = run.given, run_pages.titles_of(run.given)
    searched = run.kind == ServiceRun.Kind.SEARCH
    plans = result["plans"][:PLANS_SHOWN] if searched else [result["nothing_plan"], result["plan"]]
    heads = (("Measures", False), ("Probability", True), ("£ a year, all in", True), ("Mean wait, weeks", True),
             ("Waiting then", True), ("Likely met from", False))  # fmt: skip
    rows = tuple(_plan_row(plan, titles) for plan in plans)
    found = [Table("Plans, best first" if searched else "Without and with the measures", heads, rows)]
    if searched and result["marginal_worth"]:
        worth = tuple(
            (_short(titles[one["lever"]]), "yes" if one["in_best"] else "no", percent(one["probability_with"], 0),
             percent(one["probability_without"], 0), thousands(one["weeks_saved"]["mean"], 2))
            for one in result["marginal_worth"][:WORTH_SHOWN]
        )  # fmt: skip
        columns = (
            ("Measure", False), ("In the best", False), ("With it", True), ("Without", True), ("Weeks saved", True),
        )  # fmt: skip
        found.append(Table("What each measure is worth beside the best set", columns, worth))
    return tuple(found)


def _plan_row(plan: Figures, titles: Mapping[str, str]) -> tuple[str, ...]:
    names = "; ".join(_short(titles.get(lever, lever)) for lever in plan["levers"]) or "None"
    waits = plan["scanned_mean_weeks"]
    return (
        names, percent(plan["probability_target_met"], 0), thousands(plan["annual_equivalent"]),
        run_words.spread(waits, 1) if waits["median"] is not None else "–",
        thousands(plan["waiting"]["median"]) if plan["waiting"]["median"] is not None else "–",
        words.day_of(plan["target_met_on"]) if plan["target_met_on"] else "not by then",
    )  # fmt: skip


def _lists(run: ServiceRun) -> tuple[tuple[str, tuple[str, ...]], ...]:
    result = run.given
    found = []
    second = result.get("second_best")
    if second:
        found.append(("For another set to win", tuple(second["sentences"][:POINTS_SHOWN])))
    notes = [f"{name}: {text}" for name, text in _sources(run)]
    assumed = [*(result.get("notes") or result.get("nothing", {}).get("notes", [])), *notes]
    if assumed:
        found.append(("What was assumed", tuple(str(note)[:400] for note in assumed[: 2 * POINTS_SHOWN])))
    found.append(("Limits", LIMITS))
    return tuple(found)


def _sources(run: ServiceRun) -> list[tuple[str, str]]:
    from trustwide.services.imaging.capacity.description import PARTS

    return [(PARTS[part], text) for part, text in run.of.notes.items() if part in PARTS]


def _facts(run: ServiceRun) -> tuple[tuple[str, str], ...]:
    return (
        ("Service", f"{run.service.name}, version {run.of.number} of {day(run.of.created_at)}"),
        ("Fingerprint", run.of.fingerprint),
        ("Replications and seed", f"{run.replications:,} from seed {run.seed}"),
        ("Program", f"Trustwide {run.version}"),
        ("Digest of the answer", run.digest),
    )


def _some(figure: Figures, places: int = 0) -> str:
    if figure["mean"] is None:
        return "–"
    half = figure["half_width"]
    return thousands(figure["mean"], places) + ("" if half is None else f" ± {thousands(half, places)}")


def _share(figure: Figures) -> str:
    return "–" if figure["mean"] is None else percent(figure["mean"], 0)


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"
