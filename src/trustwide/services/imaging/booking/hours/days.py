"""Days and weeks at the hospital, and the names of bank holidays."""

from __future__ import annotations

import datetime

from trustwide.analysis.capacity.calendars import england_bank_holidays
from trustwide.services.imaging.waiting.clocks import LONDON

DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
A_DAY = datetime.timedelta(days=1)
A_WEEK = datetime.timedelta(weeks=1)
FIRST_YEAR, LAST_YEAR = 2000, 2100


def day_of(moment: datetime.datetime) -> datetime.date:
    """The day of a moment at the hospital."""
    return moment.astimezone(LONDON).date()


def from_to(opens_at: datetime.datetime, closes_at: datetime.datetime) -> str:
    """Two moments as the hospital's clock shows them: 08:00–20:00."""
    return f"{opens_at.astimezone(LONDON):%H:%M}–{closes_at.astimezone(LONDON):%H:%M}"


def monday_of(day: datetime.date) -> datetime.date:
    """The Monday of its week."""
    return day - datetime.timedelta(days=day.weekday())


def day_in_address(text: str, otherwise: datetime.date) -> datetime.date:
    """The day an address names as 2026-03-02; `otherwise` where it names none that a calendar here can show."""
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError:
        return otherwise
    return day if FIRST_YEAR <= day.year < LAST_YEAR else otherwise


def bank_holidays(first: datetime.date, last: datetime.date) -> dict[datetime.date, str]:
    """England's bank holidays of a span with their names."""
    import holidays  # only here: it takes a while to load

    names = holidays.country_holidays("GB", subdiv="ENG", years=range(first.year, last.year + 1))
    days = england_bank_holidays(first.year, last.year)
    return {day: names[day].replace("(observed)", "(substitute day)") for day in sorted(days) if first <= day <= last}
