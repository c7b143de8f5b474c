"""What the fields of a department must hold together; each problem is one sentence that starts with its path."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

import numpy as np

from trustwide.analysis.capacity.flow.department_fields import (
    LEAVE,
    Coming,
    DepartmentFields,
    PatientType,
    Resource,
    Step,
    StepLaw,
    Visit,
)
from trustwide.analysis.capacity.service_words import minute_of, one_of

_LAWS = ("fixed", "exponential", "lognormal", "normal", "triangular")
_MOST_VISITS = 20  # on average, of one patient to one step
_ROUNDING = 1e-9


def problems_of(fields: DepartmentFields) -> list[str]:
    """All problems found; names first, for nothing else can be judged while they are wrong."""
    return list(_name_problems(fields)) or list(_field_problems(fields)) or list(_pathway_ends(fields))


def source_of(name: str) -> int:
    """The number by which the draws of a step are told apart (16 bits)."""
    return zlib.crc32(name.encode()) & 0xFFFF


def next_steps(patient: PatientType, number: int) -> dict[str, float]:
    """The probability of each step (or of leaving) after the visit of that number."""
    visit = patient.pathway[number]
    if visit.then is not None:
        return visit.then
    if number + 1 < len(patient.pathway):
        return {patient.pathway[number + 1].step: 1.0}
    return {LEAVE: 1.0}


def _name_problems(fields: DepartmentFields) -> Iterator[str]:
    resources, steps = [part.id for part in fields.resources], [part.id for part in fields.steps]
    yield from _repeats("resources", resources)
    yield from _repeats("steps", steps)
    yield from _repeats("patients", [part.id for part in fields.patients])
    yield from _same_draws("steps", steps, [source_of(name) for name in steps])
    types = [part.id for part in fields.patients]
    yield from _same_draws("patients", types, [zlib.crc32(name.encode()) for name in types])
    for number, step in enumerate(fields.steps):
        if step.id == LEAVE:
            yield f"steps[{number}].id: must not be {LEAVE!r}, which means that the patient goes home"
        yield from _unknown(f"steps[{number}].holds", step.holds, resources, "resources")
        yield from _unknown(f"steps[{number}].keeps", step.keeps, list(step.holds), "what the step holds")
        yield from _unknown(
            f"steps[{number}].waits_in", [step.waits_in] if step.waits_in else [], resources, "resources"
        )
    for number, patient in enumerate(fields.patients):
        yield from _pathway_names(f"patients[{number}].pathway", patient.pathway, steps)
    yield from _unknown("takt_of", [fields.takt_of] if fields.takt_of else [], steps, "steps")


def _pathway_names(path: str, pathway: list[Visit], steps: list[str]) -> Iterator[str]:
    here = [visit.step for visit in pathway]
    for number, visit in enumerate(pathway):
        yield from _unknown(f"{path}[{number}].step", [visit.step], steps, "steps")
        if visit.step in here[:number]:
            yield f"{path}[{number}].step: must be there once, got {visit.step!r} again; return to it by `then`"
        yield from _unknown(f"{path}[{number}].then", visit.then or {}, [*here, LEAVE], f"this pathway or {LEAVE!r}")


def _repeats(path: str, names: list[str]) -> Iterator[str]:
    for number, name in enumerate(names):
        if name in names[:number]:
            yield f"{path}[{number}].id: must be used once, got {name!r} again"


def _same_draws(path: str, names: list[str], sources: list[int]) -> Iterator[str]:
    for number, source in enumerate(sources):
        other = sources.index(source)
        if names[other] != names[number]:
            yield (
                f"{path}[{number}].id: would draw the same random numbers as {names[other]!r}; "
                f"choose another than {names[number]!r}"
            )


def _unknown(path: str, names: Iterable[str], known: list[str], what: str) -> Iterator[str]:
    for name in names:
        if name not in known:
            yield f"{path}: {name!r} is not among {what}; there are {', '.join(known) or 'none'}"


def _field_problems(fields: DepartmentFields) -> Iterator[str]:
    if minute_of(fields.hours.opens) >= minute_of(fields.hours.closes):
        yield f"hours.closes: must be after {fields.hours.opens}, got {fields.hours.closes!r}"
    for number, resource in enumerate(fields.resources):
        yield from _times_problems(f"resources[{number}].times", resource)
    for number, step in enumerate(fields.steps):
        yield from _step_problems(f"steps[{number}]", step, fields)
    for number, patient in enumerate(fields.patients):
        yield from _patient_problems(f"patients[{number}]", patient)


def _times_problems(path: str, resource: Resource) -> Iterator[str]:
    before = 0
    for number, part in enumerate(resource.times or []):
        opens, closes = minute_of(part.opens), minute_of(part.closes)
        if opens >= closes:
            yield f"{path}[{number}].closes: must be after {part.opens}, got {part.closes!r}"
        if opens < before:
            yield f"{path}[{number}].opens: must not be before the end of the part above, got {part.opens!r}"
        before = closes


def _step_problems(path: str, step: Step, fields: DepartmentFields) -> Iterator[str]:
    yield from _law_problems(f"{path}.duration", step.duration)
    for name, count in step.holds.items():
        most = _most_of(next(part for part in fields.resources if part.id == name))
        if count > most:
            yield f"{path}.holds.{name}: must be at most {most}, which is all there ever are, got {count}"


def _most_of(resource: Resource) -> int:
    return max((part.count or resource.count for part in resource.times or []), default=resource.count)


def _law_problems(path: str, law: StepLaw) -> Iterator[str]:
    yield from one_of(path, law, _LAWS)
    if law.triangular and not law.triangular.low <= law.triangular.mode <= law.triangular.high:
        yield f"{path}.triangular: must have low <= mode <= high"


def _patient_problems(path: str, patient: PatientType) -> Iterator[str]:
    yield from _coming_problems(f"{path}.arrivals", patient.arrivals)
    for number, visit in enumerate(patient.pathway):
        if visit.duration:
            yield from _law_problems(f"{path}.pathway[{number}].duration", visit.duration)
        total = sum((visit.then or {"": 1.0}).values())
        if abs(total - 1.0) > _ROUNDING:
            yield f"{path}.pathway[{number}].then: probabilities must add up to 1, got {total:g}"


def _coming_problems(path: str, coming: Coming) -> Iterator[str]:
    yield from one_of(path, coming, ("appointments", "slots", "per_hour", "recorded"))
    by_time = coming.appointments is not None or coming.slots is not None
    if not by_time and (coming.off_time or coming.did_not_attend):
        yield f"{path}: off_time and did_not_attend are of appointments and slots; remove them here"
    for number, slots in enumerate(coming.slots or []):
        if minute_of(slots.opens) > minute_of(slots.closes):
            yield f"{path}.slots[{number}].closes: must not be before {slots.opens}, got {slots.closes!r}"


def _pathway_ends(fields: DepartmentFields) -> Iterator[str]:
    """Every patient must leave in the end, and not be sent round for ever."""
    for number, patient in enumerate(fields.patients):
        names = [visit.step for visit in patient.pathway]
        moves = np.zeros((len(names), len(names)))
        for row in range(len(names)):
            for name, probability in next_steps(patient, row).items():
                if name != LEAVE:
                    moves[row, names.index(name)] = probability
        visits = _expected_visits(moves)
        if not np.all((visits >= -_ROUNDING) & (visits <= _MOST_VISITS)):
            yield (
                f"patients[{number}].pathway: must lead to leaving, with at most {_MOST_VISITS} visits to a step on "
                "average; look for steps that send patients back to each other"
            )


def _expected_visits(moves: np.ndarray) -> np.ndarray:
    """Expected visits to each step of a patient who starts at the first; infinite if they may go round for ever."""
    reached, last = {0}, set[int]()
    while reached != last:
        last = set(reached)
        reached |= {int(to) for row in last for to in np.flatnonzero(moves[row])}
    rows = sorted(reached)
    system = np.eye(len(rows)) - moves[np.ix_(rows, rows)]
    if np.linalg.cond(system) > 1e9:
        return np.array([np.inf])
    start = np.zeros(len(rows))
    start[rows.index(0)] = 1.0
    return np.asarray(np.linalg.solve(system.T, start))
