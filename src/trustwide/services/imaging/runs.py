"""Work that a person asks for and a job does in the background: its states, how far it is, and that it repeats.

A plan for a list and a run of a service are such work. Each bears being begun twice, as after a worker was killed.
"""

from __future__ import annotations

import datetime
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from trustwide.commons.accounts.models import User
from trustwide.commons.organisations.exceptions import NotAllowedError
from trustwide.commons.organisations.models import Site
from trustwide.services.imaging import jobs
from trustwide.services.imaging.plan_words import count

SAY_EVERY = datetime.timedelta(seconds=0.5)
SILENT_FOR = datetime.timedelta(minutes=1)
QUEUED_FOR = datetime.timedelta(minutes=15)  # a busy worker takes work up late; lost work is never taken up
LATE_AFTER = datetime.timedelta(minutes=1)
FINISHING = 0.995  # from here on the share is said as 100%
MOST_AT_ONCE = 3  # for one person; each takes a processor for some seconds
MOST_DIFFERENCES = 20
log = logging.getLogger(__name__)

_Answer = TypeVar("_Answer")
_Run = TypeVar("_Run", bound="BackgroundRun")


class RunStateError(ValueError):
    """The work is not in a state in which this can be done; the sentence says what is."""


def check_is_of_a_group(site: Site) -> None:
    """Refuse to keep anything at a provider that is known only from public data: everybody could read it."""
    if site.partner.partnership.comparison:
        raise NotAllowedError(f"{site} is known only from public data; choose a site of your own partnership.")


class CancelledError(Exception):
    """Somebody no longer wants the answer."""


class RunQuerySet(models.QuerySet[_Run]):
    def active(self) -> RunQuerySet[_Run]:
        """Still to be answered."""
        return self.filter(status__in=(BackgroundRun.Status.WAITING, BackgroundRun.Status.RUNNING))


