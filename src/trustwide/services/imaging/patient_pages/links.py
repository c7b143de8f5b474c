"""Links to patients' own pages: made, found again, ended. A token is nine random bytes and six of their HMAC."""

from __future__ import annotations

import base64
import binascii
import datetime
import hashlib
import hmac
import secrets

from django.conf import settings
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from trustwide.services.imaging.messages.models import PatientLink
from trustwide.services.imaging.requests.models import ImagingRequest
from trustwide.services.imaging.waiting.clocks import LONDON

RANDOM_BYTES, MAC_BYTES = 9, 6
TOKEN_LENGTH = (RANDOM_BYTES + MAC_BYTES) * 4 // 3  # base64 without a rest, so that no two spellings are one token
DAYS_WITHOUT_APPOINTMENT = 60
MOST_FAILURES = 5


def make_link(request: ImagingRequest, now: datetime.datetime) -> tuple[PatientLink, str]:
    """A new link to the page of a request, and its whole address, which is kept nowhere."""
    token = _signed(secrets.token_bytes(RANDOM_BYTES))
    link = PatientLink.objects.create(request=request, token_hash=_hash(token), expires_at=expiry(request, now))
    return link, settings.PUBLIC_ADDRESS + reverse("patient_page", args=[token])


def find_link(token: str, now: datetime.datetime) -> PatientLink | None:
    """The link of a token, with its request and patient; None for one that is forged, unknown or over."""
    if not _is_ours(token):
        return None
    links = PatientLink.objects.filter(token_hash=_hash(token), expires_at__gt=now)
    return links.select_related("request__exam", "request__site", "request__patient__merged_into").first()


def expiry(request: ImagingRequest, now: datetime.datetime) -> datetime.datetime:
    """When a link made now ends: after the day that follows the appointment, or in sixty days."""
    if request.appointment_at is None:
        return now + datetime.timedelta(days=DAYS_WITHOUT_APPOINTMENT)
    over = request.appointment_at.astimezone(LONDON).date() + datetime.timedelta(days=2)
    return datetime.datetime.combine(over, datetime.time(), LONDON)


def end_links(request_id: int, now: datetime.datetime) -> int:
    """Links made so far lead nowhere from now on; how many were open."""
    return PatientLink.objects.filter(request=request_id, expires_at__gt=now).update(expires_at=now)


def keep_open(link: PatientLink, now: datetime.datetime) -> None:
    """The link by which somebody changed their appointment goes on, as long as the new one asks for."""
    link.request.refresh_from_db(fields=["appointment_at"])
    link.expires_at = expiry(link.request, now)
    link.save(update_fields=["expires_at"])


def is_own(link: PatientLink, born_on: datetime.date, truth: datetime.date | None) -> bool:
    """Whether the date of birth is right; every try counts before it is judged, and the fifth wrong one locks."""
    open_links = PatientLink.objects.filter(pk=link.pk, locked_at=None, failures__lt=MOST_FAILURES)
    if not open_links.update(failures=F("failures") + 1):
        return False
    now = timezone.now()
    if born_on == truth:
        PatientLink.objects.filter(pk=link.pk).update(failures=0, last_opened_at=now)
        return True
    PatientLink.objects.filter(pk=link.pk, failures__gte=MOST_FAILURES).update(locked_at=now)
    return False


def _signed(random: bytes) -> str:
    return base64.urlsafe_b64encode(random + _mac(random)).decode()


def _is_ours(token: str) -> bool:
    if len(token) != TOKEN_LENGTH:
        return False
    try:
        raw = base64.b64decode(token, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return False
    return hmac.compare_digest(raw[RANDOM_BYTES:], _mac(raw[:RANDOM_BYTES]))


def _mac(random: bytes) -> bytes:
    return salted_hmac("trustwide.patient_link", random, algorithm="sha256").digest()[:MAC_BYTES]


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
