"""The lean pages: what they say, to whom, and in how many queries."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from trustwide.commons.measures.models import Annotation
from trustwide.commons.nhsuk.tests.pages import Page
from trustwide.services.imaging.lean import figures, names, variation, views
from trustwide.services.imaging.lean.figures import Asked
from trustwide.services.imaging.lean.names import EXAMS
from trustwide.services.imaging.lean.tests import lean_stage
from trustwide.services.imaging.lean.tests.lean_stage import (
    E,
    State,
    a_worked_day,
    add_history,
    add_visit,
    asked,
    at,
    booked,
    open_session,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _a_recent_day(monkeypatch):
    """The worked day, six weeks ago."""
    monkeypatch.setattr(lean_stage, "DAY", timezone.localdate() - dt.timedelta(weeks=6))


def opened(client, user, name, query="weeks=26", **args):
    client.force_login(user)
    response = client.get(f"{reverse(f'imaging:{name}', kwargs=args)}?{query}")
    assert response.status_code == 200
    return Page(response)


def figure_rows(page):
    table = next(table for table in page.tables if table[0][0] == "Figure")
    return {row[0].split(",")[0].split(":")[0]: row for row in table[1:]}


def test_the_page_says_where_the_time_goes_and_gives_every_figure(stage, client):
    a_worked_day(stage)
    page = opened(client, stage.cast.chief, "lean", "weeks=26&site=N1")
    assert "From request to verified report takes" in page.text
    assert "The largest part of it" in page.text
    assert "between two steps, from scan to report" in page.text  # a day for A, 28 for B
    rows = figure_rows(page)
    assert rows["Door to door"][1:4] == ["56.7", "50", "50 to 60"]
    assert rows["Changeover"][1:3] == ["15.0", "10"]
    assert rows["Share of open scanner time with a patient in the room"][1] == "54.2%"
    assert rows["Takt"][1] == "40.0"
    assert rows["Appointments missed"][1] == "25.0%"
    assert "67% not abandoned" in page.text


def test_few_exams_are_not_told_to_those_who_may_not_see_them(stage, client):
    a_worked_day(stage)
    page = opened(client, stage.cast.people["board_member"], "lean")
    assert "too few to show" in page.text
    rows = figure_rows(page)
    assert rows["Door to door"][1:4] == ["too few", "", ""]
    assert not [href for _, href in page.links if "/rows/" in href]
    assert figure_rows(opened(client, stage.cast.people["planner"], "lean"))["Door to door"][1] == "56.7"


def test_minutes_and_days_of_few_exams_are_not_told(stage, client):
    a_worked_day(stage)
    for row in (
        "Share of open scanner time with a patient in the room",
        "Minutes of scanning for each day from request to report",
    ):
        assert figure_rows(opened(client, stage.cast.people["board_member"], "lean"))[row][1] == "too few"
        assert figure_rows(opened(client, stage.cast.people["planner"], "lean"))[row][1] != "too few"


def test_a_step_of_few_exams_has_no_time(stage, client):
    a_worked_day(stage)
    for number in range(4):
        _an_exam(stage, number)
    page = opened(client, stage.cast.people["board_member"], "lean")
    assert "From request to verified report" in page.text
    assert "from scan to report" not in page.text  # only two have a report
    assert "from scan to report" in opened(client, stage.cast.people["planner"], "lean").text


def test_the_page_takes_as_many_queries_for_more_exams(stage, client, django_assert_max_num_queries):
    a_worked_day(stage)
    client.force_login(stage.cast.chief)
    address = f"{reverse('imaging:lean')}?weeks=26"
    client.get(address)
    with django_assert_max_num_queries(30) as first:
        client.get(address)
    for number in range(10):
        _an_exam(stage, number)
    with django_assert_max_num_queries(len(first)):
        client.get(address)


def test_every_figure_opens_to_its_rows(stage, client):
    a_worked_day(stage)
    counts = {
        names.DOOR_TO_DOOR: 3, names.CHANGEOVER: 1, names.TAKT: 1 + 6, names.MISSED: 4, names.SHORT_NOTICE: 7,
        names.REPORT_HOURS: 2, names.REPORT_IN_TIME: 3, names.WAIT_DAYS: 3, names.VALUE_ADDING: 2,
    }  # fmt: skip
    for code, count in counts.items():
        page = opened(client, stage.cast.people["planner"], "lean_rows", code=code)
        assert len(page.tables[0]) - 1 == count, code
    longest = opened(client, stage.cast.people["planner"], "lean_rows", code=names.DOOR_TO_DOOR).tables[0][1]
    assert longest[1] == "MRI liver with contrast"
    assert longest[6] == "70"


def test_rows_of_another_site_stay_hidden(stage, client):
    a_worked_day(stage)
    session = open_session(stage.scanners["MR2"])
    _an_exam(stage, 1, session=session, site=stage.cast.south)
    planner = opened(client, stage.cast.people["planner"], "lean_rows", code=names.DOOR_TO_DOOR)
    assert len(planner.tables[0]) - 1 == 3
    assert len(opened(client, stage.cast.chief, "lean_rows", code=names.DOOR_TO_DOOR).tables[0]) - 1 == 4
    client.force_login(stage.cast.people["board_member"])
    assert client.get(reverse("imaging:lean_rows", args=[names.DOOR_TO_DOOR])).status_code == 403
    client.force_login(stage.cast.chief)
    assert client.get(reverse("imaging:lean_rows", args=["dm01_waiting_list"])).status_code == 404


def test_the_file_has_the_same_rows(stage, client):
    a_worked_day(stage)
    client.force_login(stage.cast.people["planner"])
    response = client.get(f"{reverse('imaging:lean_rows_csv', args=[names.DOOR_TO_DOOR])}?weeks=26")
    lines = response.content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("Request,Exam,List of")
    assert len(lines) == 4


def test_a_long_file_is_cut_and_says_so(stage, client, monkeypatch):
    a_worked_day(stage)
    monkeypatch.setattr(views, "MOST_ROWS", 2)
    page = opened(client, stage.cast.people["planner"], "lean_rows", code=names.DOOR_TO_DOOR)
    assert "The file has the first 2 of 3 rows" in page.text
    response = client.get(f"{reverse('imaging:lean_rows_csv', args=[names.DOOR_TO_DOOR])}?weeks=26")
    lines = response.content.decode("utf-8-sig").splitlines()
    assert len(lines) == 4
    assert "The file has the first 2 of 3 rows" in lines[-1]


def test_an_odd_address_still_opens(stage, client):
    page = opened(client, stage.cast.chief, "lean", "weeks=9&site=X&modality=QQ&scanner=abc&hour=77&exam=%00")
    assert "No exam was scanned in this time" in page.text


# North: knees take 30 and 40, hearts 90; South: knees 20 and 30, hearts 70 and 80. All knees: 30 on average, hearts 80.
# North expects (30 + 30 + 80) / 3 = 46.67 and takes 53.33; South expects (30 + 30 + 80 + 80) / 4 = 55 and takes 50.
def test_what_the_mix_of_exams_explains_by_hand(stage):
    times = {"MR1": [("MKNEE", 30), ("MKNEE", 40), ("MCARD", 90)],
             "MR2": [("MKNEE", 20), ("MKNEE", 30), ("MCARD", 70), ("MCARD", 80)]}  # fmt: skip
    for scanner, visits in times.items():
        session = open_session(stage.scanners[scanner], closes="20:00")
        for number, (exam, minutes) in enumerate(visits):
            _an_exam(stage, f"{scanner}{number}", session=session, exam=exam, minutes=minutes)
    sites = (stage.cast.north, stage.cast.south)
    wanted = Asked(sites, "MR", lean_stage.DAY, lean_stage.DAY + dt.timedelta(days=1))
    Annotation.objects.create(
        measure=names.DOOR_TO_DOOR, site=stage.cast.north, breakdown="MR", date=lean_stage.DAY.replace(day=1),
        reason="One changing room", author="Ann", at=timezone.now(),
    )  # fmt: skip
    page = variation.variation(figures.read(wanted)[EXAMS], wanted, variation.SUBJECTS["door"], {}, fewest=1)
    north, south = page.sites
    assert (north.observed, north.expected) == pytest.approx((160 / 3, 140 / 3))
    assert (south.observed, south.expected) == pytest.approx((50, 55))
    assert "North takes 6.7 minutes longer than expected, and South 5.0 minutes less than expected." in page.answer
    assert [mark.reason for mark in north.reasons] == ["One changing room"]
    assert len(page.cells) == 4
    assert [median for _, _, median, _ in page.weeks] == [40, 50]


def test_the_page_of_sites_shows_reasons_and_asks_for_them(stage, client):
    for scanner in ("MR1", "MR2"):
        session = open_session(stage.scanners[scanner], closes="20:00")
        for number in range(5):
            _an_exam(stage, f"{scanner}{number}", session=session, minutes=30 + number)
    page = opened(client, stage.cast.chief, "lean_sites", "weeks=26&of=door")
    assert "Allowing for the exams each does" in page.text
    assert "None yet. Write a note on the site's chart" in page.text
    assert "Exam by exam" in page.text
    assert ["MRI knee", "North", "5", "32", "31 to 33", "34"] in page.tables[-1]


def _an_exam(stage, number, *, session=None, site=None, exam="MKNEE", minutes=30):
    session = session or open_session(stage.scanners["MR1"], opens="13:00", closes="14:00", day=-1 - number)
    arrived = session.opens_at
    left = arrived + dt.timedelta(minutes=minutes)
    events = [*asked(arrived - dt.timedelta(days=8)), booked(arrived, arrived - dt.timedelta(days=7))]
    events += [(kind, arrived) for kind in (E.ARRIVE, E.ENTER_ROOM, E.START)]
    events += [(kind, left) for kind in (E.END, E.OUT_OF_ROOM, E.LEAVE)]
    request = add_history(stage, exam, events, site=site, number=f"X{number}")
    add_visit(request, session, arrived, 20, State.DONE)
    assert at("08:00").date() == lean_stage.DAY
