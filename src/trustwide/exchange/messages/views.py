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
    except (ValueError, KeyError, TypeError):
        return None
    if not all(isinstance(one, str) for one in (number, sender, text)) or at is None or timezone.is_naive(at):
        return None
    return (number, sender, text, at) if 0 < len(number) <= 120 and "\x00" not in number + sender else None
