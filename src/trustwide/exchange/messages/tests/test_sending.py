"""Messages leave once, through the provider of the settings, with a link that works; failures name nobody."""

import datetime as dt
import json
import re

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError
from pypdf import PdfReader

from trustwide.commons.nhsuk.tests.mail_server import mail_server
from trustwide.exchange.briefs import paper
from trustwide.exchange.messages.providers import Folder, ProviderError, Webhook, provider_for
from trustwide.exchange.messages.rounds import try_round
from trustwide.exchange.messages.sending import send_due
from trustwide.exchange.messages.signatures import SIGNATURE, is_signed
from trustwide.exchange.messages.tests.post_office import answers_anything, sms_service
from trustwide.services.imaging.messages import actions, texts
from trustwide.services.imaging.messages.delivery import LEASE, MOST_ATTEMPTS, claim_next
from trustwide.services.imaging.messages.models import Message, PatientLink
from trustwide.services.imaging.messages.tests.message_stage import booked, reachable
from trustwide.services.imaging.patient_pages.links import find_link

NOON = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
KIND = Message.Kind


@pytest.fixture
def home(settings, tmp_path):
    settings.HOME = tmp_path
    settings.PUBLIC_ADDRESS = "https://scans.example.test"
    return tmp_path / "messages"


class Refusing:
    def send(self, outgoing):
        raise ProviderError("The service is away.")


def queue(request, kind=KIND.MOVED, text="See it: {link}", **more):
    return actions.queue_message(request, kind, text, now=NOON, **more)


def states():
    return sorted(Message.objects.values_list("state", flat=True))


def test_a_text_message_becomes_a_file_with_a_link_that_works(stage, home):
    request = reachable(stage)
    message = queue(request)
    assert send_due(NOON).sent == 1
    (file,) = home.iterdir()
    written = file.read_text()
    assert request.patient.mobile in written
    token = re.search(r"https://scans\.example\.test/p/([\w-]+)/", written)[1]
    assert find_link(token, NOON).request == request
    message.refresh_from_db()
    assert (message.state, message.provider_id, message.attempts) == ("sent", file.name, 1)
    assert token not in message.text
    assert file.stat().st_mode & 0o077 == 0
    assert send_due(NOON).sent == 0


def test_a_letter_is_a_pdf_without_a_link(stage, home):
    appointment = booked(stage, contact_by="letter", large_print=True)
    text = texts.booked(appointment.starts_at, "North")
    queue(appointment.request, KIND.BOOKED, text, appointment=appointment)
    queue(appointment.request, KIND.CANCELLED, texts.cancelled(appointment.starts_at, "North"))
    assert send_due(NOON).sent == 2
    first, second = sorted(home.iterdir())
    assert "Ada Example" in _pdf_text(first)
    assert "North Hospital" in _pdf_text(first)
    assert "is cancelled. Do you have a question?" in _pdf_text(second)
    assert PatientLink.objects.count() == 0


def test_an_email_goes_through_a_real_mail_server(stage, home, settings):
    settings.EMAIL_BY = "smtp"
    request = reachable(stage, contact_by="email", email="ada@example.test")
    message = queue(request)
    with mail_server() as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        assert send_due(NOON).sent == 1
    (mail,) = server.mails
    message.refresh_from_db()
    assert (mail["To"], mail["Subject"]) == ("ada@example.test", "A message from your hospital")
    assert mail["Message-ID"] == message.provider_id
    assert "https://scans.example.test/p/" in mail.get_content()


def test_what_a_mail_server_says_of_an_address_is_not_kept(stage, home, settings):
    settings.EMAIL_BY = "smtp"
    message = queue(reachable(stage, contact_by="email", email="ada@example.test"))
    with mail_server(refuses=["ada@example.test"]) as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        assert send_due(NOON).failed == 1
    message.refresh_from_db()
    assert (message.state, message.attempts) == ("waiting", 1)
    assert "mail server did not take" in message.problem
    assert "ada" not in message.problem


def test_a_text_message_is_posted_signed(stage, home, settings):
    settings.SMS_BY, settings.SMS_SECRET = "webhook", "a shared secret"
    request = reachable(stage)
    message = queue(request)
    with sms_service() as service:
        settings.SMS_URL = f"http://127.0.0.1:{service.server_address[1]}/send"
        assert send_due(NOON).sent == 1
    ((headers, body),) = service.got
    assert is_signed(body, "a shared secret", headers[SIGNATURE])
    told = json.loads(body)
    assert (told["to"], told["reference"]) == (request.patient.mobile, str(message.pk))
    message.refresh_from_db()
    assert message.provider_id == "sms-1"


