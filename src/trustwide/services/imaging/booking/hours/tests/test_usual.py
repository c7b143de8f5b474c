"""Usual hours from a day on: old ones end, new ones begin, and only empty sessions ahead follow."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from django.utils import timezone

from trustwide.commons.accounts.rules import NotAllowedError
from trustwide.commons.accounts.tests.cast import STAGE
from trustwide.commons.audit.models import AuditEvent
from trustwide.services.imaging.booking import actions as bookings
from trustwide.services.imaging.booking import sessions
from trustwide.services.imaging.booking.exceptions import BookingError
from trustwide.services.imaging.booking.hours import actions
from trustwide.services.imaging.booking.hours.days import day_of
from trustwide.services.imaging.booking.hours.usual import Block, Draft, as_text, block_of, changed, from_text, in_force
from trustwide.services.imaging.booking.models import ScannerSession, SessionTemplate
from trustwide.services.imaging.waiting.clocks import LONDON

WEEK = dt.timedelta(weeks=1)


def draft_of(scanner, day):
    held = in_force(scanner.templates.all(), day)
    return Draft(tuple(one.pk for one in held), tuple(block_of(one) for one in held))


def with_hours(scanner, from_on, weekday, opens, closes, **more):
    """The draft with the hours of one weekday changed."""
    draft = draft_of(scanner, from_on)
    number = next(number for number, one in enumerate(draft.blocks) if one.day == weekday)
    return changed(draft, number, replace(draft.blocks[number], opens=opens, closes=closes, **more))


def change(scanner, draft, from_on, by=STAGE):
    return actions.change_usual_hours({scanner.pk: draft}, from_on, by=by, reason="as agreed")


def hours(scanner, weekday):
    """Local hours of a scanner's sessions on a weekday, by week."""
    rows = [one for one in scanner.sessions.all() if day_of(one.opens_at).weekday() == weekday]
    return [f"{one.opens_at.astimezone(LONDON):%H:%M}-{one.closes_at.astimezone(LONDON):%H:%M}" for one in rows]


def book(stage, session, minutes=0):
    return bookings.book(stage.request(), session.pk, session.opens_at + dt.timedelta(minutes=minutes), by=STAGE)


def monday_working(stage, scanner):
    """A Monday of the stage, two weeks in, that is no bank holiday there and whose sessions are empty."""
    made = {day_of(one.opens_at) for one in scanner.sessions.all()}
    return next(day for day in (stage.monday + number * WEEK for number in range(2, 8)) if day in made)


def test_empty_sessions_from_the_day_on_follow_and_history_is_kept(stage):
    scanner, from_on = stage.scanners["MR2"], stage.monday + 2 * WEEK
    before, total = hours(scanner, 0), scanner.sessions.count()
    old = scanner.templates.get(weekday=0)
    ahead = sum(day_of(one.opens_at) >= from_on for one in scanner.sessions.filter(template=old))
    draft = with_hours(scanner, from_on, 0, "07:00", "19:30")
    seen = actions.change_of({scanner.pk: draft}, from_on, [scanner])
    follows = change(scanner, draft, from_on)
    assert len(seen.follows.reshape) == len(follows.reshape) == follows.changes == ahead
    new = scanner.templates.get(weekday=0, until_on=None)
    old.refresh_from_db()
    assert (old.until_on, new.from_on) == (from_on - dt.timedelta(days=1), from_on)
    assert hours(scanner, 0) == ["08:00-18:00"] * (len(before) - ahead) + ["07:00-19:30"] * ahead
    assert scanner.sessions.count() == total
    assert {one.minutes for one in new.sessions.all()} == {750}
    event = AuditEvent.objects.latest("sequence")
    assert (event.action, event.reason, event.details["reshaped"]) == ("changed the usual hours", "as agreed", ahead)


def test_booked_sessions_keep_their_hours_until_their_patients_are_moved(stage):
    scanner = stage.scanners["MR2"]
    from_on = monday_working(stage, scanner)
    monday = stage.session("MR2", (from_on - stage.monday).days)
    early, late = book(stage, monday), book(stage, monday, 180)
    draft = with_hours(scanner, from_on, 0, "10:00", "18:00")
    follows = change(scanner, draft, from_on)
    assert [(kept.session, kept.outside) for kept in follows.kept] == [(monday, (early,))]
    assert (follows.outside, len(follows.move_first)) == (1, 1)
    monday.refresh_from_db()
    assert f"{monday.opens_at.astimezone(LONDON):%H:%M}" == "08:00"
    assert sum(day_of(one.opens_at) == from_on for one in scanner.sessions.all()) == 1
    for held in (early, late):
        bookings.cancel(held, by=STAGE, by_patient=False, reason="moved")
    actions.make_ahead(7, by=STAGE)
    monday.refresh_from_db()
    assert f"{monday.opens_at.astimezone(LONDON):%H:%M}" == "10:00"
    assert monday.cells == "." * 96


