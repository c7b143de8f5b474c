"""What an import leaves behind: requests, events, appointments; again without change; more events later."""

from __future__ import annotations

import datetime as dt

import pytest

from trustwide.commons.accounts.tests.cast import STAGE
from trustwide.commons.audit.models import AuditEvent
from trustwide.commons.organisations.exceptions import NotAllowedError
from trustwide.commons.patients.actions import merge_patients
from trustwide.commons.patients.identity import key_of
from trustwide.commons.patients.models import Patient
from trustwide.services.imaging.activity.actions import Source, import_activity, save_codes, save_columns
from trustwide.services.imaging.activity.models import ActivityImport, CodeMapping
from trustwide.services.imaging.activity.rules import ActivityError
from trustwide.services.imaging.activity.tests.activity_stage import at, catalogue, frame
from trustwide.services.imaging.booking.models import Appointment, Scanner, ScannerSession
from trustwide.services.imaging.requests.models import ImagingRequest, PathwayEvent
from trustwide.services.imaging.requests.pathway import Event, states_of

SCANNED = {
    "appointment": "2026-02-10 11:00", "arrived": "2026-02-10 10:50", "started": "2026-02-10 11:02",
    "finished": "2026-02-10 11:25", "verified": "2026-02-11 08:00", "outcome": "done", "scanner": "N1/MR1",
}  # fmt: skip


def bring_in(cast, *rows, by=STAGE, system="RIS", **more):
    read = frame(*rows)
    source = Source(system, "extract.csv", "0" * 64, read.height)
    return import_activity(read, partnership=cast.group, source=source, by=by, **more)


def kinds(request):
    return [event.kind for event in request.events.order_by("number")]


@pytest.fixture
def stage(cast):
    catalogue(cast)
    return cast


def test_a_scanned_request_has_its_whole_pathway(stage):
    summary = bring_in(stage, SCANNED)
    assert (summary.added, summary.changed, summary.unchanged, summary.appointments) == (1, 0, 0, 1)
    request = ImagingRequest.objects.get()
    assert kinds(request) == [
        "request", "receive", "accept", "protocol", "safety_pass", "book", "arrive", "enter_room", "start", "end",
        "report", "verify",
    ]  # fmt: skip
    states_of(Event(kind) for kind in kinds(request))
    assert request.scanned_at == at("2026-02-10 11:25")
    assert request.verified_at == at("2026-02-11 08:00")
    assert (request.stopped_on, request.stop_reason) == (dt.date(2026, 2, 10), "scanned")
    implied = {event.kind: event.at for event in request.events.all() if event.details.get("implied")}
    assert implied["protocol"] == implied["book"] == at("2026-02-10 10:50")  # the time of the next known step
    assert "start" not in implied
    assert "end" not in implied


def test_identifiers_are_hashed(stage):
    bring_in(stage, SCANNED | {"patient": "9990000018", "born_on": dt.date(1950, 4, 3), "sex": "F"})
    patient, request = Patient.objects.get(), ImagingRequest.objects.get()
    assert patient.key == key_of("9990000018", "group")
    assert (patient.nhs_number, patient.born_on, patient.born_year, patient.sex) == ("", None, 1950, "F")
    assert request.accession == key_of("A1", "group")


def test_a_live_deployment_keeps_them(stage, settings):
    settings.LIVE_BOOKING = True
    bring_in(stage, SCANNED | {"patient": "999 000 0018", "born_on": dt.date(1950, 4, 3)})
    patient, request = Patient.objects.get(), ImagingRequest.objects.get()
    assert (patient.nhs_number, patient.born_on) == ("9990000018", dt.date(1950, 4, 3))
    assert request.accession == "A1"


