"""What a service file may say: every fault is answered with its path and what was expected."""

import copy
import datetime as dt
import itertools

import pytest
import yaml

from trustwide.analysis import capacity
from trustwide.analysis.capacity.calendars import calendar_of, closed_days
from trustwide.analysis.capacity.exceptions import ServiceError

from .builders import CASES, queue, walkers


def example(name):
    with (CASES / f"{name}.yaml").open() as file:
        return yaml.safe_load(file)


def changed(mapping, path, value):
    """A copy of a mapping with one value changed (or removed: `...`)."""
    mapping = copy.deepcopy(mapping)
    part = mapping
    for key in path[:-1]:
        part = part[key]
    if value is ...:
        del part[path[-1]]
    else:
        part[path[-1]] = value
    return mapping


def problem(mapping):
    with pytest.raises(ServiceError) as refusal:
        capacity.load_service(mapping, folder=CASES)
    return str(refusal.value)


@pytest.mark.parametrize("name", ["mm3", "imaging_year", "ten_patients", "booked_group"])
def test_the_shared_files_load(name):
    service = capacity.load_service(CASES / f"{name}.yaml")
    assert service.fields.start == dt.date(2026, 1, 5)


def test_anchors_and_merge_keys_are_followed():
    streams = capacity.load_service(CASES / "imaging_year.yaml").fields.demand
    assert [stream.id for stream in streams] == ["urgent", "soon", "routine"]
    assert streams[2].duration == streams[0].duration


def test_the_waiting_list_is_read():
    service = capacity.load_service(CASES / "booked_group.yaml")
    assert len(service.waiting_list) == 5220
    assert sum(row.appointment_on is not None for row in service.waiting_list) == 5220 - 2274


