"""What helped, counted by hand: seven visits, of which two could not be completed."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from trustwide.commons.accounts.tests.cast import STAGE
from trustwide.services.imaging.booking.actions import book
from trustwide.services.imaging.booking.models import Appointment
from trustwide.services.imaging.lean.figures import Asked
from trustwide.services.imaging.lean.needs import outcomes_by_need

pytestmark = pytest.mark.django_db
VISITS = [
    (["dementia"], "done"), (["dementia", "hoist"], "abandoned"), ([], "done"), ([], "done"), ([], "abandoned"),
    (["hoist"], "missed"), (["hoist"], "booked"),
]  # fmt: skip


def test_a_visit_counts_for_each_of_its_needs_and_only_if_it_began(stage):
    session = stage.session("MR1")
    for number, (needs, state) in enumerate(VISITS):
        made = book(stage.request(), session.pk, session.opens_at + dt.timedelta(minutes=20 * number), by=STAGE)
        Appointment.objects.filter(pk=made.pk).update(adjustments=needs, state=state)
    today = timezone.localdate()
    asked = Asked((stage.cast.north,), "MR", today, today + dt.timedelta(weeks=4))
    found = {one.name: (one.visits, round(one.not_completed.value, 3)) for one in outcomes_by_need(asked)}
    assert found == {"Nobody asked for anything": (3, 0.333), "Dementia": (2, 0.5), "Hoist": (1, 1.0)}
    elsewhere = Asked((stage.cast.south,), "MR", today, today + dt.timedelta(weeks=4))
    assert outcomes_by_need(elsewhere) == []
