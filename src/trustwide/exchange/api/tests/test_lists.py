"""What the lists say: the rows of the database, all of them, once, in every form."""

from __future__ import annotations

import csv
import datetime as dt
import io

import polars as pl
import pytest
from django.db.models import F
from python_calamine import CalamineWorkbook

from trustwide.commons.measures.definition import measure
from trustwide.commons.measures.figures import scale
from trustwide.commons.measures.models import ChartSummary, Observation, Signal
from trustwide.exchange.api import schemas
from trustwide.exchange.api.paging import cursor_after
from trustwide.exchange.api.tests.conftest import LIST

pytestmark = pytest.mark.django_db
ROWS = {
    "sites": schemas.SiteRow,
    "definitions": schemas.DefinitionRow,
    "observations": schemas.ObservationRow,
    "charts": schemas.ChartRow,
    "signals": schemas.SignalRow,
}


def every_page(ask, who, path, **asked):
    pages, cursor = [], ""
    while cursor is not None:
        told = ask(who, path, cursor=cursor, **asked).json()
        pages.append(told["items"])
        cursor = told["next"]
    return pages


@pytest.mark.parametrize("limit", [1, 7, 24, 10_000])
def test_pages_hold_every_row_once_and_in_order(stage, ask, limit):
    pages = every_page(ask, stage.chief, "observations", limit=limit, measure=LIST)
    assert all(len(page) == limit for page in pages[:-1]) and len(pages[-1]) <= limit
    kept = Observation.objects.filter(measure=LIST).order_by("site_id", "breakdown", "period")
    told = [(row["site"], row["breakdown"], row["period"], row["value"]) for page in pages for row in page]
    assert len(told) == 96
    assert told == [
        (site, breakdown, period.isoformat(), value)
        for site, breakdown, period, value in kept.values_list("site__code", "breakdown", "period", "value")
    ]


def test_rows_computed_anew_between_two_pages_change_no_place(stage, ask):
    asked = {"measure": LIST, "site": "N1", "limit": 10}
    first = ask(stage.chief, "observations", **asked).json()
    kept = list(Observation.objects.filter(measure=LIST, site=stage.north))
    Observation.objects.filter(pk__in=[row.pk for row in kept]).delete()
    for row in kept:
        row.pk = None
    Observation.objects.bulk_create(reversed(kept))
    rest = ask(stage.chief, "observations", **asked | {"limit": 1000}, cursor=first["next"]).json()["items"]
    told = [(row["breakdown"], row["period"]) for row in first["items"] + rest]
    assert len(told) == 48 and told == sorted(set(told))


@pytest.mark.parametrize("path", ["charts", "signals"])
def test_pages_of_the_other_lists_are_whole(stage, ask, path):
    asked = {"state": "any"} if path == "signals" else {}
    whole = ask(stage.chief, path, **asked).json()["items"]
    pages = every_page(ask, stage.chief, path, limit=2, **asked)
    assert [row for page in pages for row in page] == whole
    assert len(whole) == {"charts": ChartSummary, "signals": Signal}[path].objects.count() > 0


def test_observations_are_filtered(stage, ask):
    asked = {"measure": LIST, "site": "N1", "breakdown": "MRI", "from": "2024-03-01", "to": "2024-05-31"}
    rows = ask(stage.chief, "observations", **asked).json()["items"]
    assert [row["period"] for row in rows] == ["2024-03-01", "2024-04-01", "2024-05-01"]
    assert {(row["measure"], row["site"], row["breakdown"]) for row in rows} == {(LIST, "N1", "MRI")}
    assert ask(stage.chief, "observations", **{"from": "2025-01-01", "to": "2024-01-01"}).json()["items"] == []


