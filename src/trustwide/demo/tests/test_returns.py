"""The returns meet the figures they are meant to have, and hold the stories that were planted."""

from __future__ import annotations

import csv
import datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from trustwide.analysis import spc
from trustwide.demo.figures import latest_complete_month
from trustwide.demo.group import GROUP_SITES, PARTNERS, SITES
from trustwide.demo.returns import BANDS, MONTHS, returns

LAST_MONTHS = [datetime.date(2025, 9, 1), datetime.date(2026, 2, 1), datetime.date(2026, 10, 1)]
ACTIVITY = ["waiting_list_tests", "planned_tests", "unscheduled_tests"]
ODS = Path(__file__).parents[4].parent / "shared" / "data" / "ods" / "etr.csv"

# England's rates for 1.2 million people: all tests a year, people waiting, shares over 6 and 13 weeks
GROUP = {
    "MRI": (95_000, 5_500, 0.18, 0.03),
    "CT": (180_000, 3_500, 0.09, 0.01),
    "NOUS": (210_000, 13_000, 0.14, 0.02),
    "DEXA": (12_500, 1_000, 0.10, 0.018),
}


@pytest.fixture(scope="module", params=LAST_MONTHS, ids=str)
def sent(request) -> pl.DataFrame:
    return returns("group", request.param)


def one(frame: pl.DataFrame, site: str, test: str) -> pl.DataFrame:
    found = frame.filter(pl.col("provider_code") == site, pl.col("test") == test).sort("month")
    assert found.height == MONTHS
    return found


def icon(values: np.ndarray, months: pl.Series) -> spc.Chart:
    settings = spc.Settings(improvement_direction="decrease")
    return spc.chart(months.to_numpy().astype("datetime64[D]"), values.astype(float), settings)


def test_every_site_returned_every_test_for_36_months(sent):
    assert sent.height == len(SITES) * 4 * MONTHS
    assert not sent.select("provider_code", "test", "month").is_duplicated().any()
    assert (sent["waiting_list"] == sent.select(pl.sum_horizontal(BANDS)).to_series()).all()
    assert sent.select(pl.min_horizontal(*BANDS, *ACTIVITY)).min().item() >= 0


@pytest.mark.parametrize("test", GROUP)
def test_the_group_has_the_figures_of_1_2_million_people(sent, test):
    tests, waiting, over_six, over_thirteen = GROUP[test]
    mine = sent.filter(pl.col("test") == test, pl.col("provider_code").is_in([site.code for site in GROUP_SITES]))
    # the planted month without activity misses a twelfth of one site's year where it is a recent one
    last_year = mine.filter(pl.col("month") > mine["month"].max() - datetime.timedelta(days=360))
    assert last_year["month"].n_unique() == 12
    done = last_year.select(pl.sum_horizontal(ACTIVITY)).sum().item()
    assert done == pytest.approx(tests, rel=0.01)
    newest = mine.filter(pl.col("month") == mine["month"].max())
    assert newest["waiting_list"].sum() == pytest.approx(waiting, rel=0.01)
    share_six = newest.select(pl.sum_horizontal(BANDS[6:])).sum().item() / waiting
    assert share_six == pytest.approx(over_six, abs=0.006)
    assert newest["band_13"].sum() / waiting == pytest.approx(over_thirteen, abs=0.003)


def test_the_partner_scans_30_000_and_brought_its_wait_from_4_5_weeks_to_under_two(sent):
    mri = one(sent, "DEMO-F", "MRI")
    assert mri.tail(12).select(pl.sum_horizontal(ACTIVITY)).sum().item() == pytest.approx(30_000, rel=0.01)
    weekly = mri["waiting_list_tests"].to_numpy() * 12 / 52.18
    weeks = mri["waiting_list"].to_numpy()
    before, after = slice(0, 18), slice(-10, None)
    assert weeks[before].mean() / weekly[before].mean() == pytest.approx(4.5, abs=0.35)
    assert weeks[after].mean() / weekly[after].mean() < 2.0
    judged = icon(weeks, mri["month"])
    assert judged.variation_icon == "improvement_low"


def test_the_south_list_steps_up_ten_months_ago_with_fewer_tests_and_more_additions(sent):
    mri = one(sent, "DEMO-S", "MRI")
    waiting = mri["waiting_list"].to_numpy()
    judged = icon(waiting, mri["month"])
    assert judged.variation_icon == "concern_high"
    change = spc.since(judged)
    step = mri["month"][MONTHS - 10]
    assert abs((change.start - step).days) <= 31
    tests = mri["waiting_list_tests"].to_numpy()
    additions = tests[1:] + np.diff(waiting)
    quarter, year_before = slice(MONTHS - 10, MONTHS - 7), slice(MONTHS - 22, MONTHS - 10)
    a_month = lambda counts, when: counts[when].mean()  # noqa: E731
    assert a_month(tests, quarter) < 0.99 * a_month(tests, year_before)
    assert a_month(additions, slice(quarter.start - 1, quarter.stop - 1)) > 1.03 * a_month(additions, year_before)


def test_planted_faults_are_there_once(sent):
    figures = [*BANDS, *ACTIVITY]
    repeats, without_activity, halved = [], [], []
    for (site, test), frame in sent.group_by("provider_code", "test"):
        rows = frame.sort("month").select(figures).to_numpy()
        waiting = rows[:, :14].sum(axis=1)
        repeats += [(site, test)] * int((np.diff(rows, axis=0) == 0).all(axis=1).sum())
        without_activity += [(site, test)] * int((rows[:, 14:].sum(axis=1) == 0).sum())
        back = (waiting[1:-1] <= waiting[:-2] / 2) & (waiting[2:] >= 0.75 * waiting[:-2])
        halved += [(site, test)] * int(back.sum())
    assert repeats == [("DEMO-M", "NOUS")]
    assert without_activity == [("DEMO-S", "CT")]
    assert halved == [("DEMO-F", "NOUS")]


def test_one_ct_list_has_no_special_cause(sent):
    ct = one(sent, "DEMO-M", "CT")
    judged = icon(ct["waiting_list"].to_numpy(), ct["month"])
    assert judged.variation_icon == "common_cause"
    flags = (judged.outside_limits, judged.flag_shift, judged.flag_trend, judged.flag_two_in_three)
    assert not any(flag.any() for flag in flags)


def test_the_same_month_gives_the_same_returns():
    month = LAST_MONTHS[0]
    assert returns("group", month).equals(returns("group", month))
    small = returns("small", month)
    assert small.equals(returns("group", month).join(small, on=["provider_code", "test", "month"], how="semi"))


def test_the_last_complete_month():
    assert latest_complete_month(datetime.date(2026, 11, 21)) == datetime.date(2026, 10, 1)
    assert latest_complete_month(datetime.date(2026, 1, 1)) == datetime.date(2025, 12, 1)


def test_no_code_can_be_an_ods_code():
    # ODS codes hold letters and digits only
    assert all("-" in code for code in (*(site.code for site in SITES), *(partner.code for partner in PARTNERS)))


def test_no_name_is_one_of_a_real_trust():
    if not ODS.is_file():
        pytest.skip("the list of NHS organisations is not beside the repository (../shared/data/ods/etr.csv)")
    with ODS.open(encoding="utf-8") as file:
        real = " ".join(row[1] for row in csv.reader(file)).lower()
    invented = {site.short_name.lower() for site in SITES} | {partner.name.lower() for partner in PARTNERS}
    assert not [name for name in invented if name in real]
