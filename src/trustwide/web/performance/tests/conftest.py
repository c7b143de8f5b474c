"""The stage of the report."""

from __future__ import annotations

import pytest

from trustwide.commons.measures.performance.tests.report_stage import build


@pytest.fixture
def stage(cast, monkeypatch):
    """Three sites of two partners with two years of four measures."""
    return build(cast, monkeypatch)
