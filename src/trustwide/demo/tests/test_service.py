"""The service of the demo: described whole, with a list as real ones are, and worth planning for."""

from __future__ import annotations

import datetime
from collections import Counter

from trustwide.analysis import capacity
from trustwide.demo.service import STREAMS, content, first_monday_after
from trustwide.services.imaging.capacity.description import checked
from trustwide.services.imaging.capacity.figures import facts_of

MONTH = datetime.date(2026, 10, 1)


def test_it_starts_on_the_first_monday_after_the_newest_month():
    assert first_monday_after(MONTH) == datetime.date(2026, 11, 2)
    assert first_monday_after(datetime.date(2025, 12, 1)) == datetime.date(2026, 1, 5)
    assert all(first_monday_after(datetime.date(2026, month, 1)).weekday() == 0 for month in range(1, 13))


def test_its_list_is_as_it_was_told():
    made = content(MONTH)
    service = checked(made.described, made.rows)
    assert Counter(row.stream for row in service.waiting_list) == {key: facts[1] for key, facts in STREAMS.items()}
    assert all(row.requested_on < service.fields.start for row in service.waiting_list)
    assert content(MONTH).rows == made.rows, "the demo always tells the same story"


def test_it_misses_its_target_unless_something_is_done():
    made = content(MONTH)
    service = checked(made.described, made.rows)
    assert 0.9 < facts_of(service)["load"] < 1.1
    weeks = capacity.simulate(service, 4, 1).cells[:, -4:].sum(axis=(1, 2, 3))
    assert (weeks[:, 2] / weeks[:, 1] / 7 > 2).all()
    for lever in capacity.load_levers(made.levers):
        capacity.with_levers(service, [lever])
