"""What a description adds up to, worked by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

import trustwide.analysis.capacity.tests
from trustwide.analysis.capacity import load_service, simulate
from trustwide.services.imaging.capacity import figures, words
from trustwide.services.imaging.capacity.description import checked
from trustwide.services.imaging.capacity.tests.service_stage import described

CASES = Path(trustwide.analysis.capacity.tests.__file__).parent / "cases"


def test_the_group_has_the_hours_that_its_rota_says():
    """4 x 7 x 12 h, 6 x (5 x 12 + 8) h, and a van of 2 x 12 h each second week."""
    facts = figures.facts_of(load_service(CASES / "booked_group.yaml"))
    assert facts["hours"] == 4 * 84 + 6 * 68 + 12 == 756
    assert (facts["scanners"], facts["vans"]) == (10, 1)
    assert words.service(facts, 0.96) == "11 scanners, one of them a visiting van, 756 hours a week, 96% used."
    assert words.service(facts, None).startswith(
        "11 scanners, one of them a visiting van, 756 hours a week; the demand"
    )


def test_load_is_slots_over_open_minutes():
    """No closed days: 3 scanners x 20 h, 4 h on Saturday and 4 h of van a week; each request with its second slots."""
    service = checked(described(closed_on=[], maintenance=None))
    slots = 30 * (30 * 1.05 + 85 * 1.08)
    assert figures.load(service) == pytest.approx(slots / (60 * (3 * 20 + 4 + 4)))


def test_closed_days_leave_less_time():
    open_all = figures.open_minutes(checked(described(closed_on=[], maintenance=None)), 364)
    closed = figures.open_minutes(checked(described(closed_on=["2026-01-06"], maintenance=None)), 364)
    assert open_all - closed == (3 + 1) * 4 * 60  # three scanners, and the van that comes on that Tuesday


def test_the_share_used_is_the_slots_given():
    """Nothing random but arrivals: everybody attends, so slots given are those of the patients scanned."""
    certain = described(closed_on=[], maintenance=None)
    for stream in certain["demand"]:
        del stream["did_not_attend"]
    service = checked(certain)
    result = simulate(service, 4, 1)
    seen = result.streams[:, :, 1].sum(axis=1).mean()
    used = figures.share_used(service, result.to_dict()["streams"])
    assert used == pytest.approx(seen * 30 / (16 * 60 * 68))
    assert 0 < used < 1
