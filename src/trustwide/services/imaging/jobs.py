"""The one door to background work: where a job runs is a setting, and no caller knows."""

from __future__ import annotations

import threading
from collections.abc import Callable

from django.conf import settings
from django.db import connections, transaction

QUEUE, THREAD, NOW = "queue", "thread", "now"

Job = Callable[[int], None]


def start(job: Job, pk: int) -> None:
    """Run `job(pk)` once what was written so far is committed. Jobs must bear being run twice.

    TRUSTWIDE_JOBS=queue leaves it to `trustwide worker`; thread runs it beside the server, now before the answer.
    """
    transaction.on_commit(lambda: _RUNNERS[settings.JOBS](job, pk))


def _queue(job: Job, pk: int) -> None:
    from django_q.tasks import async_task

    async_task(f"{job.__module__}.{job.__qualname__}", pk)


def _thread(job: Job, pk: int) -> None:
    threading.Thread(target=_and_close, args=(job, pk), name=f"{job.__name__}-{pk}", daemon=True).start()


def _and_close(job: Job, pk: int) -> None:
    try:
        job(pk)
    finally:
        # a thread of its own has connections of its own
        connections.close_all()


def _now(job: Job, pk: int) -> None:
    job(pk)


_RUNNERS: dict[str, Callable[[Job, int], None]] = {QUEUE: _queue, THREAD: _thread, NOW: _now}
