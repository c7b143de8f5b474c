"""`booked_group.yaml` with features switched off until slots can be counted by hand; then some on, one at a time.

Every site is asked for half as much again as it has slots for, so no slot stays empty: the list grows by the requests
less the slots, to the last patient, in every replication.
"""

import copy
import datetime as dt
import itertools

import numpy as np
import pytest

from trustwide.analysis import capacity
from trustwide.analysis.capacity.service import read_mapping

from .agreement import assert_near
from .builders import CASES

# 12 hours are 24 slots of 30 minutes, 8 hours 16. North: 4 scanners daily. Mid and south: 3 on weekdays and Saturdays.
SLOTS = {"north": 4 * 7 * 24, "mid": 3 * (5 * 24 + 16), "south": 3 * (5 * 24 + 16)}
VAN = 2 * 24  # Monday and Tuesday of every other week, at south
WEEKS, FILLED = 20, 3  # from this week on the first appointments have been given
START = dt.date(2026, 1, 5)
_SITES = ("north", "mid", "south")


def plain_group(weeks=WEEKS):
    """One stream from an empty list, fixed slots, nobody misses or cancels, nothing breaks or closes, no holds."""
    mapping = copy.deepcopy(read_mapping(CASES / "booked_group.yaml"))
    for field in ("waiting_list", "maintenance", "closed_on", "booking", "travel", "target"):
        del mapping[field]
    mapping["scanners"] = [scanner for scanner in mapping["scanners"] if scanner["id"] != "van"]
    for scanner in mapping["scanners"]:
        scanner.pop("breakdowns", None)
    total = sum(SLOTS.values())
    stream = {
        "id": "routine",
        "access": "booked",
        "modality": "MR",
        "notice_days": 7,
        "site_mix": {site: slots / total for site, slots in SLOTS.items()},
        "arrivals": {"poisson": {"per_week": 1.5 * total}},
        "slot": 30,
        "duration": {"fixed": 25},
    }
    return mapping | {"stop": {"weeks": weeks}, "demand": [stream], "allow_overload": True}


def simulated(mapping, replications=3):
    return capacity.simulate(capacity.load_service(mapping), replications=replications, seed=9)


def seen(result, site):
    """Scans of each replication and week of the first stream at a site, once the first appointments have been given."""
    return result.cells[:, FILLED:, 0, _SITES.index(site), 1]


def van():
    return copy.deepcopy(next(one for one in read_mapping(CASES / "booked_group.yaml")["scanners"] if "mobile" in one))


@pytest.fixture(scope="module")
def plain():
    return simulated(plain_group())


@pytest.mark.parametrize("site", _SITES)
def test_every_slot_is_used(plain, site):
    assert (seen(plain, site) == SLOTS[site]).all()


def test_the_list_grows_by_requests_less_slots(plain):
    waiting, arrived = plain.weeks[:, :, 0, 0], plain.weeks[:, :, 0, 1]
    growth = np.diff(waiting, axis=1)[:, FILLED:]
    assert (growth == arrived[:, FILLED + 1 :] - sum(SLOTS.values())).all()
    # and so by half the slots a week in the mean
    assert_near(growth.mean(axis=1), sum(SLOTS.values()) / 2)


def test_a_wait_is_the_list_ahead_over_the_slots(plain):
    """One list in order of request at constant supply: who is scanned in week w asked in week w / 1.5."""
    waited = plain.cells[:, -1, 0, :, 2].sum(axis=1) / plain.cells[:, -1, 0, :, 1].sum(axis=1)
    started = 1 + 7 + 1  # first appointments: asked on day 0, booked on day 1, a week's notice
    middle = WEEKS * 7 - 3.5
    assert np.mean(waited) == pytest.approx(middle - (middle - started) / 1.5, abs=2)


def test_the_scanners_are_busy_for_the_scans_in_their_slots(plain):
    """25 of each 30 minutes; no session overruns."""
    mapping = plain_group() | {"warm_up": {"weeks": FILLED}}
    scanners = simulated(mapping).scanners
    assert scanners[:, :, 0] == pytest.approx(25 / 30)
    assert (scanners[:, :, 3] == 0).all()


def test_van_on():
    mapping = plain_group()
    mapping["scanners"].append(van())
    found = seen(simulated(mapping), "south")
    weeks = np.arange(FILLED, WEEKS)
    # weeks of a service begin at its start, a Monday, with one in which the van comes
    assert (found == SLOTS["south"] + np.where(weeks % 2 == 0, VAN, 0)).all()


