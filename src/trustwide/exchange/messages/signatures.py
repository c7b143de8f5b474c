"""Signatures of what is posted to and from a text message service: HMAC-SHA-256 over the body, in hexadecimal."""

from __future__ import annotations

import hashlib
import hmac

SIGNATURE = "X-Trustwide-Signature"
PREFIX = "sha256="


def sign(body: bytes, secret: str) -> str:
    """The value of the signature header."""
    return PREFIX + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def is_signed(body: bytes, secret: str, given: str) -> bool:
    """Whether a body comes from somebody who knows the secret; never without a secret."""
    return bool(secret) and hmac.compare_digest(sign(body, secret).encode(), given.encode())
