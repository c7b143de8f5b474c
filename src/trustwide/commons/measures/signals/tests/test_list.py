"""The list of signals: its first line, filters, order, files and its rolled-up form, for those who may see them."""

from __future__ import annotations

import csv
import datetime as dt
import io
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from python_calamine import CalamineWorkbook

from trustwide.commons.measures import definition as registry
from trustwide.commons.measures.models import Ghost
from trustwide.commons.measures.signals import words
from trustwide.commons.measures.signals.figures import FALSE_ALERTS, Expected, SignalFilters, expected
from trustwide.commons.measures.signals.tests.conftest import NEWEST, a_chart, a_signal, month
from trustwide.commons.nhsuk.tests.pages import Page

LIST = "/signals/"


@pytest.fixture
def planner(stage, client):
    client.force_login(stage.people["planner"])
    return client


@pytest.fixture
def chief(stage, client):
    client.force_login(stage.chief)
    return client


def names(page):
    head, *rows = page.tables[0]
    return [row[head.index("What")] for row in rows]


def test_the_first_line_counts_what_is_open_new_and_of_chance(stage, chief):
    a_signal(stage.north)
    a_signal(stage.north, breakdown="CT", opened=month(19))
    a_signal(stage.south, verdict="improvement", direction="low")
    page = Page(chief.get(LIST))
    assert "Three signals are open at your sites; two are new in September 2025." in page.text
    assert "Chance alone would open less than one, on three charts." in page.text


def test_new_are_those_of_the_open_that_are_shown(stage, chief):
    a_signal(stage.north)
    a_signal(stage.north, breakdown="CT", opened=month(19))
    a_signal(
        stage.north, "falls", "W1", closed=NEWEST, closed_at=timezone.now(), closing="rebased", mark_date=month(14)
    )
    a_signal(stage.south, verdict="improvement", direction="low", assigned_to=stage.chief)
    assert "Three signals are open at your sites; two are new in September 2025." in Page(chief.get(LIST)).text
    for asked in ("verdict=improvement", "direction=low", "mine=on"):
        assert "One signal that fits is open at your sites; one is new" in Page(chief.get(f"{LIST}?{asked}")).text, (
            asked
        )
    fit = "Two signals that fit are open at your sites; one is new"
    assert fit in Page(chief.get(f"{LIST}?verdict=concern")).text


def test_the_first_line_says_how_many_are_put_off(stage, chief):
    today = timezone.localdate()
    a_signal(stage.north)
    a_signal(stage.north, breakdown="CT", snoozed_until=today)
    assert "put off" not in Page(chief.get(LIST)).text.split("Chance")[0].split("What changed?")[-1]
    a_signal(stage.south, snoozed_until=today + dt.timedelta(days=3))
    a_signal(stage.north, "falls", "W1", snoozed_until=today + dt.timedelta(days=3), closed=NEWEST)
    assert "Two signals are open at your sites and one is put off; two are new in" in Page(chief.get(LIST)).text
    a_signal(stage.south, "falls", "W2", snoozed_until=today + dt.timedelta(days=3), opened=month(19))
    assert "Two signals are open at your sites and two are put off; two are new" in Page(chief.get(LIST)).text
    fit = "One signal that fits is open at your sites; one is new"
    assert fit in Page(chief.get(f"{LIST}?measure=share_late&breakdown=CT")).text
    assert "Two signals are put off at your sites." in Page(chief.get(f"{LIST}?state=snoozed")).text


def test_chance_is_counted_by_kind_of_chart(stage):
    for number in range(120):
        a_chart(stage.north, breakdown=f"B{number}", kind="pp")
    for number in range(80):
        a_chart(stage.north, breakdown=f"G{number}", kind="g")
    a_chart(stage.north, breakdown="short", variation_icon="", kind="run")
    found = expected(stage.chief, SignalFilters())
    assert (found.judged, found.new) == (200, 0)
    assert found.by_chance == pytest.approx(120 * FALSE_ALERTS["pp"] + 80 * FALSE_ALERTS["g"])
    assert words.by_chance(found) == "Chance alone would open about two, on 200 charts."


