"""A small department, for the tests of the floor pages."""

from __future__ import annotations

from trustwide.commons.audit.actions import Actor
from trustwide.commons.organisations.models import Site
from trustwide.services.imaging.flow.actions import add_layout
from trustwide.services.imaging.flow.models import DepartmentLayout
from trustwide.services.imaging.tests.stage import STAGE

TEXT = """
department: Small department
hours: {opens: "08:00", closes: "12:00"}
resources:
  - {id: bay, count: BAYS, plan: {x: 0, y: 0, width: 4, height: 3}}
  - {id: MRI, kind: scanner, plan: {x: 6, y: 0, width: 4, height: 3}}
steps:
  - {id: Cannulation, duration: {exponential: {mean: 9}}, holds: {bay: 1}, keeps: [bay]}
  - {id: Scan, duration: {fixed: 10}, holds: {MRI: 1}}
patients:
  - id: outpatient
    arrivals: {slots: [{opens: "08:00", closes: "11:00", every: 10}]}
    pathway: [{step: Cannulation}, {step: Scan}]
"""


def text(bays: int = 1, name: str = "Small department") -> str:
    """The file of a department with so many bays."""
    return TEXT.replace("BAYS", str(bays)).replace("Small department", name)


def a_layout(site: Site, bays: int = 1, name: str = "Small department", by: Actor = STAGE) -> DepartmentLayout:
    """The layout of that name at a site, made if there is none."""
    found: DepartmentLayout | None = DepartmentLayout.objects.filter(site=site, name=name).first()
    return found or add_layout(site, text(bays, name), by=by)
