"""`imaging_year.yaml` with features switched off, one at a time, until a formula applies."""

import copy

import numpy as np
import pytest

from trustwide.analysis import capacity
from trustwide.analysis.capacity.service import read_mapping

from . import queueing
from .agreement import assert_near
from .builders import CASES

MEAN, SD = 25, 8
PER_MINUTE = {"urgent": 3_000 / 364 / 1440, "soon": 9_000 / 364 / 1440, "routine": 18_000 / 364 / 1440}
OFFERED = sum(PER_MINUTE.values()) * MEAN
SCANNERS = 4
_ARRIVED, _SEEN, _MEAN_WAIT, _WAITED, _LOST = 0, 1, 2, 5, 10


def no_breakdowns(mapping):
    for scanner in mapping["scanners"]:
        del scanner["breakdowns"]


def everybody_attends(mapping):
    for stream in mapping["demand"]:
        del stream["did_not_attend"]


def always_open(mapping):
    for scanner in mapping["scanners"]:
        scanner["sessions"] = "always"


def exponential(mapping):
    for stream in mapping["demand"]:
        stream["duration"] = {"exponential": {"mean": MEAN}}


def one_priority(mapping):
    mapping["queue"] = {"order": ["arrival"]}


def nobody_waits(mapping):
    for stream in mapping["demand"]:
        stream["patience_hours"] = 0


def only_the_static(mapping):
    del mapping["scanners"][1]
    mapping["scanners"][0]["count"] = 1


def no_routine(mapping):
    del mapping["demand"][2]


def lost_if_they_do_not_attend(mapping):
    for stream in mapping["demand"]:
        stream["did_not_attend"]["rebook"] = {"times": 0}


def imaging_year(*changes, weeks=52):
    """The service of the file after these changes, counted from the second week on."""
    mapping = copy.deepcopy(read_mapping(CASES / "imaging_year.yaml"))
    for change in changes:
        change(mapping)
    return mapping | {"stop": {"weeks": weeks}, "warm_up": {"weeks": 1}}


def simulated(mapping, replications=40, seed=1):
    return capacity.simulate(capacity.load_service(mapping), replications=replications, seed=seed)


def all_streams(result, column):
    """A figure of those seen, over all streams, in each replication."""
    seen = result.streams[:, :, _SEEN]
    return (seen * result.streams[:, :, column]).sum(axis=1) / seen.sum(axis=1)


def test_all_off_is_one_first_come_queue():
    """No breakdowns, nobody misses, always open, exponential, one priority: M/M/4, wait and probability of waiting."""
    result = simulated(imaging_year(no_breakdowns, everybody_attends, always_open, exponential, one_priority))
    load = OFFERED / SCANNERS
    assert_near(all_streams(result, _MEAN_WAIT), MEAN * queueing.mean_wait(SCANNERS, load))
    assert_near(all_streams(result, _WAITED), queueing.erlang_c(SCANNERS, load))
    for stream in range(3):  # alike to all who come
        assert_near(result.streams[:, stream, _MEAN_WAIT], MEAN * queueing.mean_wait(SCANNERS, load))


def test_priorities_on():
    result = simulated(imaging_year(no_breakdowns, everybody_attends, always_open, exponential))
    waits = queueing.cobham_many_servers([rate * MEAN for rate in PER_MINUTE.values()], SCANNERS)
    for stream, wait in enumerate(waits):
        assert_near(result.streams[:, stream, _MEAN_WAIT], MEAN * wait)
    assert_near(all_streams(result, _WAITED), queueing.erlang_c(SCANNERS, OFFERED / SCANNERS))


def test_lognormal_durations_on_at_one_scanner():
    """Cobham needs one server where durations are not exponential: routine patients go elsewhere."""
    changes = (no_breakdowns, everybody_attends, always_open, only_the_static, no_routine)
    result = simulated(imaging_year(*changes))
    rates = [PER_MINUTE["urgent"] * MEAN, PER_MINUTE["soon"] * MEAN]
    waits = queueing.cobham_one_server(rates, 1 + (SD / MEAN) ** 2)
    for stream, wait in enumerate(waits):
        assert_near(result.streams[:, stream, _MEAN_WAIT], MEAN * wait)


def test_missed_appointments_on_at_one_scanner():
    """8 % are called and are not there, which takes 10 minutes: a mixed law. Who misses does not come back."""
    changes = (no_breakdowns, lost_if_they_do_not_attend, always_open, only_the_static, no_routine)
    result = simulated(imaging_year(*changes))
    mean, second_moment = 0.92 * MEAN + 0.8, 0.92 * (MEAN**2 + SD**2) + 0.08 * 10**2
    rates = [PER_MINUTE["urgent"], PER_MINUTE["soon"]]
    waits = queueing.cobham(rates, sum(rates) * second_moment / 2, lambda rate: rate * mean)
    for stream, wait in enumerate(waits):
        assert_near(result.streams[:, stream, _MEAN_WAIT], wait)
        assert_near(result.streams[:, stream, _LOST] / result.streams[:, stream, _ARRIVED], 0.08)


def test_lognormal_durations_on_where_nobody_waits():
    """Erlang B, whatever the law of durations and whoever comes first."""
    result = simulated(imaging_year(no_breakdowns, everybody_attends, always_open, nobody_waits))
    lost = result.streams[:, :, _LOST].sum(axis=1) / result.streams[:, :, _ARRIVED].sum(axis=1)
    assert_near(lost, queueing.erlang_b(SCANNERS, OFFERED))


def test_sessions_on_only_delay_those_who_come_out_of_hours():
    """Hardly any load: who comes while it is closed waits until opening, others do not wait."""
    mapping = imaging_year(no_breakdowns, everybody_attends)
    for stream in mapping["demand"]:
        stream["arrivals"]["poisson"]["per_day"] /= 400
        stream["duration"] = {"fixed": 0.001}
    result = simulated(mapping, replications=100)
    # closed from 20:00 to 08:00: half of all come then and wait 6 hours in the mean
    assert_near(all_streams(result, _MEAN_WAIT), 180, bias=0.01)
    assert_near(all_streams(result, _WAITED), 0.5, bias=0.001)


@pytest.mark.parametrize("off", [no_breakdowns, everybody_attends, always_open])
def test_each_feature_alone_lengthens_waits(off):
    """The same patients with and without it, so replications are compared one by one."""
    with_it, without = (all_streams(simulated(imaging_year(*off_s), 15), _MEAN_WAIT) for off_s in ((), (off,)))
    gained = with_it - without
    assert gained.mean() > 4 * gained.std(ddof=1) / np.sqrt(len(gained))