def test_values_are_in_the_unit_of_the_measure(stage, ask):
    share = next(row["code"] for row in ask(stage.chief, "definitions").json()["items"] if row["unit"] == "%")
    rows = [row for row in ask(stage.chief, "observations").json()["items"] if row["denominator"]]
    shares = [row for row in rows if measure(row["measure"]).unit == "%"]
    assert share and shares
    for row in rows:
        in_unit = scale(measure(row["measure"])) * row["numerator"] / row["denominator"]
        assert row["value"] == pytest.approx(in_unit)
    kept = ChartSummary.objects.exclude(mean=None).get(measure=shares[0]["measure"], site=stage.north, breakdown="MRI")
    row = ask(stage.chief, "charts", measure=kept.measure, site="N1", breakdown="MRI").json()["items"][0]
    assert row["value"] == pytest.approx(100 * kept.value) and row["mean"] == pytest.approx(100 * kept.mean)


def test_a_definition_tells_its_versions_newest_first(stage, ask):
    told = ask(stage.chief, f"definitions/{LIST}").json()
    row = next(row for row in ask(stage.chief, "definitions").json()["items"] if row["code"] == LIST)
    assert row == {name: told[name] for name in row}
    assert [each["number"] for each in told["versions"]] == list(range(told["version"], 0, -1))
    assert {"code": "MRI", "name": "MRI"} in told["breakdowns"]
    assert "SELECT" in told["sql"]


def test_signals_are_open_or_closed(stage, ask):
    closed = Signal.objects.open().first()
    Signal.objects.filter(pk=closed.pk).update(closed=F("latest"), closing="rebased", mark_date="2025-01-01")
    found = {state: ask(stage.chief, "signals", state=state).json()["items"] for state in ("open", "closed", "any")}
    assert {(row["closed"], row["closing"], row["mark_date"]) for row in found["open"]} == {(None, "", None)}
    row = next(row for row in found["closed"] if row["id"] == closed.pk)
    assert row["closed"] == closed.latest.isoformat() and all(row["closed"] for row in found["closed"])
    assert (row["closing"], row["mark_date"]) == ("rebased", "2025-01-01")
    assert len(found["any"]) == len(found["open"]) + len(found["closed"])
    assert ask(stage.chief, f"signals/{closed.pk}").json() == row | {"acts": []}
    verdict = found["any"][0]["verdict"]
    assert {row["verdict"] for row in ask(stage.chief, "signals", verdict=verdict).json()["items"]} == {verdict}


def test_a_signal_names_whom_it_is_assigned_to(stage, ask):
    signal = Signal.objects.open().first()
    assert ask(stage.chief, f"signals/{signal.pk}").json()["assigned_to"] == ""
    Signal.objects.filter(pk=signal.pk).update(assigned_to=stage.chief)
    row = next(row for row in ask(stage.chief, "signals").json()["items"] if row["id"] == signal.pk)
    assert row["assigned_to"] == str(stage.chief) != ""
    assert ask(stage.chief, f"signals/{signal.pk}").json()["assigned_to"] == str(stage.chief)


@pytest.mark.parametrize("path", ROWS)
def test_files_hold_the_rows_of_the_json(stage, ask, path):
    told = ask(stage.chief, path).json()["items"]
    assert told
    rows = [ROWS[path].model_validate(row).model_dump() for row in told]
    parquet = pl.read_parquet(io.BytesIO(ask(stage.chief, path, format="parquet").content))
    assert parquet.to_dicts() == rows
    text = ask(stage.chief, path, format="csv").content.decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(text)))
    assert lines == [{name: _as_text(value) for name, value in row.items()} for row in rows]
    book = ask(stage.chief, path, format="xlsx")
    assert book["Content-Disposition"] == f'attachment; filename="{path}.xlsx"'
    sheet = _sheet(book)
    assert sheet.pop(0) == list(rows[0])
    # a sheet knows no empty text, and keeps 16 digits
    expected = [
        [pytest.approx(value, rel=1e-15) if isinstance(value, float) else _plain(value) for value in row.values()]
        for row in rows
    ]
    assert [[_plain(value) for value in line] for line in sheet] == expected


def _sheet(answer):
    return CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()


def _as_text(value):
    return "" if value is None else value.isoformat() if isinstance(value, dt.date) else str(value)


def _plain(value):
    return None if value == "" else value.isoformat()[:10] if isinstance(value, dt.date) else value


