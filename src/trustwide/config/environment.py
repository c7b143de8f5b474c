"""Typed reading of TRUSTWIDE_* environment variables. A wrong or missing one says how to put it right."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

PREFIX = "TRUSTWIDE_"
YES, NO = {"1", "yes", "true", "on"}, {"0", "no", "false", "off"}


class SettingError(ImproperlyConfigured):
    """A setting is missing or wrong; the sentence says which and what to do."""


def text(name: str, default: str = "") -> str:
    """The variable as it stands, without blanks at its ends."""
    return os.environ.get(PREFIX + name, "").strip() or default


def flag(name: str, default: bool) -> bool:
    """Yes or no."""
    value = text(name).lower()
    if not value:
        return default
    if value not in YES | NO:
        raise SettingError(f"{PREFIX}{name} is '{value}', but only yes or no is understood. Set it to yes or no.")
    return value in YES


def number(name: str, default: int, *, least: int = 0) -> int:
    """A whole number of at least `least`."""
    value = text(name)
    if not value:
        return default
    if not value.isdecimal() or int(value) < least:
        raise SettingError(f"{PREFIX}{name} is '{value}', but a whole number of {least} or more is needed.")
    return int(value)


def choice(name: str, options: tuple[str, ...], default: str) -> str:
    """One of a few words."""
    value = text(name, default).lower()
    if value not in options:
        raise SettingError(f"{PREFIX}{name} is '{value}', but one of {', '.join(options)} is needed.")
    return value


def words(name: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
    """A list separated by commas."""
    return tuple(word.strip() for word in text(name).split(",") if word.strip()) or default


def required(name: str, because: str) -> str:
    """A variable that another one makes necessary."""
    value = text(name)
    if not value:
        raise SettingError(f"{PREFIX}{name} is not set, but {because}. Set it, or take the other setting away.")
    return value


def openid_connect(issuer: str, name: str) -> dict[str, Any]:
    """What django-allauth needs to know of the one OpenID Connect provider; nothing without an issuer."""
    if not issuer:
        return {}
    because = f"{PREFIX}OIDC_ISSUER turns on sign-in through {issuer}"
    app = {
        "provider_id": "oidc",
        "name": name,
        "client_id": required("OIDC_CLIENT_ID", because),
        "secret": required("OIDC_CLIENT_SECRET", because),
        "settings": {"server_url": issuer},
    }
    return {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}


def secret_key(home: Path, *, deployed: bool) -> str:
    """What sessions and forms are signed with."""
    return kept_key(home, "SECRET_KEY", "secret_key", deployed=deployed)


def kept_key(home: Path, name: str, file: str, *, deployed: bool) -> str:
    """From the environment; on one person's own machine generated once and kept, readable only by its owner."""
    if given := text(name):
        return given
    if deployed:
        raise SettingError(
            f"{PREFIX}{name} is not set, but TRUSTWIDE_HOSTS names a public host. Set it to a long random text, "
            "for example the output of: python3 -c 'import secrets; print(secrets.token_urlsafe(64))'"
        )
    home.mkdir(parents=True, exist_ok=True)
    kept = home / file
    if not kept.exists():
        draft = home / f"{file}.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(64), encoding="utf-8")
        try:
            # a link fails if another process was first, and then its key is the one to use
            os.link(draft, kept)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return kept.read_text(encoding="utf-8")
