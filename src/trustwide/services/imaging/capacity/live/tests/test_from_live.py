"""A service described from live data: its figures against those by hand, and a run of it from end to end."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest
from django.urls import reverse
from django.utils import timezone

from trustwide.analysis import capacity
from trustwide.commons.accounts.rules import NotAllowedError
from trustwide.commons.accounts.tests.cast import STAGE
from trustwide.services.imaging.booking.actions import book
from trustwide.services.imaging.booking.models import SessionTemplate
from trustwide.services.imaging.booking.sessions import close_session
from trustwide.services.imaging.capacity.description import service_of, to_yaml
from trustwide.services.imaging.capacity.live.actions import start_from_today
from trustwide.services.imaging.capacity.live.description import from_live
from trustwide.services.imaging.capacity.live.scope import NothingLiveError
from trustwide.services.imaging.capacity.models import CapacityService
from trustwide.services.imaging.lean.tests import lean_stage
from trustwide.services.imaging.lean.tests.lean_stage import (
    E,
    State,
    add_history,
    add_visit,
    asked,
    booked,
    open_session,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _the_stage_keeps_its_day(monkeypatch):
    """Tests here move the stage to another day; it goes back for those that follow."""
    monkeypatch.setattr(lean_stage, "DAY", lean_stage.DAY)


@pytest.fixture
def live(stage):
    """Each week of 13 a routine knee at North and each second one an urgent liver at South; two have dates.

    Before that North scanned 24 routine knees, in the room for 20 and 30 minutes in turn, 10 minutes between them; of
    30 appointments 6 were missed.
    """
    routine = [stage.request(days_ago=3 + 7 * week) for week in range(13)]
    for week in range(0, 13, 2):
        stage.request("MLIVC", site=stage.cast.south, priority="urgent", days_ago=4 + 7 * week)
    stage.request("CHEAD")
    stage.request(priority="planned")
    session = stage.session("MR1")
    for place, request in enumerate(routine[:2]):
        book(request, session.pk, session.opens_at + place * dt.timedelta(minutes=20), by=STAGE)
    _past(stage)
    return stage


def _past(stage):
    lean_stage.DAY = timezone.localdate() - dt.timedelta(days=30)
    session = open_session(stage.scanners["MR1"], opens="06:00", closes="23:00")
    moment = session.opens_at
    for number in range(30):
        events = [*asked(moment - dt.timedelta(days=200)), booked(moment, moment - dt.timedelta(days=6))]
        missed = number % 5 == 4
        minutes = 20 + 10 * (number % 2)
        leaves = moment + dt.timedelta(minutes=minutes)
        if missed:
            events += [(E.MISS, leaves), (E.WITHDRAW, leaves)]
        else:
            events += [(kind, moment) for kind in (E.ARRIVE, E.ENTER_ROOM, E.START)]
            events += [(kind, leaves) for kind in (E.END, E.OUT_OF_ROOM, E.LEAVE)]
        request = add_history(stage, "MKNEE", events, number=f"P{number}")
        add_visit(request, session, moment, 20, State.MISSED if missed else State.DONE)
        moment = leaves + dt.timedelta(minutes=10 if not missed else 0)


def described(stage, **more):
    return from_live(stage.cast.group, "MR", **more)


def test_scanners_have_their_usual_hours(live):
    scanners = {one["id"]: one for one in described(live).described["scanners"]}
    assert set(scanners) == {"north-mr1", "south-mr2", "south-van"}
    assert {day for session in scanners["north-mr1"]["sessions"] for day in session["days"]} == {
        "mon", "tue", "wed", "thu", "fri", "sat", "sun"
    }  # fmt: skip
    assert all((s["opens"], s["closes"]) == ("08:00", "20:00") for s in scanners["north-mr1"]["sessions"])
    assert scanners["south-van"]["mobile"]
    assert scanners["south-van"]["suits"] == ["routine"]
    today = timezone.localdate()
    first = {s["from_week"] for s in scanners["south-van"]["sessions"]}
    assert first == {(live.monday - today).days // 7}
    assert scanners["north-mr1"]["changeover"] == 10
    assert scanners["south-mr2"]["changeover"] == 5


def test_demand_is_that_of_thirteen_weeks(live):
    streams = {one["id"]: one for one in described(live).described["demand"]}
    assert set(streams) == {"routine", "urgent"}
    routine, urgent = streams["routine"], streams["urgent"]
    assert routine["arrivals"]["poisson"]["per_week"] == 1
    assert routine["site_mix"] == {"north": 1.0}
    assert urgent["arrivals"]["poisson"]["per_week"] == pytest.approx(7 / 13, abs=0.001)
    assert urgent["site_mix"] == {"south": 1.0}
    # an hour before midnight in winter is the next day in summer
    now = timezone.now()
    asked_on = [timezone.localtime(now - dt.timedelta(days=3 + 7 * week)).weekday() for week in range(13)]
    assert routine["arrivals"]["poisson"]["weekdays"] == [asked_on.count(day) for day in range(7)]
    assert routine["slot"] == 20
    assert routine["did_not_attend"]["probability"] == pytest.approx(6 / 30)
    # twelve scans of 20 and twelve of 30 minutes
    assert routine["duration"]["lognormal"]["mean"] == pytest.approx(25)
    assert routine["duration"]["lognormal"]["sd"] == pytest.approx((24 * 25 / 23) ** 0.5, abs=0.01)
    assert routine["notice_days"] == 5  # the appointments of the past were made five days before
    assert urgent["did_not_attend"] == routine["did_not_attend"]  # too few of its own


def test_every_figure_has_a_note_of_its_source(live):
    notes = described(live).notes
    assert "of all kinds" in notes["demand"]
    assert "Routine: 13 requests; minutes in the room from 24 scans" in notes["demand"]
    assert "1 planned and not due yet, so left out." in notes["list"]
    assert "session templates" in notes["sessions"]
    assert "assumption" in notes["scanners"]


def test_the_list_is_todays_nameless_with_its_dates(live):
    rows = list(csv.DictReader(io.StringIO(described(live).rows)))
    today = timezone.localdate()
    assert [row["request_id"] for row in rows] == [str(number) for number in range(1, 21)]
    assert {row["stream"] for row in rows} == {"routine", "urgent"}
    given = [row for row in rows if row["appointment_on"]]
    assert {row["appointment_on"] for row in given} == {live.monday.isoformat()}
    assert sorted(row["requested_on"] for row in given) == [
        (today - dt.timedelta(days=days)).isoformat() for days in (10, 3)
    ]  # fmt: skip


def test_it_can_be_kept_exported_loaded_and_run(live, tmp_path):
    made = start_from_today(live.cast.north, "MR", by=live.cast.chief)
    (tmp_path / "service.yaml").write_text(to_yaml(made.newest), encoding="utf-8")
    (tmp_path / "waiting_list.csv").write_text(made.newest.waiting_list.rows, encoding="utf-8")
    loaded = capacity.load_service(tmp_path / "service.yaml")
    assert loaded.fingerprint == service_of(made.newest).fingerprint
    result = capacity.simulate(loaded, replications=2, seed=1).to_dict()
    assert result["weeks"][0]["list"]["mean"] == 20
    assert result["streams"]["routine"]["seen"]["mean"] > 0
    assert made.newest.notes["list"].startswith("The waiting list at the start of")


def test_a_closure_for_once_is_noted_and_hours_that_ended_are_gone(live):
    close_session(live.session("MR2"), by=STAGE, reason="service")
    SessionTemplate.objects.filter(scanner=live.scanners["VAN"]).update(
        until_on=timezone.localdate() - dt.timedelta(days=1)
    )
    content = described(live)
    assert "1 session ahead closed for once" in content.notes["sessions"]
    assert "The van" in content.notes["sessions"]
    assert "south-van" not in {one["id"] for one in content.described["scanners"]}


def test_a_scanner_without_templates_has_the_hours_it_worked(live):
    SessionTemplate.objects.filter(scanner=live.scanners["MR2"]).update(until_on=dt.date(2020, 1, 1))
    lean_stage.DAY = timezone.localdate() - dt.timedelta(days=60)
    for week in range(8):
        open_session(live.scanners["MR2"], opens="09:00", closes="17:00", day=7 * week)
    one = next(one for one in described(live).described["scanners"] if one["id"] == "south-mr2")
    (session,) = one["sessions"]
    assert (session["opens"], session["closes"]) == ("09:00", "17:00")
    assert session["days"] == [("mon", "tue", "wed", "thu", "fri", "sat", "sun")[lean_stage.DAY.weekday()]]
    assert session["every_weeks"] == 2  # 8 of 13 weeks


def test_mornings_and_afternoons_stay_two_sessions(live):
    SessionTemplate.objects.filter(scanner=live.scanners["MR2"]).update(until_on=dt.date(2020, 1, 1))
    lean_stage.DAY = timezone.localdate() - dt.timedelta(days=60)
    for week in range(8):
        open_session(live.scanners["MR2"], opens="08:00", closes="12:00", day=7 * week)
        open_session(live.scanners["MR2"], opens="13:00", closes="17:00", day=7 * week)
    one = next(one for one in described(live).described["scanners"] if one["id"] == "south-mr2")
    assert [(each["opens"], each["closes"]) for each in one["sessions"]] == [("08:00", "12:00"), ("13:00", "17:00")]


def _begins_later(live, every_weeks, from_on):
    """MR2 opens at eight on Mondays, and at nine from a day on: then only, or in the weeks between."""
    scanner = live.scanners["MR2"]
    scanner.templates.exclude(weekday=0).update(until_on=dt.date(2020, 1, 1))
    old = scanner.templates.get(weekday=0)
    old.until_on, old.every_weeks = from_on - dt.timedelta(days=1) if every_weeks == 1 else None, every_weeks
    old.from_on = live.monday
    old.save()
    SessionTemplate.objects.create(
        scanner=scanner, site=scanner.site, weekday=0, opens=dt.time(9), closes=dt.time(17), from_on=from_on,
        every_weeks=every_weeks,
    )  # fmt: skip
    content = described(live)
    one = next(one for one in content.described["scanners"] if one["id"] == "south-mr2")
    return [each["opens"] for each in one["sessions"]], content.notes["sessions"]


def test_hours_that_follow_others_are_both_kept(live):
    opens, notes = _begins_later(live, 1, live.monday + dt.timedelta(weeks=3))
    assert opens == ["08:00", "09:00"]
    assert "overlap" not in notes


def test_hours_of_the_weeks_between_are_left_out_and_named(live):
    opens, notes = _begins_later(live, 2, live.monday + dt.timedelta(weeks=1))
    assert opens == ["08:00"]
    assert "in weeks between; the run leaves the later ones out" in notes
    assert "overlap" not in notes


def test_rates_are_of_the_weeks_since_the_first_request(stage):
    stage.request(days_ago=35)
    stage.request(days_ago=10)
    content = described(stage)
    assert content.described["demand"][0]["arrivals"]["poisson"]["per_week"] == pytest.approx(2 / 5)
    assert "They are of 5.0 weeks, since the first request was recorded." in content.notes["demand"]
    assert "5.0 weeks" not in content.notes["list"]


def test_too_few_weeks_give_no_rate(stage):
    stage.request(days_ago=27)
    with pytest.raises(NothingLiveError, match="rates need 4 weeks of requests"):
        described(stage)


def test_it_takes_as_many_queries_for_a_longer_list(live, django_assert_max_num_queries):
    with django_assert_max_num_queries(20) as first:
        described(live)
    for _ in range(5):
        live.request(days_ago=5)
    with django_assert_max_num_queries(len(first)):
        described(live)


def test_nothing_to_describe_says_why(stage):
    with pytest.raises(NothingLiveError, match="no demand to run"):
        described(stage)
    with pytest.raises(NothingLiveError, match=r"No scanner for Ultrasound has hours"):
        from_live(stage.cast.group, "US")


def test_somebody_of_one_site_describes_that_site_only(live):
    planner = live.cast.people["planner"]
    made = start_from_today(live.cast.north, "MR", by=planner)
    assert [site["id"] for site in made.newest.mapping["sites"]] == ["north"]
    assert ",south," not in made.newest.waiting_list.rows
    with pytest.raises(NotAllowedError):
        start_from_today(live.cast.south, "MR", by=planner)


def test_the_page_describes_a_service(live, client):
    client.force_login(live.cast.chief)
    page = client.get(reverse("imaging:service_from_live"))
    assert b"Describe it from today" in page.content
    response = client.post(reverse("imaging:service_from_live"), {"kept_by": "N1", "modality": "MR"})
    made = CapacityService.objects.get()
    assert response.headers["Location"] == reverse("imaging:service", args=[made.pk])
    refused = client.post(reverse("imaging:service_from_live"), {"kept_by": "N1", "modality": "CT"})
    assert refused.status_code in (200, 302)
    assert reverse("imaging:service_from_live").encode() in client.get(reverse("imaging:services")).content


def test_the_page_says_what_is_missing(stage, client):
    client.force_login(stage.cast.chief)
    response = client.post(reverse("imaging:service_from_live"), {"kept_by": "N1", "modality": "MR"})
    assert b"no demand to run" in response.content
    assert not CapacityService.objects.exists()
