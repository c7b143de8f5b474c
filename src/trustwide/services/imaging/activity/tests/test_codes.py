"""Guesses for local codes: known words first, then what is nearest; nothing rather than nonsense."""

from __future__ import annotations

import pytest

from trustwide.services.imaging.activity.codes import meanings_of
from trustwide.services.imaging.activity.tests.activity_stage import catalogue

GUESSES = [
    ("outcome", "DNA", "missed"),
    ("outcome", "Did Not Attend", "missed"),
    ("outcome", "Cancelled by pt", "patient_cancelled"),
    ("outcome", "Cancelled by Hospital", "hospital_cancelled"),
    ("outcome", "Scanner breakdown", "hospital_cancelled"),
    ("outcome", "ATT", "done"),
    ("outcome", "Abandoned", "abandoned"),
    ("outcome", "XYZZY", ""),
    ("priority", "2WW", "suspected_cancer"),
    ("priority", "R", "routine"),
    ("priority", "Urgent", "urgent"),
    ("priority", "Q9", ""),
    ("exam", "MR HEAD", "MRHEAD"),
    ("exam", "CT Chest", "CTCHEST"),
    ("exam", "ZZZ", ""),
    ("site", "north hospital", "N1"),
    ("scanner", "n1/mr1", "N1/MR1"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "code", "meaning"), GUESSES)
def test_guesses(cast, kind, code, meaning):
    catalogue(cast)
    assert meanings_of(cast.group).guess(kind, code) == meaning
