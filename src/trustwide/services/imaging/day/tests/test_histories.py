"""Random days of a booking centre on a real database: no patient without a next step, no slot with two patients."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from trustwide.commons.accounts.tests.cast import STAGE
from trustwide.services.imaging.booking import actions, offers
from trustwide.services.imaging.booking.cells import CELL_MINUTES, TAKEN
from trustwide.services.imaging.booking.exceptions import BookingError
from trustwide.services.imaging.booking.models import Appointment, Offer, ScannerSession
from trustwide.services.imaging.booking.slots import CELL, find_slots, question_for
from trustwide.services.imaging.day import down
from trustwide.services.imaging.day.actions import OF_THE_DAY, record_step
from trustwide.services.imaging.requests.actions import happen, happenings
from trustwide.services.imaging.requests.derived import derive
from trustwide.services.imaging.requests.models import ImagingRequest
from trustwide.services.imaging.requests.pathway import CLOSED, Event, PathwayError
from trustwide.services.imaging.waiting.clocks import LONDON, clocks_of
from trustwide.services.imaging.waiting.reference import waits_on

REFUSALS = (BookingError, PathwayError)
NUMBER = st.integers(0, 1_000)
PATHWAY = [
    Event.ANSWER, Event.ACCEPT, Event.PROTOCOL, Event.SAFETY_PASS, Event.SAFETY_HOLD, Event.QUERY, Event.REBOOK,
    Event.REPORT, Event.VERIFY, Event.ACKNOWLEDGE, Event.WITHDRAW,
]  # fmt: skip


class BookingCentre(RuleBasedStateMachine):
    """Clerks, radiographers and patients doing whatever they can think of, in any order."""

    stage = None

    @initialize()
    def begin(self):
        self.point = transaction.savepoint()
        self.requests = [self.stage.request().pk for _ in range(3)]

    def teardown(self):
        transaction.savepoint_rollback(self.point)

    def request(self, number):
        pk = self.requests[number % len(self.requests)]
        return ImagingRequest.objects.select_related("exam", "patient", "site").get(pk=pk)

    def held(self, number):
        return Appointment.objects.filter(request=self.request(number)).order_by("-pk").first()

    @rule(number=NUMBER, exam=st.sampled_from(["MKNEE", "MLIVC"]), priority=st.sampled_from(["routine", "urgent"]))
    def ask(self, number, exam, priority):
        if len(self.requests) < 6:
            self.requests.append(self.stage.request(exam, priority=priority).pk)

    @rule(number=NUMBER, cell=st.integers(0, 12), overbook=st.booleans())
    def book_anywhere(self, number, cell, overbook):
        session = self.stage.session("MR1", number % 2)
        self.attempt(
            lambda: actions.book(
                self.request(number), session.pk, session.opens_at + cell * CELL, by=STAGE, overbook=overbook
            )
        )

    @rule(number=NUMBER, by_patient=st.booleans())
    def cancel(self, number, by_patient):
        held = self.held(number)
        if held:
            self.attempt(lambda: actions.cancel(held, by=STAGE, by_patient=by_patient, reason="said so"))

    @rule(number=NUMBER, cell=st.integers(0, 12))
    def move(self, number, cell):
        held, session = self.held(number), self.stage.session("MR1", 1)
        if held:
            at = session.opens_at + cell * CELL
            self.attempt(lambda: actions.move(held, session.pk, at, by=STAGE, by_patient=False, reason="asked"))

    @rule(number=NUMBER)
    def offer(self, number):
        request = self.request(number)
        slot = find_slots(question_for(request), limit=1)[0]
        self.attempt(lambda: offers.make_offer(request, slot, by=STAGE))

    @rule(number=NUMBER, accept=st.booleans())
    def answer(self, number, accept):
        offer = Offer.objects.filter(request=self.request(number), answer="pending").first()
        if offer:
            do = offers.accept_offer if accept else offers.decline_offer
            self.attempt(lambda: do(offer, by=STAGE))

    @rule(number=NUMBER, event=st.sampled_from(OF_THE_DAY))
    def the_day(self, number, event):
        held = self.held(number)
        if held:
            self.attempt(lambda: record_step(held, event, by=STAGE, reason="seen"))

    @rule(number=NUMBER, event=st.sampled_from(PATHWAY))
    def go_on(self, number, event):
        request = self.request(number)
        if event is not Event.WITHDRAW or request.state != "booked":
            self.attempt(lambda: happen(request, event, by=STAGE, reason="judged"))

    @rule(hours=st.integers(1, 24 * 16))
    def scanner_down(self, hours):
        scanner = self.stage.scanners["MR1"]
        until = timezone.now() + dt.timedelta(hours=hours)
        down.mark_down(scanner, until, by=STAGE, reason="helium")
        down.move_all(down.plan_moves(scanner, until), by=STAGE, reason="scanner down")
        down.mark_up(scanner, by=STAGE)

    def attempt(self, do):
        try:
            with transaction.atomic():
                do()
        except REFUSALS as refusal:
            assert str(refusal)[0].isupper() or str(refusal)[0] in "'0123456789"
            assert str(refusal).endswith(".")

    @invariant()
    def no_slot_has_two_patients(self):
        for session in ScannerSession.objects.filter(version__gt=0):
            held = list(session.appointments.in_force().filter(overbooked=False).order_by("starts_at"))
            assert all(one.ends_at <= after.starts_at for one, after in pairwise(held))
            kept = session.appointments.exclude(state__in=["patient_cancelled", "hospital_cancelled"])
            used = sum(one.minutes for one in kept if not one.overbooked)
            assert session.cells.count(TAKEN) * CELL_MINUTES == used
            assert session.overbooked == sum(one.overbooked for one in kept) <= session.overbook_limit

    @invariant()
    def everybody_has_a_next_step_and_right_clocks(self):
        today = timezone.localdate()
        for request in ImagingRequest.objects.filter(pk__in=getattr(self, "requests", [])):
            events = happenings(request.events.order_by("number"))
            asked = request.requested_at.astimezone(LONDON).date()
            derived = derive(asked, request.due_on, events)
            stored = {name: getattr(request, name) for name in derived.__dataclass_fields__}
            assert stored == derived.__dict__
            assert bool(request.next_role) != (request.stage in CLOSED)
            assert request.appointments.in_force().count() == (
                request.state in {"booked", "arrived", "in_room", "scanning"}
            )
            clocks = clocks_of(asked, request.due_on, events)
            for day in (today, today + dt.timedelta(days=60)):
                assert (clocks.dm01_days(day), clocks.experienced_days(day)) == waits_on(
                    day, asked, request.due_on, events
                )


@pytest.mark.django_db
def test_whatever_people_do_nobody_is_lost_and_no_slot_is_given_twice(stage):
    machine = type("Centre", (BookingCentre,), {"stage": stage})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
