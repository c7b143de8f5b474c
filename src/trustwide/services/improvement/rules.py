"""Who may open and close projects, and when."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from trustwide.commons.accounts.models import User
from trustwide.commons.accounts.rules import can, check_can
from trustwide.commons.measures.models import Signal
from trustwide.commons.organisations.exceptions import NotAllowedError
from trustwide.commons.organisations.models import Site
from trustwide.services.improvement.exceptions import ProjectError
from trustwide.services.improvement.models import Project


def check_can_open_project(user: User | AnonymousUser, signal: Signal) -> None:
    """One open project a signal, by somebody who may act on it there.

    Raises NotAllowedError or ProjectError.
    """
    check_can(user, "act_on_signals", signal.site)
    if signal.closed is not None:
        raise ProjectError("This signal is closed; a project begins from one that still runs.")
    if running := Project.objects.open().filter(signal=signal).first():
        raise ProjectError(f'The project "{running}" works on this signal already.')


def can_open_project(user: User | AnonymousUser, signal: Signal) -> bool:
    """Whether this person may open a project from the signal."""
    try:
        check_can_open_project(user, signal)
    except (NotAllowedError, ProjectError):
        return False
    return True


def check_can_lead(lead: User, site: Site) -> None:
    """Whoever leads must be able to act on the signals of the site. Raises ProjectError."""
    if not can(lead, "act_on_signals", site):
        raise ProjectError(f"{lead} may not act on signals at {site}; choose somebody with a role there.")


def can_lead(lead: User, site: Site) -> bool:
    """Whether this person may lead a project at the site."""
    return can(lead, "act_on_signals", site)


def check_can_close_project(user: User | AnonymousUser, project: Project) -> None:
    """Once, by somebody who may act on signals there. Raises NotAllowedError or ProjectError."""
    check_can(user, "act_on_signals", project.site)
    if project.closed_at is not None:
        raise ProjectError(f'"{project}" is closed already.')


def can_close_project(user: User | AnonymousUser, project: Project) -> bool:
    """Whether this person may close the project now."""
    try:
        check_can_close_project(user, project)
    except (NotAllowedError, ProjectError):
        return False
    return True
