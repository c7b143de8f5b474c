"""Numbers, dates and waits as the NHS style writes them."""

import datetime as dt

import pytest

from trustwide.commons.nhsuk import formats

ONE_PM_UTC_IN_SUMMER = dt.datetime(2026, 7, 3, 13, 5, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (formats.thousands(7535), "7,535"),
        (formats.thousands(1234.5, 1), "1,234.5"),
        (formats.thousands(None), "–"),
        (formats.percent(0.1234), "12.3%"),
        (formats.percent(1, 0), "100%"),
        (formats.percent(None), "–"),
        (formats.pounds(4200), "£4,200"),
        (formats.pounds(-4200.4), "−£4,200"),
        (formats.pounds(None), "–"),
        (formats.day(dt.date(2026, 3, 3)), "3 March 2026"),
        (formats.day(dt.datetime(2026, 7, 3, 23, 30, tzinfo=dt.UTC)), "4 July 2026"),
        (formats.day(None), "–"),
        (formats.month(dt.date(2025, 1, 1)), "January 2025"),
        (formats.month(None), "–"),
        (formats.clock(ONE_PM_UTC_IN_SUMMER), "3 July 2026, 2:05pm"),
        (formats.clock(dt.datetime(2026, 1, 3, 0, 0, tzinfo=dt.UTC)), "3 January 2026, 12:00am"),
        (formats.clock(None), "–"),
        (formats.weeks(2.43), "2 weeks 3 days"),
        (formats.weeks(1), "1 week"),
        (formats.weeks(0.14), "1 day"),
        (formats.weeks(0), "0 days"),
        (formats.weeks(None), "–"),
    ],
)
def test_reads(written, expected):
    assert written == expected
