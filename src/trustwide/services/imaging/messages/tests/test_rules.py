"""Quiet hours, also when clocks change; how answers are read; how numbers are written."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustwide.commons.patients.models import Patient
from trustwide.services.imaging.messages import rules, texts
from trustwide.services.imaging.messages.models import Reply
from trustwide.services.imaging.waiting.clocks import LONDON

MOMENTS = st.datetimes(dt.datetime(2026, 3, 1), dt.datetime(2026, 11, 30), timezones=st.just(dt.UTC))
ReadAs = Reply.ReadAs


def london(*parts):
    return dt.datetime(*parts, tzinfo=LONDON)


@pytest.mark.parametrize(
    ("moment", "allowed"),
    [
        (london(2026, 3, 27, 19, 59), london(2026, 3, 27, 19, 59)),
        (london(2026, 3, 27, 20, 0), london(2026, 3, 28, 8, 0)),
        (london(2026, 3, 28, 0, 0), london(2026, 3, 28, 8, 0)),
        # clocks go forward on Sunday 29 March 2026 at one, back on Sunday 25 October at two
        (london(2026, 3, 28, 23, 59), london(2026, 3, 29, 10, 0)),
        (dt.datetime(2026, 3, 29, 8, 59, tzinfo=dt.UTC), dt.datetime(2026, 3, 29, 9, 0, tzinfo=dt.UTC)),
        (london(2026, 10, 24, 20, 30), london(2026, 10, 25, 10, 0)),
        (dt.datetime(2026, 10, 25, 9, 59, tzinfo=dt.UTC), dt.datetime(2026, 10, 25, 10, 0, tzinfo=dt.UTC)),
        (dt.datetime(2026, 10, 25, 10, 0, tzinfo=dt.UTC), dt.datetime(2026, 10, 25, 10, 0, tzinfo=dt.UTC)),
    ],
)
def test_the_first_time_that_is_allowed(moment, allowed):
    assert rules.next_allowed(moment, "sms") == allowed
    assert rules.next_allowed(moment, "letter") == moment


@given(MOMENTS)
def test_nobody_is_disturbed_and_nobody_waits_longer_than_needed(moment):
    allowed = rules.next_allowed(moment, "sms")
    assert allowed >= moment
    assert not rules.is_quiet(allowed)
    minute = dt.timedelta(minutes=1)
    assert allowed == moment or rules.is_quiet(allowed - minute)
    # every quiet minute between the two, looked at one by one
    step = moment
    while step < allowed:
        assert rules.is_quiet(step)
        step += 17 * minute


@given(MOMENTS, st.integers(1, 30))
def test_day_hours_are_counted_minute_by_minute(moment, hours):
    until = rules.after_day_hours(moment, hours)
    minute, counted = dt.timedelta(minutes=1), 0
    step = moment.replace(second=0, microsecond=0)
    moment = step
    until = rules.after_day_hours(moment, hours)
    while step < until:
        counted += not rules.is_quiet(step)
        step += minute
    assert counted == 60 * hours


@given(
    st.sampled_from([(phrase, meaning) for meaning, phrases in rules.PHRASES.items() for phrase in phrases]),
    st.sampled_from(["", "!", ".", "!!!", " 👍", "?", "\n"]),
    st.sampled_from([str.upper, str.title, str.lower]),
)
def test_case_and_punctuation_do_not_count(known, end, case):
    phrase, meaning = known
    assert rules.read_reply(f"  {case(phrase)}{end} ") is meaning


@pytest.mark.parametrize(
    "text", ["No problem, I will come", "yes and no", "", "👍", "Who is this?", "not yes", "stop it hurts", "nO way"]
)
def test_what_is_not_clear_is_left_to_a_person(text):
    assert rules.read_reply(text) is ReadAs.UNCLEAR


@given(st.text(max_size=80))
def test_any_text_is_read(text):
    assert rules.read_reply(text) in ReadAs


def test_one_number_in_all_its_spellings():
    for spelling in ("07700 900123", "+44 7700 900 123", "447700900123", "0044-7700-900123"):
        assert "+447700900123" in rules.same_number(spelling)
        assert "07700900123" in rules.same_number(spelling)
    assert rules.same_number("NHSnoreply") == ()


def test_the_wish_counts_where_the_address_is_known():
    both = Patient(mobile="+447700900123", email="a@example.test")
    for wish in ("sms", "email", "letter"):
        both.contact_by = wish
        assert rules.channel_for(both) == wish
    assert rules.channel_for(Patient(contact_by="sms", email="a@example.test")) == "email"
    assert rules.channel_for(Patient(contact_by="email", mobile="+447700900123")) == "sms"
    assert rules.channel_for(Patient(contact_by="sms")) == "letter"


def test_numbers_of_other_countries_match_with_and_without_their_plus():
    for spelling in ("+33 6 12 34 56 78", "33612345678", "0033612345678"):
        assert "+33612345678" in rules.same_number(spelling)
    assert "+447700900123" in rules.same_number("+44 (0)7700 900123")


@given(MOMENTS, st.text(max_size=60))
def test_every_text_fits_two_messages_with_its_link(moment, site):
    link = "x" * texts.ROOM_FOR_LINK
    made = [
        texts.booked(moment, site), texts.moved(moment, site), texts.cancelled(moment, site),
        texts.reminder(moment, site), texts.offer(moment, site, moment), texts.cancelled_by_reply(moment),
        texts.use_the_link(), texts.declined_by_reply(), texts.stopped(),
    ]  # fmt: skip
    for text in made:
        assert len(text.replace(texts.LINK, link)) <= texts.LONGEST
        assert text.isascii()
        assert text.count(texts.LINK) == 1


def test_a_text_says_when_and_where():
    text = texts.reminder(london(2026, 3, 31, 14, 5), "North")
    assert "Tuesday 31 March 2026, 2.05pm at North" in text
    assert "STOP" in text