BOOKED = example("booked_group")
YEAR = example("imaging_year")


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (("demand", 2, "duration", "lognormal", "sd"), -1, "demand[2].duration.lognormal.sd: must be > 0"),
        (
            ("demand", 2, "duration", "lognormal", "sd"),
            float("nan"),
            "demand[2].duration.lognormal.sd: must be a finite",
        ),
        (("demand", 2, "duration", "lognormal", "sd"), "7", "demand[2].duration.lognormal.sd: must be a number"),
        (("demand", 2, "duration"), {}, "demand[2].duration: must have exactly one of exponential, lognormal, fixed"),
        (("demand", 1, "slot"), True, "demand[1].slot: must be a whole number, got True"),
        (("demand", 1, "slot"), ..., "demand[1].slot: is missing"),
        (("demand", 1, "slot"), 721, "demand[1].slot: must fit a session at north, at most 720, got 721"),
        (("demand", 1, "priorty"), 2, "demand[1].priorty: is not a field here"),
        (("demand", 1, "id"), "routine", "demand[2].id: must be used once, got 'routine' again"),
        (("demand", 1, "access"), "bookd", "demand[1].access: must be 'walk_in' or 'booked', got 'bookd'"),
        (("demand", 1, "site_mix", "north"), 0.5, "demand[1].site_mix: must add up to 1, got 1.1"),
        (("demand", 1, "site_mix", "north"), 1.5, "demand[1].site_mix.north: must be <= 1, got 1.5"),
        (("demand", 1, "site_mix"), {"west": 1.0}, "demand[1].site_mix: must be one of north, mid, south, got 'west'"),
        (("demand", 1, "site"), "north", "demand[1]: must have exactly one of site, site_mix, got site, site_mix"),
        (("demand", 1, "modality"), "CT", "demand[1]: has no scanner at site north of modality CT that suits urgent"),
        (("demand", 1, "patience_hours"), 4, "demand[1].patience_hours: is for walk-in streams"),
        (("demand", 3, "notice_days"), 4, "demand[3].notice_days: is for booked streams"),
        (("demand", 3, "slot"), ..., "demand[3].slot: is missing"),
        (
            ("demand", 3, "did_not_attend"),
            {"probability": 0.1},
            "demand[3].did_not_attend: is not for walk-in streams that share scanners with booked ones",
        ),
        (("demand", 0, "did_not_attend", "slot_lost"), 5, "demand[0].did_not_attend.slot_lost: is for walk-in streams"),
        (
            ("demand", 0, "arrivals", "poisson", "per_day"),
            5,
            "demand[0].arrivals.poisson: must have exactly one of per_minute, per_hour, per_day, per_week",
        ),
        (("demand", 0, "arrivals", "poisson", "weekdays"), [1, 2], "demand[0].arrivals.poisson.weekdays: must have at"),
        (("demand", 0, "arrivals", "poisson", "weekdays"), [0] * 7, "weekdays: must have a weight above 0"),
        (("demand", 0, "arrivals"), "sometimes", "demand[0].arrivals: must be 'none', got 'sometimes'"),
        (("demand",), [], "demand: must have at least 1 entries"),
        (("scanners", 0, "sessions"), "always", "scanners[0].sessions: must be a list of sessions"),
        (
            ("scanners", 0, "sessions", 0, "opens"),
            600,
            "scanners[0].sessions[0].opens: must be a time in quotes such as",
        ),
        (("scanners", 0, "sessions", 0, "opens"), "25:00", "scanners[0].sessions[0].opens: must be a time in quotes"),
        (("scanners", 0, "sessions", 0, "opens"), "21:00", "scanners[0].sessions[0].closes: must be later than opens"),
        (
            ("scanners", 1, "sessions", 1, "days"),
            "daily",
            "scanners[1].sessions[1]: must not overlap sessions[0] on the same day",
        ),
        (
            ("scanners", 1, "sessions", 1, "days"),
            ["sat", "sum"],
            "scanners[1].sessions[1].days[1]: must be 'mon', 'tue'",
        ),
        (("scanners", 1, "count"), 0, "scanners[1].count: must be >= 1, got 0"),
        (("scanners", 1, "site"), "east", "scanners[1].site: must be one of north, mid, south, got 'east'"),
        (("scanners", 3, "suits"), ["rutine"], "scanners[3].suits: must be one of suspected_cancer"),
        (("scanners", 0, "overrun"), {"up_to": -1}, "scanners[0].overrun.up_to: must be >= 0, got -1"),
        (
            ("scanners", 0, "breakdowns", "up", "exponential"),
            {"mean_days": 3, "mean_hours": 2},
            "scanners[0].breakdowns.up.exponential: must have exactly one of mean_days, mean_hours, mean_minutes",
        ),
        (
            ("scanners", 0, "breakdowns"),
            {"up": {"fixed": {"minutes": 0.1}}, "down": {"fixed": {"minutes": 0.1}}},
            "scanners[0].breakdowns: must take at least a minute, up and down together",
        ),
        (("booking", "hold", "soon"), 0.1, "booking.hold: must be one of suspected_cancer"),
        (("booking", "hold", "routine"), 0.7, "booking.hold: must add up to at most 1, got 1.12"),
        (("travel", "minutes", "north-east"), 5, "travel.minutes: must be two sites such as north-south"),
        (("travel", "minutes", "mid-north"), 5, "travel.minutes: must give each journey once, got 'mid-north' again"),
        (("travel", "willing"), {30: 0.2, 45: 0.4}, "travel.willing: must not rise with the minutes"),
        (("start",), "5 January", "start: must be a date such as 2026-01-05, got '5 January'"),
        (("start",), 20260105, "start: must be a date such as 2026-01-05, got 20260105"),
        (("start",), dt.date(1066, 10, 14), "start: must be from 1990-01-01 to 2099-12-31, got 1066-10-14"),
        (("stop",), {"patients": 5}, "stop.patients: is for services without booked streams"),
        (("stop",), {"weeks": 5, "days": 5}, "stop: must have exactly one of patients, days, weeks, got days, weeks"),
        (("warm_up",), {"weeks": 104}, "warm_up: must be shorter than the run of 728 days"),
        (("closed_on",), "scottish_bank_holidays", "closed_on: must be 'england_bank_holidays'"),
        (("closed_on",), ["yesterday"], "closed_on[0]: must be a date such as 2026-01-05"),
        (("queue",), {"order": ["arrival"]}, "queue.order: must be [priority, arrival] where streams are booked"),
        (("waiting_list",), "../booked_group_list.csv", "waiting_list: must be the name of a file beside this one"),
        (("waiting_list",), "nowhere.csv", "nowhere.csv: cannot be read: No such file"),
    ],
)
def test_faults_are_named(path, value, expected):
    assert expected in problem(changed(BOOKED, path, value))


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (("booking",), {"pool_lists": True}, "booking: is for booked streams, and this service has none"),
        (("demand", 0, "did_not_attend", "rebook"), {"times": 1}, "rebook.after_days: is missing"),
        (("scanners", 0, "overrun"), ..., "demand[0].slot: is missing; scanners[0].overrun limits how late"),
    ],
)
def test_faults_of_walk_in_services_are_named(path, value, expected):
    assert expected in problem(changed(YEAR, path, value))


def test_all_faults_are_told_at_once_and_name_the_file(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(changed(changed(YEAR, ("demand", 1, "id"), 7), ("demand", 2, "priority"), "high")))
    with pytest.raises(ServiceError) as refusal:
        capacity.load_service(path)
    assert len(refusal.value.problems) == 2
    assert str(refusal.value).startswith("mine.yaml: demand[1].id: must be text")


