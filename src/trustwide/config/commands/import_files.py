"""What every kind of import does with its files: reads them, says what is wrong with them, writes the faulty rows."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from trustwide.config.commands import CommandError

if TYPE_CHECKING:
    import polars as pl

    from trustwide.exchange.tables.rejects import Reject

FAULTS_SHOWN = 20  # for each file; the rejects file holds them all


class ReadFile(Protocol):
    """A file that could be read."""

    @property
    def name(self) -> str: ...
    @property
    def rejects(self) -> tuple[Reject, ...]: ...
    @property
    def rejected(self) -> pl.DataFrame: ...
    @property
    def notices(self) -> tuple[str, ...]: ...


File = TypeVar("File", bound=ReadFile)


@dataclass
class Reading(Generic[File]):
    """The files that could be read, and a sentence for each that could not; and where faulty rows were written."""

    files: dict[Path, File] = field(default_factory=dict)
    unreadable: dict[Path, str] = field(default_factory=dict)
    rejects: dict[Path, Path] = field(default_factory=dict)


def tell(sentence: str) -> None:
    """Say something to the person who waits."""
    print(sentence, file=sys.stderr, flush=True)


def read_all(paths: Iterable[Path], read: Callable[[Path], File], refusal: type[Exception]) -> Reading[File]:
    """Every file once, by `read`, which raises `refusal` for one that is of another kind."""
    reading: Reading[File] = Reading()
    for path in dict.fromkeys(paths):
        tell(f"Reading {path}")
        try:
            reading.files[path] = read(path)
        except refusal as error:
            reading.unreadable[path] = str(error)
        except OSError as error:
            reading.unreadable[path] = f"{path}: it could not be read ({error.strerror}); check its permissions."
    return reading


def write_faulty(reading: Reading[File], chosen: Path | None) -> None:
    """Write the faulty rows beside each file, or all to one that was chosen."""
    from trustwide.exchange.tables.rejects import rejects_path, write_rejects

    faulty = {path: file for path, file in reading.files.items() if file.rejected.height}
    if chosen in reading.files:
        raise CommandError(f"--rejects {chosen} is a file to be imported; name another.")
    reading.rejects = {path: chosen or rejects_path(path) for path in faulty}
    for target in dict.fromkeys(reading.rejects.values()):
        try:
            write_rejects([file for path, file in faulty.items() if reading.rejects[path] == target], target)
        except OSError as error:
            raise cannot_write("the faulty rows", target, error) from error


def cannot_write(what: str, target: Path, error: OSError) -> CommandError:
    """The refusal to go on where rows that are left out would be lost."""
    reason = error.strerror or "no access"
    return CommandError(
        f"{what} could not be written to {target} ({reason}); name another place with --rejects. Nothing was imported."
    )


def tell_faults(reading: Reading[File]) -> None:
    """Say what was assumed, the first faults of each file, and which files could not be read."""
    for path, file in reading.files.items():
        for notice in file.notices:
            tell(notice)
        for reject in file.rejects[:FAULTS_SHOWN]:
            tell(reject.sentence)
        if (more := len(file.rejects) - FAULTS_SHOWN) > 0:
            where = f"; all are in {reading.rejects[path]}" if path in reading.rejects else ""
            tell(f"{file.name}: {more:,} more faults{where}.")
    for sentence in reading.unreadable.values():
        tell(sentence)


def faults_json(file: ReadFile) -> list[dict[str, Any]]:
    """Every fault of a file."""
    return [
        {"row": fault.row, "column": fault.column, "value": fault.value, "expected": fault.expected,
         "sentence": fault.sentence}
        for fault in file.rejects
    ]  # fmt: skip


def unreadable_json(reading: Reading[File]) -> list[dict[str, str]]:
    """Every file that could not be read, with why."""
    return [{"file": str(path), "sentence": said} for path, said in reading.unreadable.items()]
