"""Writes to layouts: adding and putting away; each is audited."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from trustwide.commons.accounts.models import User
from trustwide.commons.accounts.rules import check_can
from trustwide.commons.audit.actions import Actor, record
from trustwide.commons.organisations.models import Site
from trustwide.services.imaging.flow.figures import answer_of
from trustwide.services.imaging.flow.models import DepartmentLayout
from trustwide.services.imaging.flow.rules import check_can_change_layout, check_can_run
from trustwide.services.imaging.runs import check_is_of_a_group

if TYPE_CHECKING:
    from trustwide.analysis.capacity import Department

REPLICATIONS = 100
SEED = 1  # one for all layouts, so that any two of them have the same patients
FILE = "department.yaml"


def department_of(text: str) -> Department:
    """The department that a file describes. Raises ServiceError, one sentence a problem, each with its path."""
    from trustwide.analysis.capacity import load_department

    with (
        tempfile.TemporaryDirectory() as folder
    ):  # the reader of files refuses what is too long or unfolds into a flood
        path = Path(folder) / FILE
        path.write_text(text, encoding="utf-8")
        return load_department(path)


def add_layout(site: Site, text: str, *, by: Actor) -> DepartmentLayout:
    """Keep a layout with what a hundred days of it say. Raises ServiceError, one sentence a problem."""
    from trustwide.analysis.capacity import ServiceError, simulate_department

    if isinstance(by, User):
        check_can(by, "make_plans", site)
    check_is_of_a_group(site)
    department = department_of(text)
    if "\0" in department.name:
        raise ServiceError(FILE, ["department: holds a character of code 0, which no database keeps; take it out"])
    check_can_run(department)
    result = simulate_department(department, REPLICATIONS, SEED)
    layout = DepartmentLayout(
        site=site,
        name=department.name,
        text=text,
        answer=json.dumps(answer_of(result)),
        bottleneck=result.bottleneck,
        seed=SEED,
        replications=REPLICATIONS,
        created_by=by if isinstance(by, User) else None,
    )
    with transaction.atomic():
        layout.save()
        record("added a layout", by=by, target=layout, site_code=site.code, details={"digest": result.digest})
    return layout


@transaction.atomic
def archive_layout(layout: DepartmentLayout, *, by: User) -> None:
    """Put a layout away; it stays in the record."""
    check_can_change_layout(by, layout)
    layout.archived_at = timezone.now()
    layout.save(update_fields=["archived_at"])
    record("put a layout away", by=by, target=layout, site_code=layout.site.code)
