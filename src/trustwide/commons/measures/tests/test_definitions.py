"""The catalogue, the page of one measure with its versions, and definitions that cannot be computed."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from trustwide.commons.measures import definition as registry
from trustwide.commons.measures.definition import LogicalTable, measures
from trustwide.commons.measures.definition_check import check_definition, fault, sound
from trustwide.commons.measures.exceptions import MeasureDefinitionError
from trustwide.commons.measures.models import Observation, QualityScore
from trustwide.commons.measures.tests.conftest import LATE, SHARE, month
from trustwide.commons.measures.versions import begin_version
from trustwide.commons.nhsuk.tests.pages import Page

COLUMNS = {
    "site_id": "int64", "breakdown": "string", "period": "date", "late": "int64", "visits": "int64", "clinic": "string",
}  # fmt: skip


@pytest.fixture
def clinic(share, monkeypatch):
    """The cast with the measure's charts, over a table whose columns are known."""
    table = LogicalTable("visits", COLUMNS, lambda sites: None, {"MRI": "MRI", "CT": "CT"})
    monkeypatch.setitem(registry._tables, "visits", table)
    return share


@pytest.fixture
def planner(clinic, client):
    client.force_login(clinic.people["planner"])
    return client


def test_every_registered_definition_can_be_computed():
    assert len(measures()) > 10
    assert sound(measures()) == (list(measures()), [])


# what is wrong with it -> a part of the sentence
BROKEN = {
    "a missing column": (
        {"numerator": lambda table: table.lates.sum()}, 'its numerator cannot be built: there is no column "lates"',
    ),
    "a missing column by name": (
        {"denominator": lambda table: table["visit"].sum()}, "its denominator cannot be built: Column 'visit' is not",
    ),
    "rows that nobody can filter": (
        {"rows": lambda table: table.filter(table.ward == "A")}, 'its rows cannot be built: there is no column "ward"',
    ),
    "a numerator that is not added up": ({"numerator": lambda table: table.late}, "it gives a column, not one number"),
    "a word": ({"numerator": lambda table: table.clinic.max()}, "it gives a string, not a number"),
    "nothing at all": ({"numerator": lambda table: None}, "it gives nothing, not one number"),
    "a number of Python": ({"numerator": lambda table: 5}, "it gives the Python value 5"),
    "a division by zero": ({"numerator": lambda table: 1 // 0 * table.late.sum()}, "division"),
    "rows that lose the keys": ({"rows": lambda table: table.select("late", "visits")}, "cannot be computed: "),
    "an unknown table": ({"table": "visitors"}, 'its table is not registered: There is no table "visitors"'),
}  # fmt: skip


def test_a_definition_with_an_error_is_told_in_one_sentence(clinic):
    for changed, wanted in BROKEN.values():
        broken = replace(SHARE, code="broken", **changed)
        with pytest.raises(MeasureDefinitionError) as refusal:
            check_definition(broken)
        said = str(refusal.value)
        assert said.startswith(f'Measure "broken" over the table "{broken.table}" cannot be computed: ')
        assert wanted in said
        assert "; correct its " in said
        assert said.count("\n") == 0
        assert said == fault(broken)


def test_the_others_of_the_table_go_on(clinic):
    broken = replace(SHARE, code="broken", numerator=lambda table: table.lates.sum())
    good, said = sound([broken, SHARE])
    assert good == [SHARE]
    assert len(said) == 1
    assert fault(SHARE) == ""


def test_the_catalogue_counts_what_each_person_sees(clinic, client):
    QualityScore.objects.create(
        measure="share_late", site=clinic.north, breakdown="MRI", score=91, doubts=2, size=100, first=month(0),
        newest=month(23), expected=month(23), late_by=0,
    )  # fmt: skip
    for who, charts in ((clinic.people["planner"], "1"), (clinic.chief, "2")):
        client.force_login(who)
        page = Page(client.get("/measures/"))
        (row,) = page.tables[0][1:]
        assert row[0] == "Share of visits that began late"
        assert row[2:6] == ["Clinic", "%", "5%", charts]
        assert [cell.split()[0].rstrip(":") for cell in row[6:]] == [charts, "0", "91"]
    assert "1 measure on 2 charts, of which 2 are concerns." in page.text
    assert "No measure fits." in Page(client.get("/measures/?text=height")).text
    assert Page(client.get("/measures/?text=late+visits&owner=clinic")).tables
    assert "No measure belongs to nobody." in Page(client.get("/measures/?owner=nobody")).text


def test_a_measure_is_defined_in_words_with_its_charts(clinic, planner):
    response = planner.get("/measures/share_late/?where=all")
    page = Page(response)
    for words in ("visits that began late, out of visits", "Lower is better; the target is 5%", "A P' chart", "SELECT"):
        assert words in page.text
    assert [row[:2] for row in page.tables[-1][1:]] == [["North", "MRI"]], "South is another's"
    assert ("MRI", "/measures/share_late/N1/MRI/") in page.links
    assert "Higher than usual since January 2025" in page.text
    assert "It has not been computed yet" in page.text
    assert "No chart fits." in Page(planner.get("/measures/share_late/?verdict=improvement")).text
    assert len(Page(planner.get("/measures/share_late/?verdict=concern&site=nor")).tables[-1]) == 2
    assert planner.get("/measures/height/").status_code == 404


def test_a_broken_definition_has_a_page_that_says_so(clinic, planner, monkeypatch):
    broken = replace(SHARE, numerator=lambda table: table.lates.sum())
    monkeypatch.setitem(registry._definitions, "share_late", broken)
    assert "there is no column &#34;lates&#34;" in planner.get("/measures/share_late/").content.decode()


def test_former_figures_of_a_version_are_a_file_of_ones_own_sites(clinic, client):
    begin_version(SHARE)
    changed = replace(SHARE, numerator=lambda table: table.late.sum() * 2, changes="Counted twice.")
    begin_version(changed)
    Observation.objects.all().delete()
    client.force_login(clinic.people["planner"])
    page = Page(client.get("/measures/share_late/"))
    rows = [row for table in page.tables for row in table if "Counted twice." in " ".join(row)]
    assert rows[0][0] == "2"
    assert rows[0][-1] == "In force"
    address = "/measures/share_late/versions/1.csv"
    assert address in dict(reversed(link) for link in page.links)
    assert sites_in(client.get(address)) == dict.fromkeys(["N1"], len(LATE))
    client.force_login(clinic.chief)
    assert sites_in(client.get(address)) == {"N1": len(LATE), "S1": len(LATE)}
    assert client.get("/measures/share_late/versions/9.csv").status_code == 404


def sites_in(response):
    """How many lines there are of each site."""
    _, *lines = csv.reader(io.StringIO(response.content.decode("utf-8-sig")))
    return {code: sum(line[0] == code for line in lines) for code in {line[0] for line in lines}}


def test_the_pages_ask_the_database_as_often_for_many_charts(clinic, client):
    client.force_login(clinic.chief)
    addresses = ("/measures/", "/measures/share_late/?where=all")
    few = [queries_of(client, address) for address in addresses]
    clinic.north.chart_summaries.update(breakdown="CT")
    for chart in list(clinic.south.chart_summaries.all()):
        for number in range(20):
            chart.pk, chart.breakdown = None, f"B{number}"
            chart.save()
    assert [queries_of(client, address) for address in addresses] == few
    assert max(few) <= 16


def queries_of(client, address):
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        client.get(address)
    return len(queries)
