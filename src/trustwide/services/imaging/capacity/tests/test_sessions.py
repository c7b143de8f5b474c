"""Sessions as blocks of one day: nothing is lost on the way there and back, and a move moves one block."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from trustwide.services.imaging.capacity import words
from trustwide.services.imaging.capacity.sessions import (
    DAYS,
    Block,
    Move,
    blocks_of,
    moved,
    number_of,
    sessions_of,
    with_sessions,
)
from trustwide.services.imaging.capacity.tests.service_stage import described

HOURS = some.integers(0, 22).map(lambda hour: (f"{hour:02d}:00", f"{hour + 1:02d}:30"))
SESSION = some.builds(
    lambda days, hours, every, first: {"days": days, "opens": hours[0], "closes": hours[1], "every_weeks": every}
    | ({"from_week": first} if first else {}),
    some.one_of(some.sampled_from(["daily", "weekdays"]), some.lists(some.sampled_from(DAYS), min_size=1, unique=True)),
    HOURS, some.integers(1, 3), some.integers(0, 2),
)  # fmt: skip


@given(some.lists(SESSION, min_size=1, max_size=5))
def test_there_and_back_nothing_is_lost(sessions):
    blocks = blocks_of(sessions)
    assert set(blocks_of(sessions_of(blocks))) == set(blocks)


def test_days_are_grouped_as_people_write_them():
    week = [Block(day, "08:00", "20:00") for day in range(5)]
    assert sessions_of([*week, Block(5, "08:00", "16:00")]) == [
        {"days": "weekdays", "opens": "08:00", "closes": "20:00"},
        {"days": ["sat"], "opens": "08:00", "closes": "16:00"},
    ]
    assert sessions_of([Block(day, "08:00", "20:00") for day in range(7)])[0]["days"] == "daily"


def test_one_block_moves_and_the_others_stay():
    before = described()
    sessions = moved(before, Move("north-mr", 1, Block(1, "09:00", "13:00")))
    after = with_sessions(before, {"north-mr": sessions})
    assert sessions == [
        {"days": ["mon", "wed", "thu", "fri"], "opens": "08:00", "closes": "12:00"},
        {"days": ["tue"], "opens": "09:00", "closes": "13:00"},
    ]
    assert number_of(after, "north-mr", Block(1, "09:00", "13:00")) == 1
    assert after["scanners"][1:] == before["scanners"][1:]


def test_what_a_file_says_beside_the_hours_moves_along():
    van = described()
    van["scanners"][2]["sessions"][0]["from_week"] = 4
    sessions = moved(van, Move("van", 0, Block(3, "09:00", "12:00", every_weeks=2)))
    assert {"days": ["thu"], "every_weeks": 2, "opens": "09:00", "closes": "12:00", "from_week": 4} in sessions


@pytest.mark.parametrize("move", [Move("nobody", 0), Move("van", 7), Move("van", -1)])
def test_what_is_not_there_is_not_moved(move):
    with pytest.raises(KeyError):
        moved(described(), move)


@pytest.mark.parametrize(
    ("session", "said"),
    [
        ({"days": "daily", "opens": "08:00", "closes": "20:00"}, "Every day 08:00–20:00"),
        ({"days": ["mon", "tue"], "every_weeks": 2, "opens": "08:00", "closes": "20:00"},
         "Monday and Tuesday 08:00–20:00 every 2 weeks"),
        ({"days": ["tue", "wed", "thu"], "opens": "08:00", "closes": "20:00", "until_week": 9},
         "Tuesday to Thursday 08:00–20:00 until week 9"),
        ({"days": ["mon", "wed", "sun"], "opens": "08:00", "closes": "09:00"},
         "Monday, Wednesday and Sunday 08:00–09:00"),
    ],
)  # fmt: skip
def test_sessions_in_words(session, said):
    assert words.session(session) == said
