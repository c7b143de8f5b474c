"""Sample returns with invented figures, and one row of a return to spoil."""

from __future__ import annotations

from pathlib import Path

import pytest

CASES = Path(__file__).parent / "cases"
REAL = Path(__file__).parents[6] / "shared/data/dm01_provider/dm01_provider_dev_2023-04_2025-09.csv"
needs_real = pytest.mark.skipif(not REAL.is_file(), reason=f"the public returns are not at {REAL}")

HEADER = (
    "Period,Provider Parent Org Code,Provider Parent Name,Provider Org Code,Provider Org Name,"
    "Diagnostic Tests Sort Order,Diagnostic Tests,00 < 01 Week,"
    + ",".join(f"{weeks:02d} < {weeks + 1:02d} Weeks" for weeks in range(1, 13))
    + ",13+ Weeks,Total WL,Waiting List Activity,Planned Activity,Unscheduled Activity,Total Activity"
)
COLUMNS = HEADER.split(",")
GOOD = {
    **dict.fromkeys(COLUMNS[7:21], "2"),
    "Period": "September 2025",
    "Provider Parent Org Code": "QH8",
    "Provider Parent Name": "HILLSHIRE ICB",
    "Provider Org Code": "XAA",
    "Provider Org Name": "HILLSHIRE NHS TRUST",
    "Diagnostic Tests Sort Order": "1",
    "Diagnostic Tests": "MRI",
    "Total WL": "28",
    "Waiting List Activity": "90",
    "Planned Activity": "5",
    "Unscheduled Activity": "25",
    "Total Activity": "120",
}


def row(**changes: str) -> str:
    """One line of a return; a change is named by its column with spaces as underscores."""
    cells = GOOD | {name.replace("_", " "): value for name, value in changes.items()}
    return ",".join(cells[column] for column in COLUMNS)


def write(folder: Path, *lines: str, name: str = "return.csv") -> Path:
    """A file of the header and these lines."""
    path = folder / name
    path.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    return path
