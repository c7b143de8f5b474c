"""A search for a service as a workbook: change a price or switch a measure on, and every cost follows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name, xl_range_abs
from xlsxwriter.worksheet import Worksheet

from trustwide.analysis.capacity.costs import LeverCost, annual_equivalent
from trustwide.exchange.workbooks.parts import ANNUITY, Figures, annuity, styles, three
from trustwide.services.imaging.capacity import words
from trustwide.services.imaging.capacity.models import ServiceRun

PLANS_WRITTEN = 500
RATE, YEARS = "Levers!$B$1", "Levers!$B$2"  # cells that other sheets refer to
FIRST_LEVER = 5  # row of the first measure, counted as Excel counts
FIRST_SWITCH = 5  # likewise, on the sheet of one's own set
KEY, FLAGS = 8, 9  # columns of a plan: its key, and the first of its flags
MONEY = (("cost_per_year", "C"), ("one_off", "D"), ("capital", "E"))
NOT_TRIED = "this set was not tried"


def write_service_plan(run: ServiceRun, out: Path | IO[bytes]) -> None:
    """Write an answered search to `out` (a path or an open binary file)."""
    with xlsxwriter.Workbook(out, {"strings_to_formulas": False, "in_memory": True}) as book:
        formats = styles(book)
        plan: Figures = run.given
        _summary(book.add_worksheet("Summary"), run, formats)
        _own_set(book.add_worksheet("Your set"), plan, formats)
        _levers(book.add_worksheet("Levers"), plan["levers"], formats)
        _plans(book.add_worksheet("Plans"), plan, formats)
        _worth(book.add_worksheet("Worth"), plan, formats)
        _course(book.add_worksheet("Weeks"), plan, formats)


def _summary(sheet: Worksheet, run: ServiceRun, styles: Figures) -> None:
    plan, best = run.given, run.given["plans"][0]
    sheet.set_column(0, 0, 46)
    sheet.set_column(1, 3, 18)
    sheet.write_string(0, 0, f"{run.service.name}: what would fix it?", styles["title"])
    sheet.merge_range(1, 0, 1, 3, run.headline, styles["wrap"])
    sheet.set_row(1, 48)
    sheet.write_row(2, 0, ["Figure", "Median", "Low (80 %)", "High (80 %)"], styles["head"])
    gap, now, asked = plan["gap_per_week"], plan["now"], plan["target"]
    rows = [
        (f"People waiting on {now['date']}", now["list"], None, None),
        ("People waiting over six weeks", now["over_6_weeks"], None, None),
        ("Extra tests a week to hold the list", *three(gap["hold"])),
        (f"Extra tests a week to reach {asked['weeks']:g} weeks by {asked['by']}", *three(gap["reach"])),
        ("One-off part, tests", *three(plan["clearance_tests"])),
        ("Best set: mean wait of those scanned by the date, weeks", *three(best["scanned_mean_weeks"])),
        ("Best set: people waiting by the date", *three(best["waiting"])),
    ]  # fmt: skip
    for row, (name, *values) in enumerate(rows, start=3):
        sheet.write_string(row, 0, name)
        _write_numbers(sheet, row, 1, values, styles["decimal"])
    facts = [
        f"Version {run.of.number} of the service, fingerprint {run.of.fingerprint}",
        f"{run.replications:,} replications from seed {run.seed}; program {run.version}; digest {run.digest}",
        *plan["notes"],
    ]  # fmt: skip
    for row, text in enumerate(facts, start=len(rows) + 4):
        sheet.merge_range(row, 0, row, 3, text, styles["wrap"])
        sheet.set_row(row, 32)


def _own_set(sheet: Worksheet, plan: Figures, styles: Figures) -> None:
    """Switches, with the money they come to and what the search found of the same set."""
    levers, best = plan["levers"], plan["plans"][0]["levers"]
    sheet.set_column(0, 0, 44)
    sheet.set_column(1, 5, 18)
    sheet.write_string(0, 0, "Your set: 1 switches a measure on, 0 off", styles["title"])
    sheet.write_string(1, 0, "Money and probability below follow the switches in yellow.")
    sheet.write_row(FIRST_SWITCH - 2, 0, ["Measure", "Switch", "£ a year", "£ once", "£ of capital"], styles["head"])
    for place, lever in enumerate(levers):
        at, on = FIRST_SWITCH + place, int(lever["id"] in best)
        sheet.write_string(at - 1, 0, words.lever_title(lever))
        sheet.write_number(at - 1, 1, on, styles["input"])
        for column, (key, letter) in enumerate(MONEY, start=2):
            formula = f"=$B{at}*Levers!{letter}{FIRST_LEVER + place}"
            sheet.write_formula(at - 1, column, formula, styles["number"], on * lever.get(key, 0))
    last, total = FIRST_SWITCH + len(levers) - 1, FIRST_SWITCH + len(levers)
    cost = _cost(levers, best)
    sheet.write_string(total - 1, 0, "Together", styles["head"])
    for column, value in enumerate((cost.cost_per_year, cost.one_off, cost.capital), start=2):
        letter = xl_col_to_name(column)
        formula = f"=SUM({letter}{FIRST_SWITCH}:{letter}{last})"
        sheet.write_formula(total - 1, column, formula, styles["number"], value)
    _own_figures(sheet, plan, styles, total, last)


def _own_figures(sheet: Worksheet, plan: Figures, styles: Figures, total: int, last: int) -> None:
    best, count = plan["plans"][0], min(len(plan["plans"]), PLANS_WRITTEN)
    money = f"=C{total}+{annuity(f'D{total}+E{total}', RATE, YEARS)}"
    key = "=" + "&".join(f"B{row}" for row in range(FIRST_SWITCH, last + 1))
    keys = f"Plans!{xl_range_abs(1, KEY, count, KEY)}"
    key_cell = f"$B${total + 3}"
    rows = [
        ("Annual equivalent, £ (one-off money over ten years)", money, "number", best["annual_equivalent"]),
        ("Key of the set", key, "number", _key(plan["levers"], best["levers"])),
        ("Probability of the target", _found(1, keys, key_cell, count), "percent", best["probability_target_met"]),
        ("Mean wait of those scanned by the date, weeks", _found(2, keys, key_cell, count), "decimal",
         best["scanned_mean_weeks"]["median"] or 0),
    ]  # fmt: skip
    for row, (name, formula, style, value) in enumerate(rows, start=total + 1):
        sheet.write_string(row, 0, name)
        sheet.write_formula(row, 1, formula, styles[style], value)


def _found(column: int, keys: str, key: str, count: int) -> str:
    return f'=IFERROR(INDEX(Plans!{xl_range_abs(1, column, count, column)},MATCH({key},{keys},0)),"{NOT_TRIED}")'


def _levers(sheet: Worksheet, levers: Sequence[Figures], styles: Figures) -> None:
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 60)
    sheet.set_column(2, 6, 16)
    for row, (name, value) in enumerate(ANNUITY):
        sheet.write_string(row, 0, name)
        sheet.write_number(row, 1, value, styles["input"])
    heads = ["Measure", "What it does", "£ a year", "£ once", "£ of capital", "£ annual equivalent", "Needs"]
    sheet.write_row(FIRST_LEVER - 2, 0, heads, styles["head"])
    for at, lever in enumerate(levers, start=FIRST_LEVER):
        sheet.write_string(at - 1, 0, words.lever_title(lever))
        sheet.write_string(at - 1, 1, words.lever_does(lever), styles["wrap"])
        for column, (key, _) in enumerate(MONEY, start=2):
            sheet.write_number(at - 1, column, lever.get(key, 0), styles["input"])
        formula = f"=C{at}+{annuity(f'D{at}+E{at}', RATE, YEARS)}"
        sheet.write_formula(at - 1, 5, formula, styles["number"], annual_equivalent(_cost([lever], [lever["id"]])))
        sheet.write_string(at - 1, 6, words.staff(lever).removeprefix("needs "))


def _plans(sheet: Worksheet, plan: Figures, styles: Figures) -> None:
    levers = plan["levers"]
    heads = ["Rank", "Probability", "Mean weeks", "Target met on", "£ a year", "£ once and capital",
             "£ annual equivalent", "Replications", "Key", *(words.lever_title(lever) for lever in levers)]  # fmt: skip
    sheet.set_column(0, len(heads), 13)
    sheet.write_row(0, 0, heads, styles["head"])
    sheet.freeze_panes(1, 1)
    last = FIRST_LEVER + len(levers) - 1
    for row, each in enumerate(plan["plans"][:PLANS_WRITTEN], start=1):
        _write_numbers(sheet, row, 0, [row], styles["number"])
        _write_numbers(sheet, row, 1, [each["probability_target_met"]], styles["percent"])
        _write_numbers(sheet, row, 2, [each["scanned_mean_weeks"]["median"]], styles["decimal"])
        sheet.write_string(row, 3, each["target_met_on"] or "not by the date")
        sheet.write_number(row, 7, each["replications"], styles["number"])
        if levers:
            _plan_money(sheet, row, each, (FLAGS + len(levers) - 1, last), styles)
            letters = [f"{xl_col_to_name(FLAGS + place)}{row + 1}" for place in range(len(levers))]
            sheet.write_formula(row, KEY, "=" + "&".join(letters), None, _key(levers, each["levers"]))
        for column, lever in enumerate(levers, start=FLAGS):
            sheet.write_number(row, column, int(lever["id"] in each["levers"]))


def _plan_money(sheet: Worksheet, row: int, each: Figures, ends: tuple[int, int], styles: Figures) -> None:
    """Costs from the flags. The flags lie across and the prices down, so one is turned to multiply them."""
    last_flag, last_lever = ends
    flags = xl_range_abs(row, FLAGS, row, last_flag)
    once = each["one_off"] + each["capital"]
    columns = {4: ("C", each["cost_per_year"]), 5: ("D+E", once), 6: ("F", each["annual_equivalent"])}
    for column, (letters, value) in columns.items():
        prices = "+".join(f"Levers!${one}${FIRST_LEVER}:${one}${last_lever}" for one in letters.split("+"))
        formula = f"{{=SUMPRODUCT({flags},TRANSPOSE({prices}))}}"
        sheet.write_array_formula(row, column, row, column, formula, styles["number"], value)


def _worth(sheet: Worksheet, plan: Figures, styles: Figures) -> None:
    titles = {lever["id"]: words.lever_title(lever) for lever in plan["levers"]}
    heads = ["Measure", "In the best set", "Probability with", "Probability without", "Gained", "Weeks saved", "± 95 %"]
    sheet.set_column(0, 0, 40)
    sheet.set_column(1, 6, 16)
    sheet.write_row(0, 0, heads, styles["head"])
    for row, one in enumerate(plan["marginal_worth"], start=1):
        sheet.write_string(row, 0, titles[one["lever"]])
        sheet.write_string(row, 1, "yes" if one["in_best"] else "no")
        _write_numbers(sheet, row, 2, [one["probability_with"], one["probability_without"]], styles["percent"])
        gained = one["probability_with"] - one["probability_without"]
        sheet.write_formula(row, 4, f"=C{row + 1}-D{row + 1}", styles["percent"], gained)
        saved = one["weeks_saved"]
        _write_numbers(sheet, row, 5, [saved["mean"], saved["half_width"]], styles["decimal"])
    second = plan["second_best"] or {"sentences": []}
    for row, sentence in enumerate(second["sentences"], start=len(plan["marginal_worth"]) + 2):
        sheet.merge_range(row, 0, row, 6, sentence, styles["wrap"])
        sheet.set_row(row, 32)


def _course(sheet: Worksheet, plan: Figures, styles: Figures) -> None:
    sides = {"as usual": plan["do_nothing"]["weeks"], "with the best": plan["best"]["weeks"]}
    kinds = {"list": "Waiting", "scanned_mean_weeks": "Mean weeks of those scanned"}
    heads = [
        f"{name}, {side}, {part}" for side in sides for name in kinds.values() for part in ("median", "low", "high")
    ]
    sheet.set_column(0, len(heads), 13)
    sheet.write_row(0, 0, ["Week to", *heads], styles["head"])
    sheet.freeze_panes(1, 1)
    for row, weeks in enumerate(zip(*sides.values(), strict=True), start=1):
        sheet.write_string(row, 0, weeks[0]["ends_on"])
        values = [value for week in weeks for kind in kinds for value in three(week[kind])]
        _write_numbers(sheet, row, 1, values, styles["decimal"])


def _write_numbers(sheet: Worksheet, row: int, column: int, values: Sequence[Any], style: Any) -> None:
    """Numbers side by side; a figure that is not known leaves its cell empty."""
    for place, value in enumerate(values, start=column):
        if value is not None:
            sheet.write_number(row, place, value, style)


def _key(levers: Sequence[Figures], chosen: Sequence[str]) -> str:
    """The flags of a set in one text, by which its row is found."""
    return "".join(str(int(lever["id"] in chosen)) for lever in levers)


def _cost(levers: Sequence[Figures], chosen: Sequence[str]) -> LeverCost:
    taken = [lever for lever in levers if lever["id"] in chosen]
    return LeverCost(*(sum(lever.get(key, 0) for lever in taken) for key, _ in MONEY))
