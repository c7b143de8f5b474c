"""Keys of access tokens: how they are made, and whose one is."""

from __future__ import annotations

import datetime
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

from trustwide.commons.accounts.models import AccessToken

KEY = re.compile(r"tw_([0-9a-f]{8})_[A-Za-z0-9_-]{43}", re.ASCII)


@dataclass(frozen=True)
class Key:
    """The text that a program sends, the part of it by which people know it, and the hash that is kept of it."""

    text: str
    prefix: str
    digest: str


def new_key() -> Key:
    """A key of 256 random bits."""
    prefix = secrets.token_hex(4)
    text = f"tw_{prefix}_{secrets.token_urlsafe(32)}"
    return Key(text, prefix, digest_of(text))


def digest_of(text: str) -> str:
    """SHA-256 without salt or rounds: nobody can try 2^256 keys, so a slow hash would only slow every answer."""
    return hashlib.sha256(text.encode()).hexdigest()


def find_token(text: str, now: datetime.datetime) -> AccessToken | None:
    """The token of a key, if it is in force and its person is active."""
    shape = KEY.fullmatch(text)
    if shape is None:
        return None
    found = AccessToken.objects.in_force(now).filter(prefix=shape[1], user__is_active=True)
    token: AccessToken | None = found.select_related("user").first()
    return token if token is not None and hmac.compare_digest(token.digest, digest_of(text)) else None
