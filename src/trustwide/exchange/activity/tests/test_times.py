"""Times read by columns equal times read one by one with the standard library."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from trustwide.exchange.activity.times import instant, london_day, to_utc, wall_clock

LONDON = ZoneInfo("Europe/London")
WAYS = (
    "%d/%m/%Y %H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%d-%b-%Y %H:%M:%S", "%d %B %Y %H:%M:%S",
    "%d.%m.%Y %H:%M:%S", "%Y%m%d%H%M%S", "excel",
)  # fmt: skip
moments = st.datetimes(dt.datetime(2000, 1, 2), dt.datetime(2099, 12, 30)).map(lambda m: m.replace(microsecond=0))


def reference(moment):
    """UTC by the standard library; None for an hour that never was."""
    local = moment.replace(tzinfo=LONDON, fold=0)
    instant = local.astimezone(dt.UTC)
    return instant if instant.astimezone(LONDON).replace(tzinfo=None) == moment else None


def written(moment, way):
    if way == "excel":
        return repr((moment - dt.datetime(1899, 12, 30)) / dt.timedelta(days=1))
    return moment.strftime(way)


def read(texts):
    frame = pl.DataFrame({"text": texts}, schema={"text": pl.String})
    return frame.select(to_utc(wall_clock(pl.col("text")))).to_series().to_list()


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(moments, st.sampled_from(WAYS)), min_size=1, max_size=30))
def test_times_equal_the_standard_librarys(pairs):
    assert read([written(moment, way) for moment, way in pairs]) == [reference(moment) for moment, _ in pairs]


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 24 * 60 - 1), st.sampled_from([(2025, 3, 30), (2025, 10, 26), (2026, 3, 29), (2026, 10, 25)]))
def test_days_on_which_the_clocks_change(minute, day):
    moment = dt.datetime(*day) + dt.timedelta(minutes=minute)
    assert read([moment.strftime("%d/%m/%Y %H:%M")]) == [reference(moment)]


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=20))
def test_any_text_is_a_time_or_nothing(text):
    (found,) = read([text])
    assert found is None or 1 <= found.year <= 9999


def test_no_year_of_two_digits_and_no_day_that_is_not():
    assert read(["03/02/26", "31/04/2026", "2026-13-01", "03/02/2026 25:00", "3-2-26", "1234", "99999"]) == [None] * 7


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(moments, st.integers(-14 * 60, 14 * 60)), min_size=1, max_size=30))
def test_times_that_say_their_distance_from_utc_are_that_instant(pairs):
    written_ = [moment.replace(tzinfo=dt.timezone(dt.timedelta(minutes=ahead))) for moment, ahead in pairs]
    frame = pl.DataFrame({"text": [moment.isoformat() for moment in written_]})
    assert frame.select(instant(pl.col("text"))).to_series().to_list() == written_


def test_instants_and_their_days():
    texts = ["2026-07-01T23:30:00Z", "2026-07-01T23:30:00+01:00", "01/07/2026 23:30", "2026-10-25T01:30:00Z"]
    frame = pl.DataFrame({"text": [*texts, "2026-07-01T23:30:00+99:00", None]})
    hours = [each and each.strftime("%d %H:%M") for each in frame.select(instant(pl.col("text"))).to_series()]
    assert hours == ["01 23:30", "01 22:30", "01 22:30", "25 01:30", None, None]
    days = frame.select(london_day(pl.col("text"))).to_series().to_list()
    assert [day and day.day for day in days] == [2, 1, 1, 25, None, None]
