"""The files of `trustwide spc`: rows of CSV files in and out, entries of a settings file, and sentences about both."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from trustwide.config.commands import CommandError

MISSING = ("", "na", "nan")
LARGEST_VALUE = 1e300
A_NUMBER = "a number without thousands separators, or nothing where it is missing"


def read_rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """The row number, counting the heading as 1, and the texts of `columns` of every row that is not blank."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            heading = [name.strip() for name in next(reader, [])]
            places = [_place(path, heading, name, columns) for name in columns]
            last = max(places)
            for cells in reader:
                if not any(cells):
                    continue
                if len(cells) <= last:
                    expected = f"{len(heading)} columns as in the heading"
                    raise CommandError(
                        f"{path}, row {reader.line_num}: there are {len(cells)} columns; expected {expected}."
                    )
                yield reader.line_num, [cells[place].strip() for place in places]
    except OSError as error:
        raise CommandError(f"{path} cannot be read ({error.strerror}); expected a CSV file.") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise CommandError(f"{path} is not a CSV file in UTF-8 ({error}); save it as CSV UTF-8.") from None


def _place(path: Path, heading: list[str], name: str, columns: Sequence[str]) -> int:
    if heading.count(name) != 1:
        problem = "more than one column" if name in heading else "no column"
        raise CommandError(
            f"{path}, row 1: there is {problem} {name}; expected the columns {', '.join(columns)} "
            f"and found {', '.join(heading) or 'nothing'}."
        )
    return heading.index(name)


def read_number(path: Path, row: int, column: str, text: str) -> float:
    """A number as its text says; NaN where it is missing."""
    try:
        value = float(text)
    except ValueError:
        if text.lower() in MISSING:
            return math.nan
        raise wrong(path, row, column, text, A_NUMBER) from None
    if abs(value) > LARGEST_VALUE:
        raise wrong(path, row, column, text, "a finite number no larger than 1e300")
    if "_" in text:
        raise wrong(path, row, column, text, A_NUMBER)
    return value


def wrong(path: Path, row: int, column: str, value: str, expected: str) -> CommandError:
    """The sentence about a cell that cannot be used."""
    return CommandError(f"{path}, row {row}, column {column}: the value is {value!r}; expected {expected}.")


def first_few(names: Sequence[str]) -> str:
    """The first three names, and how many more there are."""
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def read_entries(path: Path) -> dict[str, dict[str, Any]]:
    """The objects of a JSON list by their series_id."""
    try:
        entries = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise CommandError(f"{path} cannot be read ({error.strerror}); expected a JSON file.") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise CommandError(
            f"{path}, {where}: this is not JSON ({error.msg}); expected a list with one entry a series."
        ) from None
    except (UnicodeDecodeError, RecursionError, ValueError):
        raise CommandError(f"{path} is not a JSON file in UTF-8; expected a list with one entry a series.") from None
    if not isinstance(entries, list):
        raise CommandError(f"{path} holds {_kind(entries)}; expected a list with one entry a series.")
    found: dict[str, dict[str, Any]] = {}
    for number, entry in enumerate(entries, start=1):
        name = _name(path, number, entry)
        if name in found:
            raise CommandError(f"{path}, entry {number}: series_id {name!r} is there twice; expected once.")
        found[name] = entry
    return found


def _name(path: Path, number: int, entry: Any) -> str:
    if not isinstance(entry, dict):
        raise CommandError(f"{path}, entry {number}: this is {_kind(entry)}; expected an object with a series_id.")
    name = entry.get("series_id")
    if not isinstance(name, str) or not name.strip():
        raise CommandError(f"{path}, entry {number}: series_id is {name!r}; expected the name of a series.")
    return name.strip()


def _kind(value: Any) -> str:
    return {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "nothing"}.get(
        type(value), "a number"
    )


def number_texts(values: Sequence[float]) -> list[str]:
    """Each number with every digit it needs; an undefined one is empty."""
    texts = {value: repr(value) for value in set(values) if not math.isnan(value)}
    return [texts.get(value, "") for value in values]


def write_rows(path: Path, columns: Sequence[str], rows: Iterable[Iterable[object]]) -> None:
    """A CSV file with a heading."""
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows(rows)
    except OSError as error:
        raise _cannot_write(path, error) from None


def draw(path: Path, spec: dict[str, Any]) -> None:
    """The picture of a Vega-Lite specification, as SVG or PNG by the ending of the file's name."""
    from trustwide.analysis.spc import png, svg

    drawing = png(spec) if path.suffix.lower() == ".png" else svg(spec).encode()
    try:
        path.write_bytes(drawing)
    except OSError as error:
        raise _cannot_write(path, error) from None


def _cannot_write(path: Path, error: OSError) -> CommandError:
    return CommandError(
        f"{path} cannot be written ({error.strerror}); give a file name in a folder that you may change."
    )
