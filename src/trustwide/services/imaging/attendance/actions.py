"""Writes against missed appointments: assessments, risks, lists drawn by lot, calls, trials; each names its actor."""

from __future__ import annotations

import datetime
import logging
import secrets
from collections.abc import Collection, Mapping

from django.db import transaction
from django.utils import timezone

from trustwide.analysis.attendance import AttendanceError, held_out
from trustwide.commons.accounts.models import User
from trustwide.commons.accounts.rules import check_can
from trustwide.commons.audit.actions import Actor, SystemActor, record
from trustwide.commons.organisations.models import Partnership
from trustwide.commons.patients.actions import surviving
from trustwide.commons.patients.models import Patient
from trustwide.services.imaging import jobs
from trustwide.services.imaging.attendance import figures, rules, training
from trustwide.services.imaging.attendance.models import (
    AttendanceRisk,
    Call,
    ImpactAssessment,
    TrainedModel,
    Trial,
    TrialMember,
)
from trustwide.services.imaging.booking.actions import cancel, confirm
from trustwide.services.imaging.booking.models import Appointment

SCORING = SystemActor("missed appointments")
BATCH = 2_000
Outcome = Call.Outcome
log = logging.getLogger(__name__)


@transaction.atomic
def record_assessment(
    partnership: Partnership, kind: str, *, reference: str, signed_by: str, signed_on: datetime.date,
    review_on: datetime.date, by: User,
) -> ImpactAssessment:  # fmt: skip
    """Keep an assessment as it was signed; it replaces the earlier one of its kind.

    Raises NotAllowedError, or AttendanceRefusedError for dates that cannot be.
    """
    rules.check_can_manage(by, partnership)
    rules.check_assessment(signed_on, review_on, timezone.localdate())
    assessment = ImpactAssessment.objects.create(
        partnership=partnership, kind=kind, reference=reference, signed_by=signed_by, signed_on=signed_on,
        review_on=review_on, recorded_by=by,
    )  # fmt: skip
    details = {
        "kind": kind,
        "reference": reference,
        "signed_by": signed_by,
        "signed_on": signed_on,
        "review_on": review_on,
    }
    record("recorded an impact assessment", by=by, target=assessment, details=details)
    return assessment


def ask_for_risks(partnership: Partnership, *, by: User) -> None:
    """Work the risks out in the background. Raises RoomOffError, NotAllowedError or AttendanceRefusedError at once."""
    now = timezone.now()
    rules.check_can_manage(by, partnership)
    rules.check_switched_on(partnership, timezone.localdate(now))
    rules.check_enough(*training.known_outcomes(partnership, now))
    with transaction.atomic():
        record("asked for risks of missed appointments", by=by, target=partnership)
        jobs.start(score_in_background, partnership.pk)


def score_in_background(pk: int) -> None:
    """The background job: train for a partnership and judge its coming appointments. Twice leaves the same risks."""
    partnership = Partnership.objects.get(pk=pk)
    try:
        score_appointments(partnership, timezone.now(), by=SCORING)
    except (rules.RoomOffError, rules.AttendanceRefusedError) as refusal:
        log.warning("Risks of missed appointments were not worked out: %s", refusal)


def score_every_partnership(now: datetime.datetime) -> list[str]:
    """For the night: work out the risks wherever the room is on; one sentence each, also where that cannot be."""
    told = []
    for partnership in Partnership.objects.filter(comparison=False).order_by("pk"):
        if not rules.switched_on(partnership, timezone.localdate(now)):
            continue
        try:
            model = score_appointments(partnership, now, by=SCORING)
        except rules.AttendanceRefusedError as refusal:
            told.append(f"{partnership}: {refusal}")
        else:
            told.append(f"{partnership}: risks worked out from {model.appointments:,} past appointments.")
    return told


def score_appointments(partnership: Partnership, now: datetime.datetime, *, by: Actor) -> TrainedModel:
    """Learn from the last two years and judge the appointments of the next fourteen days.

    A model is judged once a day: again on the same appointments, the risks are written anew under the same one.
    Raises RoomOffError where the room is off, AttendanceRefusedError where there is too little to learn from.
    """
    rules.check_switched_on(partnership, timezone.localdate(now))
    past = training.past_appointments(partnership, now)
    rules.check_enough(len(past), int(past.missed.sum()))
    coming = training.coming_appointments(partnership, now)
    model = _model_of_today(partnership, len(past), now)
    try:
        risks = training.risks(coming, past)
        quality = training.judged(past) if model is None else {}
    except AttendanceError as error:
        raise rules.AttendanceRefusedError(f"The risks cannot be worked out: {error}") from None
    with transaction.atomic():
        if model is None:
            model = TrainedModel.objects.create(partnership=partnership, quality=quality, appointments=len(past))
        _keep(model, coming.identifier.tolist(), risks.tolist(), now)
        details = {"learnt_from": len(past), "judged": len(coming)}
        record("worked out risks of missed appointments", by=by, target=model, details=details)
    return model


@transaction.atomic
def draw_list(partnership: Partnership, asked: figures.Asked, now: datetime.datetime, *, by: User) -> int:
    """Before anybody calls: put those listed into the active trial, with the arm that the lot gives them.

    How many appointments came into it; none without a trial. Raises RoomOffError where the room is off.
    """
    rules.check_switched_on(partnership, timezone.localdate(now))
    found = figures.call_list(by, partnership, asked, now)
    if found.trial is None or not found.to_draw:
        return 0
    members = [
        TrialMember(trial=found.trial, appointment_id=appointment, patient_id=patient, held_out=out)
        for appointment, patient, out in found.listed
        if appointment in found.to_draw
    ]
    # of two clerks who draw at once the second finds what the first wrote; the lot gives both the same arms
    TrialMember.objects.bulk_create(members, ignore_conflicts=True)
    details = {"appointments": len(members), "left_out": sum(each.held_out for each in members)}
    record("drew a list of calls by lot", by=by, target=found.trial, details=details)
    return len(members)


