"""Bookings a second, and what is left when processes are killed meanwhile: part of bench_booking.py."""

from __future__ import annotations

import datetime as dt
import itertools
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from booking_clerks import book_fast, children, serving
from booking_pages import signed_in
from figures import Figure, at_least, log, percentile, shown

WORKER = Path(__file__).with_name("booking_worker.py")
AREA, BOOKINGS, SPRINT = "Booking centre", 200, 15  # bookings a second, seconds of a sprint
READY, CLERKS_AT_ONCE, EXAM = 30_000, 8, "CHEAD"
ON_SQLITE = 6_000
JUDGE = {
    "two patients at once": """
        SELECT count(*) FROM (SELECT starts_at, lag(starts_at + minutes * interval '1 minute') OVER
        (PARTITION BY session_id ORDER BY starts_at) AS before FROM imaging_appointment
        WHERE state = 'booked' AND NOT overbooked) a WHERE starts_at < before""",
    "sessions whose cells disagree": """
        SELECT count(*) FROM imaging_scannersession s LEFT JOIN (SELECT session_id, sum(minutes) taken
        FROM imaging_appointment WHERE state IN ('booked', 'done') AND NOT overbooked GROUP BY session_id) a
        ON a.session_id = s.id WHERE 5 * (length(cells) - length(replace(cells, 'x', ''))) <> coalesce(taken, 0)""",
    "appointments on cells that are free": """
        SELECT count(*) FROM imaging_appointment a JOIN imaging_scannersession s ON s.id = a.session_id
        WHERE a.state = 'booked' AND NOT a.overbooked AND position('.' IN substr(cells,
        1 + (extract(epoch FROM starts_at - opens_at) / 300)::int, a.minutes / 5)) > 0""",
    "requests and appointments that disagree": """
        SELECT count(*) FROM imaging_imagingrequest r FULL JOIN (SELECT * FROM imaging_appointment
        WHERE state = 'booked') a ON a.request_id = r.id
        WHERE (r.state = 'booked') <> (a.id IS NOT NULL) OR r.appointment_at <> a.starts_at""",
}


def speed_figures(server, environment):
    """Bookings a second by processes that call the product's action, then over HTTP, then with processes killed."""
    work = Work(READY)
    best = 0.0
    for clerks in (2, 4):
        best = max(best, sprint(work.apart(clerks, 5_000), environment, f"{clerks} processes, each its own sessions"))
    yield at_least(AREA, "bookings a second, processes on PostgreSQL", best, BOOKINGS, "a second")
    rate = sprint(work.together(4, 5_000), environment, "4 processes, all in the same sessions")
    yield Figure(AREA, "the same, everybody in the same sessions", "", f"{shown(rate)} a second")
    with serving(environment, workers=2) as (port, process):
        yield from over_http(port, work)
        said = killed(port, work, lambda: kill_workers(process), "every process of the server killed")
        said += killed(port, work, lambda: again(server), "PostgreSQL killed and started again")
    wrong = judged(server, said)
    yield Figure(
        AREA, "bookings lost or made twice, all killed", "none", f"{sum(wrong.values())} of {len(said):,} answered",
        not any(wrong.values()),
    )  # fmt: skip


def sqlite_figures():
    """The same action on SQLite, with requests and sessions enough for a sprint."""
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {"DATABASE_URL": f"sqlite:///{home}/booking.sqlite3", "TRUSTWIDE_HOME": home}
        made = subprocess.run([sys.executable, __file__], env=environment, check=True, capture_output=True, text=True)
        lines = made.stdout.splitlines()
        for clerks in (1, 2):
            shares = [lines[number::4] for number in range(clerks)]
            rate = sprint(shares, environment, f"{clerks} processes on SQLite")
            lines = [line for number, line in enumerate(lines) if number % 4 >= clerks]
        yield Figure(AREA, "bookings a second, two processes on SQLite", "", f"{shown(rate)} a second")


