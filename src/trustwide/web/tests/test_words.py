"""The first line of the home page says what the figures say, in good English for one, none and many."""

from __future__ import annotations

import datetime as dt

import pytest

from trustwide.services.imaging.figures import GrowingList, Growth
from trustwide.web.columns import signed
from trustwide.web.words import headline

MRI = GrowingList("South", "MRI", 212, dt.date(2025, 6, 1))
CT = GrowingList("North", "CT", 1088, dt.date(2025, 1, 1))
DEXA = GrowingList("West", "DEXA", 40, dt.date(2024, 12, 1))


@pytest.mark.parametrize(
    ("growth", "expected"),
    [
        (
            Growth(16, 3, 0, 0, (MRI, CT, DEXA)),
            "Three of your 16 lists have grown beyond their usual variation: MRI at South (mean +212 since June 2025), "
            "CT at North (mean +1,088 since January 2025) and DEXA at West (mean +40 since December 2024).",
        ),
        (
            Growth(16, 1, 2833, 717, (MRI, CT, DEXA)),
            "One of your 16 lists has grown beyond its usual variation: MRI at South (mean +212 since June 2025). "
            "Elsewhere, 717 of 2,833 have.",
        ),
        (
            Growth(60, 12, 0, 0, (MRI, CT)),
            "12 of your 60 lists have grown beyond their usual variation, most of all MRI at South (mean +212 since "
            "June 2025) and CT at North (mean +1,088 since January 2025).",
        ),
        (Growth(4, 0, 0, 0, ()), "None of your 4 lists has grown beyond its usual variation."),
        (Growth(1, 0, 0, 0, ()), "Your one list has not grown beyond its usual variation."),
        (
            Growth(1, 1, 0, 0, (CT,)),
            "Your one list has grown beyond its usual variation: CT at North (mean +1,088 since January 2025).",
        ),
        (
            Growth(0, 0, 2833, 717, (CT,)),
            "717 of 2,833 lists have grown beyond their usual variation, most of all CT at North (mean +1,088 since "
            "January 2025).",
        ),
        (Growth(0, 0, 0, 0, ()), "None of 0 lists has grown beyond its usual variation."),
    ],
)
def test_headline(growth, expected):
    assert headline(growth) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [(18.4, "+18"), (-57.2, "−57"), (0.3, "0"), (-0.4, "0"), (1234, "+1,234")]
)
def test_signed(value, expected):
    assert signed(value) == expected
