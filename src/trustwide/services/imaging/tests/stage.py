"""Lists for the cast of the accounts' tests: what North, South and a public provider returned for two tests."""

from __future__ import annotations

from trustwide.commons.audit.actions import SystemActor
from trustwide.services.imaging.actions import import_returns
from trustwide.services.imaging.tests.returns import frame, one_return

STAGE = SystemActor("tests")
MONTHS = 24
STEP = 16  # the month from which North's MRI list is longer


def north_list(when):
    """People waiting at North for MRI: 500 give or take six, from May 2025 (`STEP`) on 400 more."""
    return 500 + (-6, 2, 6, -2)[when % 4] + (400 if when >= STEP else 0)


def steady_list(when):
    """A list that only chance moves."""
    return 300 + (-9, 4, 8, -3, 0)[when % 5]


def import_lists(cast):
    """Two years of returns from January 2024: MRI at three sites and CT at North."""
    rows = []
    for when in range(MONTHS):
        rows += [
            one_return("N1", "MRI", when, waiting=north_list(when), over=north_list(when) // 5, tests=800),
            one_return("N1", "CT", when, waiting=steady_list(when), over=12, tests=900),
            one_return("S1", "MRI", when, waiting=steady_list(when), over=70, tests=500),
            one_return("E9", "MRI", when, waiting=2 * north_list(when), over=90, tests=1600),
        ]
    return import_returns(frame(*rows), by=STAGE, source="tests")
