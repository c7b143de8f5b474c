"""Writes to described services: describing, changing, sharing, putting away; each is audited and keeps what was."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from trustwide.commons.accounts.models import User
from trustwide.commons.accounts.rules import check_can
from trustwide.commons.audit.actions import Actor, record
from trustwide.commons.organisations.models import Site
from trustwide.services.imaging.capacity.description import Described, as_text, checked, counts_of
from trustwide.services.imaging.capacity.figures import facts_of
from trustwide.services.imaging.capacity.models import CapacityService, ServiceVersion, WaitingList
from trustwide.services.imaging.capacity.rules import check_can_change_service, check_is_newest
from trustwide.services.imaging.runs import RunStateError, check_is_of_a_group

if TYPE_CHECKING:
    from trustwide.analysis.capacity import Service

NUL_IN_JSON = "\\u0000"


@dataclass(frozen=True)
class Content:
    """All that a version holds. `rows`: the waiting list as CSV, nameless; empty for none."""

    described: Described
    levers: Sequence[dict[str, Any]] = ()
    notes: dict[str, str] | None = None
    rows: str = ""


def content_of(version: ServiceVersion) -> Content:
    """What a version holds, to change a part of it."""
    rows = version.waiting_list.rows if version.waiting_list is not None else ""
    return Content(version.mapping, version.lever_list, version.notes, rows)


@transaction.atomic
def describe_service(site: Site, content: Content, *, reason: str, by: Actor) -> CapacityService:
    """Keep a new description.

    Raises ServiceError, one sentence a problem, for one that cannot be run, and LeverError for measures that do not
    fit it.
    """
    if isinstance(by, User):
        check_can(by, "make_plans", site)
    check_is_of_a_group(site)
    run = _checked(content)
    service = CapacityService(site=site, name=run.name)
    service.save()
    version = _write(service, content, run, None, reason=reason, by=by)
    record("described a service", by=by, target=service, site_code=site.code, reason=reason, details=_details(version))
    return service


@transaction.atomic
def change_service(version: ServiceVersion, content: Content, *, reason: str, by: Actor) -> ServiceVersion:
    """Keep a changed description as the next version.

    Raises ServiceError, one sentence a problem, for one that cannot be run, LeverError for measures that do not fit
    it, and RunStateError when `version` is not the newest any more or nothing is different.
    """
    service = CapacityService.objects.select_for_update().select_related("site").get(pk=version.service_id)
    check_can_change_service(by, service)
    version.service = service
    check_is_newest(version)
    run = _checked(content)
    if _same(version, content):
        raise RunStateError("Nothing is different from the version before, so nothing was saved.")
    changed = _write(service, content, run, version, reason=reason, by=by)
    _record("changed a service", service, by=by, reason=reason, details=_details(changed))
    return changed


@transaction.atomic
def restore_version(version: ServiceVersion, *, reason: str, by: Actor) -> ServiceVersion:
    """Make a version of before the newest again, as a version of its own."""
    newest = version.service.newest
    if newest is None or newest.pk == version.pk:
        raise RunStateError("This is the newest version already.")
    return change_service(newest, content_of(version), reason=reason, by=by)


@transaction.atomic
def share_service(service: CapacityService, *, shared: bool, by: Actor) -> None:
    """Let the whole partnership read it, or only the site that keeps it."""
    check_can_change_service(by, service)
    service.shared = shared
    service.save(update_fields=["shared"])
    _record("shared a service" if shared else "stopped sharing a service", service, by=by)


@transaction.atomic
def archive_service(service: CapacityService, *, reason: str, by: Actor) -> None:
    """Put it away: it leaves every list, and can still be opened by its address."""
    check_can_change_service(by, service)
    service.archived_at = timezone.now()
    service.save(update_fields=["archived_at"])
    _record("put a service away", service, by=by, reason=reason)


def _checked(content: Content) -> Service:
    from trustwide.analysis import capacity

    service = checked(content.described, content.rows or None)  # first: keys that are no text cannot be written
    if NUL_IN_JSON in as_text(content.described) + json.dumps(list(content.levers)):
        raise capacity.ServiceError("service", ["holds a character of code 0, which no database keeps; take it out"])
    if content.levers:
        for lever in capacity.load_levers(list(content.levers)):
            capacity.with_levers(service, [lever])
    return service


def _write(
    service: CapacityService, content: Content, run: Service, before: ServiceVersion | None, *, reason: str, by: Actor
) -> ServiceVersion:
    person = by if isinstance(by, User) else None
    version = ServiceVersion(
        service=service, number=before.number + 1 if before else 1, description=as_text(content.described),
        levers=json.dumps(list(content.levers)), notes=content.notes or {}, facts=facts_of(run),
        fingerprint=run.fingerprint, reason=reason, created_by=person,
        waiting_list=_list_for(service, content, run, before, person),
    )  # fmt: skip
    version.save()
    service.newest, service.name = version, run.name
    service.save(update_fields=["newest", "name"])
    return version


def _list_for(
    service: CapacityService, content: Content, run: Service, before: ServiceVersion | None, person: User | None
) -> WaitingList | None:
    """The list as it is kept: the one of before where it is the same."""
    if not content.rows:
        return None
    kept = before.waiting_list if before is not None else None
    counts = counts_of(run)
    if kept is not None and kept.rows == content.rows and kept.counts == counts:
        return kept
    made = WaitingList(
        service=service, rows=content.rows, counts=counts, size=len(run.waiting_list), created_by=person
    )  # fmt: skip
    made.save()
    return made


def _same(version: ServiceVersion, content: Content) -> bool:
    kept = replace(content_of(version), described={})
    wanted = replace(content, described={}, levers=list(content.levers), notes=content.notes or {})
    return kept == wanted and version.description == as_text(content.described)


def _details(version: ServiceVersion) -> dict[str, Any]:
    return {"version": version.number, "fingerprint": version.fingerprint, "waiting": version.facts["waiting"]}


def _record(
    action: str, service: CapacityService, *, by: Actor, reason: str = "", details: dict[str, Any] | None = None
) -> None:
    record(action, by=by, target=service, site_code=service.site.code, reason=reason, details=details)
