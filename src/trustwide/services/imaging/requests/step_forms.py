"""The form of each step: what it asks, and the one action it calls."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from django import forms

from trustwide.commons.accounts.models import User
from trustwide.services.imaging.requests.actions import happen
from trustwide.services.imaging.requests.models import ExamType, ImagingRequest
from trustwide.services.imaging.requests.pathway import NEED_A_REASON, Event
from trustwide.services.imaging.requests.questions import ANSWERS, Question, questions_of
from trustwide.services.imaging.requests.rules import needs_justification
from trustwide.services.imaging.requests.vetting import (
    accept,
    change_exam,
    choose_protocol,
    hold_for_safety,
    pass_safety,
)
from trustwide.services.imaging.waiting.actions import take_off
from trustwide.services.imaging.waiting.forms import CODES, day_field

WRONG_TIME = "Enter a day and time that exist, or leave it empty if it happened just now."
REASONS: dict[Event, Sequence[str]] = {
    Event.QUERY: ("The clinical question is not clear", "Earlier images are needed", "A contact or result is missing"),
    Event.REJECT: ("Another exam answers the question better", "Done already", "The dose is not justified"),
    Event.CHANGE: ("Another exam answers the question better", "Contrast is needed", "Contrast is not needed"),
}


_THE_REFERRER = (Event.ANSWER, Event.ACKNOWLEDGE)


class StepForm(forms.Form):
    """A step without particulars. seen: how many events there were when the page was shown."""

    seen = forms.IntegerField(
        widget=forms.HiddenInput, error_messages=dict.fromkeys(("required", "invalid"), "Open the page again.")
    )
    at = forms.DateTimeField(
        label="When it happened", required=False, help_text="Leave empty if it happened just now.",
        widget=forms.DateTimeInput({"type": "datetime-local", "class": "nhsuk-input--width-20"}, "%Y-%m-%dT%H:%M"),
        error_messages={"invalid": WRONG_TIME},
    )  # fmt: skip

    def __init__(self, request: ImagingRequest, event: Event, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request, self.event, self.user = request, event, user
        self.fields["seen"].initial = request.events_count
        self.prepare()
        self.order_fields([name for name in self.fields if name != "at"])

    def prepare(self) -> None:
        """Add what this step asks."""
        if self.event in NEED_A_REASON:
            self.add_reasons()
        elif self.event in _THE_REFERRER:
            self.fields["words"] = forms.CharField(label="What the referrer said", required=False, max_length=250)

    def add_reasons(self) -> None:
        """A choice of usual reasons where the step has some, and words of one's own."""
        usual = REASONS.get(self.event, ())
        if usual:
            self.fields["usual"] = forms.ChoiceField(
                label="Reason",
                required=False,
                widget=forms.RadioSelect,
                choices=[(one, one) for one in (*usual, "Another reason")],
            )
        self.fields["words"] = forms.CharField(
            label="In your own words" if usual else "Reason", max_length=250, required=not usual,
            widget=forms.Textarea(attrs={"rows": 3}),
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Another reason needs words."""
        data = super().clean() or self.cleaned_data
        if "usual" in self.fields and not data.get("words") and data.get("usual") in ("", None, "Another reason"):
            self.add_error("words", "Choose a reason, or write why.")
        return data

    @property
    def reason(self) -> str:
        """The reason of a valid form: the chosen one and the words."""
        usual = self.cleaned_data.get("usual") or ""
        chosen = "" if usual == "Another reason" else usual
        return ": ".join(text for text in (chosen, self.cleaned_data.get("words", "").strip()) if text)

    @property
    def when(self) -> datetime.datetime | None:
        """When it happened; None for now. Times are entered by the minute, so one of the last event's minute is its."""
        at: datetime.datetime | None = self.cleaned_data.get("at")
        last = self.request.events.order_by("-number").values_list("at", flat=True).first()
        same_minute = at and last and datetime.timedelta() < last - at < datetime.timedelta(minutes=1)
        return last if same_minute else at

    def carry_out(self) -> None:
        """Do the step, on what the person saw. Raises PathwayError, BookingError or NotAllowedError."""
        self.request.events_count = self.cleaned_data["seen"]
        self.apply()

    def apply(self) -> None:
        """The one action of this step."""
        happen(self.request, self.event, by=self.user, at=self.when, reason=self.reason)


class AcceptForm(StepForm):
    """Who justifies the exam."""

    def prepare(self) -> None:
        self.fields["practitioner"] = _practitioner(self.request, self.user)
        self.fields["note"] = forms.CharField(
            label="Note", required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 3})
        )

    def apply(self) -> None:
        data = self.cleaned_data
        accept(self.request, data["practitioner"], note=data["note"], by=self.user, at=self.when)


