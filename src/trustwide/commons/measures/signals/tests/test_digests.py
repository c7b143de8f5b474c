"""The e-mail of new signals: to each what they may see now, once, over a real mail server."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from trustwide.commons.accounts.models import Membership
from trustwide.commons.accounts.tests.cast import STAGE
from trustwide.commons.audit.models import AuditEvent
from trustwide.commons.measures.exceptions import DigestError
from trustwide.commons.measures.signals import digests
from trustwide.commons.measures.signals.actions import subscribe
from trustwide.commons.measures.signals.models import SignalSubscription
from trustwide.commons.measures.signals.tests.conftest import NEWEST, a_signal
from trustwide.commons.measures.signals.tests.test_one_signal import CAUSAL
from trustwide.commons.nhsuk.mail import alone
from trustwide.commons.nhsuk.tests.mail_server import mail_server
from trustwide.commons.nhsuk.tests.pages import Page


@pytest.fixture
def post(stage, settings, tmp_path):
    with mail_server() as server:
        settings.EMAIL_BY, settings.HOME = "smtp", tmp_path
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        settings.PUBLIC_ADDRESS = "https://measures.example.test"
        yield server


def since_yesterday(user, **asked):
    made = subscribe(user, **asked)
    SignalSubscription.objects.filter(pk=made.pk).update(told_until=timezone.now() - dt.timedelta(days=1))
    return made


def send():
    return digests.send_digests(by=STAGE)


def plain(mail):
    return mail.get_body(("plain",)).get_content()


def rich(mail):
    return mail.get_body(("html",)).get_content()


def told(mail):
    return [line[2:] for line in plain(mail).splitlines() if line.startswith("* ")]


def test_each_is_told_what_they_may_see_ranked(stage, post):
    for user in (stage.people["planner"], stage.chief):
        since_yesterday(user)
    a_signal(stage.north, rank=10)
    first = a_signal(stage.south, "falls", "W1", rank=90)
    a_signal(stage.public, rank=99)
    assert send() == digests.DigestSummary(sent=2, nothing_new=0, failed=0)
    by_reader = {mail["To"]: mail for mail in post.mails}
    assert told(by_reader[stage.people["planner"].email]) == ["Share of visits that began late: MRI, North"]
    chief = by_reader[stage.chief.email]
    assert told(chief) == ["Falls a month: Ward 1, South", "Share of visits that began late: MRI, North"]
    assert chief["Subject"] == "Signals: 2 new"
    for body in (plain(chief), rich(chief)):
        assert f"https://measures.example.test/signals/{first.pk}/" in body
        assert "https://measures.example.test/signals/subscriptions/" in body
        assert first.sentence in body
        assert "1,234 people" in body
        assert not CAUSAL.search(body)
    assert AuditEvent.objects.latest("sequence").action == "sent a digest of signals"


def test_nobody_is_told_twice_and_what_closed_is_told_with_why(stage, post):
    since_yesterday(stage.chief)
    signal = a_signal(stage.north)
    send()
    assert send() == digests.DigestSummary(sent=0, nothing_new=1, failed=0)
    signal.closed, signal.closed_at, signal.closing, signal.mark_date = NEWEST, timezone.now(), "ghosted", NEWEST
    signal.save()
    assert send().sent == 1
    assert post.mails[-1]["Subject"] == "Signals: 1 closed"
    for body in (plain(post.mails[-1]), rich(post.mails[-1])):
        assert "Closed: September 2025 was left out of the limits" in body


def test_what_opened_before_the_subscription_is_not_new(stage, post):
    a_signal(stage.north)
    subscribe(stage.chief)
    assert send().nothing_new == 1
    assert not post.mails


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ({"code": "falls"}, 1),
        ({"code": "share_late", "breakdown": "CT"}, 1),
        ({"only_concerns": True}, 2),
        ({}, 3),
    ],
)
def test_only_what_was_asked_for_is_told(stage, post, asked, wanted):
    since_yesterday(stage.chief, **asked)
    a_signal(stage.north)
    a_signal(stage.north, "falls", "W1")
    a_signal(stage.south, breakdown="CT", verdict="improvement", direction="low")
    send()
    assert len(told(post.mails[0])) == wanted


def test_of_one_site_and_of_a_named_provider_in_public_data(stage, post):
    since_yesterday(stage.chief, site=stage.south)
    since_yesterday(stage.chief, site=stage.public)
    for site in (stage.north, stage.south, stage.public):
        a_signal(site)
    send()
    assert {line.rpartition(", ")[2] for line in told(post.mails[0])} == {"South", "Elsewhere Trust"}


def test_two_subscriptions_that_overlap_tell_a_signal_once(stage, post):
    since_yesterday(stage.chief)
    since_yesterday(stage.chief, code="share_late", site=stage.north)
    a_signal(stage.north)
    send()
    assert len(told(post.mails[0])) == 1
    assert send().nothing_new == 1


def test_whoever_lost_access_gets_nothing(stage, post):
    planner, nurse = stage.people["planner"], stage.people["ward_nurse"]
    for user in (planner, nurse):
        since_yesterday(user)
    # everybody who is signed in may see public data, but only who holds a role is told of it
    since_yesterday(planner, site=stage.public)
    a_signal(stage.north)
    a_signal(stage.public)
    Membership.objects.filter(user=planner).delete()
    nurse.is_active = False
    nurse.save()
    assert send() == digests.DigestSummary(sent=0, nothing_new=1, failed=0)
    assert not post.mails


def test_one_address_that_is_refused_holds_nobody_up(stage, post):
    planner = stage.people["planner"]
    mine = since_yesterday(planner)
    since_yesterday(stage.chief)
    a_signal(stage.north)
    post.refuses.append(planner.email)
    before = SignalSubscription.objects.get(pk=mine.pk).told_until
    assert send() == digests.DigestSummary(sent=1, nothing_new=0, failed=1)
    assert SignalSubscription.objects.get(pk=mine.pk).told_until == before
    post.refuses.clear()
    assert send() == digests.DigestSummary(sent=1, nothing_new=1, failed=0)
    assert [mail["To"] for mail in post.mails] == [stage.chief.email, planner.email]


def test_a_run_that_is_killed_repeats_only_the_mail_in_hand(stage, post, monkeypatch):
    readers = [stage.people[role] for role in ("board_member", "planner", "radiologist")]
    for user in readers:
        since_yesterday(user)
    a_signal(stage.north)
    kept = digests._told

    def killed_at_the_second(digest, by):
        if len(post.mails) == 2:
            raise KeyboardInterrupt
        kept(digest, by)

    monkeypatch.setattr(digests, "_told", killed_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        send()
    monkeypatch.setattr(digests, "_told", kept)
    assert send().sent == 2
    in_order = sorted(user.email for user in readers)
    assert [mail["To"] for mail in post.mails] == [in_order[0], in_order[1], in_order[1], in_order[2]]
    assert post.mails[1]["Message-ID"] == post.mails[2]["Message-ID"]
    assert len({mail["Message-ID"] for mail in post.mails}) == 3


def test_a_mail_server_that_is_away_is_said_and_loses_nothing(stage, post, settings):
    for user in stage.people.values():
        since_yesterday(user)
    a_signal(stage.north)
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    with pytest.raises(DigestError, match="did not take 3 digests in a row"):
        send()
    settings.EMAIL_PORT = port
    assert send().sent == len(stage.people)


def test_a_second_run_beside_the_first_is_refused(stage, post):
    with alone("digest"), pytest.raises(DigestError, match="Another run"):
        send()
    assert send().sent == 0


def test_without_a_mail_server_each_digest_is_a_file(stage, settings, tmp_path):
    settings.EMAIL_BY, settings.HOME = "folder", tmp_path
    since_yesterday(stage.chief)
    a_signal(stage.north)
    assert send().sent == 1
    (file,) = (tmp_path / "messages").iterdir()
    assert "Signals: 1 new" in file.read_text()


def test_a_long_digest_names_the_first_and_counts_the_rest(stage, post):
    since_yesterday(stage.chief)
    for place in range(35):
        a_signal(stage.north, "falls", f"W{place}", rank=place)
    send()
    (mail,) = post.mails
    assert (mail["Subject"], len(told(mail))) == ("Signals: 35 new", 30)
    assert "and 5 more: https://measures.example.test/signals/" in plain(mail)


def test_people_subscribe_to_what_the_list_shows_and_end_it(stage, client):
    nurse = stage.people["ward_nurse"]
    client.force_login(nurse)
    assert "You are told of none." in Page(client.get("/signals/subscriptions/")).text
    offered = client.get("/signals/subscriptions/new/?measure=share_late&breakdown=CT&site=N1&verdict=concern")
    for chosen in ('value="share_late" selected', 'value="CT" selected', 'value="N1" selected', "checked"):
        assert chosen in offered.content.decode()
    asked = {"measure": "share_late", "breakdown": "CT", "site": "N1", "only_concerns": "on"}
    table = Page(client.post("/signals/subscriptions/new/", asked, follow=True)).tables[0]
    assert table[1][:3] == ["Share of visits that began late: CT", "North Hospital", "Only concerns"]
    mine = SignalSubscription.objects.get()
    client.force_login(stage.chief)
    assert client.post(f"/signals/subscriptions/{mine.pk}/end/").status_code == 404
    client.force_login(nurse)
    client.post(f"/signals/subscriptions/{mine.pk}/end/")
    assert not SignalSubscription.objects.exists()


def test_nobody_subscribes_to_a_site_they_may_not_see(stage, client):
    client.force_login(stage.people["ward_nurse"])
    response = client.post("/signals/subscriptions/new/", {"site": "S1"})
    assert "you may not see it" in Page(response).text
    assert not SignalSubscription.objects.exists()
