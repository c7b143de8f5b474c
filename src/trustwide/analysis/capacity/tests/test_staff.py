"""Sessions open while there is staff for them; every answer here is counted by hand."""

import pytest

from trustwide.analysis import capacity
from trustwide.analysis.capacity.calendars import calendar_of
from trustwide.analysis.capacity.exceptions import ServiceError

from .test_from_week import clinic

DAY = 1440


def staffed(staff, *scanners, closed_on=()):
    """Two sites; each of the scanners is open 8:00 to 18:00 on the given weekdays and has a crew."""
    mapping = clinic(
        sites=("here", "there"),
        scanners=[
            {
                "id": f"mr{number}",
                "site": site,
                "modality": "MR",
                "count": count,
                "sessions": [{"days": days, "opens": "08:00", "closes": "18:00"}],
                "crew": crew,
            }
            for number, (site, count, days, crew) in enumerate(scanners)
        ],
    )
    return capacity.load_service(mapping | {"staff": staff, "closed_on": list(closed_on)})


def days_open(service, days=7):
    return [[opens // DAY for opens, _ in device] for device in calendar_of(service, days).windows]


def test_sessions_are_staffed_by_day_then_scanner():
    """50 hours for crews of two are 25 hours open: two sessions on Monday leave 10 hours, so no third on Tuesday."""
    service = staffed(
        [{"role": "radiographer", "hours_per_week": 50}], ("here", 3, ["mon", "tue"], {"radiographer": 2})
    )
    assert days_open(service) == [[0], [0], []]
    assert [(device, opens // DAY) for device, (opens, _) in calendar_of(service, 7).unstaffed] == [
        (2, 0),
        (0, 1),
        (1, 1),
        (2, 1),
    ]


def test_a_session_that_cannot_be_staffed_leaves_its_hours_to_a_smaller_one():
    staff = [{"role": "radiographer", "hours_per_week": 30}, {"role": "nurse", "hours_per_week": 5}]
    service = staffed(
        staff,
        ("here", 1, ["mon"], {"radiographer": 2, "nurse": 1}),  # 10 hours of a nurse are wanted
        ("here", 1, ["mon", "tue", "wed", "thu"], {"radiographer": 1}),
    )
    assert days_open(service) == [[], [0, 1, 2]]


def test_hours_begin_anew_each_week_and_staff_come_and_go():
    staff = [
        {"role": "radiographer", "hours_per_week": 10, "until_week": 2},
        {"role": "radiographer", "hours_per_week": 10, "from_week": 1},
    ]
    service = staffed(staff, ("here", 1, "weekdays", {"radiographer": 1}))
    assert days_open(service, 28) == [[0, 7, 8, 14, 21]]


def test_staff_of_one_site_do_not_work_at_another():
    staff = [
        {"role": "radiographer", "hours_per_week": 10, "sites": ["there"]},
        {"role": "radiographer", "hours_per_week": 10},
    ]
    service = staffed(
        staff, ("here", 1, ["mon", "tue"], {"radiographer": 1}), ("there", 1, ["mon", "tue"], {"radiographer": 1})
    )
    assert days_open(service) == [[0], [0]]  # Monday there takes the local hours, so that both can open


def test_bank_holidays_take_no_staff():
    staff = [{"role": "radiographer", "hours_per_week": 20}]
    service = staffed(staff, ("here", 1, "weekdays", {"radiographer": 1}), closed_on=["2026-01-05"])
    assert days_open(service) == [[1, 2]]


def test_hours_not_staffed_are_reported():
    service = staffed([{"role": "radiographer", "hours_per_week": 20}], ("here", 1, "weekdays", {"radiographer": 1}))
    answer = capacity.simulate(service, replications=2).to_dict()
    assert answer["scanners"]["mr0"]["unstaffed_hours"] == {"mean": 6 * 30, "half_width": 0.0}
    assert answer["streams"]["routine"]["seen"]["mean"] <= 6 * 40  # two days a week of 20 slots


@pytest.mark.parametrize(
    ("staff", "crew", "expected"),
    [
        ([], {"radiographer": 1}, "scanners[0].crew: needs staff"),
        (
            [{"role": "nurse", "hours_per_week": 1}],
            {"radiographer": 1},
            "scanners[0].crew: must be one of nurse, got 'radiographer'",
        ),
        ([{"role": "nurse", "hours_per_week": -1}], {"nurse": 1}, "staff[0].hours_per_week: must be >= 0, got -1"),
        ([{"role": "nurse", "hours_per_week": 1}], {"nurse": 0}, "scanners[0].crew.nurse: must be > 0, got 0"),
        (
            [{"role": "nurse", "hours_per_week": 1, "sites": ["elsewhere"]}],
            {"nurse": 1},
            "staff[0].sites: must be one of here, there, got 'elsewhere'",
        ),
        (
            [{"role": "nurse", "hours_per_week": 1, "from_week": 3, "until_week": 3}],
            {"nurse": 1},
            "staff[0].until_week: must be > from_week 3, got 3",
        ),
    ],
)
def test_faults_are_named(staff, crew, expected):
    with pytest.raises(ServiceError) as refusal:
        staffed(staff, ("here", 1, "weekdays", crew))
    assert expected in str(refusal.value)
