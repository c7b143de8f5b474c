"""The week calendar: every move is checked by the engine before it is kept, and kept moves are saved together."""

from __future__ import annotations

import pytest

from trustwide.services.imaging.capacity.calendar_page import calendar_after, calendar_of, changes_sent
from trustwide.services.imaging.capacity.models import ServiceVersion
from trustwide.services.imaging.capacity.tests.service_stage import content

FIELDS = {"scanner": "north-mr", "day": "0", "opens": "09:00", "closes": "13:00", "every_weeks": "1"}
PICKED = {"picked_scanner": "north-mr", "picked_number": "0"}


@pytest.fixture
def version():
    import json

    described = content(rows=False).described
    return ServiceVersion(number=1, description=json.dumps(described), facts={"hours": 68.0})


def after(version, page=None, **sent):
    changes = {"changes": page.changes_text} if page else {}
    return calendar_after(version, changes | sent)


def test_it_shows_every_session_where_it_is(version):
    page = calendar_of(version)
    assert [row.scanner for row in page.rows] == ["north-mr", "south-mr", "van"]
    saturday = page.rows[1].days[5]
    assert [(one.opens, one.closes, one.words) for one in saturday] == [
        (480, 720, "south-mr, Saturday, 08:00 to 12:00")
    ]
    assert page.rows[2].days[0][0].words == "van, Monday, 08:00 to 12:00, every 2 weeks"
    assert page.hours == 68 and page.more_hours == 0


def test_picking_fills_the_form(version):
    page = after(version, pick="south-mr|5")
    assert page.picked == ("south-mr", 5)
    assert page.form["day"].value() == "5"


def test_moves_add_up_and_are_saved_together(version):
    page = after(version, do="change", **FIELDS, **PICKED)
    assert page.changes == {"north-mr": [
        {"days": ["mon"], "opens": "09:00", "closes": "13:00"},
        {"days": ["tue", "wed", "thu", "fri"], "opens": "08:00", "closes": "12:00"},
    ]}  # fmt: skip
    assert (page.more_hours, page.picked) == (0, ("north-mr", 0))
    page = after(version, page, do="add", **FIELDS | {"day": "6", "closes": "17:00"})
    assert page.more_hours == 2 * 8
    assert page.said == "north-mr, Sunday, 09:00 to 17:00. Nothing is saved yet."
    saved = changes_sent(version, {"changes": page.changes_text})
    assert saved["scanners"][0]["sessions"] == page.changes["north-mr"]
    assert saved["scanners"][1:] == version.mapping["scanners"][1:]
    assert after(version, page, do="reset").changes == {}


def test_a_session_moves_to_another_scanner(version):
    page = after(version, do="change", **FIELDS | {"scanner": "south-mr", "day": "6"}, **PICKED)
    assert page.picked == ("south-mr", 6)
    assert len([one for day in page.rows[0].days for one in day]) == 4
    assert page.more_hours == -4  # two scanners lose what one gains


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"closes": "08:30"}, "closes", "Closes: must be later than opens 09:00, got '08:30'"),
        ({"opens": "nine"}, "opens", 'Opens: must be a time in quotes such as "08:00"'),
        ({"day": "1"}, "opens", "must not overlap"),
        ({"every_weeks": "80"}, "every_weeks", "a whole number is needed"),
    ],
)
def test_what_the_engine_refuses_is_said_beside_the_field_and_not_kept(version, changes, field, sentence):
    page = after(version, do="change", **FIELDS | changes, **PICKED)
    assert page.changes == {}
    assert sentence in page.form.errors[field][0]
    assert page.rows[0].days[0][0].opens == 480  # back where it was


def test_the_last_session_of_a_scanner_stays(version):
    page = after(version, do="remove", picked_scanner="van", picked_number="0")
    page = after(version, page, do="remove", picked_scanner="van", picked_number="0")
    assert "must have at least 1 entries" in page.form.errors["opens"][0]
    assert [len(day) for day in page.rows[2].days] == [0, 1, 0, 0, 0, 0, 0]


def test_what_the_engine_says_of_the_whole_service_stands_above_the_form(version):
    page = None
    for _ in range(4):
        page = after(version, page, do="remove", picked_scanner="north-mr", picked_number="0")
    assert "minutes of MR a week at north" in page.form.non_field_errors()[0]
    assert page.picked == ("north-mr", 0)


@pytest.mark.parametrize(
    "sent",
    [
        {"pick": "nobody|0"}, {"pick": "north-mr|99"}, {"pick": "x"}, {"do": "remove"}, {"do": "change", **FIELDS},
        {"do": "change", **FIELDS, "picked_scanner": "north-mr", "picked_number": "99"},
    ],
)  # fmt: skip
def test_what_is_not_there_is_not_picked(version, sent):
    assert after(version, **sent).said == "Choose a session of the calendar first."


@pytest.mark.parametrize(
    "changes", ["{", "[]", "7", '{"north-mr": 7}', '{"north-mr": [{"days": "daily"}]}', "x" * 300_000]
)
def test_changes_that_no_page_would_send_are_left_out(version, changes):
    assert calendar_after(version, {"changes": changes}).changes == {}
