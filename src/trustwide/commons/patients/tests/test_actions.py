"""Records of patients: numbers kept in one spelling, empty facts filled in, and wishes that outlive a merge."""

import datetime as dt

import pytest
from django.utils import timezone

from trustwide.commons.accounts.tests.cast import STAGE
from trustwide.commons.audit.models import AuditEvent
from trustwide.commons.patients.actions import change_details, find_or_add_patient, merge_patients
from trustwide.commons.patients.exceptions import PatientError
from trustwide.commons.patients.identity import full_number

BORN = dt.date(1958, 3, 27)


@pytest.fixture(autouse=True)
def live(settings):
    settings.LIVE_BOOKING = True


@pytest.fixture
def add(cast):
    return lambda identifier, **facts: find_or_add_patient(cast.group, identifier, by=STAGE, **facts)


@pytest.mark.parametrize(
    "typed",
    ["07700 900 123", "07700900123", "+44 (0)7700 900123", "0044-7700-900123", "447700900123", "7700900123",
     " (07700) 900.123 "],
)  # fmt: skip
def test_a_british_number_is_kept_in_one_spelling(add, typed):
    assert add("P1", mobile=typed).mobile == "+447700900123"


def test_other_numbers_keep_their_country_and_none_stays_none():
    assert full_number("+33 6 12 34 56 78") == "+33612345678"
    assert full_number("0033 612345678") == "+33612345678"
    assert full_number("0113 496 0000") == "+441134960000"
    assert full_number(" ") == ""


@pytest.mark.parametrize(
    "typed", ["ask her son", "12345", "07700 90012", "+44 7700 900 1234", "+0", "07700900123x", "612345678", "٠٧٧٠٠"]
)
def test_what_is_no_number_is_refused(add, typed):
    patient = add("P1")
    with pytest.raises(PatientError, match="07700 900123"):
        change_details(patient, {"mobile": typed}, by=STAGE)
    with pytest.raises(PatientError, match="07700 900123"):
        add("P2", mobile=typed)


def test_a_changed_mobile_is_kept_in_one_spelling(add):
    patient = add("P1")
    change_details(patient, {"mobile": "07700 900 123"}, by=STAGE)
    patient.refresh_from_db()
    assert patient.mobile == "+447700900123"


def test_new_facts_fill_what_is_empty_and_leave_the_rest(add):
    first = add("P1", mobile="07700900001", name="Ada")
    add("P1", mobile="07700900002", name="", born_on=BORN, sex="F")
    first.refresh_from_db()
    assert (first.mobile, first.name, first.born_on, first.sex) == ("+447700900001", "Ada", BORN, "F")
    assert AuditEvent.objects.filter(action="filled in a patient's details").count() == 1
    add("P1", born_on=BORN)
    assert AuditEvent.objects.filter(action="filled in a patient's details").count() == 1


def test_without_live_booking_nothing_is_filled_in(add, settings):
    settings.LIVE_BOOKING = False
    first = add("P1")
    add("P1", mobile="no number", born_year=1958)
    first.refresh_from_db()
    assert (first.mobile, first.born_year) == ("", None)


@pytest.mark.parametrize("turned", [False, True])
def test_a_merge_keeps_wishes_of_either_and_fills_what_is_empty(add, cast, turned):
    known = {"mobile": "07700900001", "born_on": BORN, "sex": "F", "travel_minutes": 30, "nearest": cast.north}
    full = add("P1", **known, large_print=True, reminders_stopped_at=timezone.now())
    bare = add("P2", name="Ada")
    into = (
        merge_patients(bare, full, by=STAGE, reason="x") if turned else merge_patients(full, bare, by=STAGE, reason="x")
    )
    into.refresh_from_db()
    assert into.reminders_stopped_at is not None
    assert into.large_print
    assert (into.name, into.mobile, into.born_on, into.sex) == ("Ada", "+447700900001", BORN, "F")
    assert (into.travel_minutes, into.nearest) == (30, cast.north)


def test_a_merge_leaves_what_differs(add):
    gone, into = add("P1", mobile="07700900001"), add("P2", mobile="07700900002")
    merge_patients(gone, into, by=STAGE, reason="x")
    into.refresh_from_db()
    assert into.mobile == "+447700900002"
