"""Who may do what with a described service and its runs, and in which state; each rule once, with two doors."""

from __future__ import annotations

from trustwide.commons.accounts.models import User
from trustwide.commons.accounts.rules import NotAllowedError, can
from trustwide.commons.audit.actions import Actor, SystemActor
from trustwide.services.imaging.capacity.models import CapacityService, ServiceRun, ServiceVersion
from trustwide.services.imaging.runs import RunStateError


def can_change_service(actor: Actor, service: CapacityService) -> bool:
    """Whoever makes plans at the site that keeps it; a named job may anywhere."""
    if isinstance(actor, SystemActor):
        return True
    return isinstance(actor, User) and can(actor, "make_plans", service.site)


def check_can_change_service(actor: Actor, service: CapacityService) -> None:
    """Raise NotAllowedError, with a sentence for the person, unless `can_change_service`."""
    if not can_change_service(actor, service):
        raise NotAllowedError(
            f"{service} is kept by {service.site}, and you may not make plans there. "
            "Download its file and describe a service of your own from it."
        )


def check_can_see_requests(user: User, service: CapacityService) -> None:
    """Rows of the waiting list are about people, though nameless: only for those who may change the service.

    Raise NotAllowedError, with a sentence for the person, unless they may.
    """
    if not can_change_service(user, service):
        raise NotAllowedError(f"The rows of a waiting list are for those who make plans at {service.site}.")


def can_change_run(user: User, run: ServiceRun) -> bool:
    """Whoever asked for it and still makes plans there, or who manages the site."""
    mine = run.created_by_id == user.pk and can(user, "make_plans", run.site)
    return mine or can(user, "manage_sites", run.site)


def check_can_change_run(user: User, run: ServiceRun) -> None:
    """Raise NotAllowedError, with a sentence for the person, unless `can_change_run`."""
    if not can_change_run(user, run):
        raise NotAllowedError(f"Only {run.created_by} may change this run. Ask for a run of your own instead.")


def can_use_answer(run: ServiceRun) -> bool:
    """Whether there is an answer to save, share or repeat."""
    return run.status == ServiceRun.Status.DONE


def check_can_use_answer(run: ServiceRun) -> None:
    """Raise RunStateError, with a sentence for the person, unless `can_use_answer`."""
    if not can_use_answer(run):
        raise RunStateError("This run has no answer yet. Wait until it has finished, or start it again.")


def can_share_run(run: ServiceRun) -> bool:
    """A run is shared once it has a name and an answer."""
    return run.is_saved and can_use_answer(run)


def check_can_share_run(run: ServiceRun) -> None:
    """Raise RunStateError, with a sentence for the person, unless `can_share_run`."""
    check_can_use_answer(run)
    if not can_share_run(run):
        raise RunStateError("Save the run under a name first; then it can be shared.")


def is_newest(version: ServiceVersion) -> bool:
    """Whether nobody has changed the service since this version."""
    return version.service.newest_id == version.pk


def check_is_newest(version: ServiceVersion) -> None:
    """Raise RunStateError, with a sentence for the person, unless `is_newest`."""
    if not is_newest(version):
        raise RunStateError(
            f"Somebody has saved a newer version since you opened this page, which shows version {version.number}. "
            "Open the service again and make your change there."
        )
