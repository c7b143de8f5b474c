"""A plan as text for a person at a terminal."""

from __future__ import annotations

from typing import Any

Figures = dict[str, Any]
PLANS_SHOWN = 10


def plan_table(plan: Figures) -> str:
    """The answer in the order people ask: now, doing nothing, the gap, what would fix it, how right this has been."""
    parts = [_now(plan), _do_nothing(plan), _gap(plan), _plans(plan), _hindsight(plan), notes_table(plan)]
    return "\n\n".join(part for part in parts if part)


def spread(figure: Figures, digits: int = 0, unit: str = "") -> str:
    if figure["median"] is None:
        return "not known"
    low, median, high = (f"{figure[key]:,.{digits}f}" for key in ("low", "median", "high"))
    return f"{median}{unit} ({low} to {high})"


def _now(plan: Figures) -> str:
    now = plan["now"]
    return "\n".join([
        f"{plan['provider_name']} ({plan['provider']}), {plan['test']}, end of {now['month']}",
        f"  waiting                     {now['list']:,}; {now['over_6_weeks']:,} over six weeks "
        f"({now['over_6_weeks_share']:.1%})",
        f"  mean wait of those scanned  {spread(now['scanned_mean_weeks'], 1, ' weeks')}",
        f"  median of those waiting     {now['waiting_median_weeks']} weeks",
        f"  additions a week            {spread(now['additions_per_week'])}, mean of the last year",
        f"  tests a week                {now['tests_per_week']:,.0f}, mean of the last year",
    ])  # fmt: skip


def _do_nothing(plan: Figures) -> str:
    lines = ["If all goes on as usual", f"  {'month':9}{'list':>24}{'over six weeks':>24}{'scanned, mean weeks':>24}"]
    for row in plan["do_nothing"]["months"]:
        lines.append(
            f"  {row['month']:9}{spread(row['list']):>24}{spread(row['over_6_weeks']):>24}"
            f"{spread(row['scanned_mean_weeks'], 1):>24}"
        )
    return "\n".join(lines)


def _gap(plan: Figures) -> str:
    gap, target, closed = plan["gap_per_week"], plan["target"], plan["closed_form"]
    return "\n".join([
        f"To bring the mean wait of those scanned to {target['weeks']:g} weeks by {target['by']}",
        f"  hold, tests a week          {spread(gap['hold'])}",
        f"  reach, hold included        {spread(gap['reach'])}",
        f"  one-off part, tests         {spread(plan['clearance_tests'])}",
        f"  closed form (Fong 2022)     load {_load(closed['load'])}, target list {closed['target_list']:,.0f}, relief "
        f"capacity {closed['relief_capacity']:,.0f} a week",
        f"  by the mean itself          list {closed['mean_target_list']:,.0f}, relief capacity "
        f"{closed['mean_target_relief_capacity']:,.0f} a week",
    ])  # fmt: skip


def _load(value: float | None) -> str:
    return "not known" if value is None else f"{value:.3f}"


def _plans(plan: Figures) -> str:
    if not plan["levers"]:
        return ""
    lines = [
        f"Plans, best first ({plan['evaluated']} tried)",
        f"  {'probability':>11}{'£ a year':>12}{'£ once':>12}{'mean weeks':>18}  measures",
    ]
    for row in plan["plans"][:PLANS_SHOWN]:
        lines.append(
            f"  {row['probability_target_met']:>11.0%}{row['cost_per_year']:>12,.0f}"
            f"{row['one_off'] + row['capital']:>12,.0f}{spread(row['scanned_mean_weeks'], 1):>18}"
            f"  {', '.join(row['levers']) or 'nothing'}"
        )
    return "\n".join(lines)


def _hindsight(plan: Figures) -> str:
    past = plan["hindsight"]
    if past is None:
        return "There are too few months to say how right this would have been."
    lines = [
        f"How right it was: projected from {past['as_at']}, the list was {past['mean_error']:.1%} out on average "
        f"(last value {past['last_value_error']:.1%}); {past['inside_share']:.0%} of months inside the interval"
    ]
    for row in past["months"]:
        mark = "inside" if row["inside"] else "outside"
        lines.append(f"  {row['month']:9}{spread(row['list']):>24}{row['actual']:>10,}  {mark}")
    return "\n".join(lines)


def notes_table(plan: Figures) -> str:
    return "\n".join(["Notes", *(f"  - {note}" for note in plan["notes"])])
