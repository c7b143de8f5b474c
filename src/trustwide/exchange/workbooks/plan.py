"""A plan as a workbook: change a price, a size or a rate and every cost and closed-form figure follows."""

from __future__ import annotations

from pathlib import Path
from typing import IO

import numpy as np
import xlsxwriter
from xlsxwriter.utility import xl_range
from xlsxwriter.worksheet import Worksheet

from trustwide.analysis.capacity.costs import annual_equivalent
from trustwide.analysis.capacity.monthly import MonthlyHistory, lever_cost, levers_from
from trustwide.exchange.workbooks.parts import ANNUITY, Figures, annuity, styles, three

PLANS_WRITTEN = 50
# cells that other sheets refer to
RATE, YEARS, TESTS, WAITING = "Levers!$B$1", "Levers!$B$2", "Levers!$B$3", "Levers!$B$4"
FIRST_LEVER_ROW = 7  # counted as Excel counts


def write_plan(plan: Figures, history: MonthlyHistory, out: Path | IO[bytes]) -> None:
    """Write the JSON of a plan and the months behind it to `out` (a path or an open binary file)."""
    with xlsxwriter.Workbook(out, {"strings_to_formulas": False, "in_memory": True}) as book:
        formats = styles(book)
        _summary(book.add_worksheet("Summary"), plan, formats)
        _months(book.add_worksheet("History"), history, formats)
        _projection(book.add_worksheet("As usual"), plan, formats)
        _closed_form(book.add_worksheet("Closed form"), plan, formats)
        _levers(book.add_worksheet("Levers"), plan, formats)
        _plans(book.add_worksheet("Plans"), plan, formats)


def _summary(sheet: Worksheet, plan: Figures, styles: Figures) -> None:
    now, target = plan["now"], plan["target"]
    sheet.set_column(0, 0, 44)
    sheet.set_column(1, 3, 16)
    sheet.write(0, 0, f"{plan['provider_name']} ({plan['provider']}): {plan['test']}", styles["title"])
    sheet.write_row(1, 0, ["Figure", "Median", "Low (80 %)", "High (80 %)"], styles["head"])
    gap, goal = plan["gap_per_week"], f"{target['weeks']:g} weeks by {target['by']}"
    rows = [
        (f"People waiting, end of {now['month']}", now["list"], None, None),
        ("People waiting over six weeks", now["over_6_weeks"], None, None),
        ("Mean wait of those scanned, weeks", *three(now["scanned_mean_weeks"])),
        ("Median wait of those waiting, weeks", now["waiting_median_weeks"], None, None),
        ("Net additions a week", *three(now["additions_per_week"])),
        ("Tests from the list a week", now["tests_per_week"], None, None),
        ("Extra tests a week to hold the list", *three(gap["hold"])),
        (f"Extra tests a week to reach {goal}", *three(gap["reach"])),
        ("One-off part, tests", *three(plan["clearance_tests"])),
    ]  # fmt: skip
    for row, values in enumerate(rows, start=2):
        sheet.write(row, 0, values[0])
        for column, value in enumerate(values[1:], start=1):
            if value is not None:
                sheet.write_number(row, column, value, styles["decimal"])
    for row, note in enumerate(plan["notes"], start=len(rows) + 3):
        sheet.merge_range(row, 0, row, 3, note, styles["wrap"])
        sheet.set_row(row, 48)
    sheet.write(
        len(rows) + len(plan["notes"]) + 4, 0, f"Seed {plan['seed']}, {plan['replications']} futures; {plan['digest']}"
    )


