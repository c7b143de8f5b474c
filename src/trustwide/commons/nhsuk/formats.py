"""How numbers, dates and months read on a page, in the NHS style."""

from __future__ import annotations

import datetime as dt

MISSING = "–"


def thousands(value: float | None, places: int = 0) -> str:
    """7,535"""
    return MISSING if value is None else f"{value:,.{places}f}"


def percent(share: float | None, places: int = 1) -> str:
    """A share of one, as 12.3%"""
    return MISSING if share is None else f"{share * 100:.{places}f}%"


def pounds(value: float | None) -> str:
    """£4,200"""
    if value is None:
        return MISSING
    return f"{'−' if value < 0 else ''}£{abs(value):,.0f}"


def day(value: dt.date | None) -> str:
    """3 March 2026"""
    if value is None:
        return MISSING
    if isinstance(value, dt.datetime):
        value = _local(value)
    return f"{value.day} {value:%B %Y}"


def month(value: dt.date | None) -> str:
    """January 2025"""
    return MISSING if value is None else f"{value:%B %Y}"


def clock(value: dt.datetime | None) -> str:
    """3 March 2026, 2:05pm"""
    if value is None:
        return MISSING
    local = _local(value)
    half = "am" if local.hour < 12 else "pm"
    return f"{day(local)}, {local.hour % 12 or 12}:{local:%M}{half}"


def weeks(value: float | None) -> str:
    """A wait in weeks, in words: 2 weeks 3 days"""
    if value is None:
        return MISSING
    whole, days = divmod(round(value * 7), 7)
    parts = [_count(whole, "week")] if whole else []
    if days or not parts:
        parts.append(_count(days, "day"))
    return " ".join(parts)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _local(value: dt.datetime) -> dt.datetime:
    from django.utils import timezone

    return timezone.localtime(value) if timezone.is_aware(value) else value
