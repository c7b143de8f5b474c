"""The workbook holds the plan, its formulae are live, and what they give is what the plan says."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from python_calamine import CalamineWorkbook

from trustwide.analysis.capacity.monthly import Question, answer, default_levers
from trustwide.analysis.capacity.monthly.tests.synthetic import steady_history, wandering_panel
from trustwide.exchange.workbooks import write_plan


@pytest.fixture(scope="module")
def written() -> tuple[dict, bytes]:
    history = steady_history(growth=10)
    plan = answer(history, wandering_panel(), default_levers("MRI")[:6], Question(replications=60)).to_dict()
    out = io.BytesIO()
    write_plan(plan, history, out)
    return plan, out.getvalue()


def sheet(content: bytes, name: str) -> list[list]:
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name(name).to_python()


def test_history_adds_up(written: tuple[dict, bytes]) -> None:
    plan, content = written
    newest = sheet(content, "History")[-1]
    assert sum(newest[1:15]) == newest[16] == plan["now"]["list"]
    assert newest[17] == plan["now"]["over_6_weeks"]


def test_each_plan_costs_what_its_levers_cost(written: tuple[dict, bytes]) -> None:
    plan, content = written
    rows = sheet(content, "Levers")[6:]
    yearly = {row[0]: row[11] for row in rows}
    for row in sheet(content, "Plans")[1:]:
        chosen = [lever["id"] for lever, flag in zip(plan["levers"], row[5:], strict=True) if flag]
        assert row[4] == pytest.approx(sum(yearly[lever] for lever in chosen), abs=1.0)


def test_figures_are_formulae_that_follow_their_inputs(written: tuple[dict, bytes]) -> None:
    _, content = written
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        formulas = {
            name: re.findall(r"<f[^>]*>([^<]+)</f>", book.read(f"xl/worksheets/sheet{number}.xml").decode())
            for number, name in enumerate(["Summary", "History", "As usual", "Closed form", "Levers", "Plans"], start=1)
        }
    assert "B2+(B4-B9)/B6" in formulas["Closed form"]
    assert all("Levers!$L$" in formula for formula in formulas["Plans"])
    assert any("Levers!$B$1" in formula for formula in formulas["Levers"])


def test_closed_form_cells_give_what_the_plan_says(written: tuple[dict, bytes]) -> None:
    """Worked again from the cells a reader would change, by the formulae as they stand."""
    _, content = written
    cells = {f"B{number}": row[1] for number, row in enumerate(sheet(content, "Closed form")[:14], start=1)}
    assert cells["B7"] == pytest.approx(cells["B2"] / cells["B3"], abs=1e-3)
    assert cells["B9"] == pytest.approx(cells["B2"] * cells["B5"] / 4, abs=0.1)
    assert cells["B10"] == pytest.approx(cells["B2"] + (cells["B4"] - cells["B9"]) / cells["B6"], abs=0.1)
    assert cells["B14"] == pytest.approx(cells["B2"] + (cells["B4"] - cells["B13"]) / cells["B6"], abs=0.1)
