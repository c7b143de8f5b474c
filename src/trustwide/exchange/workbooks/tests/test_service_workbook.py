"""The workbook of a search for a service: its formulae are live, and what they give is what the search found."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from python_calamine import CalamineWorkbook

from trustwide.analysis.capacity.costs import LeverCost, annual_equivalent
from trustwide.exchange.workbooks import write_service_plan
from trustwide.services.imaging.capacity.models import ServiceRun
from trustwide.services.imaging.capacity.tests.service_stage import PLANNER, a_service, answered

pytestmark = pytest.mark.django_db
SHEETS = ["Summary", "Your set", "Levers", "Plans", "Worth", "Weeks"]


@pytest.fixture
def run(cast):
    return answered(a_service(cast.north, cast.people[PLANNER]), cast.people[PLANNER], ServiceRun.Kind.SEARCH)


@pytest.fixture
def written(run):
    out = io.BytesIO()
    write_service_plan(run, out)
    return out.getvalue()


def sheet(content, name):
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name(name).to_python()


def formulas(content, name):
    """Each formula by its cell."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        text = book.read(f"xl/worksheets/sheet{SHEETS.index(name) + 1}.xml").decode()
    return dict(re.findall(r'<c r="([A-Z]+\d+)"[^>]*><f[^>]*>([^<]+)</f>', text))


def test_a_measure_costs_a_year_what_the_program_says(run, written):
    for lever, row in zip(run.result["levers"], sheet(written, "Levers")[4:], strict=True):
        cost = LeverCost(*(lever.get(key, 0) for key in ("cost_per_year", "one_off", "capital")))
        assert row[2:5] == [cost.cost_per_year, cost.one_off, cost.capital]
        assert row[5] == pytest.approx(annual_equivalent(cost))
    assert formulas(written, "Levers")["F5"] == "C5+(D5+E5)*Levers!$B$1/(1-(1+Levers!$B$1)^-Levers!$B$2)"


def test_each_plan_costs_what_its_switches_say(run, written):
    rows = sheet(written, "Plans")[1:]
    assert len(rows) == len(run.result["plans"]) == 8
    yearly = [row[5] for row in sheet(written, "Levers")[4:]]
    for plan, row in zip(run.result["plans"], rows, strict=True):
        flags = row[9:]
        on = [lever["id"] for lever, flag in zip(run.result["levers"], flags, strict=True) if flag]
        assert sorted(on) == sorted(plan["levers"])
        assert row[6] == pytest.approx(sum(cost for cost, flag in zip(yearly, flags, strict=True) if flag), abs=1)
        assert row[1] == plan["probability_target_met"]
        assert str(row[8]) == "".join(str(int(flag)) for flag in flags)


def test_ones_own_set_starts_as_the_best_and_finds_its_row(run, written):
    rows, best = sheet(written, "Your set"), run.result["plans"][0]
    switches = {row[0]: row[1] for row in rows[4:7]}
    titles = {lever["title"]: lever["id"] for lever in run.result["levers"]}
    assert sorted(titles[name] for name, on in switches.items() if on) == sorted(best["levers"])
    figures = {row[0]: row[1] for row in rows[8:]}
    assert figures["Annual equivalent, £ (one-off money over ten years)"] == pytest.approx(
        best["annual_equivalent"], abs=1
    )
    assert figures["Probability of the target"] == best["probability_target_met"]
    live = formulas(written, "Your set")
    assert live["C8"] == "SUM(C5:C7)" and live["B11"] == "B5&amp;B6&amp;B7"
    assert live["B12"] == 'IFERROR(INDEX(Plans!$B$2:$B$9,MATCH($B$11,Plans!$I$2:$I$9,0)),"this set was not tried")'
    keys = [str(row[8]) for row in sheet(written, "Plans")[1:]]
    assert keys.count(str(figures["Key of the set"])) == 1


def test_the_rest_is_as_it_was_found(run, written):
    weeks, found = sheet(written, "Weeks")[1:], run.result["do_nothing"]["weeks"]
    assert len(weeks) == len(found)
    assert weeks[-1][1] == found[-1]["list"]["median"]
    assert [row[2] for row in sheet(written, "Worth")[1 : 1 + len(run.result["marginal_worth"])]] == [
        one["probability_with"] for one in run.result["marginal_worth"]
    ]
    summary = " ".join(str(cell) for row in sheet(written, "Summary") for cell in row)
    assert run.headline in summary and run.digest in summary and "seed 1" in summary


def test_it_is_downloaded_by_those_who_may_see_the_run(run, client, cast):
    client.force_login(cast.people["board_member"])
    response = client.get(f"/workbooks/runs/{run.pk}/plan.xlsx")
    assert response["Content-Disposition"] == f'attachment; filename="plan-of-service-{run.pk}.xlsx"'
    assert sheet(response.content, "Plans")[0][0] == "Rank"
    client.force_login(cast.stranger)
    assert client.get(f"/workbooks/runs/{run.pk}/plan.xlsx").status_code in (403, 404)