def test_days_changed_for_once_are_left_alone(stage):
    scanner = stage.scanners["MR2"]
    from_on = monday_working(stage, scanner)
    closed = stage.session("MR2", (from_on - stage.monday).days)
    sessions.close_session(closed, by=STAGE, reason="engineer")
    follows = change(scanner, with_hours(scanner, from_on, 0, "10:00", "18:00"), from_on)
    assert closed in follows.alone
    closed.refresh_from_db()
    assert (closed.closed_reason, f"{closed.opens_at.astimezone(LONDON):%H:%M}") == ("engineer", "08:00")
    assert sum(day_of(one.opens_at) == from_on for one in scanner.sessions.all()) == 1


def test_a_block_taken_away_takes_its_empty_sessions_and_keeps_those_named_by_the_past(stage):
    scanner = stage.scanners["MR2"]
    from_on = monday_working(stage, scanner)
    named = stage.session("MR2", (from_on - stage.monday).days)
    bookings.cancel(book(stage, named), by=STAGE, by_patient=False, reason="cancelled")
    ahead = [one for one in scanner.sessions.all() if day_of(one.opens_at) >= from_on
             and day_of(one.opens_at).weekday() == 0]  # fmt: skip
    draft = draft_of(scanner, from_on)
    follows = change(scanner, changed(draft, 0, None), from_on)
    assert len(follows.remove) == len(ahead)
    left = [one for one in scanner.sessions.all() if one in ahead]
    assert [(one.pk, one.closed_reason) for one in left] == [(named.pk, actions.HOURS_CHANGED)]


def test_an_added_block_makes_its_sessions_but_not_over_a_day_opened_for_once(stage):
    scanner = stage.scanners["MR2"]
    saturday = stage.monday + 2 * WEEK + dt.timedelta(days=5)
    at = dt.datetime.combine(saturday, dt.time(9), LONDON)
    sessions.open_day(scanner, at, at + dt.timedelta(hours=3), by=STAGE)
    draft = draft_of(scanner, stage.monday)
    block = Block(None, 5, "08:00", "14:00", 1, scanner.site_id)
    follows = change(scanner, changed(draft, None, block), stage.monday)
    assert saturday not in {day_of(one.opens_at) for one in follows.make}
    assert len(hours(scanner, 5)) == len(follows.make) + 1


def test_two_blocks_that_change_places_do_not_meet_on_the_way(stage):
    scanner = stage.scanners["MR2"]
    first = sessions.add_template(scanner, 6, dt.time(8), dt.time(12), by=STAGE, from_on=stage.monday)
    second = sessions.add_template(scanner, 6, dt.time(12), dt.time(16), by=STAGE, from_on=stage.monday)
    sessions.make_sessions([first, second], stage.monday, stage.monday + 3 * WEEK, by=STAGE)
    draft = draft_of(scanner, stage.monday)
    last = len(draft.blocks) - 1
    draft = changed(draft, last, replace(draft.blocks[last], opens="16:00", closes="20:00"))
    draft = changed(draft, last - 1, replace(draft.blocks[last - 1], opens="12:00", closes="16:00"))
    change(scanner, draft, stage.monday)
    assert hours(scanner, 6)[:2] == ["12:00-16:00", "16:00-20:00"]


def test_a_fortnight_stays_in_its_weeks(stage):
    scanner = stage.scanners["VAN"]
    first = stage.monday + WEEK + dt.timedelta(days=3)
    template = sessions.add_template(scanner, 3, dt.time(8), dt.time(12), by=STAGE, from_on=first, every_weeks=2)
    sessions.make_sessions([template], stage.monday, stage.monday + 8 * WEEK, by=STAGE)
    before = {day_of(one.opens_at) for one in template.sessions.all()}
    from_on = stage.monday + 2 * WEEK
    change(scanner, with_hours(scanner, from_on, 3, "13:00", "17:00"), from_on)
    after = {day_of(one.opens_at) for one in scanner.sessions.all() if day_of(one.opens_at).weekday() == 3}
    assert after == before and first in before


@pytest.mark.parametrize(
    ("opens", "closes", "says"),
    [
        ("12:00", "12:00", "must close later"),
        ("08:03", "12:00", "08:03 is between two slots"),
    ],
)
def test_hours_that_cannot_be_are_refused(stage, opens, closes, says):
    scanner = stage.scanners["MR2"]
    with pytest.raises(BookingError, match=says):
        change(scanner, with_hours(scanner, stage.monday, 0, opens, closes), stage.monday)