class BackgroundRun(models.Model):
    """A question whose answer takes a while. `digest` and `version` say by what the answer was given."""

    class Status(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    failure = models.TextField(blank=True)
    progress_done = models.PositiveIntegerField(default=0)
    progress_total = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(null=True)
    seen_alive_at = models.DateTimeField(null=True, help_text="When the search last said how far it is.")
    finished_at = models.DateTimeField(null=True)

    result = models.JSONField(null=True)
    digest = models.CharField(max_length=64, blank=True)
    version = models.CharField(max_length=40, help_text="Of the program that gave the answer.")
    repeat_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="repeats")
    differences = models.JSONField(null=True, help_text="Of a repeated run: where it differs from the first.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True

    @property
    def is_active(self) -> bool:
        return self.status in (self.Status.WAITING, self.Status.RUNNING)

    @property
    def given(self) -> dict[str, Any]:
        """The answer; empty until there is one."""
        return self.result or {}

    @property
    def time_left(self) -> str:
        """How long it still takes at the pace so far, in words; nothing while that is not known."""
        if not self.progress_done or self.started_at is None:
            return ""
        seconds = (timezone.now() - self.started_at).total_seconds()
        left = seconds / self.progress_done * (self.progress_total - self.progress_done)
        if round(left) <= 0:
            return ""
        return count(round(left), "second") if left < 60 else count(round(left / 60), "minute")

    @property
    def is_finishing(self) -> bool:
        """Whether all is tried, but for less than would show, and the answer is being put together."""
        return self.status == self.Status.RUNNING and self.progress_done >= FINISHING * max(self.progress_total, 1)

    @property
    def is_late(self) -> bool:
        """Whether it still waits for somebody to begin it after a minute."""
        return self.status == self.Status.WAITING and timezone.now() - self.created_at > LATE_AFTER


class Progress:
    """Tells the page how far a run is, twice a second at most, and hears whether it is still wanted."""

    def __init__(self, run: BackgroundRun) -> None:
        self.run, self.said = run, timezone.now() - SAY_EVERY

    def __call__(self, done: int, total: int) -> None:
        now = timezone.now()
        if now - self.said < SAY_EVERY and done < total:
            return
        self.said = now
        if not _running(self.run).update(progress_done=done, progress_total=total, seen_alive_at=now):
            raise CancelledError


def check_has_room(user: User) -> None:
    """Raise RunStateError, with a sentence for the person, when they have too much under way already."""
    theirs = {"created_by": user}  # every kind of work names who asked for it
    active = sum(_runs_of(kind).active().filter(**theirs).count() for kind in BackgroundRun.__subclasses__())
    if active >= MOST_AT_ONCE:
        raise RunStateError(f"You have {MOST_AT_ONCE} searches under way. Wait until one is done, or cancel one.")


def claim(kind: type[_Run], pk: int, *related: str) -> _Run | None:
    """The run, marked as running; nothing if it was answered or cancelled in the meantime."""
    now = timezone.now()
    waiting = _runs_of(kind).active().filter(pk=pk)
    if not waiting.update(status=kind.Status.RUNNING, started_at=now, seen_alive_at=now, progress_done=0):
        return None
    return _runs_of(kind).select_related("repeat_of", *related).get(pk=pk)


def attempt(
    run: BackgroundRun,
    work: Callable[[Progress], _Answer],
    *,
    refusals: tuple[type[Exception], ...],
    fail: Callable[[str], None],
) -> _Answer | None:
    """What `work` answers; nothing when it was cancelled, or when it failed, which `fail` is told in a sentence."""
    try:
        return work(Progress(run))
    except CancelledError:
        return None
    except refusals as error:
        fail(str(error))
    except Exception:  # the edge of the job: nobody else would tell the person who waits
        what = run._meta.verbose_name
        log.exception("%s %s failed", what, run.pk)
        fail(f"The search met a fault in this program. Tell whoever runs it that {what} {run.pk} failed.")
    return None


def mark_done(run: BackgroundRun) -> bool:
    """Whether this answer is the one that is kept: two workers may have answered, and the first one's stays."""
    if not _running(run).update(status=run.Status.DONE):
        return False
    run.status, run.finished_at = run.Status.DONE, timezone.now()
    return True


def mark_failed(run: BackgroundRun, sentence: str) -> bool:
    """Whether it was still running and now says why it has no answer."""
    changes = {"status": run.Status.FAILED, "failure": sentence, "finished_at": timezone.now()}
    return bool(_running(run).update(**changes))


def mark_cancelled(run: BackgroundRun) -> bool:
    """Whether there was still something to stop."""
    active = _runs_of(type(run)).active().filter(pk=run.pk)
    return bool(active.update(status=run.Status.CANCELLED, finished_at=timezone.now()))


def take_up_again(run: BackgroundRun, job: jobs.Job, *, tell: Callable[[], object]) -> bool:
    """Start work again that fell silent, as after a kill, or was never begun; whether it was started. `tell` audits."""
    now = timezone.now()
    fell_silent = Q(status=run.Status.RUNNING, started_at__isnull=False, seen_alive_at__lt=now - SILENT_FOR)
    lost = fell_silent | Q(seen_alive_at__lt=now - QUEUED_FOR)
    silent = _runs_of(type(run)).active().filter(lost, pk=run.pk)
    if not silent.exists():
        return False
    with transaction.atomic():
        # without a start it is only queued, until a worker takes it up
        if not silent.update(seen_alive_at=now, started_at=None):
            return False
        tell()
        jobs.start(job, run.pk)
    return True


def differences(before: Any, after: Any, where: str = "") -> Iterator[str]:
    """Where two answers differ, in words: the place, what it was and what it is."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted(before.keys() | after.keys()):
            yield from differences(before.get(key), after.get(key), f"{where}.{key}" if where else key)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, (was, came) in enumerate(zip(before, after, strict=True)):
            yield from differences(was, came, f"{where}[{number}]")
    elif before != after:
        yield f"{where}: {before} then, {after} now"


def as_stored(value: dict[str, Any]) -> dict[str, Any]:
    """As it comes back from a JSON column. Raises ValueError for a NaN."""
    stored: dict[str, Any] = json.loads(json.dumps(value, allow_nan=False))
    return stored


def _running(run: BackgroundRun) -> RunQuerySet[BackgroundRun]:
    return _runs_of(type(run)).filter(pk=run.pk, status=run.Status.RUNNING)


def _runs_of(kind: type[_Run]) -> RunQuerySet[_Run]:
    found: RunQuerySet[_Run] = kind._default_manager.all()  # type: ignore[assignment]
    return found