def test_measures_that_end_in_different_months_are_new_in_their_own(stage):
    a_signal(stage.north)
    a_signal(stage.north, "falls", "W1", opened=month(19))
    a_signal(stage.south, "falls", "W1", opened=month(18))
    for chart in ("W1",):
        stage.north.chart_summaries.filter(breakdown=chart).update(period=month(19))
        stage.south.chart_summaries.filter(breakdown=chart).update(period=month(19))
    found = expected(stage.chief, SignalFilters())
    assert (found.newest, found.new) == (None, 2)
    assert words.newest(found) == "in the newest figures"


def test_without_a_judged_chart_the_line_says_so():
    line = words.answer(0, Expected(0, None, 0, 0.0, 0), SignalFilters(), "at your sites")
    assert line == "No signals are open at your sites; no chart there has enough figures to be judged."


def test_other_sites_do_not_exist(stage, planner):
    north, south = a_signal(stage.north), a_signal(stage.south)
    page = Page(planner.get(LIST))
    assert "One signal is open at your sites" in page.text
    assert [link for link in page.links if link[1] == f"/signals/{north.pk}/"]
    assert "South" not in page.text
    assert planner.get(f"/signals/{south.pk}/").status_code == 404
    assert "South" not in planner.get(f"{LIST}signals.csv?where=all").content.decode()
    assert "South" not in Page(planner.get(f"{LIST}rolled-up/?where=all")).text


def test_our_group_comes_first_and_everywhere_is_a_choice(stage, planner):
    a_signal(stage.north)
    a_signal(stage.public)
    assert "One signal is open at your sites" in Page(planner.get(LIST)).text
    assert "Two signals are open at all the sites you may see" in Page(planner.get(f"{LIST}?where=all")).text
    assert "in Providers in public data" in Page(planner.get(f"{LIST}?where=public")).text
    assert "There is no such place" in Page(planner.get(f"{LIST}?where=nowhere")).text


def test_each_filter_narrows(stage, chief):
    a_signal(stage.north, rank=30)
    a_signal(stage.north, "falls", "W1", assigned_to=stage.chief, rank=20)
    a_signal(stage.south, breakdown="CT", verdict="improvement", direction="low", rank=10)
    late, falls, ct = (
        "Share of visits that began late: MRI",
        "Falls a month: Ward 1",
        "Share of visits that began late: CT",
    )
    for asked, wanted in {
        "": [late, falls, ct],
        "measure=falls": [falls],
        "measure=share_late&breakdown=CT": [ct],
        "aim=quality": [falls],
        "site=south": [ct],
        "site=N1": [late, falls],
        "verdict=improvement": [ct],
        "direction=high": [late, falls],
        "mine=on": [falls],
    }.items():
        assert names(Page(chief.get(f"{LIST}?{asked}"))) == wanted, asked
    assert "One signal that fits is open" in Page(chief.get(f"{LIST}?site=south")).text
    assert "This measure has no breakdown W1" in Page(chief.get(f"{LIST}?measure=share_late&breakdown=W1")).text
    nothing = Page(chief.get(f"{LIST}?site=nowhere"))
    assert not nothing.tables
    assert "No signal fits." in nothing.text


def test_put_off_and_closed_signals_have_lists_of_their_own(stage, chief):
    today = timezone.localdate()
    a_signal(stage.north, snoozed_until=today + dt.timedelta(days=3))
    a_signal(stage.north, "falls", "W1", closed=NEWEST, closed_at=timezone.now())
    a_signal(stage.south, snoozed_until=today)
    assert names(Page(chief.get(LIST))) == ["Share of visits that began late: MRI"]
    off = Page(chief.get(f"{LIST}?state=snoozed"))
    assert "One signal is put off at your sites." in off.text
    assert "Put off until" in names(off)[0]
    closed = Page(chief.get(f"{LIST}?state=closed"))
    assert names(closed) == ["Falls a month: Ward 1 Closed in September 2025"]
    assert closed.tables[0][0][0] == "No.", "what is closed is not ticked"


