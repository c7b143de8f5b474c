"""Replies come in only signed, count once, and anything else is refused with a sentence."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from trustwide.exchange.messages.signatures import SIGNATURE, sign
from trustwide.services.imaging.messages.models import Reply
from trustwide.services.imaging.messages.tests.message_stage import booked

SECRET = "a shared secret"
ADDRESS = "incoming_sms"


@pytest.fixture(autouse=True)
def secret(settings, db):
    settings.SMS_SECRET = SECRET


def post(told, *, secret=SECRET, body=None, **headers):
    body = json.dumps(told).encode() if body is None else body
    client = Client(enforce_csrf_checks=True)
    return client.post(
        reverse(ADDRESS), body, content_type="application/json", headers={SIGNATURE: sign(body, secret)} | headers
    )


def a_reply(**changes):
    return {"id": "r1", "from": "+447700900123", "text": "hello", "at": "2026-11-22T10:00:00Z"} | changes


def test_a_signed_reply_is_taken_once():
    assert [post(a_reply()).status_code for _ in range(2)] == [200, 200]
    assert Reply.objects.count() == 1


def test_a_yes_from_outside_confirms(stage):
    appointment = booked(stage)
    assert post(a_reply(**{"from": appointment.request.patient.mobile, "text": "YES"})).status_code == 200
    appointment.refresh_from_db()
    assert appointment.confirmed_at is not None


@pytest.mark.parametrize("headers", [{SIGNATURE: ""}, {SIGNATURE: "sha256=00"}, {SIGNATURE: "é"}])
def test_a_wrong_signature_is_refused(headers):
    assert post(a_reply(), **headers).status_code == 403
    assert post(a_reply(), secret="another").status_code == 403
    assert Reply.objects.count() == 0


def test_without_a_secret_nobody_is_believed(settings):
    settings.SMS_SECRET = ""
    assert post(a_reply(), secret="").status_code == 403


@pytest.mark.parametrize(
    "changes",
    [{"id": 1}, {"id": ""}, {"id": "x" * 121}, {"id": "\x00"}, {"at": "yesterday"}, {"at": "2026-11-22T10:00:00"},
     {"text": None}, {"from": ["x"]}, {"at": 5}, {"at": None}, {"at": "2026-02-30T10:00:00Z"}, {"id": None},
     {"at": "0001-01-01T00:00:00+14:00"}, {"at": "9999-12-31T23:59:59-14:00"}, {"at": "1999-12-31T23:59:59Z"},
     {"id": "r\ud83d"}, {"from": "+44\ud83d"}, {"from": {"a": 1}}, {"text": 5}],
)  # fmt: skip
def test_anything_else_is_a_sentence(changes):
    answer = post(a_reply(**changes))
    assert answer.status_code == 400
    assert "Expected JSON" in answer.json()["error"]


def test_half_an_emoji_is_left_out_of_the_text():
    assert post(a_reply(text="ok \ud83d")).status_code == 200
    assert Reply.objects.get().text == "ok "


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"null", b"[" * 9_000, b'{"id": ' * 1_400])
def test_a_body_that_is_no_reply_is_a_sentence(body):
    assert post(None, body=body).status_code == 400


def test_a_long_body_is_refused():
    assert post(None, body=b"x" * 20_000).status_code == 403


def test_only_posts_are_taken(client):
    assert client.get(reverse(ADDRESS)).status_code == 405
