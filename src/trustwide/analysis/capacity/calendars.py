"""When each scanner is open: sessions, closed days, planned maintenance and staff, laid out over the days of a run."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import defaultdict
from typing import NamedTuple

from trustwide.analysis.capacity.model import Service
from trustwide.analysis.capacity.service_fields import Scanner, Staff
from trustwide.analysis.capacity.service_words import days_of, minute_of, within_weeks

Window = tuple[int, int]  # opens, closes: minutes from the start of the run
Unstaffed = tuple[int, Window]  # a device's session that does not open for want of staff

_DAY = 1440
_WEEK = 7 * _DAY
_SMALL = 1e-6  # hours
_YEAR = 365


def closed_days(service: Service, days: int) -> frozenset[int]:
    """Days of the run, counted from 0, on which the whole service is closed."""
    start = service.fields.start
    if service.fields.closed_on == "england_bank_holidays":
        dates = england_bank_holidays(start.year, (start + dt.timedelta(days=days)).year)
    else:
        dates = [date for date in service.fields.closed_on if isinstance(date, dt.date)]
    return frozenset((date - start).days for date in dates)


def england_bank_holidays(first_year: int, last_year: int) -> list[dt.date]:
    """England's bank holidays as gov.uk lists them: of one on a weekend its substitute day, which has its own name."""
    import holidays  # only here: it takes a while to load and most services do not name it

    every = holidays.country_holidays("GB", subdiv="ENG", years=range(first_year, last_year + 1))
    return [date for date in every if date.weekday() < 5]


class Calendar(NamedTuple):
    """The sessions of every device in time order, and those that there was no staff for.

    Devices are the scanners of the file one by one, `count` of each, in the file's order.
    """

    windows: list[list[Window]]
    unstaffed: list[Unstaffed]


def calendar_of(service: Service, days: int) -> Calendar:
    """What is open over `days` of a run."""
    windows = _planned(service, days)
    if not service.fields.staff:
        return Calendar(windows, [])
    unstaffed = _without_staff(service, windows)
    missing = set(unstaffed)
    return Calendar(
        [[window for window in device if (number, window) not in missing] for number, device in enumerate(windows)],
        unstaffed,
    )


def _planned(service: Service, days: int) -> list[list[Window]]:
    closed = closed_days(service, days)
    planned_a_year = service.fields.maintenance.planned_days_per_year if service.fields.maintenance else 0
    static = sum(scanner.count for scanner in service.fields.scanners if not scanner.mobile)
    static_number = itertools.count()
    laid_out = []
    for scanner in service.fields.scanners:
        open_days = _open_days(service, scanner, days, closed)
        for _ in range(scanner.count):
            away = (
                set() if scanner.mobile else _planned_days(planned_a_year, next(static_number), static, open_days, days)
            )
            laid_out.append([window for day, parts in open_days.items() if day not in away for window in parts])
    return laid_out


def _without_staff(service: Service, windows: list[list[Window]]) -> list[Unstaffed]:
    """Sessions are staffed week by week in the order day, opening, scanner, while every role of their crew lasts.

    One that cannot be staffed in full does not open and leaves its hours to those after it. Entries of `staff` are
    drawn on in the order of the file.
    """
    scanners = [scanner for scanner in service.fields.scanners for _ in range(scanner.count)]
    wanted = sorted(
        (window[0] // _WEEK, window[0] // _DAY, window[0], number, window)
        for number, device in enumerate(windows)
        for window in device
        if scanners[number].crew
    )
    used: dict[tuple[int, int], float] = defaultdict(float)  # hours by week and entry of `staff`
    unstaffed = []
    for week, day, _, number, window in wanted:
        hours = (window[1] - window[0]) / 60
        taken = _taken(service.fields.staff, scanners[number], day, hours, used)
        if taken is None:
            unstaffed.append((number, window))
        for entry, drawn in (taken or {}).items():
            used[week, entry] += drawn
    return unstaffed


def _taken(
    staff: list[Staff], scanner: Scanner, day: int, hours: float, used: dict[tuple[int, int], float]
) -> dict[int, float] | None:
    """Hours a session takes of each entry of `staff`; None if they do not suffice."""
    taken = {}
    for role, people in scanner.crew.items():
        needed = people * hours
        for entry, pool in enumerate(staff):
            here = pool.sites is None or scanner.site in pool.sites
            if pool.role != role or not here or not within_weeks(pool, day):
                continue
            taken[entry] = min(needed, pool.hours_per_week - used[day // 7, entry])
            needed -= taken[entry]
        if needed > _SMALL:
            return None
    return taken


def _open_days(service: Service, scanner: Scanner, days: int, closed: frozenset[int]) -> dict[int, list[Window]]:
    """Sessions by day of the run. Weeks of `every_weeks` begin on Mondays, those of `from_week` at the start."""
    open_days = [day for day in range(days) if day not in closed and within_weeks(scanner, day)]
    if isinstance(scanner.sessions, str):
        return {day: [(day * _DAY, (day + 1) * _DAY)] for day in open_days}
    monday = service.fields.start.weekday()
    opened: dict[int, list[Window]] = {day: [] for day in open_days}
    for opens, closes, session in sorted(
        ((minute_of(session.opens), minute_of(session.closes), session) for session in scanner.sessions),
        key=lambda hours: hours[:2],
    ):
        weekdays, every = days_of(session), session.every_weeks
        first_day, beyond = session.from_week * 7, days if session.until_week is None else session.until_week * 7
        for day in open_days:
            if (monday + day) % 7 in weekdays and (monday + day) // 7 % every == 0 and first_day <= day < beyond:
                opened[day].append((day * _DAY + opens, day * _DAY + closes))
    return {day: windows for day, windows in opened.items() if windows}


def _planned_days(a_year: int, number: int, devices: int, open_days: dict[int, list[Window]], days: int) -> set[int]:
    """Planned maintenance, evenly spread over each year and staggered over the devices; moved on to an open day."""
    planned: set[int] = set()
    if a_year == 0:
        return planned
    for turn in range(days * a_year // _YEAR + 1):
        day = int((turn + (number + 0.5) / devices) * _YEAR / a_year)
        while day < days and (day not in open_days or day in planned):
            day += 1
        if day < days:
            planned.add(day)
    return planned


def merged(windows: list[Window]) -> list[Window]:
    """Sessions that touch become one."""
    joined: list[Window] = []
    for opens, closes in windows:
        if joined and joined[-1][1] == opens:
            joined[-1] = (joined[-1][0], closes)
        else:
            joined.append((opens, closes))
    return joined
