"""Reads a department: its YAML file, or a mapping of the same shape."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from trustwide.analysis.capacity.exceptions import ServiceError
from trustwide.analysis.capacity.flow.department_checks import problems_of
from trustwide.analysis.capacity.flow.department_fields import DepartmentFields
from trustwide.analysis.capacity.flow.model import Department
from trustwide.analysis.capacity.service import read_yaml, sentence

_SHOWN_PROBLEMS = 20


def load_department(source: str | Path | Mapping[str, Any], *, name: str = "department") -> Department:
    """A department from a YAML file or a mapping (called `name` in errors), checked whole.

    Raises ServiceError, one sentence a problem, each with its path: `steps[2].holds: 'MR2' is not among resources`.
    """
    if isinstance(source, Mapping):
        return _checked(source, name)
    path = Path(source)
    loaded = read_yaml(path)
    if not isinstance(loaded, dict):
        raise ServiceError(path.name, ["must be a mapping of fields such as department, resources, steps and patients"])
    return _checked(loaded, path.name)


def _checked(data: Mapping[str, Any], name: str) -> Department:
    try:
        fields = DepartmentFields.model_validate(dict(data))
    except ValidationError as error:
        raise ServiceError(name, _shown([sentence(detail) for detail in error.errors()])) from error
    if problems := problems_of(fields):
        raise ServiceError(name, _shown(problems))
    return Department(fields)


def _shown(problems: list[str]) -> list[str]:
    unique = list(dict.fromkeys(problems))
    more = len(unique) - _SHOWN_PROBLEMS
    return unique[:_SHOWN_PROBLEMS] + ([f"and {more} more problems"] if more > 0 else [])
