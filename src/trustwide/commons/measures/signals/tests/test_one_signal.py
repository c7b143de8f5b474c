"""The page of one signal, what people do about it there, and about many at once."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from trustwide.commons.accounts.actions import add_member
from trustwide.commons.accounts.models import Membership
from trustwide.commons.accounts.tests.cast import STAGE, person
from trustwide.commons.audit.models import AuditEvent
from trustwide.commons.measures import definition as registry
from trustwide.commons.measures.actions import annotate_chart
from trustwide.commons.measures.definition import measure
from trustwide.commons.measures.models import Ghost, Observation, Rebase
from trustwide.commons.measures.signals import links
from trustwide.commons.measures.signals.closing import closed_words
from trustwide.commons.measures.signals.models import Signal, SignalAct
from trustwide.commons.measures.signals.tests.conftest import NEWEST, a_signal, month
from trustwide.commons.nhsuk.formats import day
from trustwide.commons.nhsuk.tests.pages import Page

# words that claim a cause, which nothing here knows
CAUSAL = re.compile(
    r"\b(because|due to|caused?|causes|causing|led to|leads to|result(s|ed)? (of|in|from)|thanks to|owing to"
    r"|explains why|therefore|consequently|as a result|reason for|driven by|attribut\w+)\b",
    re.IGNORECASE,
)


@pytest.fixture
def planner(stage, client):
    client.force_login(stage.people["planner"])
    return client


def test_what_is_known_comes_from_what_is_stored(stage, planner):
    signal = a_signal(stage.north)
    other = a_signal(stage.north, "falls", since=month(15), sentence="Lower than usual since April 2025.")
    text = Page(planner.get(f"/signals/{signal.pk}/")).text
    assert signal.sentence in text
    assert (
        "First seen in September 2025, it has run since March 2025 and held in September 2025, 7 points by now." in text
    )
    assert "Nobody has written a note on the chart for the time when it began." in text
    assert f"{other.sentence}" in text
    assert not CAUSAL.search(text), CAUSAL.search(text)


def test_a_cause_is_named_only_in_the_words_of_who_wrote_it(stage, planner):
    signal = a_signal(stage.north)
    series = {"measure": "share_late", "site": stage.north, "breakdown": "MRI"}
    Observation.objects.create(**series, period=month(14), numerator=20, denominator=100, value=0.2)
    annotate_chart(*series.values(), month(14), text="Later due to the move", by=stage.people["planner"])
    text = Page(planner.get(f"/signals/{signal.pk}/")).text
    quoted = "North Planner noted for March 2025 (note): Later due to the move"
    assert quoted in text
    assert not CAUSAL.search(text.replace(quoted, "").replace("Later due to the move", ""))


@pytest.mark.parametrize(
    "claim", ["because a scanner broke", "due to leave", "The rise led to", "was caused by", "a result of", "thanks to"]
)
def test_the_check_for_causal_words_finds_them(claim):
    assert CAUSAL.search(claim)


def test_putting_off_needs_a_day_and_a_reason(stage, planner):
    signal = a_signal(stage.north)
    address = f"/signals/{signal.pk}/put-off/"
    text = Page(planner.post(address, {"until": "", "reason": ""})).text
    assert "Enter the day on which it comes back." in text
    assert "Enter why it is put off." in text
    past = planner.post(address, {"until": "2020-01-01", "reason": "x"})
    assert "A signal can be put off until a day after today" in Page(past).text
    assert not SignalAct.objects.exists()


def test_put_off_and_taken_up_again(stage, planner):
    signal = a_signal(stage.north)
    until = timezone.localdate() + dt.timedelta(days=30)
    page = Page(
        planner.post(f"/signals/{signal.pk}/put-off/", {"until": until, "reason": "New rota in May"}, follow=True)
    )
    assert f"It is put off until {until.day} {until:%B %Y}." in page.text
    assert page.tables[-1][1][1:] == [f"Put off until {until.day} {until:%B %Y}: New rota in May", "North Planner"]
    assert "Take it up again" in page.text
    planner.post(f"/signals/{signal.pk}/take-up/")
    signal.refresh_from_db()
    assert signal.snoozed_until is None
    assert list(signal.acts.values_list("kind", flat=True)) == ["woken", "snoozed"]


def test_it_is_assigned_to_somebody_who_may_act_there(stage, planner):
    signal, lead = a_signal(stage.north), stage.people["improvement_lead"]
    elsewhere = person("South Planner")
    add_member(elsewhere, Membership.Role.PLANNER, stage.south, by=STAGE, reason="cast")
    offered = planner.get(f"/signals/{signal.pk}/assign/").content.decode()
    assert str(lead) in offered
    assert str(stage.chief) in offered
    assert "South Planner" not in offered
    assert "North Ward nurse" not in offered
    wrong = planner.post(f"/signals/{signal.pk}/assign/", {"person": elsewhere.pk})
    assert "This person may not act on it." in Page(wrong).text
    planner.post(f"/signals/{signal.pk}/assign/", {"person": lead.pk})
    signal.refresh_from_db()
    assert signal.assigned_to == lead
    assert AuditEvent.objects.latest("sequence").action == "assigned a signal"


def test_signals_of_providers_in_public_data_are_read_by_all_groups_and_changed_by_none(stage, planner):
    signal = a_signal(stage.public)
    assert planner.get(f"/signals/{signal.pk}/").status_code == 200
    assert planner.get(f"/signals/{signal.pk}/assign/").status_code == 403
    assert planner.post(f"/signals/{signal.pk}/put-off/", {"until": "2027-01-01", "reason": "x"}).status_code == 403


def test_a_note_is_kept_with_its_author(stage, planner):
    signal = a_signal(stage.north)
    assert "Enter what was found out." in Page(planner.post(f"/signals/{signal.pk}/notes/", {"text": ""})).text
    page = Page(planner.post(f"/signals/{signal.pk}/notes/", {"text": "Two rooms closed"}, follow=True))
    assert page.tables[-1][1][1:] == ["Note: Two rooms closed", "North Planner"]


def test_those_who_may_only_look_are_offered_nothing_else(stage, client):
    signal = a_signal(stage.north)
    client.force_login(stage.people["ward_nurse"])
    addresses = [address for _, address in Page(client.get(f"/signals/{signal.pk}/")).links]
    assert not [address for address in addresses if re.search("put-off|assign|notes", address)]
    for part in ("put-off", "assign", "notes", "take-up"):
        assert client.post(f"/signals/{signal.pk}/{part}/", {"text": "x", "reason": "x"}).status_code == 403
    assert "Tick" not in Page(client.get("/signals/")).tables[0][0]
    assert client.post("/signals/several/", {"act": "assign", "signal": signal.pk}).status_code == 403


def test_a_closed_signal_stays_as_it_was(stage, planner):
    signal = a_signal(stage.north, closed=NEWEST, closed_at=timezone.now())
    text = Page(planner.get(f"/signals/{signal.pk}/")).text
    assert "First seen in September 2025, it had run since March 2025." in text
    assert "Closed in September 2025." in text
    assert f"Closed on {day(timezone.now())}" in text
    assert "Nobody put it off, assigned it or wrote about it here before it closed." in text
    assert "Nothing yet" not in text
    assert "Nobody yet" not in text
    assert "Put it off" not in text
    assert planner.post(f"/signals/{signal.pk}/notes/", {"text": "x"}).status_code == 404


@pytest.mark.parametrize("closed", [None, NEWEST])
def test_on_a_chart_of_days_every_date_has_its_day(stage, planner, monkeypatch, closed):
    monkeypatch.setitem(registry._tables, "visits", replace(registry.logical_table("visits"), cadence="day"))
    since, at = dt.date(2025, 8, 26), timezone.now() if closed else None
    signal = a_signal(stage.north, since=since, closed=closed, closed_at=at, closing="ended" if closed else "")
    series = {"measure": "share_late", "site": stage.north, "breakdown": "MRI"}
    Observation.objects.create(**series, period=since, numerator=20, denominator=100, value=0.2)
    annotate_chart(*series.values(), since, text="Two rooms closed", by=stage.people["planner"])
    page = Page(planner.get(f"/signals/{signal.pk}/"))
    if closed:
        assert "First seen on 1 September 2025, it had run since 26 August 2025." in page.text
        assert "Ended: back within its usual variation on 1 September 2025." in page.text
    else:
        grown = "First seen on 1 September 2025, it has run since 26 August 2025 and held on 1 September 2025, 7 points"
        assert grown in page.text
    assert "North Planner noted for 26 August 2025 (note): Two rooms closed" in page.text
    assert "Since 26 August 2025 First seen 1 September 2025" in page.text


@pytest.mark.parametrize("closing", Signal.Closing)
def test_it_says_why_it_closed_and_names_no_cause(stage, planner, closing):
    mark_date = month(14) if closing in ("rebased", "ghosted", "withdrawn") else None
    signal = a_signal(stage.north, closed=NEWEST, closed_at=timezone.now(), closing=closing, mark_date=mark_date)
    why = closed_words(signal, measure("share_late"))
    series = {"measure": "share_late", "site": stage.north, "breakdown": "MRI"}
    Observation.objects.create(**series, period=month(14), numerator=20, denominator=100, value=0.2)
    page = Page(planner.get(f"/signals/{signal.pk}/"))
    assert page.text.count(f"{why}.") == 1, "beside the icon"
    assert ("March 2025" in why) == (mark_date is not None)
    assert not CAUSAL.search(why)
    assert f"{why}." in Page(planner.get("/measures/share_late/N1/MRI/")).text


@pytest.fixture
def marked(stage):
    """A signal that people closed by marking its chart at March 2025, over and over, and by taking marks back."""
    signal = a_signal(stage.north, closed=NEWEST, mark_date=month(14))
    series = {"measure": "share_late", "site": stage.north, "breakdown": "MRI"}
    Observation.objects.create(**series, period=month(14), numerator=20, denominator=100, value=0.2)

    def make(kind, date, reason, **more):
        made = kind.objects.create(**series, date=date, reason=reason, author="A Planner", at=timezone.now(), **more)
        Signal.objects.update(closed_at=timezone.now(), mark_date=date)
        return made

    make.signal = signal
    return make


def closed_by(planner, marked, closing):
    Signal.objects.update(closing=closing)
    return Page(planner.get(f"/signals/{marked.signal.pk}/")).text


@pytest.mark.parametrize(("kind", "closing"), [(Rebase, "rebased"), (Ghost, "ghosted")])
def test_who_closed_it_by_a_mark_when_and_why_stands_on_its_page(planner, marked, kind, closing):
    first = marked(kind, month(14), "An old reason")
    marked(kind, month(14), "Taken back", withdraws=first)
    marked({Rebase: Ghost, Ghost: Rebase}[kind], month(14), "Of the other kind")
    marked(kind, month(14), "A new clinic opened")
    closed_at = Signal.objects.get().closed_at
    other = marked(kind, month(15), "Another date")
    late = marked(kind, month(14), "After it closed", withdraws=other)
    Signal.objects.update(closed_at=closed_at, mark_date=month(14))
    text = closed_by(planner, marked, closing)
    assert f". By A Planner on {day(late.at)}: A new clinic opened" in text
    assert f"Closed on {day(closed_at)}" in text
    for reason in ("An old reason", "Taken back", "Of the other kind", "Another date", "After it closed"):
        assert reason not in text


@pytest.mark.parametrize("kind", [Rebase, Ghost])
def test_who_took_a_mark_back_stands_there_too(planner, marked, kind):
    made = marked(kind, month(14), "A new clinic opened")
    back = marked(kind, month(14), "There is no such clinic", withdraws=made)
    text = closed_by(planner, marked, "withdrawn")
    assert f"was taken back. By A Planner on {day(back.at)}: There is no such clinic" in text
    assert "A new clinic opened" not in text


@pytest.mark.parametrize(("kind", "closing"), [(Rebase, "rebased"), (Ghost, "ghosted")])
def test_a_mark_that_a_reader_does_not_see_on_the_chart_is_not_told_here(stage, client, marked, kind, closing):
    marked(kind, month(14), "A new clinic opened")
    Signal.objects.update(closing=closing)
    for name, seen in (("planner", True), ("ward_nurse", False)):
        client.force_login(stage.people[name])
        for address in (f"/signals/{marked.signal.pk}/", "/measures/share_late/N1/MRI/"):
            assert ("A new clinic opened" in Page(client.get(address)).text) == seen, (name, address)
        rows = client.get("/measures/share_late/N1/MRI/rows.csv").content.decode()
        assert ("A new clinic opened" in rows) == seen, name


def test_floors_above_add_where_it_leads_on_to(stage, planner, monkeypatch):
    signal = a_signal(stage.north)
    assert "Open a project" not in Page(planner.get(f"/signals/{signal.pk}/")).text

    def offer(signal, user):
        return [links.Link("Open a project", f"/improvement/new/?signal={signal.pk}")]

    monkeypatch.setattr(links, "LINKS", [offer])
    page = Page(planner.get(f"/signals/{signal.pk}/"))
    assert ("Open a project", f"/improvement/new/?signal={signal.pk}") in page.links


def test_the_page_asks_the_database_as_often_with_a_long_history(stage, planner):
    signal, chief = a_signal(stage.north), stage.chief
    signal.acts.create(kind="assigned", assignee=chief, author="x", at=timezone.now())
    a_signal(stage.north, "falls", since=month(15))
    few = queries_of(planner, f"/signals/{signal.pk}/")
    for number in range(20):
        signal.acts.create(kind="assigned", assignee=chief, author="x", at=timezone.now())
        a_signal(stage.north, f"falls{number}", since=month(15))
    assert queries_of(planner, f"/signals/{signal.pk}/") == few <= 26


def queries_of(client, address):
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        client.get(address)
    return len(queries)


def test_many_are_put_off_after_a_look_at_what_will_happen(stage, planner):
    ids = [a_signal(stage.north, "falls", f"W{place}").pk for place in range(3)]
    south = a_signal(stage.south)
    asked = {"act": "snooze", "signal": [*ids, south.pk], "asked": "where=group&site=N1"}
    page = Page(planner.post("/signals/several/", asked))
    assert "3 signals will be put off; 1 cannot be and stay as they are. Nothing is changed yet." in page.text
    assert not SignalAct.objects.exists()
    named = {"act": "snooze", "ids": ",".join(map(str, [*ids, south.pk])), "sure": "yes", "asked": asked["asked"]}
    assert "Enter why it is put off." in Page(planner.post("/signals/several/", named)).text
    until = timezone.localdate() + dt.timedelta(days=7)
    done = planner.post("/signals/several/", {**named, "until": until, "reason": "Known"}, follow=True)
    assert done.redirect_chain == [("/signals/?where=group&site=N1", 302)]
    assert "Put off: done for 3 signals." in Page(done).text
    assert "1 left as it was" in Page(done).text
    assert set(Signal.objects.filter(snoozed_until=until).values_list("pk", flat=True)) == set(ids)


def test_all_that_match_are_assigned(stage, planner):
    for place in range(60):
        a_signal(stage.north, "falls", f"W{place}")
    a_signal(stage.north)
    lead = stage.people["improvement_lead"]
    named = {"act": "assign", "all": "on", "asked": "where=group&measure=falls"}
    assert "60 signals will be assigned" in Page(planner.post("/signals/several/", named)).text
    planner.post("/signals/several/", {**named, "sure": "yes", "person": lead.pk})
    assert Signal.objects.filter(assigned_to=lead, measure="falls").count() == 60
    assert not Signal.objects.filter(assigned_to=lead, measure="share_late").exists()


def test_nothing_ticked_is_said(stage, planner):
    a_signal(stage.north)
    assert "Tick the signals first" in Page(planner.post("/signals/several/", {"act": "assign"})).text
