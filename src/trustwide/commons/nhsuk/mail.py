"""How mail leaves, and who sends it: one run at a time on a machine."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend


class AnotherRunError(RuntimeError):
    """Another process holds the lock of this work."""


def connection() -> BaseEmailBackend:
    """As the settings have it: the mail server, or files in the folder of messages."""
    if settings.EMAIL_BY == "smtp":
        return get_connection(
            "django.core.mail.backends.smtp.EmailBackend", host=settings.EMAIL_HOST, port=settings.EMAIL_PORT,
            username=settings.EMAIL_HOST_USER, password=settings.EMAIL_HOST_PASSWORD, use_tls=settings.EMAIL_USE_TLS,
            timeout=settings.EMAIL_TIMEOUT,
        )  # fmt: skip
    folder = settings.HOME / "messages"
    return get_connection("django.core.mail.backends.filebased.EmailBackend", file_path=folder)


@contextmanager
def alone(name: str) -> Iterator[None]:
    """Hold the lock of that name; the system gives it back if this process is killed. Raises AnotherRunError."""
    settings.HOME.mkdir(parents=True, exist_ok=True)
    with (settings.HOME / f"{name}.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AnotherRunError("Another run is on; wait until it is done, then run this again.") from None
        yield
