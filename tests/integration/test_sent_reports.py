"""Performance reports by e-mail over a real mail server: once a month, in the scope of the day, restart-safe."""

from __future__ import annotations

import datetime as dt
import io

import pypdf
import pytest
from python_calamine import CalamineWorkbook

from trustwide.commons.accounts.models import Membership
from trustwide.commons.accounts.tests.cast import STAGE
from trustwide.commons.audit.models import AuditEvent
from trustwide.commons.measures.performance.scope import scope_of
from trustwide.commons.measures.performance.tests.report_stage import build
from trustwide.commons.nhsuk.mail import alone
from trustwide.commons.nhsuk.tests.mail_server import mail_server
from trustwide.exchange.briefs.board import board_pdf
from trustwide.exchange.workbooks.board import board_workbook
from trustwide.web.performance import sending
from trustwide.web.performance.actions import subscribe_to_report
from trustwide.web.performance.exceptions import ReportSendingError
from trustwide.web.performance.models import ReportSubscription
from trustwide.web.performance.sending import SentReports

WRITERS = {"pdf": board_pdf, "xlsx": board_workbook}
FIFTH = dt.date(2027, 3, 5)


@pytest.fixture
def stage(cast, monkeypatch):
    return build(cast, monkeypatch)


@pytest.fixture
def post(stage, settings, tmp_path):
    with mail_server() as server:
        settings.EMAIL_BY, settings.HOME = "smtp", tmp_path
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        settings.PUBLIC_ADDRESS = "https://reports.example.test"
        yield server


def wants(user, kind, code, format_="pdf", day=5):
    made = subscribe_to_report(scope_of(user, kind, code), day=day, format_=format_, by=user)
    ReportSubscription.objects.filter(pk=made.pk).update(sent_in=None)
    return made


def send(today=FIFTH):
    return sending.send_reports(WRITERS, today=today, by=STAGE)


def attached(mail):
    (file,) = mail.iter_attachments()
    return file


def test_each_gets_their_own_pack_as_they_asked(stage, post):
    wants(stage.chief, "partnership", "group")
    wants(stage.people["ward_nurse"], "site", "N1", "xlsx")
    assert send() == SentReports(sent=2, nothing=0, failed=0)
    mails = {mail["To"]: mail for mail in post.mails}
    group = mails[stage.chief.email]
    assert group["Subject"] == "Two Rivers Group: performance in December 2025"
    assert attached(group).get_filename() == "performance-group-2025-12.pdf"
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(attached(group).get_content())).pages)
    assert "South" in text
    body = group.get_body(("plain",)).get_content()
    assert "https://reports.example.test/performance/?scope=partnership:group&month=2025-12" in body
    assert "https://reports.example.test/performance/subscriptions/" in body
    own = CalamineWorkbook.from_filelike(io.BytesIO(attached(mails[stage.people["ward_nurse"].email]).get_content()))
    places = {row[2] for row in own.get_sheet_by_name("Rows").to_python()[4:]}
    assert places == {"North"}
    assert AuditEvent.objects.latest("sequence").action == "sent a performance report"


def test_once_a_month_from_its_day_on(stage, post):
    wants(stage.chief, "partnership", "group", day=6)
    assert send(FIFTH).sent == 0
    assert send(dt.date(2027, 3, 9)).sent == 1, "a night that was missed is made up for"
    assert send(dt.date(2027, 3, 10)).sent == 0
    assert send(dt.date(2027, 4, 6)).sent == 1
    assert len({mail["Message-ID"] for mail in post.mails}) == 2


def test_whoever_lost_the_right_gets_nothing_and_less_right_gives_a_refusal_not_a_smaller_pack(stage, post):
    wants(stage.chief, "partnership", "group")
    wants(stage.people["ward_nurse"], "site", "N1")
    Membership.objects.filter(user=stage.people["ward_nurse"]).delete()
    Membership.objects.filter(user=stage.chief).update(partnership=None, partner=stage.north.partner)
    assert send() == SentReports(sent=0, nothing=2, failed=0)
    assert not post.mails


def test_small_numbers_follow_the_rights_of_the_day(stage, post):
    wants(stage.people["radiographer"], "site", "N1", "xlsx")
    Membership.objects.filter(user=stage.people["radiographer"]).update(role=Membership.Role.WARD_NURSE)
    send()
    book = CalamineWorkbook.from_filelike(io.BytesIO(attached(post.mails[0]).get_content()))
    assert "Suppressed" in {row[6] for row in book.get_sheet_by_name("Rows").to_python()}


def test_a_person_who_may_no_longer_sign_in_gets_nothing(stage, post):
    wants(stage.chief, "partnership", "group")
    stage.chief.is_active = False
    stage.chief.save()
    assert send() == SentReports(0, 0, 0)


def test_a_run_that_is_killed_repeats_only_the_mail_in_hand(stage, post, monkeypatch):
    for role in ("board_member", "planner", "radiologist"):
        wants(stage.people[role], "site", "N1", "xlsx")
    kept = sending._was_sent

    def killed_at_the_second(*what):
        if len(post.mails) == 2:
            raise KeyboardInterrupt
        kept(*what)

    monkeypatch.setattr(sending, "_was_sent", killed_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        send()
    monkeypatch.setattr(sending, "_was_sent", kept)
    assert send().sent == 2
    assert [mail["Message-ID"] for mail in post.mails].count(post.mails[1]["Message-ID"]) == 2
    assert len({mail["To"] for mail in post.mails}) == 3
    assert len(post.mails) == 4


def test_a_mail_server_that_is_away_is_said_and_loses_nothing(stage, post, settings):
    for role in ("board_member", "planner", "radiologist"):
        wants(stage.people[role], "site", "N1", "xlsx")
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    with pytest.raises(ReportSendingError, match="did not take 3 reports in a row"):
        send()
    settings.EMAIL_PORT = port
    assert send().sent == 3


def test_an_address_that_is_refused_holds_nobody_up(stage, post):
    wants(stage.people["planner"], "site", "N1", "xlsx")
    wants(stage.people["radiologist"], "site", "N1", "xlsx")
    post.refuses.append(stage.people["planner"].email)
    assert send() == SentReports(sent=1, nothing=0, failed=1)


def test_a_second_run_beside_the_first_is_refused(stage, post):
    with alone("reports"), pytest.raises(ReportSendingError, match="Another run is on"):
        send()
