"""A plan for a service as text for a person at a terminal."""

from __future__ import annotations

from typing import Any

from trustwide.config.commands.plan_table import notes_table, spread

Figures = dict[str, Any]
PLANS_SHOWN = 10


def plan_service_table(plan: Figures) -> str:
    """The answer in the order people ask: now, doing nothing, the gap, what would fix it, what else might."""
    return "\n\n".join(
        [_now(plan), _courses(plan), _gap(plan), _plans(plan), _worth(plan), _second(plan), notes_table(plan)]
    )


def _now(plan: Figures) -> str:
    now = plan["now"]
    return "\n".join([
        f"{plan['service']}, {now['date']}",
        f"  waiting                     {now['list']:,}; {now['over_6_weeks']:,} over six weeks "
        f"({now['over_6_weeks_share']:.1%})",
        f"  median of those waiting     {now['waiting_median_weeks']} weeks",
        f"  with an appointment         {now['with_appointment']:,}",
    ])  # fmt: skip


def _courses(plan: Figures) -> str:
    lines = [
        "If nothing changes, and with the best plan",
        f"  {'month':9}{'list':>24}{'scanned, mean weeks':>22}{'list with plan':>24}{'mean weeks':>22}",
    ]
    for row, best in zip(plan["do_nothing"]["months"], plan["best"]["months"], strict=True):
        lines.append(
            f"  {row['month']:9}{spread(row['list']):>24}{spread(row['scanned_mean_weeks'], 1):>22}"
            f"{spread(best['list']):>24}{spread(best['scanned_mean_weeks'], 1):>22}"
        )
    return "\n".join(lines)


def _gap(plan: Figures) -> str:
    gap, target, closed = plan["gap_per_week"], plan["target"], plan["closed_form"]
    return "\n".join([
        f"For a {target['statistic']} wait of the {target['who']} of {target['weeks']:g} weeks by {target['by']}",
        f"  hold, tests a week          {spread(gap['hold'])}",
        f"  reach, hold included        {spread(gap['reach'])}",
        f"  one-off part, tests         {spread(plan['clearance_tests'])}",
        f"  closed form (Fong 2022)     load {closed['load']}, target list {closed['target_list']:,.0f}, relief "
        f"capacity {closed['relief_capacity']:,.0f} a week",
        f"  by the mean itself          list {closed['mean_target_list']:,.0f}, relief capacity "
        f"{closed['mean_target_relief_capacity']:,.0f} a week",
    ])  # fmt: skip


def _plans(plan: Figures) -> str:
    lines = [
        f"Plans, best first ({plan['evaluated']} sets, {plan['ruled_out']} ruled out by their room, "
        f"{plan['replications_spent']:,} replications of {plan['replications_of_trying_all']:,})",
        f"  {'probability':>20}{'£ a year':>12}{'£ once':>12}{'mean weeks':>20}{'met on':>13}  measures",
    ]
    for row in plan["plans"][:PLANS_SHOWN]:
        low, high = row["probability_interval"]
        chance = f"{row['probability_target_met']:.0%} ({low:.0%} to {high:.0%})"
        lines.append(
            f"  {chance:>20}{row['cost_per_year']:>12,}{row['one_off'] + row['capital']:>12,}"
            f"{spread(row['scanned_mean_weeks'], 1):>20}{row['target_met_on'] or 'not met':>13}"
            f"  {', '.join(row['levers']) or 'nothing'}"
        )
    return "\n".join(lines)


def _worth(plan: Figures) -> str:
    lines = [
        "What each measure is worth beside the best plan",
        f"  {'with':>6}{'without':>9}{'weeks saved':>18}  measure",
    ]
    for row in plan["marginal_worth"]:
        saved = row["weeks_saved"]
        weeks = "not known" if saved["mean"] is None else f"{saved['mean']:.2f} ± {saved['half_width']:.2f}"
        part = "" if row["in_best"] else " (not in it)"
        lines.append(
            f"  {row['probability_with']:>6.0%}{row['probability_without']:>9.0%}{weeks:>18}  {row['lever']}{part}"
        )
    return "\n".join(lines)


def _second(plan: Figures) -> str:
    if plan["second_best"] is None:
        return "There is no other plan."
    return "\n".join(
        ["What would have to be true for another to win", *(f"  - {one}" for one in plan["second_best"]["sentences"])]
    )
