"""Ways by which messages leave: files in a folder, SMTP, a signed webhook. Adding one is a class and a line here."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage, get_connection
from django.utils import timezone

from trustwide.commons.nhsuk.mail import message_id
from trustwide.commons.patients.models import Patient
from trustwide.exchange.letters.letter import message_letter, to_pdf
from trustwide.exchange.messages.signatures import SIGNATURE, sign
from trustwide.services.imaging.messages import texts
from trustwide.services.imaging.messages.delivery import Outgoing

Channel = Patient.ContactBy
SECONDS = 20  # a provider has to answer; much shorter than the lease of a message
LONGEST_ANSWER = 10_000


class ProviderError(RuntimeError):
    """A message was not taken; the sentence names no number, address or text."""


class Provider(Protocol):
    """Takes one message and gives back its own number for it."""

    def send(self, outgoing: Outgoing) -> str:
        """Send it. Raises ProviderError where it was not taken."""
        ...


class Folder:
    """Writes each message as a file, for trying out or for another program to fetch; letters as PDF to be printed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, outgoing: Outgoing) -> str:
        """The name of the file. A message sent again overwrites its file, so that it is there once."""
        message = outgoing.message
        letter = message.channel == Channel.LETTER
        name = f"{message.channel}-{message.pk}.{'pdf' if letter else 'txt'}"
        made = _pdf(outgoing) if letter else f"To: {_address(outgoing)}\n\n{outgoing.text}\n".encode()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            started = self.folder / f".{name}"
            started.touch(mode=0o600)
            started.write_bytes(made)
            started.replace(self.folder / name)
        except OSError as error:
            raise ProviderError(f"The folder of messages cannot be written: {error.strerror}.") from None
        return name


class Smtp:
    """Sends e-mail through the mail server of the settings."""

    def send(self, outgoing: Outgoing) -> str:
        """The Message-ID, the same at every try, so that mail programs show a message sent twice once."""
        to = _address(outgoing)
        number = message_id(str(outgoing.message.pk))
        headers = {"Message-ID": number, "Auto-Submitted": "auto-generated"}
        connection = get_connection(
            "django.core.mail.backends.smtp.EmailBackend", host=settings.EMAIL_HOST, port=settings.EMAIL_PORT,
            username=settings.EMAIL_HOST_USER, password=settings.EMAIL_HOST_PASSWORD, use_tls=settings.EMAIL_USE_TLS,
            timeout=SECONDS,
        )  # fmt: skip
        mail = EmailMessage(texts.subject(), outgoing.text, to=[to], headers=headers, connection=connection)
        try:
            mail.send()
        # what the server says often repeats the address
        except (OSError, ValueError) as error:
            raise ProviderError(f"The mail server did not take the message ({type(error).__name__}).") from None
        return number


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A number and a text go to the address of the settings and nowhere else."""

    def redirect_request(self, *_: Any) -> None:
        return None


class Webhook:
    """Posts text messages as JSON {"reference", "to", "text"}, signed; expects JSON {"id"} in answer."""

    def __init__(self, url: str, secret: str) -> None:
        if urlsplit(url).scheme not in ("http", "https") or not secret:
            raise ImproperlyConfigured(
                "TRUSTWIDE_SMS_BY is webhook, which needs TRUSTWIDE_SMS_URL (https://...) and TRUSTWIDE_SMS_SECRET. "
                "Set both, or set TRUSTWIDE_SMS_BY to folder."
            )
        self.url, self.secret = url, secret
        self.opener = urllib.request.build_opener(_NoRedirects)

    def send(self, outgoing: Outgoing) -> str:
        """The number the service gave. The reference is the same at every try, so that it can drop a second one."""
        told = {"reference": str(outgoing.message.pk), "to": _address(outgoing), "text": outgoing.text}
        body = json.dumps(told).encode()
        headers = {"Content-Type": "application/json", SIGNATURE: sign(body, self.secret)}
        asked = urllib.request.Request(self.url, body, headers, method="POST")  # noqa: S310 - checked above
        try:
            with self.opener.open(asked, timeout=SECONDS) as answer:
                found = json.loads(answer.read(LONGEST_ANSWER))
            return _plain(str(found["id"]))
        except urllib.error.HTTPError as error:
            raise ProviderError(f"The text message service answered {error.code}.") from None
        except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError, RecursionError) as error:
            raise ProviderError(f"The text message service gave no usable answer ({type(error).__name__}).") from None


def provider_for(channel: str) -> Provider:
    """The provider that the settings choose for a channel. Raises ImproperlyConfigured, with a sentence."""
    if channel == Channel.SMS and settings.SMS_BY == "webhook":
        return Webhook(settings.SMS_URL, settings.SMS_SECRET)
    if channel == Channel.EMAIL and settings.EMAIL_BY == "smtp":
        return Smtp()
    return Folder(settings.HOME / "messages")


def _pdf(outgoing: Outgoing) -> bytes:
    try:
        return to_pdf(message_letter(outgoing.message, timezone.localdate()), timezone.now())
    # fonts that are missing, and whatever the typesetter says, which may repeat the letter
    except (RuntimeError, OSError, ValueError) as error:
        raise ProviderError(f"The letter could not be made ({type(error).__name__}).") from None


def _address(outgoing: Outgoing) -> str:
    """The number or address. Raises ProviderError where it was taken away since the message was queued."""
    if not outgoing.to.strip():
        raise ProviderError("The patient's record holds no number or address for this message any more.")
    return outgoing.to


def _plain(number: str) -> str:
    """A service's number for a message, of characters that every database takes."""
    return "".join(letter for letter in number if letter.isascii() and letter.isprintable())