def test_bank_holidays_on():
    """Good Friday and Easter Monday 2026, early May: weekdays lost at mid, one of seven days at north."""
    found = simulated(plain_group() | {"closed_on": "england_bank_holidays"})
    closed = {(day - START).days // 7 for day in (dt.date(2026, 4, 3), dt.date(2026, 4, 6), dt.date(2026, 5, 4))}
    weeks = np.arange(FILLED, WEEKS)
    lost = np.isin(weeks, sorted(closed)) * 24
    assert (seen(found, "mid") == SLOTS["mid"] - 3 * lost).all()
    assert (seen(found, "north") == SLOTS["north"] - 4 * lost).all()
    assert len(closed & set(weeks)) == 3


def test_maintenance_on():
    """Six days a year, one every 365 / 6 days, for each of four scanners that are open every day with 24 slots."""
    mapping = plain_group(weeks=52 + FILLED)
    maintained = mapping | {"maintenance": {"planned_days_per_year": 6}}
    lost = seen(simulated(mapping, 1), "north") - seen(simulated(maintained, 1), "north")
    # 364 days hold six of them at each scanner, or five where one falls just before
    assert set(np.unique(lost)) <= {0, 24, 48}
    assert 4 * 5 * 24 <= lost.sum() <= 4 * 6 * 24


def test_a_hold_for_inpatients_on():
    """A tenth of 720 minutes is 72: 21 slots of 30 are left, and of 480 minutes 14."""
    mapping = plain_group() | {"booking": {"hold": {"inpatient": 0.1}, "release_days": 5, "pool_lists": False}}
    inpatient = next(one for one in read_mapping(CASES / "booked_group.yaml")["demand"] if one["id"] == "inpatient")
    mapping["demand"].append(inpatient | {"arrivals": {"poisson": {"per_day": 0}}})
    found = simulated(mapping)
    assert (seen(found, "mid") == 3 * (5 * 21 + 14)).all()
    assert (seen(found, "north") == 4 * 7 * 21).all()


def test_a_longer_slot_on():
    """Slots of 50 minutes: 14 in 12 hours, 9 in 8."""
    mapping = plain_group()
    mapping["demand"][0]["slot"] = 50
    assert (seen(simulated(mapping), "mid") == 3 * (5 * 14 + 9)).all()


def test_missed_appointments_on():
    """Who does not attend takes the slot and goes back to the referrer: seen and lost are the slots, 7.5 % lost."""
    mapping = plain_group()
    mapping["demand"][0]["did_not_attend"] = {"probability": 0.075, "rebook": {"times": 0}}
    result = simulated(mapping, replications=12)
    seen_and_lost = result.weeks[:, FILLED:, 0, 2:].sum(axis=2)
    assert (seen_and_lost == sum(SLOTS.values())).all()
    assert_near(result.weeks[:, FILLED:, 0, 3].mean(axis=1) / sum(SLOTS.values()), 0.075)


def test_missed_appointments_booked_again():
    """Rebooked without end, each patient takes 1 / (1 - .2) slots: four slots in five end in a scan."""
    mapping = plain_group()
    mapping["demand"][0]["did_not_attend"] = {"probability": 0.2, "rebook": {"times": 100}}
    result = simulated(mapping, replications=12)
    assert_near(result.weeks[:, FILLED:, 0, 2].mean(axis=1) / sum(SLOTS.values()), 0.8)
    assert result.weeks[:, :, 0, 3].sum() == 0


def test_below_capacity_the_list_does_not_grow_and_utilisation_is_demand():
    """One scanner, ten requests each weekday, a week's notice from the day after: waits and use to the last minute."""
    weeks = 8
    mapping = plain_group(weeks)
    mapping["sites"] = [site for site in mapping["sites"] if site["id"] == "mid"]
    mapping["scanners"] = [mapping["scanners"][1] | {"count": 1, "sessions": "weekdays"}]
    mapping["scanners"][0]["sessions"] = [{"days": "weekdays", "opens": "08:00", "closes": "20:00"}]
    days = [START + dt.timedelta(days=day) for day in range(weeks * 7)]
    listed = [f"{day} 10:{number:02}" for day, number in itertools.product(days, range(10)) if day.weekday() < 5]
    del mapping["demand"][0]["site_mix"]
    mapping["demand"][0] |= {"site": "mid", "arrivals": {"listed": listed}}
    result = simulated(mapping | {"warm_up": {"weeks": 2}}, replications=2)
    # asked on Monday: bookable on Tuesday, seen on Tuesday of next week, and so on; who asks on Friday, on Monday
    waits = np.array([8, 8, 8, 8, 10])
    assert result.cells[:, 2:, 0, 0, 1] == pytest.approx(50)
    assert (result.weeks[:, 2:, 0, 0] == result.weeks[0, 2, 0, 0]).all()
    assert result.cells[:, 2:, 0, 0, 2] == pytest.approx(10 * waits.sum())
    assert result.scanners[:, 0, 0] == pytest.approx(10 * 25 / 720)
