"""What is known of a project: its baseline, and where its measure stands now."""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse

from trustwide.commons.measures.models import Observation, Signal
from trustwide.commons.measures.signals.links import Link

if TYPE_CHECKING:
    from trustwide.commons.accounts.models import User

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
    """The projects that work on a signal, and the offer to open one."""
    from trustwide.services.improvement.rules import can_open_project

    there = [
        Link(f"Project: {project}", reverse("improvement:project", args=[project.pk]))
        for project in signal.projects.all()
    ]
    if can_open_project(user, signal):
        there.append(Link("Open an improvement project", reverse("improvement:open", args=[signal.pk])))
    return there
