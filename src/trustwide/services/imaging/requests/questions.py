"""The safety questions of an exam, as data, and which answers hold it until somebody has looked into them.

Sets are named by `ExamType.safety`. Limits of kidney function and its age are to be confirmed by each group; they stand
here in one place.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

YES, NO, NOT_KNOWN = "yes", "no", "not_known"
ANSWERS = ((NO, "No"), (YES, "Yes"), (NOT_KNOWN, "Not known"))
LEAST_EGFR = 30  # mL/min/1.73 m2: below it contrast needs a doctor's decision
OLDEST_EGFR = datetime.timedelta(days=90)
MOST_EGFR = 200


@dataclass(frozen=True)
class Question:
    """One question. kind: choice (yes, no, not known), number or date. holds: what to do where the answer holds."""

    code: str
    words: str
    holds: str
    kind: str = "choice"


@dataclass(frozen=True)
class Held:
    """An answer that holds the exam, and what must be settled first."""

    code: str
    why: str


SETS: dict[str, tuple[Question, ...]] = {
    "mr": (
        Question(
            "pacemaker", "Does the patient have a pacemaker, a defibrillator or any other device with a battery?",
            "A device with a battery: find its make and model, and ask the MR responsible person.",
        ),
        Question(
            "implant", "Does the patient have a clip, stent, shunt, valve, joint, hearing implant or other implant?",
            "An implant: find its make and the day of the operation, and look up on what conditions it may be scanned.",
        ),
        Question(
            "metal", "Has metal ever gone into the patient's eyes or body, at work or through an injury?",
            "Metal in the body: find out where it is; an X-ray of the eyes may have to come first.",
        ),
        Question(
            "operation", "Has the patient had an operation in the last six weeks, or ever one on head, heart or spine?",
            "An operation: get its report and see what was left in the body.",
        ),
    ),
    "contrast": (
        Question(
            "egfr", "Newest kidney function, eGFR (mL/min/1.73 m²)",
            "No kidney function is known: ask for a blood test.", "number",
        ),
        Question("egfr_on", "Day of that blood test", "The day of the blood test is not known: look it up.", "date"),
        Question(
            "allergy", "Has the patient ever reacted to contrast, or do they have a severe allergy?",
            "A reaction or allergy: ask a radiologist whether contrast is needed.",
        ),
    ),
    "pregnancy": (
        Question(
            "pregnant", "Could the patient be pregnant?",
            "A possible pregnancy: settle it, and ask who justified the exam whether it can wait.",
        ),
    ),
}  # fmt: skip
BY_CODE = {question.code: question for questions in SETS.values() for question in questions}


def questions_of(sets: Iterable[str]) -> tuple[Question, ...]:
    """The questions of an exam's sets, in order."""
    return tuple(question for name in sets for question in SETS.get(name, ()))


def held_by(sets: Iterable[str], answers: Mapping[str, str], today: datetime.date) -> tuple[Held, ...]:
    """Every answer that holds the exam; one that is missing or wrong holds it too. Dates are ISO text.

    A set nobody knows holds it as well: it is safer to ask than to pass over it.
    """
    sets = list(sets)
    held = [
        Held(
            name, f'The catalogue asks for the safety questions "{name}", which do not exist; tell your administrator.'
        )
        for name in sets
        if name not in SETS
    ]
    for question in questions_of(sets):
        why = _why(question, answers.get(question.code, ""), today)
        if why:
            held.append(Held(question.code, why))
    return tuple(held)


def _why(question: Question, answer: str, today: datetime.date) -> str:
    if question.kind == "number":
        return _why_egfr(answer, question.holds)
    if question.kind == "date":
        return _why_day(answer, question.holds, today)
    return "" if answer == NO else question.holds


def _why_egfr(answer: str, unknown: str) -> str:
    try:
        value = float(answer)
    except ValueError:
        return unknown
    if not 0 < value <= MOST_EGFR:
        return f"An eGFR of {value:g} is not possible; look it up again."
    low = f"An eGFR of {value:g} is below {LEAST_EGFR}: a doctor must decide whether contrast may be given."
    return low if value < LEAST_EGFR else ""


def _why_day(answer: str, unknown: str, today: datetime.date) -> str:
    try:
        day = datetime.date.fromisoformat(answer)
    except ValueError:
        return unknown
    if day > today:
        return "The day of the blood test lies in the future; look it up again."
    old = f"The blood test is more than {OLDEST_EGFR.days} days old: ask for a new one."
    return old if today - day > OLDEST_EGFR else ""
