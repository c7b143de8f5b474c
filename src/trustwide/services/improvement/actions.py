"""Opens and closes projects."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from trustwide.commons.accounts.models import User
from trustwide.commons.audit.actions import record
from trustwide.commons.measures.models import Signal, StrategicAim
from trustwide.services.improvement.exceptions import ProjectError
from trustwide.services.improvement.figures import baseline_of
from trustwide.services.improvement.models import Project
from trustwide.services.improvement.rules import check_can_close_project, check_can_lead, check_can_open_project


@transaction.atomic
def open_project(
    signal: Signal, *, title: str, goal: str, aims: Sequence[StrategicAim], lead: User, by: User
) -> Project:
    """Open a project on what a signal shows, with its measure, place, problem and baseline filled in."""
    signal = Signal.objects.select_for_update().get(pk=signal.pk)  # so that two clicks open one project
    check_can_open_project(by, signal)
    check_can_lead(lead, signal.site)
    if not aims:
        raise ProjectError("Choose at least one strategic aim: every project serves one.")
    baseline = baseline_of(signal)
    project = Project(
        title=title, goal=goal, site=signal.site, measure=signal.measure, breakdown=signal.breakdown, signal=signal,
        problem=signal.sentence, lead=lead, opened_at=timezone.now(), opened_by=by.audit_name[:200],
        baseline=baseline.mean, baseline_from=baseline.first, baseline_to=baseline.last,
    )  # fmt: skip
    project.full_clean()
    project.save()
    project.aims.set(aims)
    details = {"measure": signal.measure, "breakdown": signal.breakdown, "lead": lead.audit_id, "signal": signal.pk}
    record("opened an improvement project", by=by, target=project, site_code=signal.site.code, details=details)
    return project


@transaction.atomic
def close_project(project: Project, *, outcome: str, by: User) -> None:
    """Close a project with what came of it; its chart stays live."""
    project = Project.objects.select_for_update().get(pk=project.pk)  # so that the first outcome stays
    check_can_close_project(by, project)
    project.closed_at, project.outcome = timezone.now(), outcome
    project.full_clean()
    project.save(update_fields=["closed_at", "outcome"])
    record("closed an improvement project", by=by, target=project, site_code=project.site.code, reason=outcome)
