"""Links: any changed byte is refused, only a hash is kept, five wrong dates lock."""

import datetime as dt
import secrets

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from trustwide.services.imaging.messages.models import PatientLink
from trustwide.services.imaging.messages.tests.message_stage import BORN, booked, reachable
from trustwide.services.imaging.patient_pages import links

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def token_of(address):
    return address.rstrip("/").rpartition("/")[2]


def test_a_link_is_found_by_its_token_and_kept_as_a_hash(stage, settings):
    settings.PUBLIC_ADDRESS = "https://scans.example.test"
    request = reachable(stage)
    link, address = links.make_link(request, NOW)
    assert address.startswith("https://scans.example.test/p/")
    token = token_of(address)
    assert len(token) == links.TOKEN_LENGTH == 20
    assert links.find_link(token, NOW) == link
    assert token not in repr(PatientLink.objects.values().get())
    assert len({token_of(links.make_link(request, NOW)[1]) for _ in range(50)}) == 50


@given(place=st.integers(0, 19), put=st.sampled_from(ALPHABET))
def test_any_changed_character_is_refused_before_the_database_is_asked(place, put):
    token = links._signed(secrets.token_bytes(links.RANDOM_BYTES))
    changed = token[:place] + put + token[place + 1 :]
    assert links._is_ours(token)
    assert links._is_ours(changed) is (changed == token)


@given(st.text(max_size=40))
def test_any_other_text_is_refused(text):
    assert not links._is_ours(text)


@pytest.mark.django_db
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(random=st.binary(min_size=9, max_size=9))
def test_a_well_signed_token_that_nobody_was_given_leads_nowhere(db, random):
    assert links.find_link(links._signed(random), NOW) is None


def test_a_link_ends_after_the_day_that_follows_the_appointment(stage):
    appointment = booked(stage)
    appointment.request.refresh_from_db()
    link, address = links.make_link(appointment.request, NOW)
    day_after = appointment.starts_at + dt.timedelta(days=1)
    assert links.find_link(token_of(address), day_after) == link
    assert links.find_link(token_of(address), appointment.starts_at + dt.timedelta(days=2)) is None


def test_a_link_without_appointment_ends_after_sixty_days(stage):
    _, address = links.make_link(reachable(stage), NOW)
    assert links.find_link(token_of(address), NOW + dt.timedelta(days=59)) is not None
    assert links.find_link(token_of(address), NOW + dt.timedelta(days=60)) is None


def test_five_wrong_dates_lock_and_the_right_one_no_longer_helps(stage):
    link, _ = links.make_link(reachable(stage), NOW)
    wrong = BORN + dt.timedelta(days=1)
    assert [links.is_own(link, wrong, BORN) for _ in range(4)] == [False] * 4
    link.refresh_from_db()
    assert link.locked_at is None
    assert links.is_own(link, BORN, BORN)
    assert [links.is_own(link, wrong, BORN) for _ in range(5)] == [False] * 5
    link.refresh_from_db()
    assert link.locked_at is not None
    assert not links.is_own(link, BORN, BORN)