@pytest.mark.parametrize(
    ("service", "problem"),
    [
        ({"status": 500}, "answered 500"),
        ({"status": 302}, "answered 302"),
        ({"answer": b"<html>"}, "no usable answer"),
        ({"answer": b"[]"}, "no usable answer"),
        ({"answer": b"[" * 9_000}, "no usable answer"),
    ],
)
def test_a_service_that_does_not_take_it_is_tried_again(stage, home, settings, service, problem):
    settings.SMS_BY, settings.SMS_SECRET = "webhook", "a shared secret"
    message = queue(reachable(stage))
    with sms_service(**service) as running:
        settings.SMS_URL = f"http://127.0.0.1:{running.server_address[1]}/"
        assert send_due(NOON).failed == 1
    message.refresh_from_db()
    assert problem in message.problem
    assert message.state == "waiting"
    assert message.send_after > NOON


def test_tries_are_bounded_and_grow_apart(stage, home):
    message = queue(reachable(stage))
    at, gaps = NOON, []
    for _ in range(MOST_ATTEMPTS):
        assert send_due(at, lambda channel: Refusing(), clock=lambda: 0.0).failed == 1
        message.refresh_from_db()
        gaps.append(message.send_after - at)
        at = message.send_after
    assert message.state == "failed"
    assert "by telephone" in message.problem
    assert gaps[:4] == [dt.timedelta(minutes=minutes) for minutes in (5, 10, 20, 40)]
    assert send_due(at + dt.timedelta(days=1)).sent == 0


def test_a_message_somebody_has_is_not_given_out_again_until_the_lease_ends(stage, home):
    queue(reachable(stage))
    assert claim_next(NOON) is not None
    assert claim_next(NOON) is None
    assert claim_next(NOON + dt.timedelta(minutes=9)) is None
    assert claim_next(NOON + dt.timedelta(minutes=10)) is not None


def test_nobody_is_woken(stage, home):
    queue(reachable(stage))
    Message.objects.update(send_after=NOON)
    night = NOON.replace(hour=23)
    assert send_due(night).sent == 0
    assert send_due(NOON + dt.timedelta(days=1)).sent == 1


def test_what_is_no_longer_wanted_is_left_out(stage, home):
    appointment = booked(stage)
    reminder = queue(appointment.request, KIND.REMINDER, appointment=appointment)
    type(appointment).objects.filter(pk=appointment.pk).update(state="missed")
    other = reachable(stage)
    queue(other, KIND.REMINDER)
    other.patient.reminders_stopped_at = NOON
    other.patient.save()
    done = send_due(NOON)
    assert (done.sent, done.left_out) == (0, 2)
    assert states() == ["stopped", "stopped"]
    assert reminder is not None


def test_a_reminder_is_noted_on_the_appointment_and_in_the_history(stage, home):
    appointment = booked(stage)
    queue(appointment.request, KIND.REMINDER, appointment=appointment)
    assert send_due(NOON, clock=lambda: 0.0).sent == 1
    appointment.refresh_from_db()
    assert appointment.reminded_at == NOON
    assert appointment.request.events.last().kind == "remind"


def test_nothing_leaves_where_nobody_is_booked_live(stage, home, settings):
    queue(reachable(stage))
    settings.LIVE_BOOKING = False
    assert send_due(NOON).sent == 0
    assert not home.exists()


def test_a_webhook_without_address_or_secret_says_what_to_set(settings):
    settings.SMS_BY, settings.SMS_URL, settings.SMS_SECRET = "webhook", "https://sms.example.test", ""
    with pytest.raises(ImproperlyConfigured, match="TRUSTWIDE_SMS_SECRET"):
        provider_for("sms")
    with pytest.raises(ImproperlyConfigured, match="TRUSTWIDE_SMS_URL"):
        Webhook("file:///etc/passwd", "secret")


def test_a_folder_that_cannot_be_written_is_a_sentence(stage, tmp_path):
    (tmp_path / "file").write_text("")
    queue(reachable(stage))
    assert send_due(NOON, lambda channel: Folder(tmp_path / "file")).failed == 1
    assert "cannot be written" in Message.objects.get().problem


class Slow:
    """A provider that takes a quarter of an hour for each message."""

    def __init__(self):
        self.seconds = 0.0

    def clock(self):
        return self.seconds

    def send(self, outgoing):
        self.seconds += 15 * 60
        return "sent"


