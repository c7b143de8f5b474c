"""A group of hospitals in a database: 960,000 exams a year, three years of them, 32,000 people waiting.

Run: DATABASE_URL=postgres://... python benchmarks/booking_seed.py. Fills an empty PostgreSQL database in some minutes;
bench_booking.py does it once and keeps the result.

Three sites and a van, 94 scanners, sessions of the past year and the next eight weeks. Whoever waits, and whoever was
scanned in the last eight weeks, has every event, and columns derived from them by the product. Exams of the past year
done by appointment have their appointment. Older exams, and X-rays, which nobody books, are requests alone: closed,
without events. Nobody exists.
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
import os
import random
import sys
import time
from contextlib import contextmanager

from figures import log

REQUESTS, WAITING, PATIENTS, CLERKS = 3_000_000, 32_000, 1_200_000, 50
YEAR, YEARS, WEEKS_AHEAD, WEEKS_TOLD = dt.timedelta(days=365), 3, 8, 8
SITES = (("N1", "Northgate"), ("R1", "Riverside"), ("S1", "Southfield"))
# modality: scanners a site, opens, closes, days a week, how full it was, how full in each week to come
SCANNERS = {
    "MR": (5, 8, 20, 7, 0.92, (0.97, 0.9, 0.6, 0.35, 0.15, 0.1, 0.05, 0.05)),
    "CT": (4, 8, 20, 7, 0.8, (0.5, 0.2, 0.1, 0.05, 0.03, 0.02, 0, 0)),
    "US": (10, 8, 17, 5, 0.92, (0.85, 0.4, 0.2, 0.1, 0.05, 0.05, 0, 0)),
    "DX": (9, 8, 20, 7, 0.0, (0,) * 8),
    "BD": (1, 9, 17, 5, 0.9, (0.6, 0.3, 0.1, 0.05, 0, 0, 0, 0)),
    "NM": (1, 9, 17, 5, 0.8, (0.6, 0.2, 0.1, 0, 0, 0, 0, 0)),
    "RF": (1, 9, 17, 5, 0.8, (0.5, 0.2, 0.1, 0, 0, 0, 0, 0)),
}
# code, name, modality, test, minutes, what the scanner must have, competence, safety, share of the modality's exams
EXAMS = (
    ("MKNEE", "MRI knee", "MR", "MRI", 20, [], "", ["mr"], 30),
    ("MHEAD", "MRI head", "MR", "MRI", 25, [], "", ["mr"], 25),
    ("MSPINE", "MRI lumbar spine", "MR", "MRI", 30, [], "", ["mr"], 25),
    ("MLIVC", "MRI liver with contrast", "MR", "MRI", 40, ["contrast"], "", ["mr", "contrast"], 15),
    ("MCARD", "MRI heart", "MR", "MRI", 60, ["cardiac"], "cardiac_mr", ["mr", "contrast"], 5),
    ("CHEAD", "CT head", "CT", "CT", 10, [], "", [], 45),
    ("CTAP", "CT thorax, abdomen and pelvis with contrast", "CT", "CT", 15, ["contrast"], "", ["contrast"], 45),
    ("CCOLON", "CT colonography", "CT", "CT", 30, [], "", [], 10),
    ("UABDO", "Ultrasound abdomen", "US", "NOUS", 20, [], "", [], 50),
    ("UNECK", "Ultrasound neck", "US", "NOUS", 15, [], "", [], 30),
    ("ULEG", "Ultrasound leg veins", "US", "NOUS", 30, [], "", [], 20),
    ("XCHEST", "X-ray chest", "DX", "", 5, [], "", [], 100),
    ("DEXA", "Bone density", "BD", "DEXA", 20, [], "", [], 100),
    ("NBONE", "Bone scan", "NM", "", 45, [], "", [], 100),
    ("BSWAL", "Barium swallow", "RF", "BARIUM", 30, [], "", [], 100),
)
WAITS_FOR = {"MR": 40, "CT": 20, "US": 33, "BD": 4, "NM": 1, "RF": 2}  # of those without a date, in hundredths
PRIORITIES = (("routine", 62), ("urgent", 20), ("suspected_cancer", 10), ("planned", 8))
BEFORE = ("request", "receive", "accept", "protocol", "safety_pass")
AFTER = ("arrive", "enter_room", "start", "end", "out_of_room", "leave", "report", "verify", "acknowledge")
# how far a request without a date has come: its last events, and the share of them in hundredths
STOPS_AT = ((1, "", 3), (2, "", 10), (2, "query", 3), (3, "", 12), (4, "", 14), (4, "safety_hold", 4), (5, "", 54))
NAMES = "Ada Ben Cleo Dev Ewan Fay Gus Hana Ivo June", "Archer Baker Cole Dyer Ellis Frost Grant Hale Iqbal Jones"
LOAD_CLOSED = """
INSERT INTO imaging_imagingrequest (id, patient_id, site_id, exam_id, test, accession, priority, source, referrer,
    question, series, requested_at, system, protocol, state, state_since, events_count, next_role, started_on,
    experienced_from, breach_on, target_on, stopped_on, stop_reason, scanned_at, verified_at, created_at)