def test_the_same_file_twice_changes_nothing(stage):
    rows = [SCANNED, {"accession": "A2", "appointment": "2026-12-10 11:00", "scanner": "N1/MR1"}, {"accession": "A3"}]
    bring_in(stage, *rows)
    before = [list(model.objects.order_by("pk").values()) for model in (ImagingRequest, PathwayEvent, Appointment)]
    sessions = list(ScannerSession.objects.order_by("pk").values())
    summary = bring_in(stage, *rows)
    assert (summary.added, summary.changed, summary.unchanged, summary.appointments) == (0, 0, 3, 0)
    after = [list(model.objects.order_by("pk").values()) for model in (ImagingRequest, PathwayEvent, Appointment)]
    assert after == before
    assert list(ScannerSession.objects.order_by("pk").values()) == sessions
    assert ActivityImport.objects.count() == 2


def test_a_later_extract_appends_what_is_new(stage):
    bring_in(stage, {})
    bring_in(stage, {"appointment": "2026-02-10 11:00", "scanner": "N1/MR1"})
    first = list(PathwayEvent.objects.order_by("pk").values())
    summary = bring_in(stage, SCANNED)
    assert (summary.added, summary.changed, summary.appointments) == (0, 1, 0)
    assert list(PathwayEvent.objects.order_by("pk").values())[: len(first)] == first
    request = ImagingRequest.objects.get()
    assert request.state == "verified"
    assert request.events_count == request.events.count() == 12
    assert Appointment.objects.get().state == "done"
    assert Appointment.objects.get().first_time is True


def test_a_missed_appointment_restarts_the_clock_and_is_kept(stage):
    rows = [
        {"appointment": "2026-02-10 11:00", "outcome": "missed", "scanner": "N1/MR1"},
        {"appointment": "2026-03-20 11:00", "outcome": "booked", "scanner": "N1/MR1"},
    ]
    bring_in(stage, *rows)
    request = ImagingRequest.objects.get()
    assert kinds(request)[5:] == ["book", "miss", "rebook", "book"]
    assert (request.started_on, request.experienced_from) == (dt.date(2026, 2, 10), dt.date(2026, 2, 2))
    assert [a.state for a in request.appointments.order_by("starts_at")] == ["missed", "booked"]


def test_a_cancellation_by_the_patient_restarts_it_and_one_by_the_hospital_does_not(stage):
    bring_in(
        stage,
        {"accession": "P", "appointment": "2026-02-10 11:00", "outcome": "patient_cancelled"},
        {"accession": "H", "appointment": "2026-02-10 11:00", "outcome": "hospital_cancelled"},
    )
    starts = {kinds(r)[-1]: (r.started_on, r.state) for r in ImagingRequest.objects.all()}
    assert starts == {
        "patient_cancel": (dt.date(2026, 2, 10), "ready"),
        "hospital_cancel": (dt.date(2026, 2, 2), "ready"),
    }


def test_a_moved_appointment_runs_the_clock_on(stage):
    bring_in(stage, {"appointment": "2026-12-10 11:00", "scanner": "N1/MR1"})
    summary = bring_in(stage, {"appointment": "2026-12-20 11:00", "scanner": "N1/MR1"})
    assert (summary.changed, summary.appointments) == (1, 1)
    request = ImagingRequest.objects.get()
    assert kinds(request)[-3:] == ["book", "hospital_cancel", "book"]
    assert request.started_on == dt.date(2026, 2, 2)
    assert request.appointment_at == at("2026-12-20 11:00")
    assert [a.state for a in request.appointments.order_by("starts_at")] == ["hospital_cancelled", "booked"]
    given_back = ScannerSession.objects.order_by("opens_at").first()
    assert given_back.minutes_taken == 0


def test_requests_are_rejected_withdrawn_and_abandoned(stage):
    bring_in(
        stage,
        {"accession": "R", "outcome": "rejected"},
        {"accession": "V", "vetted": "2026-02-03 10:00", "outcome": "rejected"},
        {"accession": "W", "outcome": "withdrawn", "cancelled": "2026-02-05 10:00"},
        {"accession": "B", "appointment": "2026-02-10 11:00", "arrived": "2026-02-10 11:00", "outcome": "abandoned"},
    )
    ends = {kinds(r)[-1]: (r.state, r.stopped_on) for r in ImagingRequest.objects.order_by("-pk")}
    assert ends["reject"] == ("rejected", dt.date(2026, 2, 2))
    assert ends["abandon"] == ("ready", None)
    withdrawn = ImagingRequest.objects.filter(state="withdrawn").values_list("stopped_on", flat=True)
    assert set(withdrawn) == {dt.date(2026, 2, 3), dt.date(2026, 2, 5)}


