"""What a plan says in words, built only from its stored figures."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from trustwide.commons.nhsuk.formats import day, month, percent, pounds, thousands

Figures = Mapping[str, Any]
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
MILLION = 1_000_000
LIKELY = 0.5


def count(number: int, noun: str) -> str:
    """two measures; 12 measures"""
    word = NUMBERS[number] if number < len(NUMBERS) else f"{number:,}"
    return f"{word} {noun}{'' if number == 1 else 's'}"


def weeks(number: float) -> str:
    """two weeks; 2.5 weeks"""
    return count(int(number), "week") if number == int(number) else f"{number:g} weeks"


def money(value: float) -> str:
    """£45,300; £1.86m"""
    return f"£{value / MILLION:,.2f}m" if value >= MILLION else pounds(round(value, -2))


def price(plan: Figures) -> str:
    """£56,000 a year and £550,600 once; £1.90m of capital; nothing"""
    parts = [
        f"{money(plan[figure])} {when}"
        for figure, when in (("cost_per_year", "a year"), ("one_off", "once"), ("capital", "of capital"))
        if plan[figure]
    ]
    *first, last = parts or ["nothing"]
    return f"{', '.join(first)} and {last}" if first else last


def month_of(text: str) -> str:
    """March 2026, from 2026-03"""
    return month(datetime.date.fromisoformat(f"{text[:7]}-01"))


def day_of(text: str) -> str:
    """3 March 2026, from 2026-03-03"""
    return day(datetime.date.fromisoformat(text))


def target(given: Figures) -> str:
    """under two weeks by March 2026"""
    asked = given["target"]
    return f"under {weeks(asked['weeks'])} by {month_of(asked['by'])}"


def answer(result: Figures, plan: Figures) -> str:
    """The first line: what one set of measures of an answer brings, and how right this would have been before."""
    return _with_hindsight(_brings(result, plan), result)


def best_answer(result: Figures) -> str:
    """The first line of a search: what its best plan brings, or that none is sure enough."""
    best, confidence = result["plans"][0], result["target"]["confidence"]
    share = best["probability_target_met"]
    if share >= confidence:
        return answer(result, best)
    aim = f"the mean wait of those scanned {target(result)}"
    if _is_none(share):
        return _with_hindsight(f"No set of these measures brings {aim}", result)
    likeliest = (
        f"{count(len(best['levers']), 'measure')} for {price(best)}" if best["levers"] else "carrying on as usual"
    )
    sentence = f"No set of these measures is {percent(confidence, 0)} sure to bring {aim}; the likeliest, {likeliest}"
    return _with_hindsight(f"{sentence}, has {percent(share, 0)}", result)


def now(given: Figures) -> str:
    """The first line before any search: how bad it is, what is missing, and doing nothing."""
    today, asked = given["now"], given["target"]
    scanned, then = today["scanned_mean_weeks"]["median"], at_date(given["do_nothing"]["months"], asked["by"])
    reach = given["gap_per_week"]["reach"]["median"]
    waited = "" if scanned is None else f", and those scanned waited {scanned:.1f} weeks on average"
    nothing = then["scanned_mean_weeks"]["median"]
    if reach is None:
        return f"{today['list']:,} people wait{waited}; no number of tests alone is sure to bring it {target(given)}."
    if reach <= 0:
        return f"{today['list']:,} people wait{waited}; the tests done today are enough to bring it {target(given)}."
    going_on = "" if nothing is None else f" If all goes on as usual it will be {nothing:.1f} weeks then."
    return (
        f"{today['list']:,} people wait{waited}; bringing that {target(given)} takes {reach:,.0f} more tests a week."
        f"{going_on}"
    )


def chosen(given: Figures, plan: Figures) -> str:
    """What the switched-on set brings, for the line above the charts and for screen readers."""
    share = percent(plan["probability_target_met"], 0)
    what = f"chance of bringing the mean wait of those scanned {target(given)}"
    if not plan["levers"]:
        return f"With no measure: {share} {what}."
    return f"With {count(len(plan['levers']), 'measure')}: {share} {what}, for {price(plan)}."


def compared(plans: Sequence[Any]) -> str:
    """The first line of a comparison: the likeliest plan and the cheapest a year; neither for different lists."""
    if len({(plan.site.pk, plan.test) for plan in plans}) > 1:
        return "These plans are for different lists: read each beside its own list, as none can be called the best."
    likeliest = max(plans, key=lambda plan: plan.chosen_plan["probability_target_met"])
    cheapest = min(plans, key=lambda plan: plan.chosen_plan["annual_equivalent"])
    share = percent(likeliest.chosen_plan["probability_target_met"], 0)
    dear, cheap = price(likeliest.chosen_plan), price(cheapest.chosen_plan)
    if likeliest is cheapest:
        return f"“{likeliest}” is both the likeliest to meet its target ({share}) and the cheapest ({dear})."
    return (
        f"“{likeliest}” is the likeliest to meet its target ({share}, for {dear}); “{cheapest}” is cheapest "
        f"(for {cheap}, {percent(cheapest.chosen_plan['probability_target_met'], 0)})."
    )


def hindsight_clause(past: Figures | None) -> str:
    """a year ago this tool would have been 4% out"""
    if not past:
        return ""
    last = past["months"][-1]
    ago = _months_between(past["as_at"], last["month"])
    when = {12: "a year ago", 6: "half a year ago"}.get(ago, f"{count(ago, 'month')} ago")
    return f"{when} this tool would have been {percent(out_by(last), 0)} out"


def hindsight(past: Figures) -> str:
    """What the hindsight chart shows."""
    last = past["months"][-1]
    ago = _months_between(past["as_at"], last["month"])
    way = "above" if last["list"]["median"] > last["actual"] else "below"
    inside = sum(row["inside"] for row in past["months"])
    projected, came = last["list"]["median"], last["actual"]
    return (
        f"Projected from {month_of(past['as_at'])}, {count(ago, 'month')} before, the list of "
        f"{month_of(last['month'])} would have been {projected:,}, {percent(out_by(last), 0)} {way} the {came:,} that "
        f"came. {inside} of {len(past['months'])} months came inside the 80% interval. On average it was "
        f"{percent(past['mean_error'], 0)} out; saying that nothing changes would have been "
        f"{percent(past['last_value_error'], 0)} out."
    )


def fan(months: Sequence[Figures], figure: str, asked: Figures, *, what: str, places: int) -> str:
    """The median and 80% interval of a figure at the date, for the text beside a chart."""
    row = at_date(months, asked["by"])[figure]
    if row["median"] is None:
        return f"{what}: not known"
    low, median, high = (thousands(row[key], places) for key in ("low", "median", "high"))
    return f"{what}: {median} ({low} to {high})"


def at_date(months: Sequence[Figures], by: str) -> Figures:
    """The row of the month by whose end the target must hold."""
    return next(row for row in months if row["month"] == by)


def out_by(row: Figures) -> float:
    """How far a projection was from what came, as a share of what came."""
    return float(abs(row["list"]["median"] - row["actual"]) / max(row["actual"], 1))


def _brings(result: Figures, plan: Figures) -> str:
    share, number, aim = plan["probability_target_met"], len(plan["levers"]), target(result)
    none = _is_none(share)
    surely = "" if none else f" with {percent(share, 0)} confidence"
    if not number:
        verb = "does not come" if none else "is"
        return f"Without any measure the mean wait of those scanned {verb} {aim}{surely}"
    one, several = ("does not bring", "do not bring") if none else ("brings", "bring")
    verb = "would bring" if not none and share < LIKELY else (one if number == 1 else several)
    cost = f"{',' if surely else ''} for {price(plan)}"
    return f"{count(number, 'measure').capitalize()} {verb} the mean wait of those scanned {aim}{surely}{cost}"


def _is_none(share: float) -> bool:
    """Whether a probability is said as 0%, which nobody would call a chance."""
    return percent(share, 0) == percent(0, 0)


def _with_hindsight(sentence: str, result: Figures) -> str:
    past = hindsight_clause(result.get("hindsight"))
    return f"{sentence}; {past}." if past else f"{sentence}."


def _months_between(first: str, last: str) -> int:
    return (int(last[:4]) - int(first[:4])) * 12 + int(last[5:7]) - int(first[5:7])
