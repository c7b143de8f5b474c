"""What a run says in words, built only from its stored figures."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from trustwide.commons.nhsuk.formats import day, percent, thousands
from trustwide.services.imaging.capacity.models import ServiceRun
from trustwide.services.imaging.plan_words import count, price, weeks

Figures = Mapping[str, Any]
STATISTICS = {"mean": "mean wait", "median": "median wait", "p95": "wait that 95% keep within"}
USUAL_TARGET = 2.0  # weeks


def headline(run: ServiceRun, result: Figures) -> str:
    """The first line of a run."""
    if run.kind == ServiceRun.Kind.NOTHING:
        target = run.of.mapping.get("target") or {}
        return nothing(result["nothing"]["weeks"], target.get("weeks", USUAL_TARGET))
    return best(result) if run.kind == ServiceRun.Kind.SEARCH else chosen(result, result["plan"])


def nothing(rows: Sequence[Figures], target_weeks: float) -> str:
    """What happens to the list and to the waits if nothing changes."""
    first, last = rows[0]["list"]["median"], rows[-1]
    moves = "grows" if last["list"]["low"] > first else "shrinks" if last["list"]["high"] < first else "stays alike"
    said = f"If nothing changes the list {moves}: {thousands(first)} now, {spread(last['list'])} by {date(last)}."
    wait = last.get("scanned_mean_weeks", {}).get("median")
    if wait is None:
        return said
    aim = "over" if wait > target_weeks else "within"
    return (
        f"{said} Those scanned by then waited {wait:.1f} weeks on average, {aim} the target of {weeks(target_weeks)}."
    )


def best(result: Figures) -> str:
    """The winner of a search, or that no set is sure enough."""
    plan, confidence = result["plans"][0], result["target"]["confidence"]
    share = plan["probability_target_met"]
    if share >= confidence:
        return chosen(result, plan)
    sure = f"No set of these measures is {percent(confidence, 0)} sure of {aim(result)}"
    likeliest = f"{count(len(plan['levers']), 'measure')} for {price(plan)}" if plan["levers"] else "doing nothing"
    return f"{sure}; the likeliest, {likeliest}, has {percent(share, 0)}."


def chosen(result: Figures, plan: Figures) -> str:
    """What one set of measures brings, how surely, and for how much."""
    share = percent(plan["probability_target_met"], 0)
    if not plan["levers"]:
        return f"Without any measure there is a {share} chance of {aim(result)}."
    what = count(len(plan["levers"]), "measure")
    verb = "gives" if len(plan["levers"]) == 1 else "give"
    return f"{what.capitalize()} {verb} a {share} chance of {aim(result)}, for {price(plan)}."


def aim(result: Figures) -> str:
    """a mean wait of those scanned of at most two weeks by 31 December 2026"""
    asked = result["target"]
    return (
        f"a {STATISTICS[asked['statistic']]} of those {asked['who']} of at most {weeks(asked['weeks'])} by "
        f"{day(datetime.date.fromisoformat(asked['by']))}"
    )


def spread(range_: Figures, places: int = 0) -> str:
    """7,700 (7,400 to 8,100)"""
    low, median, high = (thousands(range_[key], places) for key in ("low", "median", "high"))
    return f"{median} ({low} to {high})"


def date(row: Figures) -> str:
    """The day that a row of a course is of."""
    return day(datetime.date.fromisoformat(row["month"]))


def likelier(one: Figures) -> str:
    """By how much a measure raises the probability, and how many weeks it saves, beside the best set."""
    more = one["probability_with"] - one["probability_without"]
    saved = one["weeks_saved"]["mean"]
    what = f"{'+' if more >= 0 else '−'}{percent(abs(more), 0)} probability"
    if saved is None:
        return what
    return f"{what}, {abs(saved):.2f} weeks {'shorter' if saved >= 0 else 'longer'}"
