"""The worked examples of the R package qicharts2, as the tests read them."""

import csv
import json
import math
from pathlib import Path

from trustwide.analysis.spc.shewhart import ShewhartSettings

OPEN = Path(__file__).parent / "open"
COUNTS = ("n_useful", "longest_run", "longest_run_max", "n_crossings", "n_crossings_min")


def answers():
    """The rows of the package's answers by series."""
    found = {}
    with (OPEN / "qic_points.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["series_id"], []).append(row)
    return found


def settings():
    """The settings by series."""
    entries = json.loads((OPEN / "qic_series.json").read_text())
    keys = ("chart", "part", "freeze", "exclude")
    return {entry["series_id"]: ShewhartSettings(**{key: entry[key] for key in keys}) for entry in entries}


def number(text):
    return float(text) if text else math.nan