def test_each_message_is_judged_by_the_time_it_is_by_then(stage, home):
    for _ in range(3):
        queue(reachable(stage))
    Message.objects.update(send_after=NOON)
    slow, late = Slow(), NOON.replace(hour=19, minute=40)
    assert send_due(late, lambda channel: slow, clock=slow.clock).sent == 2  # at 19.40 and 19.55, not at 20.10
    assert send_due(late + dt.timedelta(minutes=30)).sent == 0
    sent_at = Message.objects.filter(state="sent").order_by("sent_at").values_list("sent_at", flat=True)
    assert list(sent_at) == [late, late + dt.timedelta(minutes=15)]


def test_a_lease_runs_from_when_the_message_was_taken(stage, home):
    for _ in range(2):
        queue(reachable(stage))
    slow, found = Slow(), []

    def send(outgoing):
        now = NOON + dt.timedelta(seconds=slow.seconds)
        found.append(Message.objects.get(pk=outgoing.message.pk).send_after - now)
        return Slow.send(slow, outgoing)

    slow.send = send
    assert send_due(NOON, lambda channel: slow, clock=slow.clock).sent == 2
    assert found == [LEASE, LEASE]


@pytest.mark.parametrize("answer", [b"garbage\r\n\r\n", b"", b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{"])
def test_a_service_that_speaks_no_http_is_tried_again(stage, home, settings, answer):
    settings.SMS_BY, settings.SMS_SECRET = "webhook", "a shared secret"
    message = queue(reachable(stage))
    with answers_anything(answer) as address:
        settings.SMS_URL = f"http://127.0.0.1:{address[1]}/"
        assert send_due(NOON).failed == 1
    message.refresh_from_db()
    assert "no usable answer" in message.problem
    assert message.state == "waiting"


def test_a_number_of_odd_characters_is_kept_without_them(stage, home, settings):
    settings.SMS_BY, settings.SMS_SECRET = "webhook", "a shared secret"
    message = queue(reachable(stage))
    with sms_service(answer=b'{"id": "a\\u0000\\ud83d-1"}') as running:
        settings.SMS_URL = f"http://127.0.0.1:{running.server_address[1]}/"
        assert send_due(NOON).sent == 1
    message.refresh_from_db()
    assert message.provider_id == "a-1"


def test_a_letter_that_cannot_be_made_is_tried_again(stage, home, monkeypatch):
    message = queue(booked(stage, contact_by="letter").request)
    monkeypatch.setattr(paper, "FONT_FILE", "fonts/that-nobody-has.ttf")
    assert send_due(NOON).failed == 1
    message.refresh_from_db()
    assert message.problem == "The letter could not be made (FontsMissingError)."
    monkeypatch.undo()
    assert send_due(message.send_after).sent == 1


@pytest.mark.parametrize("by", ["folder", "smtp", "webhook"])
def test_a_message_without_an_address_is_not_sent(stage, home, settings, by):
    settings.EMAIL_BY, settings.SMS_BY, settings.SMS_URL = by, by, "http://127.0.0.1:9/"
    settings.SMS_SECRET, settings.EMAIL_HOST, settings.EMAIL_PORT = "a shared secret", "127.0.0.1", 9
    message = queue(reachable(stage, contact_by="email" if by == "smtp" else "sms", email="ada@example.test"))
    message.patient.mobile = message.patient.email = ""
    message.patient.save()
    assert send_due(NOON).failed == 1
    message.refresh_from_db()
    assert "no number or address" in message.problem


def test_a_message_of_which_every_worker_dies_is_given_up(stage, home):
    message, at = queue(reachable(stage)), NOON
    for _ in range(MOST_ATTEMPTS):
        assert claim_next(at) is not None
        at += LEASE
    assert send_due(at).failed == 1
    message.refresh_from_db()
    assert (message.state, message.problem[:20]) == ("failed", "No provider took the")


@pytest.mark.parametrize("error", [OperationalError("gone away"), ProviderError("away")])
def test_a_round_that_goes_wrong_is_told_and_the_next_goes_on(db, error):
    def fails():
        raise error

    assert type(error).__name__ in try_round(fails)
    assert "gone away" not in try_round(fails)
    assert try_round(lambda: "2 messages sent.") == "2 messages sent."


def test_sending_many_takes_few_queries_each(stage, home, django_assert_max_num_queries):
    for _ in range(10):
        queue(reachable(stage))
    with django_assert_max_num_queries(10 * 7 + 1):
        assert send_due(NOON).sent == 10


def _pdf_text(file):
    return " ".join(PdfReader(file).pages[0].extract_text().split())
