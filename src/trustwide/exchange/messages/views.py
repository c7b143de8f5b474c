"""Where a text message service posts what patients answered."""

from __future__ import annotations

import datetime
import json
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from trustwide.exchange.messages.signatures import SIGNATURE, is_signed
from trustwide.services.imaging.messages.replies import take_reply
from trustwide.services.imaging.patient_pages.rules import within_rate

LONGEST_BODY = 10_000
LONGEST_NUMBER = 120
FIRST_YEAR, LAST_YEAR = 2000, 2199  # what lies outside is a fault, and the very ends have no time in other zones
EXPECTED = 'Expected JSON {"id": "...", "from": "+447700900123", "text": "...", "at": "2026-03-03T09:30:00Z"}.'


@csrf_exempt
@login_not_required
@require_POST
def incoming_sms(request: HttpRequest) -> HttpResponse:
    """Take a reply. The body must be signed with the shared secret; the same id twice counts once."""
    if not within_rate(request, "incoming_message"):
        return JsonResponse({"error": "Too many messages at once; deliver again in a minute."}, status=429)
    body = request.read(LONGEST_BODY + 1)
    if len(body) > LONGEST_BODY or not is_signed(body, settings.SMS_SECRET, request.headers.get(SIGNATURE, "")):
        return JsonResponse({"error": f"The signature in {SIGNATURE} is not right; check the secret."}, status=403)
    told = _told(body)
    if told is None:
        return JsonResponse({"error": EXPECTED}, status=400)
    take_reply(*told)
    return JsonResponse({"taken": True})


def _told(body: bytes) -> tuple[str, str, str, datetime.datetime] | None:
    """Number, sender, text and time of a reply; None where the body holds something else."""
    try:
        found: Any = json.loads(body)
        number, sender, text = (found[name] for name in ("id", "from", "text"))
        at = parse_datetime(found["at"])
    # deep nesting ends in a RecursionError
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if not all(isinstance(one, str) for one in (number, sender, text)):
        return None
    if at is None or timezone.is_naive(at) or not FIRST_YEAR <= at.year <= LAST_YEAR:
        return None
    if not 0 < len(number) <= LONGEST_NUMBER or "\x00" in number + sender or _broken(number + sender):
        return None
    return number, sender, _without_halves(text), at


def _broken(text: str) -> bool:
    """Whether a text holds half a character, such as an emoji that was cut through; no database keeps that."""
    return _without_halves(text) != text


def _without_halves(text: str) -> str:
    return text.encode("utf-8", "ignore").decode()