def test_a_closed_list_says_why_on_the_page_and_in_its_files(stage, chief):
    a_signal(stage.north, closed=NEWEST, closed_at=timezone.now(), closing="rebased", mark_date=month(14))
    why = "Closed: the limits were recalculated from March 2025 on"
    assert names(Page(chief.get(f"{LIST}?state=closed"))) == [f"Share of visits that began late: MRI {why}"]
    for columns in ("", "&columns=state&columns=aim"):
        written = chief.get(f"{LIST}signals.csv?state=closed{columns}").content.decode("utf-8-sig")
        (row,) = csv.DictReader(io.StringIO(written))
        assert row["State"] == why
        book = chief.get(f"{LIST}signals.xlsx?state=closed{columns}").content
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()
        assert sheet[3].count("State") == 1
        assert sheet[4][sheet[3].index("State")] == why


def test_a_row_says_how_large_in_words(stage, chief):
    a_signal(stage.north)
    row = dict(zip(*Page(chief.get(LIST)).tables[0][:2], strict=True))
    assert row["Size"] == "+10.4 points, large"
    assert (row["Rank"], row["Since"], row["People"], row["Assigned to"]) == ("1", "March 2025", "1,234", "–")
    assert row["Kind"].endswith("Concern")


def test_columns_are_chosen_in_the_address(stage, chief):
    a_signal(stage.north)
    head = Page(chief.get(f"{LIST}?columns=aim&columns=opened")).tables[0][0]
    assert head == ["Tick", "Rank", "What", "Site", "Aim", "First seen"]


def test_the_files_hold_what_the_page_shows(stage, chief):
    for place in range(60):
        a_signal(stage.north, "falls", f"W{place}", rank=place)
    a_signal(stage.south, rank=99)
    shown = Page(chief.get(f"{LIST}?where=all"))
    assert len(shown.tables[0]) == 51
    written = chief.get(f"{LIST}signals.csv?where=all").content.decode("utf-8-sig")
    head, *rows = csv.reader(io.StringIO(written))
    assert head == shown.tables[0][0][1:]
    assert [row[0] for row in rows] == [str(place) for place in range(1, 62)]
    assert rows[0][1:3] == ["Share of visits that began late: MRI", "South"]
    assert rows[0][5] == "2025-03-01"
    book = CalamineWorkbook.from_filelike(io.BytesIO(chief.get(f"{LIST}signals.xlsx?where=all").content))
    sheet = book.get_sheet_by_index(0).to_python()
    assert sheet[1][0] in shown.text
    assert [str(row[1]) for row in sheet[4:]] == [row[1] for row in rows]
    assert sheet[4][5] == dt.date(2025, 3, 1)


def test_wards_are_taken_together_at_their_site_and_sites_in_the_group(stage, chief):
    for site in (stage.north, stage.south):
        for ward in ("W1", "W2"):
            a_signal(site, "falls", ward)
    a_signal(stage.north)
    a_chart(stage.north, breakdown="CT")
    a_chart(stage.south)
    falls, late = Page(chief.get(f"{LIST}rolled-up/")).tables[0][1:]
    assert falls[2].startswith("At every site: of the group")
    assert "North: every ward or room: of the site" in falls[2]
    assert falls[3] == "4 of 4"
    assert late[2] == "At one site of 2 North: 1 of 2 charts"
    assert late[3] == "1 of 3"


def test_a_line_leads_to_its_signals(stage, chief):
    for ward in ("W1", "W2"):
        a_signal(stage.north, "falls", ward)
    a_signal(stage.south, "falls", "W1", direction="low", verdict="improvement")
    page = Page(chief.get(f"{LIST}rolled-up/"))
    assert page.tables[0][1][2] == "At one site of 2 North: every ward or room: of the site"
    (address,) = {link[1] for link in page.links if link[0] == "North"}
    assert names(Page(chief.get(address))) == ["Falls a month: Ward 1", "Falls a month: Ward 2"]


def test_one_measure_is_rolled_up_by_test(stage, chief):
    for site in (stage.north, stage.south):
        a_signal(site)
        a_chart(site, breakdown="CT")
    (line,) = Page(chief.get(f"{LIST}rolled-up/?measure=share_late")).tables[0][1:]
    assert line[0] == "Share of visits that began late: MRI"
    assert line[2].startswith("At every site: of the group")


