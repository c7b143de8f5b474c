"""What helped: scans of patients with a need, completed at the first visit or not, by what the visit was made for."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from trustwide.analysis.attendance import Arm, Interval, wilson
from trustwide.commons.patients.needs import NEEDS, Need
from trustwide.services.imaging.booking.models import Appointment
from trustwide.services.imaging.lean.figures import Asked

State = Appointment.State
NOBODY = ""


@dataclass(frozen=True)
class NeedOutcome:
    """Visits of patients with one need (None: with none), and the share not completed with its 95 % interval."""

    need: Need | None
    visits: int
    not_completed: Interval

    @property
    def name(self) -> str:
        """The need, for a table."""
        return self.need.name if self.need else "Nobody asked for anything"


def outcomes_by_need(asked: Asked) -> list[NeedOutcome]:
    """Visits that began, by the needs they were made for; a visit with two needs counts for both."""
    visits: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    for codes, state in _visits(asked):
        for code in codes or [NOBODY]:
            visits[code] += 1
            failed[code] += state == State.ABANDONED
    order = [code for code in (NOBODY, *NEEDS) if visits[code]]
    return [NeedOutcome(NEEDS.get(code), visits[code], wilson(Arm(visits[code], failed[code]))) for code in order]


def _visits(asked: Asked) -> list[tuple[list[str], str]]:
    rows = Appointment.objects.filter(
        session__site__in=asked.sites, session__scanner__modality=asked.modality,
        starts_at__date__range=(asked.since, asked.until), state__in=(State.DONE, State.ABANDONED),
    )  # fmt: skip
    return list(rows.order_by().values_list("adjustments", "state"))
