"""How long the measures of a large group take from operational rows to observations, charts, words and signals kept.

400 measures at 195 places over 36 months, and 2,000 daily series over two years: read from the database, computed,
judged, explained and stored; then again with one series in twenty changed. SQLite on disk, one process, two cores.

Run: python benchmarks/bench_measures.py
"""

from __future__ import annotations

import datetime as dt
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

from figures import Figure, at_most, log, main, percentile

PLACES, MONTHS, TABLES, MEASURES = 195, 36, 20, 20
DAILY_SERIES, DAYS = 2_000, 730
CHANGED = 20  # one series in so many
AREA = "Measures"
KINDS = ("count", "share", "rate", "mean", "stock")


def columns_of(measures):
    return [name for number in range(measures) for name in (f"n{number}", f"d{number}")]


def rows_of(rng, periods, places, measures):
    """Events and what they are out of, in control, with one series in fifty stepping up half way."""
    import numpy as np

    shape = (places, measures, len(periods))
    below = rng.integers(200, 800, (places, measures, 1)) + rng.integers(0, 60, shape)
    step = np.where(rng.random((places, measures, 1)) < 0.02, np.linspace(0, 1, len(periods)) > 0.7, 0)
    above = rng.binomial(below, 0.25 + 0.1 * step)
    return above, below


def fill(connection, table, periods, places, measures, rng):
    """One operational table: a row a place and period, a numerator and a denominator a measure."""
    above, below = rows_of(rng, periods, places, measures)
    names = columns_of(measures)
    described = ", ".join(f"{name} INTEGER" for name in names)
    connection.execute(f"CREATE TABLE {table} (site_id INTEGER, breakdown TEXT, period TEXT, {described})")
    marks = ", ".join("?" * (3 + len(names)))
    rows = (
        (place + 1, "", period, *(int(each[place, m, t]) for m in range(measures) for each in (above, below)))
        for place in range(places)
        for t, period in enumerate(periods)
    )
    connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)


def reader(table, measures):
    """Reads the rows of some sites, or of all, as the services read theirs."""

    def rows(site_ids):
        import polars as pl
        from django.db import connection

        where = "" if site_ids is None else f" WHERE site_id IN ({', '.join(str(each) for each in site_ids)})"
        names = ["site_id", "breakdown", "period", *columns_of(measures)]
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(names)} FROM {table}{where}")
            frame = pl.DataFrame(cursor.fetchall(), schema=names, orient="row")
        return frame.with_columns(pl.col("period").str.to_date()).to_arrow()

    return rows


def define(table, measures, cadence="month"):
    """Measures of every kind over one table."""
    from trustwide.commons.measures.definition import LogicalTable, MeasureDefinition, register, register_table

    columns = {"site_id": "int64", "breakdown": "string", "period": "date"}
    columns |= dict.fromkeys(columns_of(measures), "int64")
    register_table(LogicalTable(table, columns, reader(table, measures), cadence=cadence))
    for number in range(measures):
        kind = KINDS[number % len(KINDS)]
        divided = kind not in ("count", "stock")
        register(
            MeasureDefinition(
                code=f"{table}_{number}", title=f"Measure {number} of {table}",
                unit="%" if kind == "share" else "people",
                improvement_direction="decrease", target=None,
                numerator=lambda rows, n=number: rows[f"n{n}"].sum(),
                denominator=(lambda rows, n=number: rows[f"d{n}"].sum()) if divided else None,
                owner="benchmark", table=table, quantity=kind,
            )
        )  # fmt: skip


