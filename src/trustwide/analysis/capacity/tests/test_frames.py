"""Data frames hold the figures of every replication, each under its own name."""

import numpy as np
import pytest

from trustwide.analysis import capacity

from .builders import CASES


@pytest.fixture(scope="module")
def result():
    return capacity.simulate(capacity.load_service(CASES / "booked_group.yaml"), 2, seed=3)


def test_streams(result):
    frame = result.to_frame()
    assert len(frame) == 2 * 4
    assert list(frame.columns[:5]) == ["replication", "stream", "unit", "arrived", "seen"]
    assert set(frame.loc[frame.stream == "inpatient", "unit"]) == {"minutes"}
    assert set(frame.loc[frame.stream != "inpatient", "unit"]) == {"days"}
    means = frame.groupby("stream")["mean_wait"].mean()
    for stream, figures in result.to_dict()["streams"].items():
        assert means[stream] == pytest.approx(figures["mean_wait"]["mean"], rel=1e-12)


def test_weeks_start_from_the_list_and_end_where_the_answer_says(result):
    frame = result.to_frame("weeks")
    booked = frame[frame.stream != "inpatient"]
    by_week = booked.groupby("week")["list"].sum() / 2
    assert by_week[0] == 5_220
    told = [week["list"]["mean"] for week in result.to_dict()["weeks"]]
    assert by_week.tolist() == pytest.approx(told)
    one = frame[(frame.replication == 1) & (frame.stream == "routine")].set_index("week")
    changes = one["arrived"] - one["seen"] - one["lost"]
    assert np.array_equal(one["list"].diff()[1:], changes[1:])


def test_sites_add_up_to_the_streams(result):
    weeks = result.to_frame("weeks").set_index(["replication", "week", "stream"])
    sites = result.to_frame("sites")
    assert set(sites.site) == {"north", "mid", "south"}
    assert set(sites.week) == set(range(1, 105))
    added = sites.groupby(["replication", "week", "stream"])[["waiting", "seen"]].sum()
    assert np.array_equal(weeks.loc[added.index, "list"], added["waiting"])
    assert np.array_equal(weeks.loc[added.index, "seen"], added["seen"])


def test_scanners(result):
    frame = result.to_frame("scanners")
    assert len(frame) == 2 * 4
    used = frame.groupby("scanner")["utilisation"].mean()
    for scanner, figures in result.to_dict()["scanners"].items():
        assert used[scanner] == pytest.approx(figures["utilisation"]["mean"], rel=1e-12)


def test_another_word_is_refused(result):
    with pytest.raises(ValueError, match="must be streams, scanners, weeks, sites, got 'beds'"):
        result.to_frame("beds")