SELECT c.id, 1 + c.id * 7919 %% %(patients)s, c.site_id, c.exam_id, e.test, 'A' || c.id, 'routine', 'GP',
    'Dr Example', '', '', c.asked, 'RIS', '', 'acknowledged', c.scanned + '3 days', 0, '', c.asked::date,
    c.asked::date, c.asked::date + 42, c.asked::date + 41, c.scanned::date, 'scanned', c.scanned,
    c.scanned + '2 days', c.asked
FROM closed c JOIN imaging_examtype e ON e.id = c.exam_id
"""
LOAD_HISTORY = """
INSERT INTO closed SELECT i, site, exam, asked, least(asked + '1 hour'::interval + random() * random() * wait, now())
FROM (SELECT i, (%(sites)s::bigint[])[1 + i %% 3] site,
        CASE WHEN old THEN (%(exams)s::bigint[])[1 + floor(random() * %(kinds)s)::int] ELSE %(walk_in)s END exam,
        CASE WHEN old THEN '80 days'::interval ELSE '1 hour' END wait,
        now() - %(years)s * '365 days'::interval * (1 - i::float / %(n)s) asked
    FROM (SELECT i, i < %(n)s * %(old)s old FROM generate_series(1, %(n)s) i) counted) drawn
"""


class Seed:
    """Fills one database; the draws are the same each time, the dates follow today's."""

    def __init__(self, now):
        self.now, self.draw = now, random.Random(20261)
        self.requests, self.appointments, self.events, self.closed, self.booked_then = [], [], [], [], []
        self.ids = {name: itertools.count(1) for name in ("appointment", "event")}

    def build(self):
        from trustwide.services.imaging.booking.models import Appointment
        from trustwide.services.imaging.requests.models import ImagingRequest, PathwayEvent

        self.structure()
        self.note("scanners, exams and sessions")
        with loading():
            self.patients()
            self.note(f"{PATIENTS:,} patients")
            slots = self.fill_sessions()
            self.note(f"{len(slots):,} appointments placed")
            ahead = sum(starts >= self.now for _, starts, _, _ in slots)
            self.next_id = REQUESTS - len(slots) - (WAITING - ahead) + 1
            history = self.next_id - 1
            for session, starts, minutes, exam in slots:
                self.visit(session, starts, minutes, exam)
            for _ in range(WAITING - ahead):
                self.without_a_date()
            self.note("histories of those who wait or were scanned lately")
            self.load_closed(history)
            self.note("closed requests")
            copy(ImagingRequest, self.requests)
            copy(Appointment, self.appointments)
            copy(PathwayEvent, self.events)
            self.note("copied")
        self.finish()

    def structure(self):
        """Sites, clerks, scanners, exams and empty sessions, by the product's own actions. Any database."""
        from trustwide.commons.accounts.actions import add_member, create_person
        from trustwide.commons.audit.actions import SystemActor
        from trustwide.commons.organisations.actions import create_partner, create_partnership, create_site
        from trustwide.services.imaging.booking.models import ScannerSession, TravelTime
        from trustwide.services.imaging.booking.sessions import make_sessions
        from trustwide.services.imaging.requests.models import ExamType

        by = self.by = SystemActor("seed")
        group = self.group = create_partnership("group", "Group of three", by=by)
        partner = create_partner(group, "T1", "One Trust", by=by)
        self.sites = [create_site(partner, code, name, by=by, short_name=name) for code, name in SITES]
        for one, other in itertools.permutations(self.sites, 2):
            TravelTime.objects.create(origin=one, destination=other, minutes=20 + 5 * abs(one.pk - other.pk))
        for number in range(CLERKS):
            clerk = create_person(f"clerk{number}@example.test", f"Clerk {number}", by=by)
            add_member(clerk, "booking_clerk", group, by=by, reason="benchmark")
        columns = ("code", "name", "modality", "test", "minutes", "scanner_must_have", "competence", "safety")
        self.exams = [
            ExamType.objects.create(partnership=group, **dict(zip(columns, row, strict=False))) for row in EXAMS
        ]
        self.share = {row[0]: row[-1] for row in EXAMS}
        today = self.now.date()
        templates = [template for site in self.sites for template in self.templates(site, today - YEAR)]
        make_sessions(templates, today - YEAR, today + dt.timedelta(weeks=WEEKS_AHEAD), by=by)
        self.sessions = list(ScannerSession.objects.select_related("scanner", "site").order_by("opens_at", "pk"))

    def templates(self, site, first):
        from trustwide.services.imaging.booking.sessions import add_scanner, add_template

        for modality, (count, opens, closes, days, *_) in SCANNERS.items():
            for number in range(1, count + 1):
                tags = (
                    ["contrast"] * (number > 1) + ["wide_bore"] * (number == 2) + ["cardiac", "hoist"] * (number == 3)
                )
                mobile = modality == "MR" and number == count and site == self.sites[-1]
                code = "VAN" if mobile else f"{modality}{number}"
                facts = {"has": [] if mobile else tags, "mobile": mobile}
                scanner = add_scanner(site, code, f"{site.short_name} {code}", modality, by=self.by, **facts)
                for weekday in range(days):
                    yield add_template(
                        scanner, weekday, dt.time(opens), dt.time(closes), by=self.by, from_on=first, overbook_limit=1,
                        competences=["cardiac_mr"] if "cardiac" in tags and weekday in (1, 3) else [],
                        site=self.sites[weekday % 3] if mobile else site, priorities=["routine"] if mobile else [],
                    )  # fmt: skip

    def patients(self):
        firsts, lasts = (names.split() for names in NAMES)
        run(
            "INSERT INTO patients_patient (id, partnership_id, key, born_year, sex, nearest_id, nhs_number, name,"
            " mobile, email, contact_by, large_print, created_at) SELECT i, %s, md5(i::text) || md5((-i)::text),"
            " 1930 + i %% 90, CASE i %% 2 WHEN 0 THEN 'F' ELSE 'M' END, (%s::bigint[])[1 + i %% 3], '',"
            " (%s::text[])[1 + i %% 10] || ' ' || (%s::text[])[1 + i / 10 %% 10], '', '', 'letter', false, now()"
            " FROM generate_series(1, %s) i",
            [self.group.pk, [site.pk for site in self.sites], firsts, lasts, PATIENTS],
        )
        run(
            "INSERT INTO patients_patientneed (patient_id, code, detail, ready, recorded_at, recorded_by)"
            " SELECT i, (ARRAY['dementia', 'interpreter', 'hoist', 'claustrophobia', 'carer'])[1 + i / 20 %% 5], '',"
            " false, now(), 'seed' FROM generate_series(20, %s, 20) i",
            [PATIENTS],
        )

    def fill_sessions(self):
        """Exams placed one after the other with gaps; the cells of sessions follow. (session, starts, minutes, exam)"""
        from trustwide.services.imaging.booking.cells import CELL_MINUTES, TAKEN, cells_in, fill

        slots = []
        for session in self.sessions:
            *_, before, weeks = SCANNERS[session.scanner.modality]
            week = (session.opens_at - self.now).days // 7
            full = before if session.opens_at < self.now else weeks[min(week, len(weeks) - 1)]
            exams, shares = self.suitable(session)
            place = 0
            while full and place < len(session.cells) - 1:
                exam = self.draw.choices(exams, shares)[0]
                count = cells_in(exam.minutes)
                if place + count <= len(session.cells) and self.draw.random() < full:
                    starts = session.opens_at + dt.timedelta(minutes=place * CELL_MINUTES)
                    slots.append((session, starts, exam.minutes, exam))
                    session.cells = fill(session.cells, place, count, TAKEN)
                    session.version += 1
                place += count
        slots.sort(key=lambda slot: slot[1])
        return slots

    def suitable(self, session):
        fits = [
            exam for exam in self.exams
            if exam.modality == session.scanner.modality and set(exam.scanner_must_have) <= set(session.scanner.has)
            and (not exam.competence or exam.competence in session.competences)
        ]  # fmt: skip
        return fits, [self.share[exam.code] for exam in fits]

    def visit(self, session, starts, minutes, exam):
        """One appointment and its request: with its events if it lies ahead or was lately, else closed and bare."""
        from trustwide.services.imaging.booking.models import Appointment

        done, number = starts < self.now, next(self.ids["appointment"])
        lately = starts > self.now - dt.timedelta(weeks=WEEKS_TOLD)
        days = self.draw.expovariate(1 / 18)
        asked = (starts if done else self.now) - dt.timedelta(days=1 + days, minutes=self.draw.randrange(600))
        if lately:
            request = self.told(exam, session.site, asked, self.story(asked, session, starts, minutes, number))
            ident = request.pk
        else:
            ident = self.new_id()
            self.closed.append((ident, session.site_id, exam.pk, asked, starts))
        self.appointments.append(
            Appointment(
                id=number,
                request_id=ident,
                session_id=session.pk,
                starts_at=starts,
                minutes=minutes,
                adjustments=[],
                state="done" if done else "booked",
                booked_at=asked,
                booked_by="seed",
                ended_at=starts + dt.timedelta(minutes=minutes) if done else None,
                first_time=True if done else None,
            )
        )

    def story(self, asked, session, starts, minutes, number):
        """The events of a visit, as far as time has let them happen."""
        until = min(starts, self.now)
        step = (until - asked) / 12
        events = [(kind, asked + step * place, {}) for place, kind in enumerate(BEFORE)]
        if self.draw.random() < 0.08:
            day = (asked + step * 7).date().isoformat()
            before = {"appointment": 0, "starts_at": (asked + step * 7).isoformat()}
            events += [("book", asked + step * 5, before), ("miss", asked + step * 7, {"appointment_on": day})]
            events.append(("rebook", asked + step * 8, {}))
        details = {
            "appointment": number, "starts_at": starts.isoformat(), "minutes": minutes, "scanner": session.scanner.code,
            "site": session.site.code,
        }  # fmt: skip
        events.append(("book", asked + step * 9, details))
        if self.draw.random() < 0.4:
            events.append(("confirm", asked + step * 10, {"appointment": number}))
        later = [dt.timedelta(minutes=m) for m in (-10, 0, 3, minutes, minutes + 1, minutes + 3)]
        later += [dt.timedelta(days=day) for day in (1, 2, 3)]
        if starts < self.now:
            events += [(kind, starts + wait, {}) for kind, wait in zip(AFTER, later, strict=True)]
        return [event for event in events if event[1] <= self.now or event[0] in AFTER[:6]]

    def without_a_date(self):
        """A request that waits without an appointment, at some step of the way."""
        modality = self.draw.choices(list(WAITS_FOR), list(WAITS_FOR.values()))[0]
        exams = [exam for exam in self.exams if exam.modality == modality]
        exam = self.draw.choices(exams, [self.share[one.code] for one in exams])[0]
        reached, last, _ = self.draw.choices(STOPS_AT, [share for *_, share in STOPS_AT])[0]
        asked = self.now - dt.timedelta(days=self.draw.expovariate(1 / (4 + 4 * reached)), minutes=10)
        step = (self.now - asked) / 8
        events = [(kind, asked + step * place, {}) for place, kind in enumerate(BEFORE[:reached])]
        if last:
            events.append((last, asked + step * 6, {}))
        self.told(exam, self.draw.choice(self.sites), asked, events)

    def told(self, exam, site, asked, story):
        """A request with its events, its columns derived by the product itself."""
        from trustwide.commons.patients.models import Patient
        from trustwide.services.imaging.requests.actions import event_rows, new_request
        from trustwide.services.imaging.requests.pathway import Event
        from trustwide.services.imaging.waiting.clocks import Happening

        names, shares = zip(*PRIORITIES, strict=True)
        priority = self.draw.choices(names, shares)[0]
        due = (asked + dt.timedelta(days=self.draw.randrange(10, 120))).date() if priority == "planned" else None
        events = [Happening(Event(kind), at, details) for kind, at, details in story]
        ident = self.new_id()
        request = new_request(
            Patient(pk=1 + ident * 7919 % PATIENTS), exam, site, priority, events, due_on=due, accession=f"A{ident}",
            system="RIS", source="GP", referrer="Dr Example", pk=ident, created_at=asked,
        )  # fmt: skip
        self.requests.append(request)
        for row in event_rows(request, events, by=self.by):
            row.id, row.recorded_at = next(self.ids["event"]), row.at
            self.events.append(row)
        return request

    def new_id(self):
        ident, self.next_id = self.next_id, self.next_id + 1
        return ident

    def load_closed(self, history):
        """Everything older: a request and nothing else, made by the database itself."""
        facts = "id bigint, site_id bigint, exam_id bigint, asked timestamptz, scanned timestamptz"
        run(f"CREATE TEMP TABLE closed ({facts})")
        copy_rows("closed (id, site_id, exam_id, asked, scanned)", self.closed)
        common = [exam.pk for exam in self.exams for _ in range({"DX": 9, "US": 2, "CT": 1}.get(exam.modality, 1))]
        facts = {
            "sites": [site.pk for site in self.sites], "exams": common, "kinds": len(common), "years": YEARS,
            "walk_in": next(exam.pk for exam in self.exams if exam.modality == "DX"), "n": history,
            "old": (YEARS - 1) / YEARS, "patients": PATIENTS,
        }  # fmt: skip
        run(LOAD_HISTORY, facts)
        run(LOAD_CLOSED, facts)
        run("CREATE TEMP TABLE filled (id bigint, cells text, version int)")
        copy_rows(
            "filled (id, cells, version)", ((one.pk, one.cells, one.version) for one in self.sessions if one.version)
        )
        run("UPDATE imaging_scannersession s SET cells = f.cells, version = f.version FROM filled f WHERE f.id = s.id")

    def finish(self):
        from django.apps import apps
        from django.core.management.color import no_style
        from django.db import connection

        for statement in connection.ops.sequence_reset_sql(no_style(), apps.get_models()):
            run(statement)
        run("VACUUM ANALYZE")
        self.note("indexed and analysed")

    def note(self, text):
        log(f"  seed, {time.monotonic() - BEGUN:.0f} s: {text}")


