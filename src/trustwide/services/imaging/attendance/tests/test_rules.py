"""When the room is on, who decides, and which days are meant."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from trustwide.commons.accounts.actions import add_member
from trustwide.commons.accounts.rules import NotAllowedError
from trustwide.commons.accounts.tests.cast import STAGE, person
from trustwide.commons.audit.models import AuditEvent
from trustwide.services.imaging.append_only import AppendOnlyError
from trustwide.services.imaging.attendance import actions, rules
from trustwide.services.imaging.attendance.models import ImpactAssessment
from trustwide.services.imaging.attendance.tests.attendance_stage import switch_on


def assess(cast, kind, *, by=None, signed=30, review=300):
    today = timezone.localdate()
    return actions.record_assessment(
        cast.group, kind, reference="IG-7", signed_by="Ada Example", by=by or cast.chief,
        signed_on=today - dt.timedelta(days=signed), review_on=today + dt.timedelta(days=review),
    )  # fmt: skip


def test_the_room_is_off_until_all_three_are_in_force(cast):
    today = timezone.localdate()
    for done, kind in enumerate(ImpactAssessment.Kind.values):
        with pytest.raises(rules.RoomOffError) as off:
            rules.check_switched_on(cast.group, today)
        assert str(off.value).count("is missing") == 3 - done
        assess(cast, kind)
    rules.check_switched_on(cast.group, today)
    assert not rules.switched_on(cast.public.partner.partnership, today)


def test_one_that_is_out_of_date_switches_the_room_off_by_name(cast):
    switch_on(cast)
    assess(cast, "equality", review=0)
    today = timezone.localdate()
    assert rules.switched_on(cast.group, today)
    with pytest.raises(rules.RoomOffError, match=r"the equality impact assessment was to be reviewed by .*\. Record"):
        rules.check_switched_on(cast.group, today + dt.timedelta(days=1))


def test_an_assessment_is_kept_for_good_and_audited(cast):
    kept = assess(cast, "data_protection")
    with pytest.raises(AppendOnlyError):
        kept.save()
    with pytest.raises(AppendOnlyError):
        kept.delete()
    event = AuditEvent.objects.get(action="recorded an impact assessment")
    assert (event.actor_name, event.details["reference"]) == (cast.chief.audit_name, "IG-7")


@pytest.mark.parametrize("dates", [{"signed": -1}, {"signed": 30, "review": -30}])
def test_dates_that_cannot_be_are_refused(cast, dates):
    with pytest.raises(rules.AttendanceRefusedError):
        assess(cast, "equality", **dates)
    assert not ImpactAssessment.objects.exists()


def test_who_decides_manages_every_site(cast):
    """A manager of one site does not decide for the patients of another."""
    with pytest.raises(NotAllowedError, match="all of Two Rivers Group"):
        assess(cast, "equality", by=cast.people["radiology_manager"])
    both = person("Manager Of All")
    add_member(both, "radiology_manager", cast.group, by=STAGE, reason="test")
    assess(cast, "equality", by=both)
    assert not rules.can_manage(cast.stranger, cast.group)


@pytest.mark.parametrize(
    ("day", "number", "then"),
    [("2026-03-02", 3, "2026-03-05"), ("2026-03-05", 2, "2026-03-09"), ("2026-04-02", 1, "2026-04-07"),
     ("2026-12-31", 1, "2027-01-04")],
)  # fmt: skip
def test_working_days_pass_over_weekends_and_bank_holidays(day, number, then):
    """3 and 6 April 2026 are Good Friday and Easter Monday, 1 January 2027 is a Friday (gov.uk/bank-holidays)."""
    assert rules.in_working_days(dt.date.fromisoformat(day), number).isoformat() == then


def test_a_risk_has_a_word_and_a_number():
    assert rules.risk_words(0.312) == "High: about 31 of 100"
    assert rules.risk_words(0.02) == "Low: about 2 of 100"
