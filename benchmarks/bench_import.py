"""How long 80,506 monthly returns take from the file to the database, with their measures and charts.

Run: python benchmarks/bench_import.py [FILE]. Without FILE a file of the same size is made up. Each step is timed in a
new SQLite database; "again" imports the same returns a second time. Wall-clock seconds, one run.
"""

from __future__ import annotations

import csv
import os
import sys
import tempfile
import time
from pathlib import Path

from figures import Figure, log, main

PROVIDERS, TESTS, MONTHS = 180, 15, 30
BANDS = ["0 <01 weeks", *(f"{weeks:02d} <{weeks + 1:02d} weeks" for weeks in range(1, 13)), "13+ weeks"]
ACTIVITY = [
    "Planned tests / procedures",
    "Unscheduled tests / procedures",
    "Waiting list tests / procedures (excluding planned)",
]


def made_up(path):
    """A file of 81,000 returns whose lists drift by month and differ by provider."""
    with path.open("w", newline="", encoding="utf-8") as target:
        rows = csv.writer(target)
        rows.writerow(["Reporting Period", "Provider Code", "Diagnostic ID", "Total Waiting List", *BANDS, *ACTIVITY])
        for number in range(PROVIDERS * TESTS * MONTHS):
            rest, month = divmod(number, MONTHS)
            provider, test = divmod(rest, TESTS)
            bands = [(provider * 7 + test * 3 + month * (1 + provider % 3) + 5 * week) % 60 for week in range(14)]
            period = f"{2023 + month // 12}-{month % 12 + 1:02d}"
            rows.writerow([period, f"K{provider:03d}", test + 1, sum(bands), *bands, 9, 40, 200 + 3 * (month % 4)])
    return path


def measure(file):
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {
            "TRUSTWIDE_HOME": home,
            "DATABASE_URL": "",
            "DJANGO_SETTINGS_MODULE": "trustwide.config.settings",
        }
        import django

        django.setup()
        from django.core.management import call_command

        from trustwide.commons.audit.actions import SystemActor
        from trustwide.exchange.returns import read
        from trustwide.services.imaging.actions import import_returns

        call_command("migrate", verbosity=0)
        path = file or made_up(Path(home) / "returns.csv")
        start = time.perf_counter()
        rows = read(path).frame
        yield Figure("Returns", f"{rows.height:,} read and checked", "", f"{time.perf_counter() - start:.2f} s")
        for step in ("imported, measured and charted", "imported again"):
            start = time.perf_counter()
            summary = import_returns(rows, by=SystemActor("benchmark"), source=path.name)
            took = time.perf_counter() - start
            log(f"{step}: {took:.2f} s ({summary.added:,} new, {summary.unchanged:,} unchanged)")
            yield Figure("Returns", f"the same {step}", "", f"{took:.2f} s")


if __name__ == "__main__":
    sys.exit(main(measure, __doc__, reads="returns to import"))