def _months(sheet: Worksheet, history: MonthlyHistory, styles: Figures) -> None:
    heads = ["Month", *(f"{week} to <{week + 1} weeks" for week in range(13)), "13+ weeks", "Tests from the list",
             "Waiting", "Over six weeks", "Share over six weeks", "Net additions"]  # fmt: skip
    sheet.set_column(0, len(heads), 11)
    sheet.write_row(0, 0, heads, styles["head"])
    sheet.freeze_panes(1, 1)
    for row, month in enumerate(history.months, start=1):
        bands, tests = history.bands[row - 1], int(history.waiting_list_tests[row - 1])
        total, over = int(bands.sum()), int(bands[6:].sum())
        sheet.write(row, 0, str(month))
        for column, people in enumerate(bands.tolist(), start=1):
            sheet.write_number(row, column, people, styles["number"])
        sheet.write_number(row, 15, tests, styles["number"])
        sheet.write_formula(row, 16, f"=SUM(B{row + 1}:O{row + 1})", styles["number"], total)
        sheet.write_formula(row, 17, f"=SUM(H{row + 1}:O{row + 1})", styles["number"], over)
        sheet.write_formula(
            row, 18, f"=IF(Q{row + 1}=0,0,R{row + 1}/Q{row + 1})", styles["percent"], over / total if total else 0
        )
        if row > 1 and history.months[row - 1] - history.months[row - 2] == np.timedelta64(1, "M"):
            added = tests + total - int(history.bands[row - 2].sum())
            sheet.write_formula(row, 19, f"=P{row + 1}+Q{row + 1}-Q{row}", styles["number"], added)


def _projection(sheet: Worksheet, plan: Figures, styles: Figures) -> None:
    kinds = {"list": "Waiting", "over_6_weeks": "Over six weeks", "scanned_mean_weeks": "Scanned, mean weeks",
             "waiting_median_weeks": "Waiting, median weeks"}  # fmt: skip
    heads = ["Month", *(f"{name}, {part}" for name in kinds.values() for part in ("median", "low", "high"))]
    sheet.set_column(0, len(heads), 13)
    sheet.write_row(0, 0, heads, styles["head"])
    for row, month in enumerate(plan["do_nothing"]["months"], start=1):
        sheet.write(row, 0, month["month"])
        figures = [value for kind in kinds for value in three(month[kind])]
        for column, value in enumerate(figures, start=1):
            if value is not None:
                sheet.write_number(row, column, value, styles["decimal"])


def _closed_form(sheet: Worksheet, plan: Figures, styles: Figures) -> None:
    closed, target = plan["closed_form"], plan["target"]
    last = np.datetime64(plan["as_at"], "M") + 1
    weeks = float(((np.datetime64(target["by"], "M") + 1).astype("M8[D]") - last.astype("M8[D]")).astype(int)) / 7
    sheet.set_column(0, 0, 62)
    sheet.set_column(1, 1, 16)
    inputs = [
        ("Demand, net additions a week", closed["demand"]), ("Capacity, tests a week", closed["capacity"]),
        ("People waiting", plan["now"]["list"]), ("Target, weeks", target["weeks"]), ("Weeks to the date", weeks),
    ]  # fmt: skip
    formulas = [
        ("Load = demand / capacity", '=IF(B3=0,"",B2/B3)', closed["load"] or 0),
        ("Target mean wait = target / 4, weeks", "=B5/4", closed["target_mean_wait"]),
        ("Target list = demand x target / 4", "=B2*B5/4", closed["target_list"]),
        ("Relief capacity = demand + (list - target list) / weeks", "=B2+(B4-B9)/B6", closed["relief_capacity"]),
        ("Target capacity = demand + 4 / target (coefficients of variation 1)", "=B2+4/B5", closed["target_capacity"]),
        ("Pressure = 2 x mean wait / target", "=2*(B4/B2)/B5", closed["pressure"]),
        ("List at which the mean wait is the target (Little)", "=B2*B5", closed["mean_target_list"]),
        ("Relief capacity for that list", "=B2+(B4-B13)/B6", closed["mean_target_relief_capacity"]),
    ]
    sheet.write_row(0, 0, ["Fong et al. 2022 (yellow cells are inputs)", "Value"], styles["head"])
    for row, (name, value) in enumerate(inputs, start=1):
        sheet.write(row, 0, name)
        sheet.write_number(row, 1, value, styles["input"])
    for row, (name, formula, value) in enumerate(formulas, start=len(inputs) + 1):
        sheet.write(row, 0, name)
        sheet.write_formula(row, 1, formula, styles["decimal"], value)
    sheet.merge_range(15, 0, 18, 1, closed["why_different"], styles["wrap"])


