"""What a later extract changes of a request that is known: exam, site, priority, due date, appointments."""

from __future__ import annotations

import datetime as dt

import pytest

from trustwide.commons.audit.models import AuditEvent
from trustwide.commons.organisations.exceptions import NotAllowedError
from trustwide.services.imaging.activity.actions import Source, import_activity
from trustwide.services.imaging.activity.tests.activity_stage import at, catalogue, frame
from trustwide.services.imaging.activity.tests.test_import import SCANNED, bring_in, kinds
from trustwide.services.imaging.booking.models import Appointment, Scanner, ScannerSession
from trustwide.services.imaging.lean import reading, tables
from trustwide.services.imaging.requests.models import ExamType, ImagingRequest
from trustwide.services.imaging.waiting.monday_figures import monday_page

BOOKED = {"appointment": "2026-12-10 11:00", "scanner": "N1/MR1"}


@pytest.fixture
def stage(cast):
    catalogue(cast)
    ExamType.objects.create(
        partnership=cast.group, code="MRKNEE", name="MRI knee", modality="MR", test="MRI", minutes=30
    )
    return cast


def test_another_exam_of_an_accession_withdraws_the_old_request(stage):
    bring_in(stage, BOOKED)
    summary = bring_in(stage, BOOKED | {"exam": "MRKNEE"})
    assert (summary.added, summary.changed, summary.unchanged) == (1, 1, 0)
    old, new = ImagingRequest.objects.order_by("pk")
    assert (old.state, old.stop_reason) == ("withdrawn", "superseded")
    assert old.events.order_by("-number").first().reason == "exam changed in the system"
    assert (new.exam.code, new.stopped_on) == ("MRKNEE", None)
    assert list(Appointment.objects.order_by("pk").values_list("state", "overbooked")) == [
        ("hospital_cancelled", False), ("booked", False),
    ]  # fmt: skip
    assert ScannerSession.objects.get().minutes_taken == 30
    assert bring_in(stage, BOOKED | {"exam": "MRKNEE"}).unchanged == 1


def test_an_exam_that_comes_back_waits_again(stage):
    for exam in ("MRHEAD", "MRKNEE", "MRHEAD"):
        bring_in(stage, {"exam": exam})
    waiting = ImagingRequest.objects.waiting()
    assert [(each.exam.code, each.accession != "") for each in waiting] == [("MRHEAD", True)]
    assert bring_in(stage, {}).unchanged == 1


@pytest.mark.parametrize("case", ["another modality", "unmapped", "rejected", "both exams"])
def test_a_file_that_may_not_say_all_withdraws_nothing(stage, case):
    bring_in(stage, {})
    if case == "rejected":
        read = frame({"exam": "MRKNEE"})
        source = Source("RIS", "x.csv", "0" * 64, 2, 1, frozenset({"A1"}))
        import_activity(read, partnership=stage.group, source=source, by=stage.chief)
    else:
        rows = {
            "another modality": [{"exam": "CTCHEST"}], "unmapped": [{"exam": "MRKNEE"}, {"exam": "ZZ"}],
            "both exams": [{"exam": "MRKNEE"}, {}],
        }  # fmt: skip
        bring_in(stage, *rows[case])
    assert ImagingRequest.objects.waiting().count() == 2


def test_another_site_moves_the_request(stage):
    bring_in(stage, {})
    assert bring_in(stage, {"site": "S1"}).changed == 1
    request = ImagingRequest.objects.get()
    assert (request.site, kinds(request)) == (stage.south, ["request", "receive"])
    with pytest.raises(NotAllowedError, match="South Hospital"):
        bring_in(stage, {}, by=stage.people["radiology_manager"])
    assert ImagingRequest.objects.get().site == stage.south


def test_one_number_of_two_sites_and_patients_is_two_requests(stage):
    rows = [{}, {"site": "S1", "patient": "200"}]
    assert bring_in(stage, *rows).added == 2
    assert bring_in(stage, *rows).unchanged == 2
    assert bring_in(stage, {"site": "S1", "patient": "200"}).unchanged == 1
    assert set(ImagingRequest.objects.values_list("site__code", flat=True)) == {"N1", "S1"}


def test_priority_and_due_date_are_taken_over_and_kept_in_the_audit(stage):
    bring_in(stage, {})
    due = dt.date(2027, 1, 1)
    assert bring_in(stage, {"priority": "planned", "due": due}).changed == 1
    request = ImagingRequest.objects.get()
    assert (request.priority, request.due_on, request.started_on) == ("planned", due, due)
    assert request.target_on >= due
    (change,) = AuditEvent.objects.get(action__startswith="took changes of requests").details["requests"]
    assert change == {
        "request": request.pk, "priority": ["routine", "planned"], "due_on": ["", "2027-01-01"],
    }  # fmt: skip
    assert bring_in(stage, {"priority": "planned"}).unchanged == 1  # no date said: the one that is known stays
    assert bring_in(stage, {"priority": "urgent"}).changed == 1
    request.refresh_from_db()
    assert (request.due_on, request.started_on) == (None, dt.date(2026, 2, 2))


def test_a_visit_told_in_two_rows_has_the_scanner_of_one_and_the_date_of_the_other(stage):
    came = {"arrived": "2026-02-10 11:00", "scanner": "N1/MR1"}
    assert bring_in(stage, came, {"appointment": "2026-02-10 11:00"}).appointments == 1
    assert Appointment.objects.get().starts_at == at("2026-02-10 11:00")


def test_a_cancellation_without_a_time_has_none_and_a_moved_date_that_of_the_next_booking(stage):
    bring_in(
        stage,
        {"appointment": "2026-02-10 11:00", "outcome": "patient_cancelled", "scanner": "N1/MR1"},
        {"accession": "B", "booked": "2026-02-03 09:00", "appointment": "2026-02-11 11:00", "scanner": "N1/MR1"},
        SCANNED | {"accession": "B", "booked": "2026-02-04 09:00", "appointment": "2026-02-19 11:00",
                   "arrived": None, "started": None, "finished": "2026-02-19 11:20", "verified": None},
    )  # fmt: skip
    ended = {each.starts_at: (each.state, each.ended_at) for each in Appointment.objects.all()}
    assert ended[at("2026-02-10 11:00")] == ("patient_cancelled", None)
    assert ended[at("2026-02-11 11:00")] == ("hospital_cancelled", at("2026-02-04 09:00"))
    seen = tables.appointments(reading.Span.of(None)).sort("outcome")
    assert seen["notice_hours"].null_count() == 2  # of the one without a time, and of the one that was scanned
    assert not seen["short_notice"].cast(bool).any()
    page = monday_page(stage.chief, [stage.north], dt.date(2026, 2, 9))
    assert sum(line.short_notice for line in page.lines) == 0


def test_giving_back_times_takes_no_search(stage, django_assert_max_num_queries):
    Scanner.objects.create(site=stage.north, code="MR3", name="MR three", modality="MR")
    rows = [BOOKED | {"accession": f"C{n}", "patient": f"{n}", "appointment": f"2026-12-{n + 1:02d} 11:00",
                      "scanner": "N1/MR3"} for n in range(25)]  # fmt: skip
    bring_in(stage, *rows)
    with django_assert_max_num_queries(45):
        bring_in(stage, *(row | {"outcome": "hospital_cancelled"} for row in rows))
    assert not any(session.minutes_taken for session in ScannerSession.objects.all())
