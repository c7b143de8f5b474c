"""Reads and writes single figures of a description by their path, such as `did_not_attend.rebook.times`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

LAWS = ("exponential", "lognormal", "fixed")


def read_path(part: Any, path: str) -> Any:
    """What stands there; None for nothing."""
    for key in path.split("."):
        if not isinstance(part, Mapping):
            return None
        part = part.get(key)
    return part


def write_path(part: dict[str, Any], path: str, value: Any) -> None:
    """Put a value there; None takes it away, and with it whatever would be left empty above it."""
    first, _, rest = path.partition(".")
    if rest:
        below = part.get(first)
        inner = dict(below) if isinstance(below, Mapping) else {}
        write_path(inner, rest, value)
        value = inner or None
    if value is None:
        part.pop(first, None)
    else:
        part[first] = value


def is_open(part: Mapping[str, Any], path: str) -> bool:
    """Whether a figure can be written there without taking another kind of description away: a word or another law."""
    here: Any = part
    for key in path.split(".")[:-1]:
        if not isinstance(here, Mapping):
            return here is None
        if key in LAWS and any(other in here for other in LAWS if other != key):
            return False
        here = here.get(key)
    return here is None or isinstance(here, Mapping)