class Work:
    """Requests that are ready for a date, and free times in sessions of the coming weeks; each is given out once."""

    def __init__(self, count):
        self.requests = iter(ready_requests(count))
        self.slots = free_slots()

    def apart(self, clerks, count):
        """Lines of work for each clerk, who meets nobody in a session."""
        chosen = list(itertools.islice(self.slots, count))
        sessions = {session: number for number, session in enumerate(dict.fromkeys(one for one, _ in chosen))}
        return [
            [f"{next(self.requests)} {session} {start}" for session, start in chosen if sessions[session] % clerks == n]
            for n in range(clerks)
        ]

    def together(self, clerks, count):
        """Lines of work by which all clerks are in one session at a time."""
        chosen = sorted(itertools.islice(self.slots, count))
        lines = [f"{next(self.requests)} {session} {start}" for session, start in chosen]
        return [lines[number::clerks] for number in range(clerks)]

    def twice(self, clerks, count):
        """(request, session, start) for each clerk; every time is wanted by two of them."""
        chosen = list(itertools.islice(self.slots, count))
        half = [[(next(self.requests), *slot) for slot in chosen[n :: clerks // 2]] for n in range(clerks // 2)]
        return half + [[(next(self.requests), *slot) for _, *slot in share] for share in half]


def ready_requests(count):
    """Ids of new requests for a short exam, ready to be booked, over all sites."""
    from django.utils import timezone

    from trustwide.commons.audit.actions import SystemActor
    from trustwide.commons.organisations.models import Site
    from trustwide.commons.patients.models import Patient
    from trustwide.services.imaging.requests.actions import event_rows, new_request
    from trustwide.services.imaging.requests.models import ExamType, ImagingRequest, PathwayEvent
    from trustwide.services.imaging.requests.pathway import Event
    from trustwide.services.imaging.waiting.clocks import Happening

    by, exam, asked = SystemActor("benchmark"), ExamType.objects.get(code=EXAM), timezone.now() - dt.timedelta(days=3)
    way = (Event.REQUEST, Event.RECEIVE, Event.ACCEPT, Event.PROTOCOL, Event.SAFETY_PASS)
    events = [Happening(kind, asked + dt.timedelta(hours=place), {}) for place, kind in enumerate(way)]
    patients, sites = list(Patient.objects.order_by("pk")[:count]), itertools.cycle(Site.objects.all())
    made = [new_request(someone, exam, next(sites), "routine", events) for someone in patients]
    ImagingRequest.objects.bulk_create(made, batch_size=2_000)
    PathwayEvent.objects.bulk_create((row for one in made for row in event_rows(one, events, by=by)), batch_size=5_000)
    return [one.pk for one in made]


def free_slots():
    """(session id, start) of free times for that exam, one of each session by turns."""
    from trustwide.services.imaging.booking.cells import cells_in, first_fit
    from trustwide.services.imaging.booking.models import ScannerSession
    from trustwide.services.imaging.booking.slots import CELL
    from trustwide.services.imaging.requests.models import ExamType

    exam = ExamType.objects.get(code=EXAM)
    length, tomorrow = cells_in(exam.minutes), dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    # the van takes routine requests only, and these are
    sessions = ScannerSession.objects.filter(scanner__modality=exam.modality, opens_at__gt=tomorrow, closed_reason="")
    turns = []
    for pk, opens, cells in sessions.values_list("pk", "opens_at", "cells"):
        place, number = first_fit(cells, length), 0
        while place >= 0:
            turns.append((number, pk, (opens + place * CELL).isoformat()))
            place, number = first_fit(cells, length, place + length), number + 1
    return iter([(pk, start) for _, pk, start in sorted(turns)])


# SPRINTS -------------------------------------------------------------------------------------------------------------


def sprint(shares, environment, name):
    """Bookings a second over all processes, from the start to the last second."""
    clerks = [
        subprocess.Popen(
            [sys.executable, WORKER, str(SPRINT)],
            env=environment,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for _ in shares
    ]
    for clerk, lines in zip(clerks, shares, strict=True):
        clerk.stdin.write("\n".join(lines) + "\n\n")
        clerk.stdin.flush()
        assert clerk.stdout.readline() == "ready\n"
    begun = time.monotonic()
    for clerk in clerks:
        clerk.stdin.write("go\n")
        clerk.stdin.flush()
    outputs = []
    threads = [threading.Thread(target=lambda one=one: outputs.append(one.communicate()[0])) for one in clerks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.monotonic() - begun
    lines = [line.split() for output in outputs for line in output.splitlines()]
    booked = [float(line[3]) for line in lines if line[0] != "refused"]
    refused, spent = (sum(float(line[place]) for line in lines if line[0] == "refused") for place in (1, 2))
    log(
        f"  {name:<44}{len(booked) / seconds:>7.0f} bookings a second, p95 {percentile(booked, 95):.0f} ms, "
        f"{refused:.0f} refused, {1000 * spent / len(booked):.1f} ms of processor in Python each, "
        f"load {os.getloadavg()[0]:.1f}"
    )
    return len(booked) / seconds


def over_http(port, work):
    """Bookings a second through pages, by eight clerks who do nothing else."""
    shares = work.twice(CLERKS_AT_ONCE, 1_600)[: CLERKS_AT_ONCE // 2]
    answers, seconds = book_fast(port, signed_in(), shares, SPRINT)
    done = successes(answers)
    log(f"  over HTTP {len(done) / seconds:.0f} bookings a second, {len(answers)} asked")
    yield Figure(AREA, "bookings a second over HTTP, pages and all", "", f"{shown(len(done) / seconds)} a second")


def killed(port, work, kill, name):
    """Bookings that were answered as made while something was killed; every time was wanted by two clerks."""
    answers, seconds = book_fast(port, signed_in(), work.twice(CLERKS_AT_ONCE, 2_000), SPRINT, middle=kill)
    done = successes(answers)
    failed = sum(status not in (200, 302) for *_, status in answers)
    log(f"  {name}: {len(done)} of {len(answers)} booked in {seconds:.0f} s, {failed} not answered or with an error")
    assert failed, "nothing was interrupted"
    assert done[-1][0] != done[0][0]
    return done


def successes(answers):
    """(request, session, start) of those that the server said were booked; it says so in a signed cookie."""
    from django.contrib.messages.storage.cookie import CookieStorage
    from django.test import RequestFactory

    reader = CookieStorage(RequestFactory().get("/"))
    done = []
    for request, session, start, told, _ in answers:
        if told and any(getattr(one, "level_tag", "") == "success" for one in reader._decode(told.strip('"')) or ()):
            done.append((request, session, start))
    return done


def kill_workers(process):
    """Every process that answers pages ends at once; the server starts others."""
    for pid in children(process):
        os.kill(pid, signal.SIGKILL)


def again(server):
    """PostgreSQL as after a loss of power."""
    server.kill()
    server.start()


def judged(server, said):
    """How many of each fault there are after all of it."""
    from django.db import connection

    from trustwide.services.imaging.booking.models import Appointment

    connection.close()  # it ended with the server
    held = {
        (request, session, start.isoformat())
        for request, session, start in Appointment.objects.in_force().values_list("request", "session", "starts_at")
    }
    wrong = {"answered and lost": len(set(said) - held)}
    wrong |= {name: int(server.sql(query, "run")) for name, query in JUDGE.items()}
    log(f"  after all of it: {wrong}")
    return wrong


def small_group():
    """On an empty database: sites, scanners and requests; lines of work on the output."""
    import django

    django.setup()
    from booking_seed import Seed
    from django.core.management import call_command

    from trustwide.commons.patients.models import Patient

    call_command("migrate", verbosity=0)
    seed = Seed(dt.datetime.now(dt.UTC).replace(second=0, microsecond=0))
    seed.structure()
    people = [
        Patient(partnership=seed.group, key=f"{number:064}", nearest=seed.sites[0]) for number in range(ON_SQLITE)
    ]
    Patient.objects.bulk_create(people, batch_size=500)
    print("\n".join(Work(ON_SQLITE).apart(1, ON_SQLITE)[0]))


if __name__ == "__main__":
    small_group()
