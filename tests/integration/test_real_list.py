"""The real returns of one trust, from the file to the page."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from trustwide.commons.nhsuk.tests.pages import Page
from trustwide.exchange.returns import read
from trustwide.services.imaging.actions import import_returns
from trustwide.services.imaging.tests.stage import STAGE

REAL = Path(__file__).parents[3] / "shared/data/dm01_provider/dm01_provider_dev_2023-04_2025-09.csv"


@pytest.mark.skipif(not REAL.exists(), reason=f"the real returns are not here: {REAL.name}")
def test_the_mri_list_of_mid_and_south_essex_steps_up_from_january_2025(cast, client):
    rows = read(REAL).frame.filter((pl.col("provider_code") == "RAJ") & (pl.col("test") == "MRI"))
    import_returns(rows, by=STAGE, source="the real file")
    client.force_login(cast.people["planner"])
    page = Page(client.get("/imaging/RAJ/MRI/"))
    assert "Higher than usual since January 2025: nine months above" in page.text
    assert "Concern." in page.text
    assert "fewer tests (176 a working day against 193 in the 12 months before, 82 fewer a week)" in page.text
    assert "more additions (222 a working day against 192, 149 more a week)" in page.text
    newest = next(row for row in page.tables[1] if row[0] == "September 2025")
    assert newest[1:3] == ["7,535", "1,149"]