def build():
    """The database, its sites and rows; not timed."""
    import numpy as np
    from django.core.management import call_command
    from django.db import connection

    from trustwide.commons.organisations.models import Partner, Partnership, Site

    call_command("migrate", verbosity=0)
    partnership = Partnership.objects.create(slug="large", name="Large")
    partner = Partner.objects.create(partnership=partnership, code="L1", name="Large")
    Site.objects.bulk_create(
        Site(partner=partner, code=f"S{number}", name=f"Site {number}", short_name=f"S{number}")
        for number in range(PLACES)
    )
    first = Site.objects.order_by("pk").values_list("pk", flat=True)[0]
    assert first == 1
    rng = np.random.default_rng(5)
    months = [dt.date(2023 + m // 12, m % 12 + 1, 1).isoformat() for m in range(MONTHS)]
    days = [(dt.date(2024, 1, 1) + dt.timedelta(days=day)).isoformat() for day in range(DAYS)]
    connection.ensure_connection()
    raw = connection.connection
    for number in range(TABLES):
        fill(raw, f"t{number}", months, PLACES, MEASURES, rng)
        define(f"t{number}", MEASURES)
    fill(raw, "daily", days, 100, DAILY_SERIES // 100, rng)
    define("daily", DAILY_SERIES // 100, "day")
    raw.commit()


def refresh_all(series=None):
    from trustwide.commons.measures.actions import refresh

    done = [refresh(f"t{number}", series) for number in range(TABLES)]
    done.append(refresh("daily", series))
    return sum(each.written for each in done), sum(each.charts for each in done)


def measure():
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"TRUSTWIDE_HOME": home, "DJANGO_SETTINGS_MODULE": "trustwide.config.settings"}
        os.environ.pop("DATABASE_URL", None)
        import django

        django.setup()
        from django.db import connection

        from trustwide.commons.measures import definition
        from trustwide.commons.measures.models import ChartSummary, Observation, Signal

        definition._definitions.clear()
        definition._tables.clear()
        build()
        took, cpu, (written, charts) = timed(refresh_all)
        assert charts == ChartSummary.objects.count() == TABLES * MEASURES * PLACES + DAILY_SERIES
        assert written == Observation.objects.count()
        log(f"{charts:,} charts of {written:,} figures in {took:.0f} s ({cpu:.0f} s of processor), "
            f"{Signal.objects.count():,} signals")  # fmt: skip
        changed = range(1, PLACES + 1, CHANGED)
        with connection.cursor() as cursor:
            for table in [*(f"t{number}" for number in range(TABLES)), "daily"]:
                sets = ", ".join(f"n{number} = n{number} + 1" for number in range(MEASURES))
                sites = ", ".join(str(site) for site in changed)
                cursor.execute(f"UPDATE {table} SET {sets} WHERE site_id IN ({sites})")
        again, again_cpu, (_, redrawn) = timed(refresh_all, {(site, "") for site in changed})
        size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        yield at_most(AREA, f"{charts:,} series read, computed, judged, explained and stored", took, 300, "s")
        yield Figure(AREA, "the same, processor seconds", "", f"{cpu:.0f} s")
        yield at_most(AREA, f"again with one series in {CHANGED} changed ({redrawn:,} charts)", again, 30, "s")
        yield Figure(AREA, "the same, processor seconds", "", f"{again_cpu:.0f} s")
        yield at_most(AREA, "peak memory of all this", size, 2, "GB")
        pages = percentile(chart_pages(), 95)
        yield at_most(AREA, "a chart rebased and its page drawn, 95 in 100 within", pages, 100, "ms")


def chart_pages():
    """Milliseconds from a rebase on a chart to its page drawn anew, over the door of the server; one a chart."""
    from django.test import Client

    from trustwide.commons.accounts.actions import add_member, create_person
    from trustwide.commons.audit.actions import SystemActor
    from trustwide.commons.measures.actions import rebase_chart
    from trustwide.commons.organisations.models import Partnership, Site

    job = SystemActor("benchmark")
    planner = create_person("planner@example.test", "Planner", by=job, password="correct horse battery")
    add_member(planner, "planner", Partnership.objects.get(slug="large"), by=job, reason="benchmark")
    client = Client(SERVER_NAME="localhost")
    client.force_login(planner)
    took = []
    for number, site in enumerate(Site.objects.order_by("pk")[:60]):
        code = f"t0_{number % MEASURES}"
        begun = time.perf_counter()
        rebase_chart(code, site, "", dt.date(2024, 7, 1), reason="benchmark", by=planner)
        assert client.get(f"/measures/{code}/{site.code}/-/").status_code == 200
        took.append(1000 * (time.perf_counter() - begun))
    return took[10:]  # the first load what later ones share


def timed(work, *arguments):
    begun, cpu = time.monotonic(), time.process_time()
    result = work(*arguments)
    return time.monotonic() - begun, time.process_time() - cpu, result


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1] / "src"))
    sys.exit(main(measure, __doc__))
