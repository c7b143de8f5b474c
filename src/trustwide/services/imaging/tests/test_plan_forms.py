"""The question as a form and as an address."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from django.http import QueryDict

from trustwide.analysis.capacity.monthly import Question, default_levers
from trustwide.services.imaging.plan_forms import Setup, plan_form

LAST = np.datetime64("2025-09")
USUAL = Setup(Question(by=LAST + 6), default_levers("MRI"))


def form(query=""):
    return plan_form(USUAL, LAST, QueryDict(query))


def test_an_empty_address_asks_the_usual_question():
    given = form()
    assert given.is_valid()
    assert given.setup() == USUAL


def test_the_address_of_a_setup_brings_it_back():
    levers = tuple(
        replace(lever, size=0.123, unit_cost=99.5, lead_weeks=5) if lever.id == "van-days" else lever
        for lever in USUAL.levers
    )
    asked = Setup(Question(3.5, LAST + 9, 0.9, 400, 7), levers, ("van-days", "one-list"))
    query = asked.query(USUAL.levers)
    assert query == (
        "weeks=3.5&by=2026-06&confidence=90&futures=400&seed=7&lever=van-days&lever=one-list"
        "&size-van-days=12.3&price-van-days=99.5&lead-van-days=5"
    )
    back = form(query)
    assert back.is_valid(), back.errors
    assert back.setup() == asked


def test_an_address_names_only_what_differs():
    assert USUAL.query(USUAL.levers) == "weeks=2&by=2026-03&confidence=80"


def test_an_address_that_names_no_measure_switches_all_off():
    on = replace(USUAL, chosen=("van-days",))
    assert plan_form(on, LAST, QueryDict("")).data["lever"] == ["van-days"]
    assert plan_form(on, LAST, QueryDict("weeks=2")).data["lever"] == []


@pytest.mark.parametrize(
    ("query", "field", "sentence"),
    [
        ("weeks=0", "weeks", "The target is 0, but a number of weeks above 0 and at most 52 is needed, such as 2."),
        ("weeks=-1", "weeks", "The target is -1, but"),
        ("weeks=53", "weeks", "The target is 53, but"),
        ("weeks=soon", "weeks", "The target is not a number, but a number of weeks"),
        ("weeks=nan", "weeks", "The target is not a number, but"),
        ("weeks=", "weeks", "The target is missing, but"),
        ("by=2024-01", "by", "January 2024 is not after September 2025, the last month returned."),
        ("by=2025-09", "by", "September 2025 is not after September 2025"),
        ("by=2045-09", "by", "September 2045 is more than three years ahead. Choose an earlier month."),
        ("by=soon", "by", "The date is 'soon', but a month such as 2026-03 is needed."),
        ("by=2026-13", "by", "The date is '2026-13', but a month"),
        ("by=2026", "by", "The date is '2026', but a month"),
        ("confidence=81", "confidence", "Confidence: '81' is not one of 50%,"),
        ("futures=9999999", "futures", "is not one of 100, 200, 400."),
        ("seed=x", "seed", "The seed must be a whole number"),
        ("seed=-1", "seed", "The seed must be a whole number"),
        ("lever=magic", "lever", "There is no measure magic"),
        ("size-van-days=lots", "size-van-days", "mobile scanner: the size must be a number from 0 to 300"),
        ("size-validation=101", "size-validation", "the size must be a number from 0 to 100, such as 5."),
        ("price-van-days=-1", "price-van-days", "the price must be a number of 0 or more, in pounds."),
        ("price-van-days=inf", "price-van-days", "the price must be a number"),
        ("lead-van-days=1.5", "lead-van-days", "the lead time must be a whole number of weeks from 0 to 260."),
    ],
)  # fmt: skip
def test_bad_input_gets_a_sentence(query, field, sentence):
    given = form(query)
    assert not given.is_valid()
    assert set(given.errors) == {field}
    assert sentence in given.errors[field][0]


def test_measures_that_exclude_each_other_are_not_both_on():
    given = form("weeks=2&by=2026-03&lever=extra-sessions&lever=more-sessions")
    assert given.errors["lever"] == [
        "Evening and weekend sessions is part of twice as many evening and weekend sessions. Switch one of them off."
    ]


def test_an_untouched_size_stays_as_it_is_to_the_last_digit():
    odd = replace(USUAL.levers[0], size=1 / 3)
    usual = replace(USUAL, levers=(odd, *USUAL.levers[1:]))
    given = plan_form(usual, LAST, QueryDict("weeks=2"))
    assert given.is_valid()
    assert given.setup().levers[0].size == 1 / 3
