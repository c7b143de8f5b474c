"""The public file of every provider, against what the csv module of the standard library reads from it."""

from __future__ import annotations

import csv
from collections import Counter

import pytest

from trustwide.exchange.returns import history, read
from trustwide.exchange.returns.tests.returns_cases import REAL, needs_real

pytestmark = needs_real


@pytest.fixture(scope="module")
def file():
    return read(REAL)


def test_every_row_is_read_and_none_rejected(file):
    assert file.frame.height == 80_506
    assert file.rejects == file.notices == ()
    assert file.frame["provider_code"].n_unique() == 473


def test_the_figures_are_those_of_the_file(file):
    totals = Counter()
    with REAL.open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            totals["waiting_list"] += int(row["Total Waiting List"])
            totals["over"] += int(row["Number waiting 6+ Weeks"])
            totals["planned_tests"] += int(row["Planned tests / procedures"])
            totals["unscheduled_tests"] += int(row["Unscheduled tests / procedures"])
            totals["waiting_list_tests"] += int(row["Waiting list tests / procedures (excluding planned)"])
    over = totals.pop("over")
    assert {column: file.frame[column].sum() for column in totals} == totals
    assert sum(file.frame[f"band_{weeks:02d}"].sum() for weeks in range(6, 14)) == over


def test_one_list_has_its_published_months(file):
    mse = history(file.frame, "RAJ", "MRI")
    assert mse.provider_name == "Mid and South Essex NHS Foundation Trust"
    assert len(mse.months) == 30
    assert mse.waiting_list[-1] == 7535
    assert mse.over_six_weeks[-1] == 1149