def refusal_of(tmp_path, text):
    path = tmp_path / "service.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ServiceError) as refusal:
        capacity.load_service(path)
    return str(refusal.value)


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "\n".join(
    f"{name}: &{name} [{', '.join(['*' + before] * 9)}]" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "is empty"),
        ("- a list", "must be a mapping of fields"),
        ("service: [", "is not YAML"),
        ("service: x\nservice: y\n", "line 2: service is given twice"),
        ("service: !!python/object/apply:os.getcwd []", "is not YAML"),
        (BOMB, "unfolds to more than 200,000 values through its aliases"),
        ("a: &a [*a]", "line 1: an alias stands inside its own anchor"),
        ("[" * 5_000, "service.yaml: is "),
        ("#" * 1_000_001, "is longer than 1,000,000 bytes"),
        (b"\xff\xfe\x00", "is not UTF-8 text"),
        ("start: 2026-02-30", "is not YAML"),
    ],
)
def test_files_that_are_no_service(tmp_path, text, expected):
    assert expected in refusal_of(tmp_path, text)


def listed(tmp_path, text):
    (tmp_path / "ten_patients.csv").write_text(text)
    with pytest.raises(ServiceError) as refusal:
        capacity.load_service(example("ten_patients"), folder=tmp_path)
    return str(refusal.value)


HEADER = "request_id,site,stream,requested_on,appointment_on\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("id,site\n", "row 1: must be the columns request_id,site,stream,requested_on,appointment_on, got id,site"),
        (HEADER + "A,clinic,cancer,2026-01-02\n", "row 2: must have 5 cells"),
        (HEADER + "A,clinic,cancer,2026-01-02,\n" * 2, "row 3: request_id: must be a name used once, got 'A'"),
        (HEADER + "A,clinc,cancer,2026-01-02,\n", "row 2: site: must be a site of stream cancer, got 'clinc'"),
        (HEADER + "A,clinic,canser,2026-01-02,\n", "row 2: stream: must be a booked stream of the service file"),
        (HEADER + "A,clinic,cancer,2026-01-05,\n", "row 2: requested_on: must be a date before the start, 2026-01-05"),
        (HEADER + "A,clinic,cancer,02/01/2026,\n", "row 2: requested_on: must be a date before the start"),
        (
            HEADER + "A,clinic,cancer,2026-01-02,2026-01-04\n",
            "row 2: appointment_on: must be empty or a date not before",
        ),
    ],
)
def test_faults_of_the_waiting_list_are_named(tmp_path, text, expected):
    assert f"ten_patients.csv: {expected}" in listed(tmp_path, text)


def test_a_run_too_large_is_refused():
    mapping = queue(demand=[walkers(per_minute=1e6)], stop={"weeks": 52}, overrun="finish")
    service = capacity.load_service(mapping | {"allow_overload": True})
    with pytest.raises(capacity.RunError, match="demand: some 524,160,000,000 patients a run"):
        capacity.simulate(service)


def test_england_bank_holidays():
    """gov.uk/bank-holidays, England and Wales, 2026 and 2027: only substitute days where a holiday is on a weekend."""
    service = capacity.load_service(changed(YEAR, ("closed_on",), "england_bank_holidays"))
    found = {service.fields.start + dt.timedelta(days=day) for day in closed_days(service, 726) if 0 <= day < 726}
    assert found == {
        dt.date(2026, 4, 3),
        dt.date(2026, 4, 6),
        dt.date(2026, 5, 4),
        dt.date(2026, 5, 25),
        dt.date(2026, 8, 31),
        dt.date(2026, 12, 25),
        dt.date(2026, 12, 28),
        dt.date(2027, 1, 1),
        dt.date(2027, 3, 26),
        dt.date(2027, 3, 29),
        dt.date(2027, 5, 3),
        dt.date(2027, 5, 31),
        dt.date(2027, 8, 30),
        dt.date(2027, 12, 27),
        dt.date(2027, 12, 28),
    }


def test_planned_maintenance_is_spread_staggered_and_on_open_days():
    service = capacity.load_service(CASES / "booked_group.yaml")
    with_it = calendar_of(service, 364).windows
    without = calendar_of(capacity.load_service(changed(BOOKED, ("maintenance",), ...), folder=CASES), 364).windows
    lost = [sorted(set(bare) - set(kept)) for bare, kept in zip(without, with_it, strict=True)]
    assert [len(windows) for windows in lost] == [6] * 10 + [0]
    for windows in lost[:10]:
        days = [opens // 1440 for opens, _ in windows]
        assert all(50 <= later - earlier <= 72 for earlier, later in itertools.pairwise(days))
    assert len({tuple(windows) for windows in lost[:10]}) == 10


def test_fortnightly_van():
    service = capacity.load_service(CASES / "booked_group.yaml")
    van = calendar_of(service, 28).windows[-1]
    assert [opens // 1440 for opens, _ in van] == [0, 1, 14, 15]
