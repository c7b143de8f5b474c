"""Learning from a partnership's own appointments: real training on simulated ones whose true chances are known."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from trustwide.analysis.attendance.judgement import auc
from trustwide.commons.accounts.tests.cast import STAGE, build_cast
from trustwide.commons.audit.models import AuditEvent
from trustwide.commons.patients.models import Patient
from trustwide.services.imaging.attendance import actions, rules, training
from trustwide.services.imaging.attendance.models import AttendanceRisk, TrainedModel
from trustwide.services.imaging.attendance.tests.attendance_stage import coming, past, switch_on
from trustwide.services.imaging.booking.models import Appointment

PAST = 1000  # appointments to learn from


@pytest.fixture(scope="module")
def trained(django_db_setup, django_db_blocker):
    """A partnership with a model of its own; training takes some seconds, so it is done once."""
    with django_db_blocker.unblock(), transaction.atomic():
        cast = build_cast()
        switch_on(cast)
        past(cast, PAST)
        regular = Patient.objects.filter(key__startswith="past-").first()
        held = [coming(cast), coming(cast, days=4, patient=regular)]
        coming(cast, days=14)  # more than fourteen days ahead
        model = actions.score_appointments(cast.group, timezone.now(), by=STAGE)
        yield cast, held, model
        transaction.set_rollback(True)


def test_the_appointments_of_the_next_fourteen_days_get_a_risk(trained):
    _, held, model = trained
    assert set(AttendanceRisk.objects.values_list("appointment_id", flat=True)) == {each.pk for each in held}
    assert all(0 < each.risk < 1 and each.model == model for each in AttendanceRisk.objects.all())


def test_the_quality_is_of_patients_kept_back_and_tells_people_apart(trained):
    _, _, model = trained
    ours = model.quality["all"]["known_patients"]
    assert ours["appointments"] == model.appointments == PAST
    assert 0.58 < ours["auc"]["value"] < 0.8  # the true chances themselves reach no more, see the next test
    assert model.quality["all"]["overall_share"]["auc"]["value"] < 0.55
    assert model.quality["ahead"]["known_patients"]["appointments"] < PAST
    assert sum(each["missed"] for each in model.quality["tenths"]) / 10 == pytest.approx(ours["missed"] / PAST)
    assert {"sex: female", "sex: male"} <= {each["group"] for each in model.quality["groups"]}


def test_no_method_ranks_better_than_the_true_chances(trained):
    _, _, model = trained
    from trustwide.analysis.attendance.tests.builders import simulated

    made, chance = simulated(7, count=PAST, patients=PAST // 3)
    assert model.quality["all"]["known_patients"]["auc"]["value"] < auc(chance, made.missed).value


def test_again_on_the_same_day_leaves_the_same_risks_under_the_same_model(trained):
    *_, model = trained
    before = list(AttendanceRisk.objects.order_by("pk").values_list("appointment", "model", "risk"))
    assert actions.score_every_partnership(timezone.now()) == [
        "Two Rivers Group: risks worked out from 1,000 past appointments."
    ]
    assert list(AttendanceRisk.objects.order_by("pk").values_list("appointment", "model", "risk")) == before
    assert TrainedModel.objects.get() == model
    assert AuditEvent.objects.filter(action="worked out risks of missed appointments").count() == 2


def test_the_button_works_them_out_in_the_background(trained, client, settings, django_capture_on_commit_callbacks):
    cast, held, model = trained
    settings.JOBS = "now"
    before = dict(AttendanceRisk.objects.values_list("appointment", "risk"))
    AttendanceRisk.objects.filter(appointment=held[0]).delete()
    client.force_login(cast.chief)
    with django_capture_on_commit_callbacks(execute=True):
        page = client.post(reverse("imaging:work_out_risks"), follow=True).content.decode()
    assert "The risks are being worked out" in page
    assert dict(AttendanceRisk.objects.values_list("appointment", "risk")) == before
    assert TrainedModel.objects.get() == model


def test_reading_takes_one_query_each_and_nothing_of_origin_or_place(trained, django_assert_num_queries):
    cast, *_ = trained
    with django_assert_num_queries(2):
        learnt = training.past_appointments(cast.group, timezone.now())
        asked = training.coming_appointments(cast.group, timezone.now())
    assert (len(learnt), len(asked)) == (PAST, 2)
    assert learnt.conditions.shape == (PAST, 0)
    assert not any(word in " ".join(training._COLUMNS) for word in ("ethnic", "depriv", "postcode", "nearest", "site"))


def test_the_quality_page_says_what_the_stored_figures_say(trained, client):
    cast, _, model = trained
    client.force_login(cast.people["booking_clerk"])
    page = client.get(reverse("imaging:attendance_quality")).content.decode()
    auc = model.quality["ahead"]["known_patients"]["auc"]["value"]
    assert f"in {round(100 * auc)} of 100 pairs" in page
    assert f"{auc:.3f} ±" in page
    assert "Error by sex" in page
    assert "Ethnicity and deprivation are not held here" in page


def test_columns_are_what_the_hospital_knows(cast):
    now = timezone.now()
    switch_on(cast)
    one = coming(cast)
    read = training.coming_appointments(cast.group, now)
    on = one.starts_at.astimezone(rules.LONDON).date()
    assert read.appointment_on.tolist() == [on]
    assert (read.age.tolist(), read.female.tolist()) == ([on.year - 1970], [1.0])
    assert np.isnan(read.reminder_sent).all()  # it may still be sent
    assert read.lead_days.tolist() == [(on - one.booked_at.astimezone(rules.LONDON).date()).days]
    yesterday = now - dt.timedelta(days=1)
    for state in Appointment.State.values:
        again = coming(cast)
        Appointment.objects.filter(pk=again.pk).update(state=state, starts_at=yesterday, booked_at=now)
    learnt = training.past_appointments(cast.group, now)
    assert sorted(learnt.missed.tolist()) == [0.0, 0.0, 1.0]  # done, abandoned, missed; no cancelled one
    assert np.isnat(learnt.booked_at).all()  # booked after their day: not known
    assert learnt.reminder_sent.tolist() == [0.0] * 3


def test_two_records_of_one_patient_are_one_person(cast):
    first, second = coming(cast), coming(cast)
    second.request.patient.merged_into = first.request.patient
    second.request.patient.save()
    assert len(set(training.coming_appointments(cast.group, timezone.now()).patient.tolist())) == 1


def test_too_few_are_refused_in_words(cast):
    switch_on(cast)
    past(cast, count=300)
    with pytest.raises(rules.AttendanceRefusedError, match="300 appointments have a known outcome"):
        actions.score_appointments(cast.group, timezone.now(), by=STAGE)
    assert actions.score_every_partnership(timezone.now())[0].startswith("Two Rivers Group: There is too little")
    with pytest.raises(rules.AttendanceRefusedError):
        actions.ask_for_risks(cast.group, by=cast.chief)
    assert not TrainedModel.objects.exists()


def test_nothing_is_worked_out_while_the_room_is_off(cast):
    past(cast, count=1000)
    with pytest.raises(rules.RoomOffError, match="clinical safety case is missing"):
        actions.score_appointments(cast.group, timezone.now(), by=STAGE)
    with pytest.raises(rules.RoomOffError):
        actions.ask_for_risks(cast.group, by=cast.chief)
    actions.score_in_background(cast.group.pk)
    assert actions.score_every_partnership(timezone.now()) == []
    assert not TrainedModel.objects.exists()
