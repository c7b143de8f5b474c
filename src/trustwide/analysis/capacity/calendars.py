"""When each scanner is open: sessions, closed days and planned maintenance laid out over the days of a run."""

from __future__ import annotations

import datetime as dt
import itertools

from trustwide.analysis.capacity.model import Service
from trustwide.analysis.capacity.service_fields import Scanner
from trustwide.analysis.capacity.service_words import days_of, minute_of

Window = tuple[int, int]  # opens, closes: minutes from the start of the run

_DAY = 1440
_YEAR = 365


def closed_days(service: Service, days: int) -> frozenset[int]:
    """Days of the run, counted from 0, on which the whole service is closed."""
    start = service.fields.start
    if service.fields.closed_on == "england_bank_holidays":
        import holidays  # only here: it takes a while to load and most services do not name it

        years = range(start.year, (start + dt.timedelta(days=days)).year + 1)
        dates = list(holidays.country_holidays("GB", subdiv="ENG", years=years))
    else:
        dates = [date for date in service.fields.closed_on if isinstance(date, dt.date)]
    return frozenset((date - start).days for date in dates)


def device_windows(service: Service, days: int, *, merge: bool) -> list[list[Window]]:
    """The sessions of every device over `days`, in time order; with `merge`, sessions that touch become one.

    Devices are the scanners of the file one by one, `count` of each, in the file's order.
    """
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
            windows = [window for day, parts in open_days.items() if day not in away for window in parts]
            laid_out.append(_merged(windows) if merge else windows)
    return laid_out


def _open_days(service: Service, scanner: Scanner, days: int, closed: frozenset[int]) -> dict[int, list[Window]]:
    monday = service.fields.start.weekday()
    opened: dict[int, list[Window]] = {}
    for day in range(scanner.from_week * 7, days):
        if day not in closed and (parts := _parts(scanner, (monday + day) % 7, (monday + day) // 7)):
            opened[day] = [(day * _DAY + opens, day * _DAY + closes) for opens, closes in parts]
    return opened


def _parts(scanner: Scanner, weekday: int, week: int) -> list[Window]:
    if isinstance(scanner.sessions, str):
        return [(0, _DAY)]
    return sorted(
        (minute_of(session.opens), minute_of(session.closes))
        for session in scanner.sessions
        if weekday in days_of(session) and week % session.every_weeks == 0
    )


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


def _merged(windows: list[Window]) -> list[Window]:
    joined: list[Window] = []
    for opens, closes in windows:
        if joined and joined[-1][1] == opens:
            joined[-1] = (joined[-1][0], closes)
        else:
            joined.append((opens, closes))
    return joined