def run(statement, facts=None):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, facts)


@contextmanager
def loading():
    """Without secondary indexes and without checks, which come back at the end."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes i WHERE schemaname = 'public' AND tablename LIKE ANY"
            " (ARRAY['imaging_imagingrequest', 'imaging_pathwayevent', 'imaging_appointment', 'patients_%%'])"
            " AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = indexname)",
            [],
        )
        indexes = cursor.fetchall()
        cursor.execute("SET session_replication_role = replica; SET synchronous_commit = off")
        cursor.execute("SET maintenance_work_mem = '512MB'")
        cursor.execute("; ".join(f'DROP INDEX "{name}"' for name, _ in indexes))
        yield
        for _, definition in indexes:
            cursor.execute(definition)
        cursor.execute("SET session_replication_role = DEFAULT")


def copy(model, rows):
    """Unsaved rows into their table, all at once."""
    fields = model._meta.concrete_fields
    columns = ", ".join(f'"{field.column}"' for field in fields)
    names = [(field.attname, field.get_internal_type() == "JSONField") for field in fields]
    values = (
        [json.dumps(getattr(row, name)) if is_json else getattr(row, name) for name, is_json in names] for row in rows
    )
    copy_rows(f"{model._meta.db_table} ({columns})", values)


def copy_rows(target, rows):
    from django.db import connection

    with connection.cursor() as cursor, cursor.copy(f"COPY {target} FROM STDIN") as into:
        for row in rows:
            into.write_row(row)


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trustwide.config.settings")
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    Seed(dt.datetime.now(dt.UTC).replace(second=0, microsecond=0)).build()


BEGUN = time.monotonic()
if __name__ == "__main__":
    sys.exit(main())
