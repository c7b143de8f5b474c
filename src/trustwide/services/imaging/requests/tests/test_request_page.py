"""The page of a request and its steps: what each role finds there, does there, and is told when it cannot be."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from trustwide.commons.accounts.tests.cast import STAGE
from trustwide.commons.nhsuk.formats import day
from trustwide.services.imaging.booking.actions import book, cancel
from trustwide.services.imaging.booking.models import Appointment
from trustwide.services.imaging.booking.slots import find_slots, question_for
from trustwide.services.imaging.requests.actions import happen
from trustwide.services.imaging.requests.asking import Rhythm, make_series
from trustwide.services.imaging.requests.models import ExamType, ImagingRequest
from trustwide.services.imaging.requests.pathway import Event, PathwayError, State
from trustwide.services.imaging.requests.vetting import change_exam

from .asked_stage import asked_for, do, page_of

pytestmark = pytest.mark.django_db
NO_IMPLANTS = {"pacemaker": "no", "implant": "no", "metal": "no", "operation": "no"}


def booked(request):
    slot = find_slots(question_for(request), limit=1)[0]
    return book(request, slot.session_id, slot.starts_at, by=STAGE)


def test_from_the_letter_to_ready_by_three_roles(stage, sign_in_as):
    """A radiologist accepts, a radiographer chooses the protocol and asks the questions, a clerk finds it ready."""
    request = asked_for(stage)
    radiologist = sign_in_as("radiologist")
    assert "Vet the request, by radiologists" in page_of(radiologist, request)
    do(radiologist, request, "accept", practitioner="Dr A")
    radiographer = sign_in_as("radiographer")
    request.refresh_from_db()
    do(radiographer, request, "protocol", protocol="Knee, routine")
    request.refresh_from_db()
    page = do(radiographer, request, "safety_pass", **NO_IMPLANTS).content.decode()
    assert "Ready for a date; 10 days waited" in page
    assert "Knee, routine" in page
    request.refresh_from_db()
    assert (request.stage, request.protocol) == (State.READY, "Knee, routine")
    clerk = page_of(sign_in_as("booking_clerk"), request)
    assert reverse("imaging:find_slot", args=[request.pk]) in clerk
    assert "Choose the protocol</a>" not in clerk


def test_the_first_line_of_a_booked_request(stage, sign_in_as):
    request = stage.request(days_ago=23)
    appointment = booked(request)
    page = page_of(sign_in_as("booking_clerk"), request)
    local = timezone.localtime(appointment.starts_at)
    words = f"Booked for {day(local)} at {local.hour % 12 or 12}:{local:%M}{'am' if local.hour < 12 else 'pm'} on "
    assert words in page
    assert f"; 23 days waited, six weeks are over on {day(request.breach_on)}." in page


def test_the_page_takes_a_fixed_number_of_queries(stage, sign_in_as, django_assert_max_num_queries):
    request = stage.request()
    for _ in range(3):
        appointment = booked(request)
        happen(request, Event.REMIND, by=STAGE)
        cancel(appointment, by=STAGE, by_patient=True, reason="on holiday")
    booked(request)
    client = sign_in_as("booking_clerk")
    page_of(client, request)
    with django_assert_max_num_queries(20):
        page = page_of(client, request)
    assert page.count("Cancelled by the patient: on holiday") == 3
    assert "set anew to " in page


def test_radiation_needs_a_practitioner(stage, sign_in_as):
    request = asked_for(stage, "CHEAD")
    page = do(sign_in_as("radiologist"), request, "accept", practitioner="").content.decode()
    assert "Enter practitioner who justifies the exposure" in page
    do(sign_in_as("radiologist"), request, "accept", practitioner="Dr Ray", note="Red flags")
    assert "Justified by Dr Ray. Red flags" in page_of(sign_in_as("radiologist"), request)


def test_another_exam_of_the_same_kind_takes_its_place(stage, sign_in_as):
    request = asked_for(stage)
    client = sign_in_as("radiologist")
    wrong = do(client, request, "change", exam=stage.exams["CHEAD"].pk, usual="Contrast is needed").content.decode()
    assert "There is a problem" in wrong
    page = do(client, request, "change", exam=stage.exams["MLIVC"].pk, usual="Contrast is needed").content.decode()
    request.refresh_from_db()
    assert (request.exam.code, request.stage) == ("MLIVC", State.ACCEPTED)
    assert "MRI knee became MRI liver with contrast." in page
    assert "Contrast is needed" in page


def test_another_exam_with_radiation_is_justified_too(stage, sign_in_as):
    spine = ExamType.objects.create(
        partnership=stage.cast.group, code="CSPINE", name="CT spine", modality="CT", test="CT", minutes=15
    )
    request = asked_for(stage, "CHEAD")
    client = sign_in_as("radiologist")
    page = do(client, request, "change", exam=spine.pk, words="Pain is lower").content.decode()
    assert "Enter practitioner who justifies the exposure" in page
    with pytest.raises(PathwayError, match="name the practitioner"):
        change_exam(request, spine, by=STAGE, reason="Pain is lower")
    page = do(client, request, "change", exam=spine.pk, words="Pain is lower", practitioner="Dr Ray").content.decode()
    assert "CT head became CT spine. Justified by Dr Ray." in page


def test_a_reason_is_asked_for(stage, sign_in_as):
    request = asked_for(stage)
    page = do(sign_in_as("radiologist"), request, "reject", usual="Another reason").content.decode()
    assert "Choose a reason, or write why." in page
    page = do(sign_in_as("radiologist"), request, "reject", usual="Done already", words="at Southmere").content.decode()
    assert "Done already: at Southmere" in page
    assert "Rejected. The wait was 10 days" in page


def test_an_answer_that_holds_stops_the_exam_until_somebody_named_decides(stage, sign_in_as):
    request = asked_for(stage, "MKNEE", Event.ACCEPT, Event.PROTOCOL)
    client = sign_in_as("radiographer")
    implant = NO_IMPLANTS | {"implant": "yes"}
    page = do(client, request, "safety_pass", **implant, words="looks fine").content.decode()
    assert "Some answers hold this exam until" in page
    assert "looks fine" in page, "what was written is lost"
    assert ImagingRequest.objects.get().stage is State.PROTOCOLLED
    held = do(client, request, "safety_hold", **implant).content.decode()
    assert "On hold for a safety question" in held
    assert "An implant: find its make" in held
    request.refresh_from_db()
    again = client.get(reverse("imaging:request_step", args=[request.pk, "safety_pass"])).content.decode()
    assert 'value="yes" checked' in again, "the answers given before are not there"
    page = do(
        client, request, "safety_pass", **implant, decided_by="Dr M", words="MR conditional at 1.5 T"
    ).content.decode()
    assert "Dr M decided that it may go on." in page
    event = request.events.get(kind=Event.SAFETY_PASS)
    assert (event.details["held"], event.reason) == (["implant"], "MR conditional at 1.5 T")


def test_every_question_has_to_be_answered_to_pass(stage, sign_in_as):
    request = asked_for(stage, "MKNEE", Event.ACCEPT, Event.PROTOCOL)
    page = do(sign_in_as("radiographer"), request, "safety_pass", decided_by="x", words="y", pacemaker="no")
    assert "Answer: Has metal ever gone into" in page.content.decode()
    assert ImagingRequest.objects.get().stage is State.PROTOCOLLED


def test_a_booked_request_taken_off_gives_its_minutes_back(stage, sign_in_as):
    request = stage.request()
    appointment = booked(request)
    appointment.session.refresh_from_db()
    taken = appointment.session.minutes_taken
    page = do(
        sign_in_as("booking_clerk"), request, "withdraw", code="elsewhere", words="Scanned abroad"
    ).content.decode()
    request.refresh_from_db()
    appointment.refresh_from_db()
    appointment.session.refresh_from_db()
    assert (request.stage, request.stop_reason) == (State.WITHDRAWN, "elsewhere")
    assert appointment.state == Appointment.State.HOSPITAL_CANCELLED
    assert appointment.session.minutes_taken == taken - appointment.minutes
    assert "Scanned abroad" in page


def test_who_acts_second_is_told_and_loses_nothing(stage, sign_in_as):
    request = asked_for(stage)
    happen(ImagingRequest.objects.light().get(pk=request.pk), Event.QUERY, by=STAGE, reason="Which knee?")
    page = do(sign_in_as("radiologist"), request, "reject", words="Not justified at all").content.decode()
    assert "Somebody else acted on this request a moment ago" in page
    assert "Not justified at all" in page
    request.refresh_from_db()
    assert f'name="seen" value="{request.events_count}"' in page
    page = do(sign_in_as("radiologist"), request, "reject", words="Not justified at all").content.decode()
    assert "Rejected. The wait was" in page


def test_a_step_that_is_over_is_told_with_what_can_be_done(stage, sign_in_as):
    request = asked_for(stage, "MKNEE", Event.ACCEPT)
    page = do(sign_in_as("radiologist"), request, "accept", practitioner="Dr A").content.decode()
    assert "what can be done: change, query, protocol, withdraw" in page


def test_a_time_that_was_is_kept_and_one_to_come_refused(stage, sign_in_as):
    request = asked_for(stage)
    client = sign_in_as("radiologist")
    future = timezone.localtime() + dt.timedelta(days=1)
    page = do(client, request, "accept", practitioner="Dr A", at=f"{future:%Y-%m-%dT%H:%M}").content.decode()
    assert "That time lies in the future" in page
    then = (timezone.localtime() - dt.timedelta(days=2)).replace(second=0, microsecond=0)
    page = do(client, request, "accept", practitioner="Dr A", at=f"{then:%Y-%m-%dT%H:%M}").content.decode()
    assert request.events.get(kind=Event.ACCEPT).at == then
    assert "written down " in page


def test_reporting_verifying_and_acknowledging(stage, sign_in_as):
    request = stage.request()
    booked(request)
    for event in (Event.ARRIVE, Event.ENTER_ROOM, Event.START, Event.END):
        happen(request, event, by=STAGE)
    for role, event in (("radiologist", "report"), ("radiologist", "verify"), ("booking_clerk", "acknowledge")):
        request.refresh_from_db()
        page = do(sign_in_as(role), request, event).content.decode()
    assert "Done: the referrer has acknowledged the report." in page


def test_a_clerk_of_north_does_not_see_a_request_of_south(stage, sign_in_as):
    request = asked_for(stage, site=stage.cast.south)
    client = sign_in_as("booking_clerk")
    for name, args in (("request", []), ("request_step", ["receive"])):
        assert client.get(reverse(f"imaging:{name}", args=[request.pk, *args])).status_code == 404
    for name, args in (("request_need", []), ("request_need_end", [1])):
        assert client.post(reverse(f"imaging:{name}", args=[request.pk, *args]), {"code": "hoist"}).status_code == 404
    assert do(client, request, "withdraw", code="other", words="x").status_code == 404


@pytest.mark.parametrize(
    ("role", "event"), [("booking_clerk", "accept"), ("radiologist", "withdraw"), ("planner", "receive")]
)
def test_a_step_of_another_role_is_refused(stage, sign_in_as, role, event):
    request = asked_for(stage)
    assert do(sign_in_as(role), request, event, words="x", code="other").status_code == 403
    assert request.events.count() == 2


def test_a_step_that_has_no_page_is_not_found(stage, sign_in_as):
    request = asked_for(stage)
    for event in ("book", "end", "nothing"):
        assert do(sign_in_as("booking_clerk"), request, event).status_code == 404


def test_needs_are_added_and_ended(stage, sign_in_as):
    request = asked_for(stage)
    client = sign_in_as("booking_clerk")
    address = reverse("imaging:request_need", args=[request.pk])
    assert "Enter need" not in client.post(address, {"code": ""}).content.decode()
    page = client.post(address, {"code": "interpreter", "detail": "Polish"}, follow=True).content.decode()
    assert "Interpreter: Polish" in page
    need = request.patient.needs.get()
    page = client.post(reverse("imaging:request_need_end", args=[request.pk, need.pk]), follow=True).content.decode()
    assert not request.patient.needs.current().exists()
    assert client.post(reverse("imaging:request_need_end", args=[request.pk, need.pk])).status_code == 404
    sign_in_as("planner")
    assert client.post(address, {"code": "hoist"}).status_code == 403


def test_exams_no_longer_in_use_cannot_take_its_place(stage, sign_in_as):
    request = asked_for(stage)
    ExamType.objects.filter(code="MLIVC").update(in_use=False)
    page = do(sign_in_as("radiologist"), request, "change", exam=stage.exams["MLIVC"].pk, words="x").content.decode()
    assert "There is a problem" in page


def test_a_time_in_the_minute_of_the_last_event_is_taken_as_that(stage, sign_in_as):
    request = asked_for(stage)
    minute = timezone.localtime(request.events.get(number=2).at).replace(second=0, microsecond=0)
    do(sign_in_as("radiologist"), request, "accept", practitioner="Dr A", at=f"{minute:%Y-%m-%dT%H:%M}")
    request.refresh_from_db()
    assert request.stage is State.ACCEPTED


def test_an_exam_of_a_series_says_so(stage, sign_in_as):
    patient, due = asked_for(stage).patient, timezone.localdate() + dt.timedelta(days=20)
    asked = {"requested_at": timezone.now(), "due_on": due}
    first, *_ = make_series(patient, stage.exams["MKNEE"], stage.cast.north, Rhythm(4, 3), by=STAGE, **asked)
    page = page_of(sign_in_as("booking_clerk"), first)
    assert "one of 3 exams of a series" in page
    assert f"It is a planned exam, due on {day(due)}." in page


def test_a_patient_of_another_list_is_seen_where_they_come_and_nowhere_else(stage, client):
    theirs = stage.request(site=stage.cast.south)
    url = reverse("imaging:request", args=[theirs.pk])
    client.force_login(stage.cast.people["radiographer"])
    assert client.get(url).status_code == 404
    session = stage.session("MR1")
    book(theirs, session.pk, session.opens_at, by=STAGE)
    assert client.get(url).status_code == 200
