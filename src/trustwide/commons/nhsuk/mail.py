"""How mail leaves, and who sends it: one run at a time, on however many machines."""

from __future__ import annotations

import fcntl
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import DatabaseError
from django.db import connection as database

RUNS = 731_160_455  # a number of our own among the advisory locks of the database
BUSY = "Another run is on; wait until it is done, then run this again."


class AnotherRunError(RuntimeError):
    """Another process holds the lock of this work."""


def message_id(name: str) -> str:
    """A Message-ID, the same from every machine, so that mail programs show a mail that was sent twice once."""
    return f"<trustwide-{name}@{urlsplit(settings.PUBLIC_ADDRESS).hostname or 'localhost'}>"


def connection() -> BaseEmailBackend:
    """As the settings have it: the mail server, or files in the folder of messages."""
    if settings.EMAIL_BY == "smtp":
        return get_connection(
            "django.core.mail.backends.smtp.EmailBackend", host=settings.EMAIL_HOST, port=settings.EMAIL_PORT,
            username=settings.EMAIL_HOST_USER, password=settings.EMAIL_HOST_PASSWORD, use_tls=settings.EMAIL_USE_TLS,
            timeout=settings.EMAIL_TIMEOUT,
        )  # fmt: skip
    return get_connection("django.core.mail.backends.filebased.EmailBackend", file_path=_folder())


def written(sent: int) -> str:
    """Where mail lies that counts as sent though no mail server is set; empty where one took it or there was none."""
    if settings.EMAIL_BY == "smtp" or not sent:
        return ""
    return f" No mail server is set (TRUSTWIDE_EMAIL_BY), so what was sent is written to {_folder()}."


def _folder() -> Path:
    return Path(settings.HOME) / "messages"


@contextmanager
def alone(name: str) -> Iterator[None]:
    """Hold the lock of that name, on this machine and among all machines that share the database.

    The system and the database give it back if this process is killed, within two minutes if its machine goes dark.
    Connections must reach the database itself, not a pool that hands sessions on. Raises AnotherRunError.
    """
    settings.HOME.mkdir(parents=True, exist_ok=True)
    with (settings.HOME / f"{name}.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AnotherRunError(BUSY) from None
        with _alone_on_the_database(name):
            yield


@contextmanager
def _alone_on_the_database(name: str) -> Iterator[None]:
    """Only PostgreSQL serves several machines; a lock of its session outlives transactions, and dies with the session.

    A claim of each row before its mail would lose the mail of a run that is killed; a row locked while its mail is
    sent would hold up whoever ends that subscription as long as the mail server takes.
    """
    if database.vendor != "postgresql":
        yield
        return
    key = [RUNS, zlib.crc32(name.encode()) >> 1]  # two numbers of 31 bits
    with database.cursor() as cursor:
        # the database's own rest is two hours
        cursor.execute("SET tcp_keepalives_idle = 60; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 6")
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", key)
        if not cursor.fetchone()[0]:
            raise AnotherRunError(BUSY)
    try:
        yield
    finally:
        # a session that broke has given the lock back, and what broke it is what is to be told
        with suppress(DatabaseError), database.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", key)
