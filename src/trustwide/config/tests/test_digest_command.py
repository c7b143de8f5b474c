"""`trustwide digest` on a real database: it sends, says what it did, and refuses with a sentence."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from trustwide.commons.accounts.tests.cast import build_cast
from trustwide.commons.measures.models import Signal, SignalSubscription
from trustwide.commons.measures.signals.actions import subscribe
from trustwide.commons.organisations.models import Partnership
from trustwide.config.cli import main
from trustwide.services.imaging.tests.stage import import_lists
from trustwide.web.performance.models import ReportSubscription

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def subscriber(settings, tmp_path):
    settings.HOME, settings.EMAIL_BY = tmp_path, "folder"
    cast = build_cast()
    subscribe(cast.chief)
    SignalSubscription.objects.update(told_until=timezone.now() - dt.timedelta(days=1))
    import_lists(cast)
    return cast.chief


def test_signals_of_an_import_are_sent_once(subscriber, settings, capsys):
    assert main(["digest"]) == 0
    out = capsys.readouterr().out
    assert "1 sent, 0 with nothing new, 0 not taken" in out
    assert f"so what was sent is written to {settings.HOME / 'messages'}." in out
    (file,) = (settings.HOME / "messages").iterdir()
    mail = file.read_text()
    assert f"To: {subscriber.email}" in mail
    assert Signal.objects.filter(site__code="N1", closed=None).first().sentence.partition(",")[0] in mail
    assert main(["digest"]) == 0
    out = capsys.readouterr().out
    assert "0 sent, 1 with nothing new" in out
    assert "written to" not in out


def test_reports_of_the_night_say_where_they_are_written(subscriber, settings, capsys):
    group = Partnership.objects.get(slug="group")
    ReportSubscription.objects.create(owner=subscriber, partnership=group, day=1, format="xlsx")
    assert main(["nightly"]) == 0
    (said,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("Performance reports: 1 sent")]
    assert said.endswith(f"so what was sent is written to {settings.HOME / 'messages'}.")


def test_a_mail_server_that_is_away_holds_up_nothing_else_of_the_night(subscriber, settings, capsys):
    settings.EMAIL_BY, settings.EMAIL_HOST, settings.EMAIL_PORT = "smtp", "127.0.0.1", 1
    assert main(["nightly"]) == 0
    assert "1 not taken by the mail server" in capsys.readouterr().out
    assert main(["digest"]) == 0
    assert not SignalSubscription.objects.filter(told_until__gt=timezone.now() - dt.timedelta(hours=1)).exists()
