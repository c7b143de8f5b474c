"""The reference page of the service file, from the fields themselves."""

from __future__ import annotations

from typing import Any

from trustwide.analysis.capacity.service_fields import ServiceFields
from trustwide.analysis.capacity.service_meanings import MEANINGS
from trustwide.analysis.capacity.waiting_list import COLUMNS

Schema = dict[str, Any]

_MOST = 1_000_000  # larger limits are there only to keep numbers finite
_INTRODUCTION = f"""A service is described in a YAML file. Fields without a default must be given; an unknown field is
refused, and every mistake is told with its path, such as `demand[2].duration.lognormal.sd: must be > 0`. What the
rules make of them: [how patients are booked](../explanation/booking.md).

The waiting list is a CSV file with the columns `{",".join(COLUMNS)}`, one row a request; `appointment_on` may be
empty. Dates are ISO, such as 2026-01-05; requests are dated before the start and appointments not before it.
"""


def service_file_body() -> str:
    """Markdown: every part of the file with its fields, what each may be, its default and its meaning."""
    schema = ServiceFields.model_json_schema()
    parts = {"ServiceFields": schema, **schema["$defs"]}
    return "\n".join([_INTRODUCTION, *(_section(name, parts[name]) for name in MEANINGS)])


def _section(name: str, part: Schema) -> str:
    lines = [f"## {_title(name)}\n"]
    if description := part.get("description"):
        lines.append(" ".join(description.split()) + "\n")
    lines += ["| field | may be | default | meaning |", "| --- | --- | --- | --- |"]
    required = part.get("required", [])
    for field, schema in part["properties"].items():
        default = "" if field in required else _default(schema)
        lines.append(f"| `{field}` | {_may_be(schema)} | {default} | {MEANINGS[name][field]} |")
    return "\n".join(lines) + "\n"


def _title(name: str) -> str:
    """`DidNotAttend` as words."""
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip()
    return "the file" if name == "ServiceFields" else words


def _default(schema: Schema) -> str:
    return _plain(schema.get("default")) or "none"


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_plain(part)}" for name, part in value.items() if part is not None)
    if isinstance(value, list):
        return f"[{', '.join(value)}]" if value else ""
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _may_be(schema: Schema) -> str:
    """What a value may be, in words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{_title(name)}](#{_title(name).replace(' ', '-')})"
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return " or ".join(_may_be(one) for one in schema[key] if one.get("type") != "null")
    if "enum" in schema or "const" in schema:
        return ", ".join(f"`{word}`" for word in schema.get("enum", [schema.get("const")]))
    return {"array": _list, "object": _mapping, "string": _text}.get(schema["type"], _number)(schema)


def _list(schema: Schema) -> str:
    size = f"{schema['minItems']} " if schema.get("minItems", 0) == schema.get("maxItems") else ""
    return f"list of {size}{_may_be(schema['items'])}"


def _mapping(schema: Schema) -> str:
    values = schema.get("additionalProperties") or next(iter(schema["patternProperties"].values()))
    return f"mapping to {_may_be(values)}"


def _text(schema: Schema) -> str:
    kinds = {"date": "date", "date-time": "date and time"}
    if str(schema.get("pattern", "")).endswith("24:00$"):
        return 'time such as "08:00"'
    return kinds.get(schema.get("format", ""), "name" if "pattern" in schema else "text")


def _number(schema: Schema) -> str:
    if schema["type"] == "boolean":
        return "`true`, `false`"
    words = "whole number" if schema["type"] == "integer" else "number"
    limits = []
    for key, sign in (("minimum", ">="), ("exclusiveMinimum", ">"), ("maximum", "<="), ("exclusiveMaximum", "<")):
        if key in schema and schema[key] <= _MOST:
            limits.append(f"{sign} {schema[key]:,}")
    return f"{words} {', '.join(limits)}".strip()
