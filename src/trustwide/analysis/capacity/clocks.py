"""When a waiting-time clock starts again: dated rule sets, as data. A new set of guidance is a new row.

Two clocks run for every booked patient: the experienced one, from the request to the scan, which nothing resets, and
the one of the national monthly return (DM01), by the rules below. Under both, a broken scanner, a late one, or whatever
else on the hospital's side displaces an appointment, leaves the clock running.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True)
class ClockRules:
    """In force from a date. `missed`, `cancelled`: such an appointment restarts the clock from its own date.

    The first is one the patient did not attend, the second one the patient cancelled. `refusals`: after so many
    reasonable offers were declined the clock may start again from the first date offered.
    """

    in_force: dt.date
    missed: bool
    cancelled: bool
    refusals: int
    source: str


DM01_RULES = (
    ClockRules(
        in_force=dt.date(2006, 1, 1),
        missed=True,
        cancelled=True,
        refusals=2,
        source="NHS England, guidance on the monthly diagnostics return (DM01); its wording is yet to be confirmed",
    ),
)


def dm01_rules_on(day: dt.date) -> ClockRules:
    """The rules in force on a day; the oldest ones before any."""
    in_force = [rules for rules in DM01_RULES if rules.in_force <= day]
    return in_force[-1] if in_force else DM01_RULES[0]