@transaction.atomic
def record_call(appointment: Appointment, outcome: str, minutes: int, *, by: User) -> Call:
    """Keep a call and do what it led to: confirmed, or cancelled by the patient. A move is made in the slot finder.

    Raises RoomOffError, NotAllowedError, AttendanceRefusedError (not listed), or what the booking refuses.
    """
    request = appointment.request
    check_can(by, rules.PERMISSION, request.site)
    partnership, today = request.patient.partnership, timezone.localdate()
    rules.check_switched_on(partnership, today)
    _check_may_call(appointment, figures.active_trial(partnership, Trial.Kind.CALLS, today))
    call = Call.objects.create(appointment=appointment, outcome=outcome, minutes=minutes, made_by=by)
    if outcome == Outcome.WILL_COME:
        confirm(appointment, by=by)
    elif outcome == Outcome.CANCELLED:
        cancel(appointment, by=by, by_patient=True, reason="The patient said so when called")
    details = {"appointment": appointment.pk, "outcome": outcome}
    record("called about an appointment", by=by, target=call, site_code=request.site.code, details=details)
    return call


@transaction.atomic
def start_trial(
    partnership: Partnership, *, name: str, kind: str, hold_out: float, began_on: datetime.date, ends_on: datetime.date,
    by: User,
) -> Trial:  # fmt: skip
    """Begin a trial with a secret key of its own, so that nobody can foresee its lots.

    Raises RoomOffError, NotAllowedError, or AttendanceRefusedError for what cannot be tried.
    """
    today = timezone.localdate()
    rules.check_can_manage(by, partnership)
    rules.check_switched_on(partnership, today)
    if figures.newest_model(partnership) is None:
        raise rules.AttendanceRefusedError("Work the risks out first: they tell how many patients a trial needs.")
    trial = Trial(
        partnership=partnership, name=name, kind=kind, hold_out=hold_out, key=secrets.token_hex(32),
        began_on=began_on, ends_on=ends_on,
    )  # fmt: skip
    rules.check_trial(trial, today, partnership.attendance_trials.all())
    trial.save()
    details = {
        "kind": kind,
        "hold_out": hold_out,
        "patients_needed": figures.planned_patients(trial),
        "ends_on": ends_on,
    }
    record("started a trial", by=by, target=trial, details=details)
    return trial


@transaction.atomic
def stop_trial(trial: Trial, *, reason: str, by: User) -> None:
    """End a trial before its day. Raises AttendanceRefusedError for one that is over."""
    today = timezone.localdate()
    rules.check_can_manage(by, trial.partnership)
    if trial.stopped_on is not None or trial.ends_on < today:
        raise rules.AttendanceRefusedError(f'"{trial}" is over already.')
    trial.stopped_on = today
    trial.save(update_fields=["stopped_on"])
    record("stopped a trial", by=by, target=trial, reason=reason)


def draw_reminders(trials: Collection[Trial], appointments: Collection[Appointment]) -> set[int]:
    """Before reminders are queued: put appointments into their partnership's trial; those it leaves without one.

    Their places are kept, whichever arm they are in, so that asking again gives the same answer.
    """
    of = {trial.partnership_id: trial for trial in trials}
    members = [
        TrialMember(
            trial=of[patient.partnership_id], appointment=each, patient=patient, held_out=_left_out(of, patient)
        )
        for each in appointments
        if (patient := surviving(each.request.patient)).partnership_id in of
    ]
    if not members:
        return set()
    TrialMember.objects.bulk_create(members, ignore_conflicts=True)
    kept = TrialMember.objects.filter(trial__in=trials, appointment__in=appointments, held_out=True)
    return set(kept.values_list("appointment_id", flat=True))


def _left_out(of: Mapping[int, Trial], patient: Patient) -> bool:
    trial = of[patient.partnership_id]
    return bool(held_out(trial.key, figures.people([patient.pk]), trial.hold_out)[0])


def _model_of_today(partnership: Partnership, appointments: int, now: datetime.datetime) -> TrainedModel | None:
    since = rules.midnight(timezone.localdate(now))
    return partnership.attendance_models.filter(trained_at__gte=since, appointments=appointments).last()


def _keep(model: TrainedModel, appointments: list[int], risks: list[float], now: datetime.datetime) -> None:
    rows = [
        AttendanceRisk(appointment_id=appointment, model=model, risk=risk, scored_at=now)
        for appointment, risk in zip(appointments, risks, strict=True)
    ]
    AttendanceRisk.objects.bulk_create(
        rows, batch_size=BATCH, update_conflicts=True, unique_fields=["appointment"],
        update_fields=["model", "risk", "scored_at"],
    )  # fmt: skip


def _check_may_call(appointment: Appointment, trial: Trial | None) -> None:
    """During a trial only those whose lot was drawn, and drew a call."""
    if trial is None:
        return
    member = trial.members.filter(appointment=appointment).first()
    if member is None:
        raise rules.AttendanceRefusedError("A trial is running: draw today's list before you call.")
    if member.held_out:
        raise rules.AttendanceRefusedError("A trial leaves this patient out by lot; no call is kept about them.")
