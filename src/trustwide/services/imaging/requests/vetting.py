"""Writes of vetting: who justified an exam, another in its place, its protocol, the answers to safety questions."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from trustwide.commons.audit.actions import Actor
from trustwide.services.imaging.requests.actions import happen
from trustwide.services.imaging.requests.models import ExamType, ImagingRequest, PathwayEvent
from trustwide.services.imaging.requests.pathway import Event, PathwayError
from trustwide.services.imaging.requests.questions import Held, held_by
from trustwide.services.imaging.requests.rules import IONISING


def accept(
    request: ImagingRequest, practitioner: str, *, by: Actor, note: str = "", at: datetime.datetime | None = None
) -> PathwayEvent:
    """Accept a request. Raises PathwayError where radiation is used and no practitioner is named (IR(ME)R 2017)."""
    _check_justified(request.exam, practitioner)
    details = {"practitioner": practitioner, "note": note}
    return happen(request, Event.ACCEPT, by=by, at=at, details={key: text for key, text in details.items() if text})


@transaction.atomic
def change_exam(
    request: ImagingRequest,
    exam: ExamType,
    *,
    by: Actor,
    reason: str,
    practitioner: str = "",
    at: datetime.datetime | None = None,
) -> PathwayEvent:
    """Another exam of the same kind of scanner in place of the one asked for; it is vetted by that.

    Raises PathwayError for the same exam, one of another kind, one no longer in use or of another partnership, and
    where radiation is used and no practitioner is named.
    """
    if exam.pk == request.exam_id:
        raise PathwayError(f"The request is for {exam} already; choose another exam.")
    if exam.modality != request.exam.modality:
        raise PathwayError(
            f"{exam} is {exam.get_modality_display()}, and the request is for {request.exam.get_modality_display()}; "
            "reject it and ask for a new request instead."
        )
    if not exam.in_use or exam.partnership_id != request.exam.partnership_id:
        raise PathwayError(f"{exam} is not in the catalogue any more; choose another exam.")
    _check_justified(exam, practitioner)
    details = {"from": request.exam.name, "to": exam.name}
    if practitioner:
        details["practitioner"] = practitioner
    event = happen(request, Event.CHANGE, by=by, at=at, reason=reason, details=details)
    request.exam, request.test, request.protocol = exam, exam.test, ""
    request.save(update_fields=["exam", "test", "protocol"])
    return event


@transaction.atomic
def choose_protocol(
    request: ImagingRequest, protocol: str, *, by: Actor, at: datetime.datetime | None = None
) -> PathwayEvent:
    """The protocol by which it will be scanned. Raises PathwayError where none is named."""
    if not protocol.strip():
        raise PathwayError("Name the protocol by which the exam will be scanned.")
    event = happen(request, Event.PROTOCOL, by=by, at=at, details={"protocol": protocol})
    request.protocol = protocol[:120]
    request.save(update_fields=["protocol"])
    return event


class HeldError(PathwayError):
    """Answers hold the exam, and nobody is named who decided that it may go on."""

    def __init__(self, held: tuple[Held, ...]) -> None:
        self.held = held
        super().__init__(
            "Some answers hold this exam until they are settled, or you name who decided that it may go on, and why. "
            + " ".join(one.why for one in held)
        )


def pass_safety(
    request: ImagingRequest,
    answers: Mapping[str, str],
    *,
    by: Actor,
    decided_by: str = "",
    why: str = "",
    at: datetime.datetime | None = None,
) -> PathwayEvent:
    """The safety questions are settled. Raises HeldError where an answer holds and nobody named decided, and why."""
    held = held_by(request.exam.safety, answers, timezone.localdate())
    if held and not (decided_by.strip() and why.strip()):
        raise HeldError(held)
    details: dict[str, object] = {"answers": dict(answers)}
    if held:
        details |= {"held": [one.code for one in held], "decided_by": decided_by}
    return happen(request, Event.SAFETY_PASS, by=by, at=at, reason=why if held else "", details=details)


def hold_for_safety(
    request: ImagingRequest,
    answers: Mapping[str, str],
    *,
    by: Actor,
    why: str = "",
    at: datetime.datetime | None = None,
) -> PathwayEvent:
    """An answer has to be looked into first; the reason is given, or follows from the answers."""
    held = held_by(request.exam.safety, answers, timezone.localdate())
    reason = why or " ".join(one.why for one in held)
    details = {"answers": dict(answers), "held": [one.code for one in held]}
    return happen(request, Event.SAFETY_HOLD, by=by, at=at, reason=reason, details=details)


def _check_justified(exam: ExamType, practitioner: str) -> None:
    if exam.modality in IONISING and not practitioner.strip():
        raise PathwayError("This exam uses radiation: name the practitioner who justifies it.")
