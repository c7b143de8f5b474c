"""Who may change a layout, and how large one may be; each rule once, with two doors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustwide.commons.accounts.models import User
from trustwide.commons.accounts.rules import NotAllowedError, can
from trustwide.services.imaging.flow.models import DepartmentLayout

if TYPE_CHECKING:
    from trustwide.analysis.capacity import Department

MOST_PATIENTS = 2_000  # expected in one run, so that a hundred take some seconds


def can_change_layout(user: User, layout: DepartmentLayout) -> bool:
    """Whoever makes plans at its site."""
    return can(user, "make_plans", layout.site)


def check_can_change_layout(user: User, layout: DepartmentLayout) -> None:
    """Raise NotAllowedError, with a sentence for the person, unless `can_change_layout`."""
    if not can_change_layout(user, layout):
        raise NotAllowedError(f"{layout} belongs to {layout.site}, and you may not make plans there.")


def check_can_run(department: Department) -> None:
    """Raise ServiceError, with a sentence, for a department that would keep the page waiting."""
    from trustwide.analysis.capacity import ServiceError
    from trustwide.analysis.capacity.flow.tables import expected_patients, plan_of

    expected = expected_patients(plan_of(department))
    if expected > MOST_PATIENTS:
        raise ServiceError(
            department.name,
            [
                f"patients: some {expected:,.0f} would come in a run, and a page runs at most {MOST_PATIENTS:,}; "
                "describe fewer days, or use trustwide flow"
            ],
        )