def _levers(sheet: Worksheet, plan: Figures, styles: Figures) -> None:
    sheet.set_column(0, 1, 30)
    sheet.set_column(2, 12, 12)
    sheet.set_column(13, 13, 60)
    for row, (name, value) in enumerate([
        *ANNUITY, ("Tests a week", plan["now"]["tests_per_week"]), ("People waiting", plan["now"]["list"]),
    ]):  # fmt: skip
        sheet.write(row, 0, name)
        sheet.write_number(row, 1, value, styles["input"])
    heads = ["Lever", "Title", "Kind", "Size", "Unit cost, £", "Weeks", "Cost a year, £", "One-off, £", "Capital, £",
             "Total a year, £", "Total one-off, £", "Annual equivalent, £", "Lead, weeks", "Source"]  # fmt: skip
    sheet.write_row(FIRST_LEVER_ROW - 2, 0, heads, styles["head"])
    for row, lever in enumerate(plan["levers"], start=FIRST_LEVER_ROW - 1):
        at = row + 1
        sheet.write_row(row, 0, [lever["id"], lever["title"], lever["kind"]])
        keys = ("size", "unit_cost", "weeks", "cost_per_year", "one_off", "capital")
        for column, key in enumerate(keys, start=3):
            sheet.write_number(row, column, lever[key], styles["input"])
        # readers that do not recalculate see these values; the formulae give the same
        cost = lever_cost(
            levers_from([lever | {"excludes": []}])[0], plan["now"]["tests_per_week"], plan["now"]["list"]
        )
        sheet.write_formula(row, 9, _yearly(lever["kind"], at), styles["number"], cost.cost_per_year)
        sheet.write_formula(row, 10, _once(lever["kind"], at), styles["number"], cost.one_off)
        total = f"=J{at}+{annuity(f'K{at}+I{at}', RATE, YEARS)}"
        sheet.write_formula(row, 11, total, styles["number"], annual_equivalent(cost))
        sheet.write_row(row, 12, [lever["lead_weeks"], f"{lever['source']} ({lever['priced_on']})"])


def _yearly(kind: str, at: int) -> str:
    extra = {
        "extra_tests": f"+D{at}*{TESTS}*365.25/7*E{at}", "fewer_missed": f"+{TESTS}*365.25/7*E{at}",
    }  # fmt: skip
    return f"=G{at}{extra.get(kind, '')}"


def _once(kind: str, at: int) -> str:
    extra = {"temporary_tests": f"+D{at}*{TESTS}*F{at}*E{at}", "validate": f"+{WAITING}*E{at}"}
    return f"=H{at}{extra.get(kind, '')}"


def _plans(sheet: Worksheet, plan: Figures, styles: Figures) -> None:
    levers = [lever["id"] for lever in plan["levers"]]
    heads = ["Rank", "Probability", "Mean weeks", "Target met on", "Annual equivalent, £", *levers]
    sheet.set_column(0, len(heads), 13)
    sheet.write_row(0, 0, heads, styles["head"])
    sheet.freeze_panes(1, 1)
    last = FIRST_LEVER_ROW + len(levers) - 1
    for row, each in enumerate(plan["plans"][:PLANS_WRITTEN], start=1):
        sheet.write_number(row, 0, row)
        sheet.write_number(row, 1, each["probability_target_met"], styles["percent"])
        if each["scanned_mean_weeks"]["median"] is not None:
            sheet.write_number(row, 2, each["scanned_mean_weeks"]["median"], styles["decimal"])
        sheet.write(row, 3, each["target_met_on"] or "not by the date")
        if levers:
            flags = xl_range(row, 5, row, 4 + len(levers))
            # the flags lie across and the costs down, so one is turned to multiply them
            formula = f"=SUMPRODUCT({flags},TRANSPOSE(Levers!$L${FIRST_LEVER_ROW}:$L${last}))"
            sheet.write_array_formula(row, 4, row, 4, f"{{{formula}}}", styles["number"], each["annual_equivalent"])
            for column, lever in enumerate(levers, start=5):
                sheet.write_number(row, column, int(lever in each["levers"]))