@pytest.mark.parametrize(
    ("forged", "says"),
    [
        ({"limit": 500}, "over-booking of 0 to 20 patients, got 500"),
        ({"priorities": ("whenever",)}, "one of the priorities is not known"),
        ({"competences": ("flying",)}, "no exam asks for one of the competences"),
    ],
)
def test_what_a_form_would_not_send_is_refused(stage, forged, says):
    scanner = stage.scanners["MR2"]
    with pytest.raises(BookingError, match=says):
        change(scanner, with_hours(scanner, stage.monday, 0, "08:00", "17:00", **forged), stage.monday)


def test_what_else_is_refused(stage):
    scanner, from_on = stage.scanners["MR2"], stage.monday
    draft = draft_of(scanner, from_on)
    twice = changed(draft, None, replace(draft.blocks[0], of=None, opens="17:00", closes="20:00"))
    with pytest.raises(BookingError, match="Monday: 08:00 to 18:00 and 17:00 to 20:00 overlap"):
        change(scanner, twice, from_on)
    with pytest.raises(BookingError, match="cannot stand at that site"):
        change(scanner, with_hours(scanner, from_on, 0, "09:00", "17:00", site=stage.cast.north.pk), from_on)
    with pytest.raises(BookingError, match="tomorrow at the earliest"):
        change(scanner, draft, timezone.localdate())
    change(scanner, with_hours(scanner, from_on, 0, "09:00", "17:00"), from_on)
    with pytest.raises(BookingError, match="Somebody changed these hours meanwhile"):
        change(scanner, draft, from_on)
    with pytest.raises(BookingError, match="Say why"):
        actions.change_usual_hours({scanner.pk: draft_of(scanner, from_on)}, from_on, by=STAGE, reason=" ")
    with pytest.raises(NotAllowedError):
        change(scanner, draft_of(scanner, from_on), from_on, by=stage.cast.people["radiology_manager"])


def test_somebody_who_books_at_that_moment_wins(stage, monkeypatch):
    scanner = stage.scanners["MR2"]
    from_on = monday_working(stage, scanner)
    monday = stage.session("MR2", (from_on - stage.monday).days)
    see = actions.what_follows
    seen = []

    def then_somebody_books(*args):
        found = see(*args)
        seen.append(found)
        if len(seen) == 2:
            book(stage, monday)
        return found

    monkeypatch.setattr(actions, "what_follows", then_somebody_books)
    with pytest.raises(BookingError, match="a moment ago"):
        change(scanner, with_hours(scanner, from_on, 0, "10:00", "18:00"), from_on)
    assert not SessionTemplate.objects.filter(opens=dt.time(10)).exists()


def test_sessions_are_kept_made_ahead(stage):
    first = actions.make_ahead(26, by=STAGE)
    last = max(day_of(one.opens_at) for one in ScannerSession.objects.all())
    assert last > timezone.localdate() + 25 * WEEK
    assert len(first.make) > 0 and not first.reshape and not first.remove
    assert actions.make_ahead(26, by=STAGE).changes == 0
    assert ScannerSession.objects.count() == len(
        {(one.scanner_id, one.opens_at) for one in ScannerSession.objects.all()}
    )


def last_sunday_of_march():
    """The next day on which clocks go forward, from 01:00 to 02:00."""
    year = timezone.localdate().year + 1
    return max(dt.date(year, 3, day) for day in range(25, 32) if dt.date(year, 3, day).weekday() == 6)


def test_hours_are_those_of_the_hospital_clock_when_it_changes(stage):
    """00:30 to 08:00 is seven and a half hours, and six and a half on the Sunday that clocks go forward."""
    scanner, sunday = stage.scanners["CT1"], last_sunday_of_march()
    draft = changed(draft_of(scanner, stage.monday), None, Block(None, 6, "00:30", "08:00", 1, scanner.site_id))
    change(scanner, draft, stage.monday)
    actions.make_ahead(60, by=STAGE)
    found = {day_of(one.opens_at): one for one in scanner.sessions.filter(opens_at__month=3)}
    assert found[sunday].closes_at == dt.datetime.combine(sunday, dt.time(7), dt.UTC)
    assert (found[sunday].minutes, found[sunday - WEEK].minutes) == (390, 450)


def test_drafts_come_back_from_a_page_and_nonsense_does_not(stage):
    scanner = stage.scanners["MR2"]
    drafts = {scanner.pk: draft_of(scanner, stage.monday)}
    assert from_text(as_text(drafts), {scanner.pk: scanner}) == drafts
    assert from_text(as_text(drafts), {}) == {}
    endless, deep = '{"1": {"base": [Infinity], "blocks": []}}', "[" * 100_000
    for text in ("[1]", "{", '{"1": 2}', as_text(drafts).replace("08:00", "8pm"), "x" * 200_001, endless, deep):
        assert from_text(text, {1: None, scanner.pk: scanner}) == {}
