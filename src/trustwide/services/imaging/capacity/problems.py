"""Sentences of the engine about a description, put beside the fields of a form that they are about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django import forms


def put_beside_fields(form: forms.BaseForm, problems: Iterable[str], where: Mapping[str, str]) -> None:
    """Give each problem to the field whose path in `where` it is about; one that is about no field, to the whole form.

    A problem is `path: sentence`; `where` maps paths, such as "scanners[2].changeover", to names of fields.
    """
    for problem in problems:
        path, _, sentence = problem.partition(": ")
        found = _field_of(path, where)
        if found is None or found not in form.fields:
            form.add_error(None, problem)
        else:
            form.add_error(found, f"{form.fields[found].label}: {sentence}")


def _field_of(path: str, where: Mapping[str, str]) -> str | None:
    """The field of the longest path that this one is within, or of the first path that is within this one."""
    for known in sorted(where, key=len, reverse=True):
        if _is_within(path, known):
            return where[known]
    return next((name for known, name in where.items() if _is_within(known, path)), None)


def _is_within(path: str, known: str) -> bool:
    return path == known or path.startswith((f"{known}.", f"{known}["))