def test_a_planned_exam_waits_from_when_it_is_due_and_no_other_has_such_a_day(stage):
    due = dt.date(2026, 6, 1)
    bring_in(stage, {"accession": "P", "priority": "planned", "due": due}, {"accession": "R", "due": due})
    planned, routine = ImagingRequest.objects.order_by("priority")
    assert (planned.due_on, planned.started_on) == (due, due)
    assert (routine.due_on, routine.started_on) == (None, dt.date(2026, 2, 2))


def test_visits_fill_sessions_and_what_overlaps_is_overbooked(stage):
    bring_in(
        stage,
        SCANNED,
        SCANNED | {"accession": "A2"},
        {"accession": "A3", "appointment": "2026-02-10 11:30", "outcome": "hospital_cancelled", "scanner": "N1/MR1"},
    )  # fmt: skip
    session = ScannerSession.objects.get()
    assert (session.opens_at, session.closes_at) == (at("2026-02-10 11:00"), at("2026-02-10 12:00"))
    assert session.cells == "x" * 6 + "." * 6
    assert (session.overbooked, session.overbook_limit, session.version) == (1, 1, 1)
    assert sorted(Appointment.objects.values_list("overbooked", flat=True)) == [False, False, True]


def test_visits_go_to_the_session_that_is_there(stage):
    scanner = Scanner.objects.get()
    kept = ScannerSession.objects.create(
        scanner=scanner, site=stage.north, opens_at=at("2026-02-10 08:00"), closes_at=at("2026-02-10 12:00"),
        cells="." * 48,
    )  # fmt: skip
    bring_in(stage, SCANNED)
    assert Appointment.objects.get().session == kept
    assert ScannerSession.objects.get().cells == "." * 36 + "x" * 6 + "." * 6


def test_unmapped_rows_wait_and_land_once_mapped(stage):
    rows = [SCANNED, SCANNED | {"accession": "A2", "exam": "ZMHD", "priority": "U"}]
    summary = bring_in(stage, *rows)
    assert (summary.added, summary.unmapped_rows) == (1, (3,))
    assert set(summary.unknown_codes) == {("exam", "ZMHD", 1), ("priority", "U", 1)}
    unknown = {row.local_code: row for row in CodeMapping.objects.filter(meaning="")}
    said = {unknown["ZMHD"].pk: "MRHEAD", unknown["U"].pk: "urgent"}
    assert save_codes(stage.group, said, by=stage.chief) == 2
    summary = bring_in(stage, *rows)
    assert (summary.added, summary.unchanged, summary.unmapped) == (1, 1, 0)
    assert ImagingRequest.objects.get(priority="urgent").exam.code == "MRHEAD"


def test_rows_with_a_code_to_be_left_out_are(stage):
    bring_in(stage, {"exam": "XCHEST"})
    save_codes(stage.group, {CodeMapping.objects.get(kind="exam").pk: "-"}, by=stage.chief)
    summary = bring_in(stage, {"exam": "XCHEST"}, SCANNED)
    assert (summary.left_out, summary.unmapped, summary.added) == (1, 0, 1)


def test_a_meaning_that_is_not_there_is_refused(stage):
    bring_in(stage, {"exam": "XCHEST"})
    with pytest.raises(ActivityError, match='"XCHEST" cannot mean "MOON"'):
        save_codes(stage.group, {CodeMapping.objects.get(kind="exam").pk: "MOON"}, by=stage.chief)


