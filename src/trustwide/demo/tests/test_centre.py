"""The booking centre goes back far enough for every measure, and nobody who lost a date is forgotten."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from trustwide.commons.measures.definition import measures
from trustwide.commons.measures.models import ChartSummary
from trustwide.demo import actions, figures
from trustwide.demo.bookings import centre
from trustwide.services.imaging.booking.models import Appointment, ScannerSession
from trustwide.services.imaging.requests.actions import happenings
from trustwide.services.imaging.requests.derived import derive
from trustwide.services.imaging.requests.models import ImagingRequest
from trustwide.services.imaging.waiting.clocks import LONDON

State = Appointment.State


@pytest.fixture
def last_month(db, monkeypatch) -> dt.date:
    """A group with one scanner that goes back as far as the demo's; the last month that has ended."""
    monkeypatch.setitem(
        centre.SIZES, "small", centre.CentreSize(centre.SCANNERS[:1], 1, centre.SIZES["group"].whole_months, 0.02)
    )
    month = figures.latest_complete_month(timezone.localdate())
    actions.build(figures.wanted("small", month), progress=lambda _: None)
    return month


def test_every_measure_tells_of_the_last_whole_month_and_who_lost_a_date_has_another(last_month):
    oldest = ScannerSession.objects.order_by("opens_at")[0]
    assert oldest.opens_at.astimezone(LONDON).date() == last_month
    told = set(ChartSummary.objects.filter(period=last_month).values_list("measure", flat=True))
    assert told == {each.code for each in measures()}
    lost = Appointment.objects.filter(state__in=[State.MISSED, State.PATIENT_CANCELLED])
    long_ago = lost.filter(starts_at__lt=timezone.now() - centre.STILL_WAITING - dt.timedelta(days=1))
    again = ImagingRequest.objects.filter(appointments__in=long_ago).distinct()
    assert again
    for request in again:
        assert request.appointments.count() >= 2
        events = happenings(request.events.order_by("number"))
        derived = derive(request.requested_at.astimezone(LONDON).date(), request.due_on, events)
        assert (derived.state, derived.events_count) == (request.state, request.events_count)


@pytest.mark.parametrize(
    ("size", "today", "first"),
    [
        ("group", dt.date(2026, 11, 30), dt.date(2026, 10, 1)),
        ("group", dt.date(2027, 1, 1), dt.date(2026, 12, 1)),
        ("group", dt.date(2027, 3, 1), dt.date(2027, 2, 1)),
        ("small", dt.date(2026, 11, 30), dt.date(2026, 11, 23)),
    ],
)
def test_the_group_begins_with_a_whole_month_and_the_small_one_with_a_week(size, today, first):
    assert centre.SIZES[size].first_day(today) == first
