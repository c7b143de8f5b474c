"""Reads a service: its YAML file (or a mapping of the same shape) and the waiting list beside it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from trustwide.analysis.capacity.exceptions import ServiceError
from trustwide.analysis.capacity.model import Service
from trustwide.analysis.capacity.service_checks import problems_of
from trustwide.analysis.capacity.service_fields import ServiceFields
from trustwide.analysis.capacity.waiting_list import WAITING_LIST_BYTES, parse_waiting_list

FILE_BYTES = 1_000_000
EXPANDED_NODES = 200_000
_SHOWN_PROBLEMS = 20
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load_service(source: str | Path | Mapping[str, Any], *, folder: str | Path | None = None) -> Service:
    """A service from a YAML file or a mapping, checked whole.

    `waiting_list` in it is a file beside the YAML (or in `folder`; of a mapping, in the current directory by default).
    Raises ServiceError, one sentence a problem, each with its path: `demand[2].duration.lognormal.sd: must be > 0`.
    """
    if isinstance(source, Mapping):
        return _checked(dict(source), "service", Path(folder or "."))
    path = Path(source)
    return _checked(read_mapping(path), path.name, Path(folder or path.parent))


def read_mapping(path: Path) -> dict[str, Any]:
    """The mapping a YAML file holds. Refuses long files, repeated keys and aliases that unfold into a flood."""
    loaded = read_yaml(path)
    if not isinstance(loaded, dict):
        raise ServiceError(
            path.name, [f"must be a mapping of fields such as service, start and demand, {_got(loaded)}"]
        )
    return loaded


def read_yaml(path: Path) -> Any:
    """Plain data from a YAML file, with the same refusals; anchors and merge keys are followed."""
    text = _text(path, FILE_BYTES)
    try:
        loader = _LOADER(text)
        root = loader.get_single_node()
        if root is None:
            raise ServiceError(path.name, ["is empty"])
        _check_nodes(root, path.name)
        return loader.construct_document(root)
    except yaml.MarkedYAMLError as error:
        line = f" on line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise ServiceError(path.name, [f"is not YAML: {error.problem}{line}"]) from error
    except RecursionError as error:
        raise ServiceError(path.name, ["is nested too deeply to be a service"]) from error
    except (yaml.YAMLError, ValueError) as error:
        if isinstance(error, ServiceError):
            raise
        raise ServiceError(path.name, [f"is not YAML: {error}"]) from error


def _text(path: Path, limit: int) -> str:
    try:
        if path.stat().st_size > limit:
            raise ServiceError(path.name, [f"is longer than {limit:,} bytes, the most such a file may have"])
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ServiceError(path.name, ["is not UTF-8 text; save it as UTF-8"]) from error
    except OSError as error:
        raise ServiceError(str(path), [f"cannot be read: {error.strerror}"]) from error


def _check_nodes(root: yaml.Node, name: str) -> None:
    sizes: dict[int, int] = {}

    def size(node: yaml.Node) -> int:
        known = sizes.get(id(node))
        if known == 0:
            raise ServiceError(name, [f"line {node.start_mark.line + 1}: an alias stands inside its own anchor"])
        if known is not None:
            return known
        sizes[id(node)] = 0
        total = 1 + sum(size(child) for child in _children(node, name))
        if total > EXPANDED_NODES:
            raise ServiceError(name, [f"unfolds to more than {EXPANDED_NODES:,} values through its aliases"])
        sizes[id(node)] = total
        return total

    size(root)


def _children(node: yaml.Node, name: str) -> list[yaml.Node]:
    if isinstance(node, yaml.SequenceNode):
        return list(node.value)
    if not isinstance(node, yaml.MappingNode):
        return []
    seen: set[str] = set()
    for key, _ in node.value:
        if isinstance(key, yaml.ScalarNode) and key.tag != "tag:yaml.org,2002:merge":
            if key.value in seen:
                raise ServiceError(name, [f"line {key.start_mark.line + 1}: {key.value} is given twice"])
            seen.add(key.value)
    return [part for pair in node.value for part in pair]


def checked_fields(data: Mapping[str, Any], name: str) -> ServiceFields:
    """The fields of a service from plain mappings, checked whole. Raises ServiceError; `name` is what it is called."""
    try:
        fields = ServiceFields.model_validate(data)
    except ValidationError as error:
        raise ServiceError(name, _shown([sentence(detail) for detail in error.errors()])) from error
    if problems := problems_of(fields):
        raise ServiceError(name, _shown(problems))
    return fields


def _checked(data: dict[str, Any], name: str, folder: Path) -> Service:
    fields = checked_fields(data, name)
    if fields.waiting_list is None:
        return Service(fields)
    if Path(fields.waiting_list).name != fields.waiting_list:
        raise ServiceError(
            name, [f"waiting_list: must be the name of a file beside this one, got {fields.waiting_list!r}"]
        )
    rows = parse_waiting_list(_text(folder / fields.waiting_list, WAITING_LIST_BYTES), fields)
    return Service(fields, rows)


def _shown(problems: list[str]) -> list[str]:
    unique = list(dict.fromkeys(problems))
    more = len(unique) - _SHOWN_PROBLEMS
    return unique[:_SHOWN_PROBLEMS] + ([f"and {more} more problems"] if more > 0 else [])


_EXPECTED = {
    "greater_than": "must be > {gt:g}",
    "greater_than_equal": "must be >= {ge:g}",
    "less_than": "must be < {lt:g}",
    "less_than_equal": "must be <= {le:g}",
    "finite_number": "must be a finite number",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "string_type": "must be text (put it in quotes)",
    "string_too_short": "must not be empty",
    "string_too_long": "must have at most {max_length} characters",
    "bool_type": "must be true or false",
    "literal_error": "must be {expected}",
    "list_type": "must be a list",
    "dict_type": "must be a mapping",
    "model_type": "must be a mapping of fields",
    "too_short": "must have at least {min_length} entries",
    "too_long": "must have at most {max_length} entries",
}
_CLOCK_FIELDS = ("opens", "closes")


def sentence(detail: ErrorDetails) -> str:
    """One of pydantic's errors as `path: what was expected, what came`."""
    where, kind, context = detail["loc"], detail["type"], detail.get("ctx", {})
    path = _path(where)
    if kind == "missing":
        return f"{path}: is missing"
    if kind == "extra_forbidden":
        return f"{path}: is not a field here; correct its spelling or remove it"
    expected = _EXPECTED.get(kind, detail["msg"]).format(**context) if kind in _EXPECTED else detail["msg"]
    if where[-1] in _CLOCK_FIELDS:
        expected = 'must be a time in quotes such as "08:00"'
    elif kind == "string_pattern_mismatch":
        expected = "must be a name without commas, colons or slashes, not starting with a space"
    return f"{path}: {expected}, {_got(detail['input'])}"


def _path(where: tuple[int | str, ...]) -> str:
    parts = [part for part in where if not (isinstance(part, str) and (part.startswith("@") or part == "[key]"))]
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
    return text.removeprefix(".")


def _got(value: object) -> str:
    text = repr(value)
    return f"got {text if len(text) <= 60 else text[:57] + '...'}"
