"""What the pages about missed appointments show: whom to call, whether it helped, how far to trust a risk."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from numpy.typing import NDArray

from trustwide.analysis.attendance import (
    AttendanceError,
    Effect,
    arms,
    choose_calls,
    effect_of_calls,
    held_out,
    patients_needed,
)
from trustwide.commons.accounts.models import User
from trustwide.commons.accounts.rules import sites_where
from trustwide.commons.organisations.models import Partnership
from trustwide.services.imaging.attendance import rules
from trustwide.services.imaging.attendance.models import AttendanceRisk, Call, TrainedModel, Trial, TrialMember
from trustwide.services.imaging.attendance.training import AGE_BANDS, PERSON
from trustwide.services.imaging.booking.models import Appointment

State = Appointment.State
GUESSED_EFFECT = 0.3  # a guess until a trial of one's own has measured it
OUTCOMES: dict[str, float] = {State.MISSED: 1.0, State.DONE: 0.0, State.ABANDONED: 0.0, State.PATIENT_CANCELLED: 0.0}
_GROUP_ORDER = {name: place for place, (_, name) in enumerate(AGE_BANDS)}
HOLD_OUTS = (0.05, 0.1, 0.2, 0.3, 0.5)


@dataclass(frozen=True)
class Asked:
    """What a clerk can do: minutes there are, minutes a call, and up to how many working days ahead."""

    minutes: int = 60
    a_call: int = 4
    days: int = 3


@dataclass(frozen=True)
class AssumedEffect:
    """The share of misses that a call prevents. `trial`: the one that measured it; None for a guess."""

    share: float
    trial: Trial | None


@dataclass(frozen=True)
class ToCall:
    """An appointment to call about, its risk in words, and the call made about it today, if any."""

    appointment: Appointment
    words: str
    call: Call | None

    @property
    def is_open(self) -> bool:
        """Whether a call is still to be made, or to be tried again."""
        return self.appointment.state == State.BOOKED and (
            self.call is None or self.call.outcome == Call.Outcome.NOBODY
        )


@dataclass(frozen=True)
class CallList:
    """The list of one day. members: patients and appointments by arm; to_draw: appointments not in the trial yet."""

    rows: tuple[ToCall, ...]
    patients: int
    held_out: int
    prevented: float
    asked: Asked
    effect: AssumedEffect
    trial: Trial | None
    listed: tuple[tuple[int, int, bool], ...]
    to_draw: frozenset[int]
    scored_at: datetime.datetime | None

    @property
    def sentence(self) -> str:
        """12 calls of 4 minutes; they would prevent about 2 missed appointments."""
        if self.scored_at is None:
            return "Nobody can be listed: no risk has been worked out for the appointments of these days."
        if not self.patients:
            return "There is nobody to call: nobody with an appointment in these days is left to be reached."
        number = round(self.prevented)
        about = (
            f"about {number:,} missed appointment{'s' * (number != 1)}"
            if number
            else "less than one missed appointment"
        )
        calls = "call" if self.patients == 1 else "calls"
        they = "it" if self.patients == 1 else "they"
        minutes = f"{self.asked.a_call} minute{'s' * (self.asked.a_call != 1)}"
        return f"{self.patients:,} {calls} of {minutes}; {they} would prevent {about}."


@dataclass(frozen=True)
class TrialResult:
    """What a trial says. effect: None until it may be looked at; patients: those with a known outcome, of `needed`."""

    trial: Trial
    members: int
    patients: int
    needed: int | None
    over: bool
    effect: Effect | None

    @property
    def enough(self) -> bool:
        """Whether as many patients as were planned have an outcome."""
        return self.needed is not None and self.patients >= self.needed


@dataclass(frozen=True)
class TrialSize:
    """Patients that a trial of calls and one of reminders take, where so large a share is left out."""

    left_out: float
    calls: int | None
    reminders: int | None


def call_list(user: User, partnership: Partnership, asked: Asked, now: datetime.datetime) -> CallList:
    """Whom this person should call: the patients of their sites whose calls prevent most within the minutes.

    Patients whom an active trial leaves out are counted, and are not among the rows.
    """
    today = timezone.localdate(now)
    found = _candidates(user, partnership, today, asked.days)
    trial, effect = active_trial(partnership, Trial.Kind.CALLS, today), assumed_effect(partnership, today)
    patient = people([person for _, person, *_ in found])
    risk = np.array([row[2] for row in found], dtype=float)
    out = held_out(trial.key, patient, trial.hold_out) if trial else np.zeros(len(found), dtype=bool)
    chosen = choose_calls(patient, risk, out, asked.minutes, asked.a_call, effect.share)
    order = {person: place for place, person in enumerate(chosen.to_call.tolist())}
    left_out = set(chosen.held_out.tolist())
    listed = tuple(
        (pk, person, person in left_out) for pk, person, *_ in found if person in order or person in left_out
    )
    drawn = _drawn(trial, [pk for pk, *_ in listed])
    shown = sorted(
        (order[person], pk) for pk, person, _ in listed if person in order and (trial is None or pk in drawn)
    )
    return CallList(
        rows=_rows([pk for _, pk in shown], today), patients=len(order), held_out=len(left_out),
        prevented=chosen.expected_prevented, asked=asked, effect=effect, trial=trial, listed=listed,
        to_draw=frozenset(pk for pk, *_ in listed if pk not in drawn) if trial else frozenset(),
        scored_at=max((row[3] for row in found), default=None) or _scored_at(partnership),
    )  # fmt: skip


def active_trial(partnership: Partnership | int, kind: str, day: datetime.date) -> Trial | None:
    """The trial of a kind into which patients come on a day; its partnership comes with it."""
    running = Trial.objects.filter(partnership=partnership, kind=kind, stopped_on=None)
    return running.filter(began_on__lte=day, ends_on__gte=day).select_related("partnership").first()


def reminder_trials(now: datetime.datetime) -> list[Trial]:
    """The trials of reminders that run, of partnerships whose room is on."""
    today = timezone.localdate(now)
    running = Trial.objects.filter(kind=Trial.Kind.REMINDERS, began_on__lte=today, ends_on__gte=today, stopped_on=None)
    return [each for each in running.select_related("partnership") if rules.switched_on(each.partnership, today)]


def left_out_of(trials: list[Trial]) -> QuerySet[TrialMember]:
    """For Exists() on appointments: the place of one that a trial leaves out."""
    return TrialMember.objects.filter(appointment=OuterRef("pk"), held_out=True, trial__in=trials)


def assumed_effect(partnership: Partnership, day: datetime.date) -> AssumedEffect:
    """What the newest finished trial of calls measured, else a guess."""
    over = Q(ends_on__lt=day) | Q(stopped_on__isnull=False)
    for trial in partnership.attendance_trials.filter(over, kind=Trial.Kind.CALLS):
        result = trial_result(trial, day)
        if result.enough and result.effect is not None and result.effect.ratio is not None:
            return AssumedEffect(min(1.0, max(0.0, 1 - result.effect.ratio.value)), trial)
    return AssumedEffect(GUESSED_EFFECT, None)


def appointments_to_call(user: User) -> Any:
    """Appointments of sites where this person works against missed appointments."""
    return Appointment.objects.filter(request__site__in=sites_where(user, rules.PERMISSION).of_the_group())


def trials_of(partnership: Partnership) -> Any:
    """Every trial of a partnership, the newest first."""
    return partnership.attendance_trials.order_by("-began_on", "-pk")


def trial_result(trial: Trial, day: datetime.date) -> TrialResult:
    """What a trial says so far. Shares by arm stay closed until it is over or has as many patients as planned."""
    rows = list(trial.members.order_by("pk").values_list("patient_id", "joined_at", "held_out", "appointment__state"))
    missed = np.array([OUTCOMES.get(row[3], np.nan) for row in rows], dtype=float)
    patient = people([row[0] for row in rows])
    patients = len(np.unique(patient[~np.isnan(missed)]))
    needed = planned_patients(trial)
    over = trial.stopped_on is not None or trial.ends_on < day
    open_now = over or (needed is not None and patients >= needed)
    return TrialResult(trial, len(rows), patients, needed, over, _effect(rows, patient, missed) if open_now else None)


def planned_patients(trial: Trial) -> int | None:
    """How many patients a trial was to have: from the first model there was, so that it does not move meanwhile."""
    model = trial.partnership.attendance_models.order_by("pk").first()
    return needed_with(model, trial.kind, trial.hold_out) if model else None


def needed_with(model: TrainedModel, kind: str, hold_out: float) -> int | None:
    """Patients, both arms, to find in 8 of 10 trials that 30 of 100 misses are prevented; None where nobody misses."""
    without = usual_share(model, kind)
    try:
        return patients_needed(without, without * (1 - GUESSED_EFFECT), hold_out)
    except AttendanceError:
        return None


def sizes(partnership: Partnership) -> list[TrialSize]:
    """Patients that a trial takes, by the share left out; empty before the first risks are worked out."""
    model = partnership.attendance_models.order_by("pk").first()
    if model is None:
        return []
    return [
        TrialSize(share, *(needed_with(model, kind, share) for kind in (Trial.Kind.CALLS, Trial.Kind.REMINDERS)))
        for share in HOLD_OUTS
    ]


def usual_share(model: TrainedModel, kind: str) -> float:
    """The share missed among those who come into a trial: for calls the tenth at most risk, for reminders everybody."""
    tenths = model.quality["tenths"]
    if kind == Trial.Kind.CALLS:
        return float(tenths[-1]["missed"])
    return float(np.mean([each["missed"] for each in tenths]))


def newest_model(partnership: Partnership) -> TrainedModel | None:
    """The model whose risks are shown."""
    return partnership.attendance_models.order_by("-pk").first()


def _candidates(user: User, partnership: Partnership, today: datetime.date, days: int) -> list[Any]:
    """Rows of appointment, person, risk and when it was judged: not confirmed yet, or called about today."""
    tomorrow = rules.midnight(today + datetime.timedelta(days=1))
    end = rules.midnight(rules.in_working_days(today, days) + datetime.timedelta(days=1))
    called = Exists(Call.objects.filter(appointment=OuterRef("pk"), made_at__gte=rules.midnight(today)))
    waits = Q(state=State.BOOKED, confirmed_at=None) | Q(called)
    mine = appointments_to_call(user).filter(
        waits, request__patient__partnership=partnership, starts_at__gte=tomorrow, starts_at__lt=end, risk__isnull=False
    )
    found = mine.order_by("starts_at", "pk").annotate(person=PERSON)
    return list(found.values_list("pk", "person", "risk__risk", "risk__scored_at"))


def _drawn(trial: Trial | None, appointments: Iterable[int]) -> set[int]:
    if trial is None:
        return set()
    held = TrialMember.objects.filter(trial=trial, appointment__in=list(appointments))
    return set(held.values_list("appointment_id", flat=True))


def _rows(order: list[int], today: datetime.date) -> tuple[ToCall, ...]:
    found = Appointment.objects.filter(pk__in=order).select_related(
        "request__patient", "request__exam", "request__site", "session__site", "risk"
    )
    by_pk = {each.pk: each for each in found}
    calls: dict[int, Call] = {}
    made = Call.objects.filter(appointment__in=order, made_at__gte=rules.midnight(today)).order_by("pk")
    for call in made:
        calls[call.appointment_id] = call
    return tuple(ToCall(by_pk[pk], rules.risk_words(by_pk[pk].risk.risk), calls.get(pk)) for pk in order)


def _scored_at(partnership: Partnership) -> datetime.datetime | None:
    newest = AttendanceRisk.objects.filter(model__partnership=partnership).order_by("-scored_at").first()
    return newest.scored_at if newest else None


def _effect(rows: list[Any], patient: Any, missed: Any) -> Effect | None:
    """None where one arm has nobody yet."""
    listed_on = np.array([row[1].astimezone(datetime.UTC).replace(tzinfo=None) for row in rows], dtype="datetime64[us]")
    out = np.array([row[2] for row in rows], dtype=bool)
    try:
        return effect_of_calls(*arms(patient, listed_on, missed, out))
    except AttendanceError:
        return None


def groups_of(model: TrainedModel) -> dict[str, list[dict[str, Any]]]:
    """Error by group, as it was stored: kind of group to its groups, the youngest first."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for each in model.quality["groups"]:
        kind, _, name = each["group"].partition(": ")
        found[kind].append(each | {"name": name})
    for rows in found.values():
        rows.sort(key=lambda each: _GROUP_ORDER.get(each["name"], len(_GROUP_ORDER)))
    return dict(found)


def people(numbers: list[int]) -> NDArray[np.int64]:
    """Patients as the lot takes them: it must be the same number wherever a lot is drawn."""
    return np.array(numbers, dtype=np.int64)
