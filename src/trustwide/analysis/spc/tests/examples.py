"""The worked examples of the R packages, as the tests read them. `R01` of the package's vignette is left out."""

import csv
import json
from pathlib import Path

OPEN = Path(__file__).parent / "open"


def rows(name):
    """The rows of a CSV by series."""
    found = {}
    with (OPEN / name).open(newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["series_id"], []).append(row)
    return found


def entries(name):
    """The entries of a JSON list by series."""
    return {entry["series_id"]: entry for entry in json.loads((OPEN / name).read_text())}
