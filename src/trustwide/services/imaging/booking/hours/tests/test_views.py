"""The pages about hours: what they say, whom they let in, and how often they ask the database."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from trustwide.commons.accounts.actions import add_member
from trustwide.commons.accounts.tests.cast import STAGE, person
from trustwide.services.imaging.booking import actions as bookings
from trustwide.services.imaging.booking import sessions
from trustwide.services.imaging.booking.hours.days import day_of
from trustwide.services.imaging.booking.models import ScannerSession
from trustwide.services.imaging.waiting.clocks import midnight

WEEK = dt.timedelta(weeks=1)


@pytest.fixture
def manager(stage):
    """Manages radiology at both sites."""
    who = person("Both Manager")
    for site in (stage.cast.north, stage.cast.south):
        add_member(who, "radiology_manager", site, by=STAGE, reason="cast")
    return who


def get(client, user, name, *args, **query):
    client.force_login(user)
    return client.get(reverse(f"imaging:{name}", args=args), query)


def post(client, user, name, *args, **sent):
    client.force_login(user)
    return client.post(reverse(f"imaging:{name}", args=args), sent)


def text(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def book(stage, session, minutes=0, **facts):
    return bookings.book(stage.request(**facts), session.pk, session.opens_at + dt.timedelta(minutes=minutes), by=STAGE)


def a_full_week(stage):
    """A week of the stage without bank holidays: 84 + 50 + 10 + 60 hours, counted by hand."""
    for number in range(7):
        monday = stage.monday + number * WEEK
        if (
            ScannerSession.objects.filter(opens_at__gte=midnight(monday), opens_at__lt=midnight(monday + WEEK)).count()
            == 18
        ):
            return monday
    raise AssertionError("no week without bank holidays")


def test_a_week_is_counted_by_hand(stage, client, manager):
    monday = a_full_week(stage)
    tuesday = stage.session("MR2", (monday - stage.monday).days + 1)
    for minutes in range(0, 600, 20):
        book(stage, tuesday, minutes)
    sessions.close_session(stage.session("VAN", (monday - stage.monday).days), by=STAGE, reason="The road is closed")
    page = text(get(client, manager, "hours", week=monday.isoformat()))
    # 204 hours without the ten of the van; ten of the 194 are booked
    assert f"4 scanners, 194 hours open in the week of {monday:%-d %B %Y}, 5% booked; 1 session closed." in page
    assert "Closed: The road is closed" in page
    assert page.count("100% booked") == 1
    only = text(get(client, manager, "hours", week=monday.isoformat(), site=stage.cast.south.pk))
    assert "2 scanners, 50 hours open" in only and "North MR1" not in only


def test_sessions_of_other_sites_are_not_shown(stage, client):
    monday = a_full_week(stage)
    clerk = stage.cast.people["booking_clerk"]
    page = get(client, clerk, "hours", week=monday.isoformat())
    assert "North MR1" in text(page) and "South MR2" not in text(page)
    south = stage.session("MR2", (monday - stage.monday).days)
    assert get(client, clerk, "session", south.pk).status_code == 404
    assert get(client, stage.cast.people["ward_nurse"], "hours").status_code == 403
    for name in ("close_session", "reopen_session", "overbook_limit", "send_van"):
        assert post(client, clerk, name, south.pk).status_code == 403
    assert (
        post(client, stage.cast.people["radiology_manager"], "close_session", south.pk, reason="x").status_code == 404
    )


def test_a_site_that_is_visited_sees_the_van_but_does_not_change_it(stage, client):
    van = stage.session("VAN")
    ScannerSession.objects.filter(pk=van.pk).update(site=stage.cast.north)
    manager = stage.cast.people["radiology_manager"]
    page = get(client, manager, "session", van.pk)
    assert "Nobody is booked, 10 hours free of 10 hours." in text(page)
    assert "Close the session" not in text(page)
    assert post(client, manager, "close_session", van.pk, reason="x").status_code == 403
    assert "1 day at North" in text(get(client, manager, "vans"))


def test_patients_of_other_lists_have_no_name(stage, client):
    session = stage.session("MR1")
    book(stage, session)
    book(stage, session, 20, site=stage.cast.south)
    page = text(get(client, stage.cast.people["booking_clerk"], "session", session.pk))
    assert "2 patients are booked, 11 hours 20 minutes free of 12 hours." in page
    assert page.count("a patient of South") == 1
    assert page.count("Another time") == 1


def test_a_session_is_closed_with_a_reason_once_nobody_is_booked(stage, client, manager):
    session = stage.session("MR2")
    held = book(stage, session)
    page = text(post(client, manager, "close_session", session.pk, reason="engineer"))
    assert "1 patient is booked in that session; move them first." in page
    bookings.cancel(held, by=STAGE, by_patient=False, reason="moved")
    assert "Say why the session is closed." in text(post(client, manager, "close_session", session.pk, reason=""))
    assert post(client, manager, "close_session", session.pk, reason="engineer").status_code == 302
    assert "Closed: engineer." in text(get(client, manager, "session", session.pk))
    assert post(client, manager, "reopen_session", session.pk).status_code == 302
    session.refresh_from_db()
    assert session.is_open


def test_the_over_booking_limit_is_never_under_what_is_over_booked(stage, client, manager):
    session = stage.session("MR2")
    book(stage, session)
    bookings.book(stage.request(), session.pk, session.opens_at, by=STAGE, overbook=True)
    page = text(post(client, manager, "overbook_limit", session.pk, limit="0"))
    assert "1 patient is over-booked in that session already; the limit cannot be 0." in page
    page = text(post(client, manager, "overbook_limit", session.pk, limit="21"))
    assert "from 0 to 20 is needed. You typed &#39;21&#39;." in page
    assert post(client, manager, "overbook_limit", session.pk, limit="3").status_code == 302
    session.refresh_from_db()
    assert session.overbook_limit == 3


def test_a_van_goes_elsewhere_while_nobody_is_booked(stage, client, manager):
    van, fixed = stage.session("VAN"), stage.session("MR2")
    assert post(client, manager, "send_van", van.pk, site=stage.cast.north.pk).status_code == 302
    van.refresh_from_db()
    assert van.site == stage.cast.north
    assert "other than usual" in text(get(client, manager, "hours", week=stage.monday.isoformat()))
    book(stage, van)
    page = text(post(client, manager, "send_van", van.pk, site=stage.cast.south.pk))
    assert "1 patient is booked in that session; move them first." in page
    assert "Choose a site that is listed." in text(post(client, manager, "send_van", van.pk, site=stage.cast.public.pk))
    assert "is not mobile; it stays at South" in text(
        post(client, manager, "send_van", fixed.pk, site=stage.cast.south.pk)
    )


def test_what_the_van_can_take(stage, client, manager):
    page = text(get(client, manager, "vans"))
    # knees only: the heart needs cardiac, the liver contrast, the head is CT
    assert "It can take 1 exam of the catalogue: MRI knee (20 minutes)." in page
    assert "kept for routine requests" in page
    days = stage.scanners["VAN"].sessions.filter(opens_at__lt=midnight(timezone.localdate() + 11 * WEEK)).count()
    assert f"{days} days at South; room for {30 * days} more exams of 20 minutes" in page


def test_a_day_is_opened_for_once(stage, client, manager):
    saturday = stage.monday + dt.timedelta(days=5)
    sent = {"scanner": stage.scanners["MR2"].pk, "day": saturday.isoformat(), "opens": "20:00", "closes": "02:00",
            "site": "", "limit": "0", "competences": "cardiac_mr"}  # fmt: skip
    away = {"site": stage.cast.north.pk}
    assert "South MR2 is not mobile; it stays at South." in text(post(client, manager, "open_day", **sent | away))
    assert "Opens: give a time between" in text(post(client, manager, "open_day", **sent | {"opens": "8pm"}))
    assert "Opens: 20:03 is between two slots" in text(post(client, manager, "open_day", **sent | {"opens": "20:03"}))
    assert post(client, manager, "open_day", **sent).status_code == 302
    made = ScannerSession.objects.get(template=None)
    assert (made.minutes, made.competences, day_of(made.opens_at)) == (360, ["cardiac_mr"], saturday)
    assert "has a session at that time already" in text(post(client, manager, "open_day", **sent))
    north = {"scanner": stage.scanners["MR1"].pk}
    page = text(post(client, stage.cast.people["radiology_manager"], "open_day", **sent | {"scanner": made.scanner_id}))
    assert "Select a valid choice" in page
    assert post(client, stage.cast.people["booking_clerk"], "open_day", **sent | north).status_code == 403


def test_odd_addresses_are_borne(stage, client, manager):
    for query in ({"week": "soon"}, {"week": "9999-12-31"}, {"site": "x"}, {"site": stage.cast.public.pk}):
        assert get(client, manager, "hours", **query).status_code == 200
    assert get(client, manager, "usual_hours", start="0001-01-01").status_code == 200


def test_bank_holidays_are_named(stage, client, manager):
    page = text(get(client, manager, "hours", week="2026-12-25"))
    assert "Friday 25 December 2026 is a bank holiday: Christmas Day." in page
    assert "Boxing Day (substitute day)" in text(get(client, manager, "hours", week="2026-12-28"))


@pytest.mark.parametrize(("name", "most"), [("hours", 16), ("vans", 13), ("usual_hours", 15)])
def test_pages_do_not_ask_once_a_row(stage, client, manager, name, most, django_assert_max_num_queries):
    monday = a_full_week(stage)
    for minutes in range(0, 300, 20):
        book(stage, stage.session("MR1", (monday - stage.monday).days), minutes)
    client.force_login(manager)
    with django_assert_max_num_queries(most):
        client.get(reverse(f"imaging:{name}"), {"week": monday.isoformat()})


def test_a_session_page_does_not_ask_once_a_patient(stage, client, manager, django_assert_max_num_queries):
    session = stage.session("MR1")
    for minutes in range(0, 300, 20):
        book(stage, session, minutes)
    client.force_login(manager)
    with django_assert_max_num_queries(18):
        client.get(reverse("imaging:session", args=[session.pk]))
