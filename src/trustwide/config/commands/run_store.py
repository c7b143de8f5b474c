"""Runs of `trustwide simulate` that are kept, one file each, under the product's home folder."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from trustwide.config import environment
from trustwide.config.commands import CommandError

_NAMED_BY = 12  # characters of the digest
_FEWEST = 6
_MOST_BYTES = 200_000_000


def folder() -> Path:
    return Path(environment.text("HOME", ".trustwide")).resolve() / "runs"


def keep(record: dict[str, Any]) -> Path:
    """Write a record where only its owner may read it; the same run again keeps the first. Raises OSError."""
    path = folder() / f"{record['digest'][:_NAMED_BY]}.json"
    if path.exists():
        return path
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=path.stem)  # readable by its owner alone
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(record, file)
        Path(draft).replace(path)
    except OSError:
        Path(draft).unlink(missing_ok=True)
        raise
    return path


def find(wanted: str) -> Path:
    """The file of a stored run, from its path or the first six or more characters of its digest."""
    given = Path(wanted)
    if given.is_file():
        return given
    if given.suffix or len(given.parts) > 1:
        raise CommandError(f"{wanted}: there is no such file; name the record of a run, or its digest.")
    found = sorted(folder().glob(f"{wanted[:_NAMED_BY]}*.json")) if len(wanted) >= _FEWEST and wanted.isalnum() else []
    if len(found) != 1:
        many = "several runs begin" if found else "no stored run begins"
        raise CommandError(
            f"{wanted}: {many} with this digest in {folder()}; give a file or {_FEWEST} or more characters."
        )
    return found[0]


def read(path: Path) -> Any:
    """The plain values of a record. Raises CommandError where it cannot be read."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise CommandError(f"{path}: is longer than {_MOST_BYTES:,} bytes, the most the record of a run may have.")
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CommandError(f"{path}: cannot be read ({error.strerror}).") from error
    except ValueError as error:
        raise CommandError(f"{path}: is not the record of a run ({error}).") from error
    except RecursionError as error:
        raise CommandError(f"{path}: is nested too deeply to be the record of a run.") from error
