"""The pages: closed until the assessments are in force, to other roles and sites; what they say when they are open."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from trustwide.commons.accounts.models import Membership
from trustwide.commons.accounts.rules import PERMISSIONS
from trustwide.commons.audit.models import AuditEvent
from trustwide.services.imaging.attendance import rules
from trustwide.services.imaging.attendance.models import (
    AttendanceRisk,
    Call,
    ImpactAssessment,
    TrainedModel,
    Trial,
    TrialMember,
)
from trustwide.services.imaging.attendance.tests.attendance_stage import (
    a_trial,
    coming,
    switch_on,
    with_key,
)
from trustwide.services.imaging.attendance.urls import urlpatterns

ALWAYS_OPEN = {"impact_assessments"}
LINES = {
    "calls": "about 1 missed appointment", "trials": "Too early to say", "trial": "Too early to say",
    "new_trial": "a trial of calls takes", "attendance_quality": "Nobody can say",
}  # fmt: skip


def address(pattern, held, trial):
    wanted = {"appointment_id": held.pk, "trial_id": trial.pk}
    return reverse(f"imaging:{pattern.name}", kwargs={k: wanted[k] for k in pattern.pattern.converters})


@pytest.fixture
def room(cast):
    """A room that is on, with somebody to call and a trial that has not drawn anybody."""
    switch_on(cast)
    held = [coming(cast, 0.5) for _ in range(12)]
    return cast, held, with_key(a_trial(cast))


def signed_in(client, who):
    client.force_login(who)
    return client


def test_while_it_is_off_every_address_leads_to_the_reason_and_writes_nothing(room, client):
    cast, held, trial = room
    cast.group.impact_assessments.update(review_on=timezone.localdate() - dt.timedelta(days=1))
    signed_in(client, cast.chief)
    written = (TrainedModel, AttendanceRisk, Trial, TrialMember, Call, AuditEvent)
    before = [model.objects.count() for model in written]
    walked = 0
    for pattern in urlpatterns:
        if pattern.name in ALWAYS_OPEN:
            continue
        for method in ("get", "post"):
            answer = getattr(client, method)(address(pattern, held[0], trial), {"outcome": "nobody", "minutes": 4})
            assert answer.status_code in {302, 405}, pattern.name
            if answer.status_code == 302:
                walked += 1
                assert answer["Location"].startswith(reverse("imaging:impact_assessments")), pattern.name
    assert walked >= len(urlpatterns) - 1
    assert [model.objects.count() for model in written] == before
    page = client.get(reverse("imaging:impact_assessments")).content.decode()
    assert "are off at Two Rivers Group: the data protection impact assessment was to be reviewed by" in page


def test_it_is_off_by_default(cast, client):
    signed_in(client, cast.people["booking_clerk"])
    page = client.get(reverse("imaging:calls"), follow=True).content.decode()
    assert page.count("is missing") == 3
    assert "Record the assessment</button>" not in page


@pytest.mark.parametrize("role", Membership.Role.values)
def test_other_roles_see_no_risk(room, client, role):
    cast, held, trial = room
    signed_in(client, cast.people[role])
    allowed = rules.PERMISSION in PERMISSIONS[role]
    for pattern in urlpatterns:
        for method in ("get", "post"):
            answer = getattr(client, method)(address(pattern, held[0], trial))
            if not allowed:
                assert answer.status_code in {403, 405}, (pattern.name, method)
            elif method == "get":
                assert answer.status_code in {200, 405}, pattern.name


@pytest.mark.parametrize("name", LINES)
def test_each_page_answers_in_its_first_line(room, client, name):
    cast, held, trial = room
    pattern = next(each for each in urlpatterns if each.name == name)
    page = signed_in(client, cast.chief).get(address(pattern, held[0], trial)).content.decode()
    assert LINES[name] in page.split('class="app-lead">')[1].split("</p>")[0]
    assert trial.key not in page


def test_a_clerk_draws_calls_and_records(room, client):
    cast, held, _ = room
    signed_in(client, cast.people["booking_clerk"])
    url = reverse("imaging:calls")
    first = client.get(url).content.decode()
    assert "Draw today's list" in first.replace("&#39;", "'")
    assert str(held[0].request.patient) not in first
    page = client.post(reverse("imaging:draw_calls"), follow=True).content.decode()
    out = TrialMember.objects.filter(held_out=True).select_related("patient")
    called = TrialMember.objects.filter(held_out=False).select_related("patient")
    assert (out.exists(), called.exists()) == (True, True)
    assert all(str(each.patient) in page for each in called)
    assert not any(str(each.patient) in page for each in out)
    assert f"{out.count()} more patients are left out by lot" in page
    assert "High: about 50 of 100" in page
    record = reverse("imaging:record_call", args=[called[0].appointment_id])
    assert "Choose what came of the call" in client.post(record, {"minutes": 4}, follow=True).content.decode()
    client.post(record, {"outcome": "nobody", "minutes": 4})
    assert (Call.objects.get().outcome, Call.objects.get().minutes) == ("nobody", 4)
    moved = client.post(record, {"outcome": "moved", "minutes": 4})
    assert moved["Location"] == reverse("imaging:find_slot", args=[called[0].appointment.request_id])
    lost = client.post(
        reverse("imaging:record_call", args=[out[0].appointment_id]), {"outcome": "nobody", "minutes": 4}
    )
    assert lost["Location"].startswith(url)
    assert Call.objects.count() == 2


def test_another_sites_and_another_partnerships_patients_are_not_reached(room, client):
    cast, *_ = room
    theirs = coming(cast, 0.9, site=cast.south)
    signed_in(client, cast.people["booking_clerk"])
    posted = client.post(reverse("imaging:record_call", args=[theirs.pk]), {"outcome": "nobody", "minutes": 4})
    assert posted.status_code == 404
    client.post(reverse("imaging:draw_calls"))
    assert not TrialMember.objects.filter(appointment=theirs).exists()
    assert client.get(reverse("imaging:calls"), {"group": "public"}).status_code == 404
    assert client.get(reverse("imaging:calls"), {"group": "nobody"}).status_code == 404
    assert client.get(reverse("imaging:trial", args=[10**6])).status_code == 404


def test_a_manager_of_one_site_reads_but_does_not_decide(room, client):
    cast, _, trial = room
    signed_in(client, cast.people["radiology_manager"])
    today = timezone.localdate()
    facts = {"kind": "equality", "reference": "x", "signed_by": "x", "signed_on": today, "review_on": today}
    for name, arguments, posted in (
        ("impact_assessments", [], facts), ("work_out_risks", [], {}), ("stop_trial", [trial.pk], {"reason": "x"}),
        ("new_trial", [], {"name": "x", "kind": "reminders", "left_out": 20, "began_on": today,
                           "ends_on": today + dt.timedelta(days=5)}),
    ):  # fmt: skip
        assert client.post(reverse(f"imaging:{name}", args=arguments), posted).status_code == 403, name
    assert (ImpactAssessment.objects.count(), Trial.objects.count()) == (3, 1)


def test_the_chief_records_sets_up_and_stops(cast, client):
    signed_in(client, cast.chief)
    today = timezone.localdate()
    url = reverse("imaging:impact_assessments")
    facts = {
        "reference": "IG-1",
        "signed_by": "Ada Example",
        "signed_on": today,
        "review_on": today + dt.timedelta(days=1),
    }
    assert "There is a problem" in client.post(url, {"kind": ""}).content.decode()
    refused = client.post(url, facts | {"kind": "equality", "review_on": today}).content.decode()
    assert "The review is not after the signature" in refused
    for kind in ImpactAssessment.Kind.values:
        client.post(url, facts | {"kind": kind})
    assert "Predictions are on at Two Rivers Group" in client.get(url).content.decode()
    new = {"name": "Noon", "kind": "calls", "left_out": 20, "began_on": today, "ends_on": today + dt.timedelta(days=90)}
    trials = reverse("imaging:new_trial")
    assert "Work the risks out first" in client.post(trials, new).content.decode()
    coming(cast, 0.5)
    assert "nobody is left out" not in client.post(trials, new, follow=True).content.decode()
    trial = Trial.objects.get()
    assert trial.hold_out == 0.2
    stop = reverse("imaging:stop_trial", args=[trial.pk])
    assert "Enter reason" in client.post(stop, {}).content.decode()
    assert "nobody is left out any more" in client.post(stop, {"reason": "harm"}, follow=True).content.decode()
    assert AuditEvent.objects.get(action="stopped a trial").reason == "harm"


def test_risks_are_refused_in_front_of_the_person(room, client):
    cast, *_ = room
    signed_in(client, cast.chief)
    page = client.post(reverse("imaging:work_out_risks"), follow=True).content.decode()
    assert "There is too little to learn from" in page


def test_the_number_of_queries_does_not_grow_with_the_list(room, client):
    cast, *_ = room
    signed_in(client, cast.people["booking_clerk"])
    counts = []
    for _ in range(2):
        client.post(reverse("imaging:draw_calls") + "?minutes=200")
        with CaptureQueriesContext(connection) as seen:
            page = client.get(reverse("imaging:calls"), {"minutes": 200}).content.decode()
        counts.append((len(seen), page.count("/calls/")))
        for _ in range(20):
            coming(cast, 0.5)
    (before, few), (after, many) = counts
    assert after <= before
    assert many > few > 0


@pytest.mark.parametrize("asked", [{"minutes": "x"}, {"minutes": -1, "a_call": 0}, {"days": 9}, {"minutes": 10**9}])
def test_an_address_that_makes_no_sense_is_answered(room, client, asked):
    cast, *_ = room
    assert signed_in(client, cast.chief).get(reverse("imaging:calls"), asked).status_code == 200