def _lines(form, answer):
    if form == "xlsx":
        return [tuple(line) for line in _sheet(answer)]
    table = (pl.read_csv if form == "csv" else pl.read_parquet)(io.BytesIO(answer.content))
    return [tuple(table.columns), *table.rows()]


@pytest.mark.parametrize("form", ["csv", "parquet", "xlsx"])
def test_a_file_without_rows_has_its_columns_and_one_of_many_says_where_the_next_is(stage, ask, form):
    empty = ask(stage.chief, "observations", format=form, **{"from": "2099-01-01"})
    columns = tuple(schemas.ObservationRow.model_fields)
    assert _lines(form, empty)[0] == columns and "Link" not in empty
    first = ask(stage.chief, "observations", format=form, limit=5)
    assert first["Link"].startswith(f"<http://testserver/api/v1/observations?format={form}&limit=5&cursor=")
    following = first["Link"].removeprefix("<http://testserver/api/v1/").partition(">")[0]
    rows = [line for answer in (first, ask(stage.chief, following)) for line in _lines(form, answer)[1:]]
    assert [columns, *rows] == _lines(form, ask(stage.chief, "observations", format=form, limit=10))


@pytest.mark.parametrize(
    ("path", "asked", "sentence"),
    [
        ("observations", {"limit": "0"}, '"limit" is "0": input should be greater than or equal to 1.'),
        ("observations", {"limit": "ten"}, '"limit" is "ten": give a whole number from 1 to 10000.'),
        ("observations", {"from": "March"}, '"from" is "March": give a date as 2026-03-01.'),
        ("observations", {"to": "2026-02-30"}, '"to" is "2026-02-30": '),
        ("observations", {"format": "pdf"}, "\"format\" is \"pdf\": input should be 'json', 'csv', 'parquet' or"),
        ("observations", {"cursor": "a b"}, '"cursor" is "a b": '),
        ("charts", {"mesure": LIST}, 'There is no parameter "mesure"; expected format, limit, cursor, measure, site,'),
        ("signals/1", {"limit": "1"}, 'There is no parameter "limit"; this address takes none.'),
    ],
)
def test_what_cannot_be_read_is_told_in_a_sentence(stage, ask, path, asked, sentence):
    answer = ask(stage.chief, path, **asked)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith(sentence)


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("observations", {"measure": "none_such"}),
        ("charts", {"site": "X9"}),
        ("charts", {"site": "n1"}),
        ("charts", {"breakdown": "\x00"}),
        ("definitions/none_such", {}),
        (f"charts/{LIST}/N1/-", {}),
        (f"charts/{LIST}/N1/X-ray", {}),
        (f"charts/{LIST}/S1/CT", {}),
        ("signals/99999999999999999999999", {}),
        *(
            ("observations", {"cursor": cursor})
            for cursor in (
                "abc", "bnVsbA", cursor_after([1, LIST, "MRI"]), cursor_after(["1", LIST, "MRI", "2024-01-01"]),
                cursor_after([2**63, LIST, "MRI", "2024-01-01"]), cursor_after([True, LIST, "MRI", "2024-01-01"]),
                cursor_after([1, LIST, "\x00", "2024-01-01"]), cursor_after([1, LIST, "\ud800", "2024-01-01"]),
                cursor_after([1, LIST, "MRI", "2024-13-01"]),
            )
        ),
    ],
)  # fmt: skip
def test_what_is_not_there_is_not_found(stage, ask, path, asked):
    answer = ask(stage.chief, path, **asked)
    assert answer.status_code == 404
    assert answer.json()["detail"].endswith(".")


@pytest.mark.parametrize("path", ROWS)
def test_the_number_of_queries_does_not_grow_with_the_rows(stage, ask, path, django_assert_max_num_queries):
    ask(stage.chief, path)
    for asked in ({"limit": 1}, {"limit": 1000}):
        # the token, the permission, its first use, the codes of the sites, the rows
        with django_assert_max_num_queries(5):
            ask(stage.chief, path, **asked if path not in ("sites", "definitions") else {})