class ChangeForm(StepForm):
    """Another exam of the same kind of scanner."""

    def prepare(self) -> None:
        exam = self.request.exam
        others = ExamType.objects.filter(partnership=exam.partnership_id, modality=exam.modality, in_use=True)
        self.fields["exam"] = forms.ModelChoiceField(
            label="Exam in its place", queryset=others.exclude(pk=exam.pk), empty_label="Choose an exam"
        )
        self.fields["practitioner"] = _practitioner(self.request, self.user)
        self.add_reasons()

    def apply(self) -> None:
        exam, practitioner = self.cleaned_data["exam"], self.cleaned_data["practitioner"]
        change_exam(self.request, exam, practitioner=practitioner, by=self.user, reason=self.reason, at=self.when)


class ProtocolForm(StepForm):
    """The protocol by which it is scanned."""

    def prepare(self) -> None:
        self.fields["protocol"] = forms.CharField(label="Protocol", max_length=120, initial=self.request.protocol)

    def apply(self) -> None:
        choose_protocol(self.request, self.cleaned_data["protocol"], by=self.user, at=self.when)


class SafetyForm(StepForm):
    """The safety questions of the exam; the answers given last stand in it."""

    def prepare(self) -> None:
        before = self._answers_before()
        for question in questions_of(self.request.exam.safety):
            self.fields[question.code] = _field(question)
            self.fields[question.code].initial = before.get(question.code)
            if self.event is Event.SAFETY_HOLD:
                self.fields[question.code].required = False
        if self.event is Event.SAFETY_PASS:
            self.fields["decided_by"] = forms.CharField(
                label="Who decided that it may go on", required=False, max_length=120,
                help_text="Only where an answer holds the exam: the name of the person who decided.",
            )  # fmt: skip
        self.fields["words"] = forms.CharField(
            label="Why it may go on" if self.event is Event.SAFETY_PASS else "Why it is held", required=False,
            max_length=250, widget=forms.Textarea(attrs={"rows": 3}),
        )  # fmt: skip

    @property
    def answers(self) -> dict[str, str]:
        """The answers of a valid form, as text; those not given are left out."""
        given = {
            question.code: self.cleaned_data.get(question.code) for question in questions_of(self.request.exam.safety)
        }
        return {code: _text(answer) for code, answer in given.items() if answer not in (None, "")}

    def apply(self) -> None:
        if self.event is Event.SAFETY_HOLD:
            hold_for_safety(self.request, self.answers, by=self.user, why=self.reason, at=self.when)
        else:
            by = self.cleaned_data["decided_by"]
            pass_safety(self.request, self.answers, by=self.user, decided_by=by, why=self.reason, at=self.when)

    def _answers_before(self) -> dict[str, str]:
        asked = self.request.events.filter(kind__in=(Event.SAFETY_PASS, Event.SAFETY_HOLD)).order_by("-number").first()
        return dict(asked.details.get("answers") or {}) if asked else {}


class WithdrawForm(StepForm):
    """Why a request comes off the list; its appointment ends with it."""

    def prepare(self) -> None:
        del self.fields["at"]  # the minutes of its appointment are free from now on
        self.fields["code"] = forms.ChoiceField(
            label="Why it comes off the list", choices=CODES, widget=forms.RadioSelect
        )
        self.fields["words"] = forms.CharField(
            label="In your own words, for the record", max_length=250, widget=forms.Textarea(attrs={"rows": 3})
        )

    def apply(self) -> None:
        take_off(self.request, by=self.user, reason=self.reason, code=self.cleaned_data["code"])


FORMS: dict[Event, type[StepForm]] = {
    Event.RECEIVE: StepForm,
    Event.ACCEPT: AcceptForm,
    Event.CHANGE: ChangeForm,
    Event.QUERY: StepForm,
    Event.ANSWER: StepForm,
    Event.REJECT: StepForm,
    Event.PROTOCOL: ProtocolForm,
    Event.SAFETY_PASS: SafetyForm,
    Event.SAFETY_HOLD: SafetyForm,
    Event.REBOOK: StepForm,
    Event.REPORT: StepForm,
    Event.VERIFY: StepForm,
    Event.ACKNOWLEDGE: StepForm,
    Event.WITHDRAW: WithdrawForm,
}


def _practitioner(request: ImagingRequest, user: User) -> forms.Field:
    radiation = needs_justification(request)
    return forms.CharField(
        label="Practitioner who justifies the exposure" if radiation else "Vetted by", max_length=120,
        required=radiation, initial=user.audit_name,
        help_text="IR(ME)R 2017: the exam uses radiation, so a practitioner must justify it." if radiation else "",
    )  # fmt: skip


def _field(question: Question) -> forms.Field:
    if question.kind == "number":
        return forms.DecimalField(
            label=question.words, required=False,
            widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "nhsuk-input--width-4"}),
            error_messages={"invalid": "Enter the eGFR as a number, such as 72."},
        )  # fmt: skip
    if question.kind == "date":
        return day_field(question.words, required=False)
    return forms.ChoiceField(
        label=question.words, choices=ANSWERS, widget=forms.RadioSelect,
        error_messages={"required": f"Answer: {question.words}"},
    )  # fmt: skip


def _text(answer: object) -> str:
    return answer.isoformat() if isinstance(answer, datetime.date) else str(answer)