def test_a_figure_that_is_left_out_of_its_chart_is_not_added_to_people(stage, chief):
    a_signal(stage.north, people=9_000)
    a_signal(stage.north, breakdown="CT", people=30)
    a_signal(stage.south, people=12)
    (line,) = Page(chief.get(f"{LIST}rolled-up/")).tables[0][1:]
    assert line[4] == "9,042"
    chart = {"measure": "share_late", "site": stage.north, "breakdown": "MRI"}
    mark = Ghost.objects.create(**chart, date=NEWEST, reason="Log lost.", author="A", at=timezone.now())
    Ghost.objects.create(**chart | {"breakdown": "CT"}, date=month(3), reason="Old.", author="A", at=timezone.now())
    (line,) = Page(chief.get(f"{LIST}rolled-up/")).tables[0][1:]
    assert line[4] == "42"
    assert "Not counted: MRI at North, where September 2025 is left out." in line[2]
    mri = next(row for row in Page(chief.get(f"{LIST}rolled-up/?measure=share_late")).tables[0] if "MRI" in row[0])
    assert mri[4] == "12"
    assert "Not counted: North, where September 2025 is left out." in mri[2]
    Ghost.objects.create(**chart, date=NEWEST, reason="Found.", author="A", at=timezone.now(), withdraws=mark)
    (line,) = Page(chief.get(f"{LIST}rolled-up/")).tables[0][1:]
    assert (line[4], "Not counted" in line[2]) == ("9,042", False)


def left_out(site, **more):
    Ghost.objects.create(
        **{"measure": "share_late", "site": site, "breakdown": "MRI", "date": NEWEST, "reason": "Log lost."} | more,
        author="A", at=timezone.now(),
    )  # fmt: skip


def test_where_all_is_left_out_it_says_so_and_is_told_from_where_nobody_is_counted(stage, chief):
    a_signal(stage.north)
    a_signal(stage.north, "falls", "W1", people=0)
    left_out(stage.north)
    left_out(stage.north, measure="falls", breakdown="W1")
    late, falls = sorted(Page(chief.get(f"{LIST}rolled-up/")).tables[0][1:], key=lambda line: line[0], reverse=True)
    assert (late[4], falls[4]) == ("None counted", "–")
    assert "Not counted: MRI at North, where September 2025 is left out." in late[2]
    assert "Not counted" not in falls[2], "the line counts nobody, so nobody is missing from it"


def test_what_is_left_out_is_not_told_beside_a_sum_that_is_not_shown(stage, client):
    a_signal(stage.north)
    left_out(stage.north)
    client.force_login(stage.people["ward_nurse"])
    (line,) = Page(client.get(f"{LIST}rolled-up/")).tables[0][1:]
    assert (line[4], line[2]) == ("–", "At the one site with this measure North")


@pytest.mark.parametrize(("cadence", "named"), [("day", "1 September 2025"), ("week", "the week of 1 September 2025")])
def test_a_day_or_week_that_is_left_out_is_named_as_such(stage, chief, monkeypatch, cadence, named):
    monkeypatch.setitem(registry._tables, "visits", replace(registry.logical_table("visits"), cadence=cadence))
    a_signal(stage.north)
    left_out(stage.north)
    (line,) = Page(chief.get(f"{LIST}rolled-up/")).tables[0][1:]
    assert f"Not counted: MRI at North, where {named} is left out." in line[2]


def test_people_are_not_added_up_for_those_who_may_not_see_each(stage, client):
    a_signal(stage.north, people=3)
    for name, told in (("radiographer", "3"), ("ward_nurse", "–")):
        client.force_login(stage.people[name])
        (line,) = Page(client.get(f"{LIST}rolled-up/")).tables[0][1:]
        assert line[4] == told, name


@pytest.mark.parametrize("address", [LIST, f"{LIST}rolled-up/", f"{LIST}signals.csv"])
def test_the_page_asks_the_database_as_often_for_few_as_for_many(stage, chief, address):
    a_signal(stage.north, assigned_to=stage.chief)
    few = queries_of(chief, address)
    for place in range(30):
        a_signal(stage.south, "falls", f"W{place}", assigned_to=stage.people["planner"])
    assert queries_of(chief, address) == few <= 16


def queries_of(client, address):
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        client.get(address)
    return len(queries)
