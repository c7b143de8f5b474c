"""What is known of a project: its baseline, and where its measure stands now."""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q
from django.urls import reverse
from django.utils.timezone import make_aware

from trustwide.commons.measures.models import Observation, Signal
from trustwide.commons.measures.performance.links import Work
from trustwide.commons.measures.performance.scope import is_known
from trustwide.commons.measures.performance.words import sentence
from trustwide.commons.measures.signals.links import Link
from trustwide.commons.nhsuk.formats import day
from trustwide.services.improvement.models import Project

if TYPE_CHECKING:
    from trustwide.commons.accounts.models import User
    from trustwide.commons.measures.performance.scope import Viewer
    from trustwide.commons.organisations.models import Site

BASELINE_PERIODS = 24  # the newest before the pattern began: two years of months, so that both seasons count


@dataclass(frozen=True)
class Baseline:
    """The mean before a pattern began, and the first and last period it is of; all None where nothing came before."""

    mean: float | None
    first: datetime.date | None
    last: datetime.date | None


def baseline_of(signal: Signal) -> Baseline:
    """What the measure was before the signal's pattern began: the mean of up to 24 periods."""
    series = Observation.objects.series(signal.measure, signal.site, signal.breakdown)
    before = list(series.filter(period__lt=signal.since).values_list("period", "value"))[-BASELINE_PERIODS:]
    if not before:
        return Baseline(None, None, None)
    return Baseline(math.fsum(value for _, value in before) / len(before), before[0][0], before[-1][0])


def links_of_signal(signal: Signal, user: User) -> Sequence[Link]:
    """The projects that work or worked on a signal, each with how it stands, and the offer to open one."""
    from trustwide.services.improvement.rules import can_open_project

    there = [
        Link(
            f"Project, {_stood(project, closed=project.closed_at is not None)}: {project}",
            reverse("improvement:project", args=[project.pk]),
        )
        for project in signal.projects.all()
    ]
    if can_open_project(user, signal):
        there.append(Link("Open an improvement project", reverse("improvement:open", args=[signal.pk])))
    return there


def _stood(project: Project, *, closed: bool) -> str:
    return f"closed on {day(project.closed_at)}" if closed else f"open since {day(project.opened_at)}"


def work_on_aims(sites: Sequence[Site], month: datetime.date, viewer: Viewer) -> Sequence[Work]:
    """Projects at these sites that were open in the month, or closed in it, for the performance report."""
    after = (month.replace(day=28) + datetime.timedelta(days=4)).replace(day=1)
    begin, end = (make_aware(datetime.datetime.combine(day, datetime.time())) for day in (month, after))
    running = Project.objects.filter(Q(closed_at=None) | Q(closed_at__gte=begin), site__in=sites, opened_at__lt=end)
    return tuple(
        Work(project.title, tuple(aim.code for aim in project.aims.all()), project.site.short_name,
             _standing(project, end, viewer), reverse("improvement:project", args=[project.pk]),
             None if _closed_before(project, end) else project.signal_id)
        for project in running.select_related("site", "lead").prefetch_related("aims")
    )  # fmt: skip


def _standing(project: Project, end: datetime.datetime, viewer: Viewer) -> str:
    """What was promised, and how it stood when the month ended; for readers nobody knows, only how it stood.

    Goal and outcome are in a person's own words, and may hold names and figures that are not for everybody.
    """
    known, closed = is_known(viewer), _closed_before(project, end)
    stood = _stood(project, closed=closed)
    stood = f"{stood[0].upper()}{stood[1:]}"
    if not known:
        return f"{stood}."
    then = sentence(f"{stood}: {project.outcome}") if closed else f"{stood}, led by {project.lead}."
    return f"{sentence(project.goal)} {then}"


def _closed_before(project: Project, end: datetime.datetime) -> bool:
    return project.closed_at is not None and project.closed_at < end
