"""The reference page of the API, made from its own description."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trustwide.exchange.api.application import description

INTRODUCTION = """\
Every address answers GET alone, to a signed-in browser or to a program that sends the key of an access token in the
header `Authorization: Bearer`. Lists answer JSON with `items` and `next`; the cursor `next` asks for the page that
follows. The same rows come as a file with `format=csv`, `parquet` or `xlsx`; the header `Link` then gives the
address of the next page. Whatever goes wrong is told as `{"detail": "a sentence"}`: 401 without a key that works,
403 without a role, 404 for what is not there or not for you, 422 for a question that cannot be read, 429 for too
many calls in a minute. The description for programs is `/api/v1/openapi.json`. How to use it: [the how-to
page](../how-to/api.md).
"""


def api_body() -> str:
    """Every address with its parameters, and every row with its fields, in Markdown."""
    told = description()
    parts = [INTRODUCTION]
    for path, methods in told["paths"].items():
        parts += _address(path, methods["get"])
    parts.append("## Rows\n")
    for name, schema in sorted(told["components"]["schemas"].items()):
        if not name.startswith("Page_"):
            parts += _fields(name, schema)
    return "\n".join(parts)


def _address(path: str, operation: dict[str, Any]) -> Iterator[str]:
    yield f"## GET {path}\n"
    yield f"{operation['description']}\n"
    answer = operation["responses"][200]["content"]["application/json"]["schema"]
    yield f"Answers: {_type(answer)}\n"
    if operation["parameters"]:
        yield "| parameter | type | usual | what |"
        yield "| --- | --- | --- | --- |"
        for each in operation["parameters"]:
            usual = each["schema"].get("default", "")
            yield f"| `{each['name']}` | {_type(each['schema'])} | {usual} | {each.get('description', '')} |"
        yield ""


def _fields(name: str, schema: dict[str, Any]) -> Iterator[str]:
    yield f"### {name}\n"
    yield f"{schema['description']}\n"
    yield "| field | type | what |"
    yield "| --- | --- | --- |"
    for field, details in schema["properties"].items():
        yield f"| `{field}` | {_type(details)} | {details.get('description', '')} |"
    yield ""


def _type(schema: dict[str, Any]) -> str:
    """A schema in words, for example "list of Point" or "number or null"."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return f"list of {name.removeprefix('Page_').strip('_')}, with `next`" if name.startswith("Page_") else name
    if "anyOf" in schema:
        return " or ".join(_type(each) for each in schema["anyOf"])
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"] if value)
    if schema["type"] == "array":
        return f"list of {_type(schema['items'])}"
    return {"date": "date", "date-time": "date and time"}.get(schema.get("format", ""), str(schema["type"]))
