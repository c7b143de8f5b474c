"""How fast the booking centre is at the size of a group: 960,000 exams a year, 3,000,000 requests, 50 clerks.

Run: python benchmarks/bench_booking.py. The first run fills a PostgreSQL database, which takes some minutes; it is kept
in the folder for temporary files, and every run works on a copy of it. Milliseconds of pages are wall-clock time at the
server's door, seen from the same machine, while 50 clerks work; no booking may be lost when processes are killed.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from zoneinfo import ZoneInfo

import postgres
from booking_pages import page_figures
from booking_speed import speed_figures, sqlite_figures
from figures import Figure, at_least, at_most, log, main, percentile, shown

AREA = "Booking centre"
LONDON, HOUR, CELL, TURNS = ZoneInfo("Europe/London"), dt.timedelta(hours=1), dt.timedelta(minutes=5), 3
HERE = Path(__file__).parent
FOLDER = Path(tempfile.gettempdir()) / "trustwide-booking-benchmark"
FRESH = dt.timedelta(days=3)  # after which the dates in a kept database are too old
PAGE_MS, FASTER, ASKED = 150, 100, 10


def prepare(server):
    """A fresh copy of the seeded database; seeded first where there is none or it is old."""
    stamp = server.folder / "seeded.json"
    seeded = dt.datetime.fromisoformat(json.loads(stamp.read_text())["at"]) if stamp.exists() else None
    if not server.has("seed") or seeded is None or dt.datetime.now(dt.UTC) - seeded > FRESH:
        stamp.unlink(missing_ok=True)
        server.drop("seed")
        server.sql("CREATE DATABASE seed")
        begun = time.monotonic()
        subprocess.run([sys.executable, HERE / "booking_seed.py"], env=environment(server.url("seed")), check=True)
        stamp.write_text(json.dumps({"at": dt.datetime.now(dt.UTC).isoformat(), "took": time.monotonic() - begun}))
    server.copy("seed", "run")
    log(f"seeded in {json.loads(stamp.read_text())['took']:.0f} s; {server.sql(SIZES, 'run')}")


SIZES = """SELECT pg_size_pretty(pg_database_size('run')) || ', ' || string_agg(relname || ' ' || n, ', ') FROM (
    SELECT relname, reltuples::bigint n FROM pg_class WHERE relkind = 'r' AND reltuples > 20000 ORDER BY 2 DESC) c"""


def environment(url):
    """The settings of a database of its own."""
    home = FOLDER / "home"
    home.mkdir(parents=True, exist_ok=True)
    return os.environ | {
        "DATABASE_URL": url, "TRUSTWIDE_HOME": str(home), "DJANGO_SETTINGS_MODULE": "trustwide.config.settings",
    }  # fmt: skip


# SLOTS ---------------------------------------------------------------------------------------------------------------

OVERLAPS = """SELECT 1 FROM imaging_appointment WHERE session_id = %s AND state = 'booked' AND starts_at < %s
    AND starts_at + minutes * interval '1 minute' > %s LIMIT 1"""


def search_figures():
    """The search over three sites and six weeks, beside naive ones; all must find the same."""
    from trustwide.services.imaging.booking.slots import find_slots

    def search(question):
        return [(slot.session_id, slot.starts_at) for slot in find_slots(question, limit=ASKED)]

    alone = [timed(search, question)[0] * 1000 for question in questions(100)]
    yield at_most(AREA, "slot search, 3 sites by 6 weeks, 95 in 100", percentile(alone, 95), PAGE_MS, "ms")
    log(f"  slot search: median {statistics.median(alone):.1f} ms")
    ratios = defaultdict(list)
    for question in questions(TURNS):
        ours, found = timed(search, question)
        for name, naive in NAIVE.items():
            seconds, other = timed(naive, question)
            assert other == found, f"{name} found {other}, the search {found}"
            ratios[name].append(seconds / ours)
            log(f"  {name:<60}{seconds:>8.3f} s; the search {ours * 1000:.1f} ms")
    for name, seen in ratios.items():
        promise = name == PROMISED
        figure = f"slot search, as fast as {name}"
        ratio = statistics.median(seen)
        yield (
            at_least(AREA, figure, ratio, FASTER, "times")
            if promise
            else Figure(AREA, figure, "", f"{shown(ratio)} times")
        )


def questions(count):
    """What is looked for on behalf of so many people who wait for an MRI."""
    from trustwide.services.imaging.booking.slots import question_for
    from trustwide.services.imaging.requests.models import ImagingRequest

    ready = ImagingRequest.objects.filter(state="ready", exam__modality="MR", stopped_on=None).light()
    return [question_for(one) for one in ready.prefetch_related("patient__needs").order_by("pk")[:count]]


def timed(run, question):
    begun = time.monotonic()
    result = run(question)
    return time.monotonic() - begun, result


def by_queries(question):
    """A naive scan: for every five minutes of every session, does the database know an appointment that overlaps?"""
    from django.db import connection

    def taken(session, start, end):
        cursor.execute(OVERLAPS, [session, end, start])
        return cursor.fetchone() is not None

    with connection.cursor() as cursor:
        return _scan(question, taken)


def by_list(question):
    """The same with every appointment of the group read at once, by session."""
    held = defaultdict(list)
    for session, start, end in _appointments():
        held[session].append((start, end))
    return _scan(question, lambda session, start, end: any(a < end and start < b for a, b in held[session]))


def by_reference(question):
    """The reference of the product's own tests, which holds every five minutes against every appointment."""
    from trustwide.services.imaging.booking.reference import Taken, earliest_times

    calendar = _calendar(question)
    taken = [Taken(*row) for row in _appointments()]
    return earliest_times(question, list(calendar.sessions.values()), taken, dict(calendar.travel), ASKED)