def test_a_dry_run_leaves_nothing(stage):
    assert bring_in(stage, SCANNED, dry_run=True).added == 1
    assert not ImagingRequest.objects.exists()
    assert not CodeMapping.objects.exists()
    assert not ActivityImport.objects.exists()


def test_a_merged_patient_is_the_one_who_stands(stage):
    bring_in(stage, {"patient": "1"}, {"patient": "2", "accession": "A2"})
    gone, into = Patient.objects.order_by("pk")
    merge_patients(gone, into, by=STAGE, reason="two records")
    bring_in(stage, {"patient": "1", "accession": "A3"})
    assert ImagingRequest.objects.order_by("-pk").first().patient == into


def test_nobody_brings_in_activity_of_another_site(stage):
    manager = stage.people["radiology_manager"]
    assert bring_in(stage, SCANNED, by=manager).added == 1
    with pytest.raises(NotAllowedError, match="South Hospital"):
        bring_in(stage, SCANNED | {"site": "S1", "accession": "A9"}, by=manager)
    assert ImagingRequest.objects.count() == 1
    with pytest.raises(NotAllowedError):
        bring_in(stage, SCANNED, by=stage.people["booking_clerk"])


def test_nobody_writes_into_the_sessions_of_another_sites_scanner(stage):
    manager = stage.people["radiology_manager"]
    Scanner.objects.create(site=stage.south, code="MR2", name="MR two", modality="MR")
    with pytest.raises(NotAllowedError, match="South Hospital"):
        bring_in(stage, SCANNED | {"scanner": "S1/MR2"}, by=manager)
    assert not ScannerSession.objects.exists()
    assert bring_in(stage, SCANNED | {"scanner": "S1/MR2"}, by=stage.chief).appointments == 1


def test_who_changes_how_a_system_reads_may_at_every_site_it_means(stage):
    manager = stage.people["radiology_manager"]
    bring_in(stage, {"site": "WEST"}, {"accession": "A2", "exam": "ZZ"})
    site, exam = (CodeMapping.objects.get(local_code=code).pk for code in ("WEST", "ZZ"))
    with pytest.raises(NotAllowedError, match="South Hospital"):
        save_codes(stage.group, {site: "S1"}, by=manager)
    assert save_codes(stage.group, {exam: "MRHEAD"}, by=manager) == 1
    save_columns(stage.group, "RIS", {"patient": "PID"}, by=manager)
    save_codes(stage.group, {site: "S1"}, by=stage.chief)
    for change in (
        lambda: save_codes(stage.group, {exam: "CTCHEST"}, by=manager),
        lambda: save_codes(stage.group, {site: "N1"}, by=manager),
        lambda: save_columns(stage.group, "RIS", {"patient": "Other"}, by=manager),
    ):
        with pytest.raises(NotAllowedError, match="South Hospital"):
            change()
    assert CodeMapping.objects.get(pk=exam).meaning == "MRHEAD"


def test_an_import_is_audited_without_patients(stage):
    bring_in(stage, SCANNED)
    event = AuditEvent.objects.get(action="activity brought in")
    assert event.details["added"] == 1
    assert "100" not in str(event.details)
    assert PathwayEvent.objects.filter(actor_name=STAGE.audit_name).count() == 12


def test_a_system_needs_a_name(stage):
    with pytest.raises(ActivityError, match="Name the radiology system"):
        bring_in(stage, SCANNED, system="  ")


def test_queries_do_not_grow_with_each_request(stage, django_assert_max_num_queries):
    bring_in(stage, SCANNED)
    many = [SCANNED | {"accession": f"B{n}", "patient": f"{n}", "appointment": f"2026-02-{n % 20 + 1:02d} 09:00",
                       "arrived": None, "started": None, "finished": f"2026-02-{n % 20 + 1:02d} 10:00",
                       "requested": "2026-01-05 09:00", "verified": None} for n in range(200)]  # fmt: skip
    with django_assert_max_num_queries(90):
        bring_in(stage, *many)
    with django_assert_max_num_queries(40):
        bring_in(stage, *many)
