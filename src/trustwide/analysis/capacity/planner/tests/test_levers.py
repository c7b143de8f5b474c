"""Levers change what they say they change, from the week they start, and nothing else."""

import pytest

from trustwide.analysis.capacity import LeverError, load_levers, simulate, with_levers
from trustwide.analysis.capacity.planner.tests.small import SATURDAYS, SMALL_LEVERS, scanner, small_service
from trustwide.analysis.capacity.tests.builders import CASES


def put(does, service=None, start=0, **more):
    lever = load_levers([{"id": "one", "does": does, "start_weeks": [start], **more}])
    return with_levers(service or small_service(), lever).fields


def test_sessions_are_added_from_the_start_week():
    sessions = put(SATURDAYS, start=6).scanners[0].sessions
    assert [(one.days, one.from_week) for one in sessions] == [("weekdays", 0), (["sat"], 6)]


def test_sessions_are_set_and_the_old_ones_end():
    busy = small_service(allow_overload=True)
    change = {
        "scanner": "east-mr",
        "sessions": [{"days": ["mon"], "opens": "07:00", "closes": "19:00"}],
        "from_week": 2,
    }
    sessions = put({"set_sessions": change}, busy, start=6).scanners[0].sessions
    assert [(one.days, one.from_week, one.until_week) for one in sessions] == [("weekdays", 0, 8), (["mon"], 8, None)]
    at_once = put({"set_sessions": {**change, "from_week": 0}}, busy).scanners[0].sessions
    assert [one.days for one in at_once] == [["mon"]]


def test_a_scanner_is_removed_at_once_or_later():
    service = small_service(allow_overload=True)
    assert put({"remove": {"scanner": "east-mr"}}, service, start=3).scanners[0].until_week == 3
    swap = [{"remove": {"scanner": "east-mr"}}, {"add_scanner": scanner("east-new", "east", from_week=0)}]
    assert [one.id for one in put(swap).scanners] == ["west-mr", "east-new"]


def test_a_scanner_comes_after_its_lead_time():
    assert put({"add_scanner": scanner("new", "west", from_week=40)}, start=5).scanners[-1].from_week == 45


def test_missed_appointments_are_scaled_now_or_later():
    assert [one.did_not_attend.probability for one in put({"scale_did_not_attend": 0.4}).demand] == pytest.approx(
        [0.04] * 2
    )
    later = put({"scale_did_not_attend": {"factor": 0.4, "streams": ["routine"]}}, start=9).demand
    assert (later[0].did_not_attend.then, later[1].did_not_attend.probability) == (None, 0.1)
    assert (later[1].did_not_attend.then.from_week, later[1].did_not_attend.then.probability) == (
        9,
        pytest.approx(0.04),
    )


def test_lists_are_pooled_slots_shortened_and_breakdowns_scaled():
    assert put({"pool_lists": True}, start=4).booking.pool_from_week == 4
    slot = put({"set_slot": {"streams": ["routine"], "minutes": 25, "share": 0.5}}, start=4).demand[1].short_slot
    assert (slot.minutes, slot.share, slot.from_week) == (25, 0.5, 4)
    then = put({"scale_breakdowns": {"scanner": "east-mr", "factor": 0.4}}, start=4).scanners[0].breakdowns.then
    assert (then.from_week, then.factor) == (4, 0.4)


def test_the_list_stays_and_the_service_given_is_untouched():
    service = small_service()
    before = service.fingerprint
    changed = with_levers(service, load_levers(SMALL_LEVERS[:3]))
    assert changed.waiting_list is service.waiting_list
    assert service.fingerprint == before != changed.fingerprint


def test_patients_are_the_same_with_and_without_a_lever():
    """Common random numbers: the requests that come do not depend on what is done about them."""
    service = small_service(walk_ins=4.0)
    changed = with_levers(service, load_levers(SMALL_LEVERS[:3]))
    without, with_them = (simulate(one, replications=5).weeks[:, :, :, 1] for one in (service, changed))
    assert (without == with_them).all()
    assert without.sum() > 1_000


@pytest.mark.parametrize(
    ("entries", "sentence"),
    [
        ([], "must be a list of 1 to 60 levers"),
        ([{"id": "one"}], "lever one: does: is missing"),
        ([{"id": "one", "does": {}}], "must say one change"),
        ([{"id": "one", "does": {"pool_lists": True}, "cost_per_year": -1}], "lever one: cost_per_year: must be >= 0"),
        ([{"id": "one", "does": {"pool_lists": True}, "price": 1}], "lever one: price: is not a field here"),
        (
            [{"id": "one", "does": {"pool_lists": True}, "capital": float("nan")}],
            "lever one: capital: must be a finite",
        ),
        ([{"id": "one", "does": {"pool_lists": True}, "excludes": ["two"]}], "there is no lever 'two' in the file"),
        ([{"id": "one", "does": {"pool_lists": True}}] * 2, "lever one: this id stands twice"),
        ([{"id": "one", "does": {"scale_did_not_attend": -2}}], "factor: must be >= 0"),
        (["one"], "lever 0: "),
    ],
)
def test_a_wrong_lever_is_named(entries, sentence):
    with pytest.raises(LeverError, match=sentence):
        load_levers(entries)


@pytest.mark.parametrize(
    ("does", "sentence"),
    [
        (
            {"remove": {"scanner": "north"}},
            "lever one: remove: there is no scanner 'north' in the service; it has east-mr",
        ),
        ({"add_scanner": scanner("east-mr", "east")}, "lever one: scanners"),
        ({"set_slot": {"streams": ["urgent"], "minutes": 30}}, "slots longer than 30"),
        ({"set_slot": {"streams": ["soon"], "minutes": 20}}, "there is no stream 'soon'"),
        ({"scale_breakdowns": {"scanner": "west-mr", "factor": 0.5}}, "'west-mr' never breaks down"),
        ({"add_staff": {"role": "radiographer", "hours_per_week": 37.5}}, "no staff limits"),
    ],
)
def test_a_lever_that_does_not_fit_the_service_is_refused(does, sentence):
    with pytest.raises(LeverError, match=sentence):
        put(does)


def test_pooling_needs_to_know_of_travel():
    with pytest.raises(LeverError, match="nothing of travel"):
        put({"pool_lists": True}, small_service(travel=None))


def test_the_lever_files_beside_the_group_are_read():
    levers = load_levers(CASES / "levers.yaml")
    assert [lever.id for lever in levers][:4] == ["sundays-mid", "sundays-south", "more-van", "static-for-van"]
    assert [kind for kind, _ in levers[3].changes] == ["remove", "add_scanner"]


def test_a_lever_file_that_cannot_be_read_says_so(tmp_path):
    (tmp_path / "levers.yaml").write_text("- {id: one, does: [")
    with pytest.raises(LeverError, match=r"levers\.yaml: is not YAML"):
        load_levers(tmp_path / "levers.yaml")