def _scan(question, taken):
    found = []
    calendar = _calendar(question)
    length = -(-dt.timedelta(minutes=question.minutes) // CELL) * CELL
    for session in calendar.sessions.values():
        if not session.suits(question):
            continue
        start, closes = session.opens_at, session.opens_at + len(session.cells) * CELL
        while start + length <= closes:
            if question.earliest <= start < question.latest and not taken(session.id, start, start + length):
                journey = 0 if session.site_id == question.home else calendar.travel[question.home, session.site_id]
                calm = (start.astimezone(LONDON).date(), start >= session.opens_at + HOUR) if question.quiet else ()
                found.append((*calm, start, journey, session.id))
                break
            start += CELL
    return [(one[-1], one[-3]) for one in sorted(found)[:ASKED]]


def _appointments():
    from trustwide.services.imaging.booking.models import Appointment

    rows = Appointment.objects.in_force().values_list("session", "starts_at", "minutes")
    return [(session, start, start + dt.timedelta(minutes=minutes)) for session, start, minutes in rows]


def _calendar(question):
    from trustwide.services.imaging.booking.slots import Calendar

    return Calendar.load(question.partnership_id, question.modality, question.earliest, question.latest)


PROMISED = "a query for each five minutes"
NAIVE = {
    PROMISED: by_queries,
    "every appointment read, then a look for each five minutes": by_list,
    "the reference of the tests": by_reference,
}


# ALL -----------------------------------------------------------------------------------------------------------------


def measure():
    if postgres.binaries() is None:
        yield Figure(AREA, "all of it", "", "not measured: PostgreSQL is not installed (apt-get install postgresql)")
        return
    with postgres.running(FOLDER) as server:
        prepare(server)
        os.environ |= environment(server.url("run"))
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)  # a kept database may be older than the code
        try:
            yield from search_figures()
            yield from page_figures(os.environ)
            yield from speed_figures(server, os.environ)
        finally:
            server.drop("run")
    yield from sqlite_figures()


if __name__ == "__main__":
    sys.exit(main(measure, __doc__))
