"""`trustwide import dm01 FILE...`: good rows land once, faulty ones go to a rejects file with the reason."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trustwide.config.commands import CommandError, prepare_database, start_django

if TYPE_CHECKING:
    import polars as pl

    from trustwide.exchange.returns import Dm01File
    from trustwide.services.imaging.actions import ImportSummary

FAULTS_SHOWN = 20  # for each file; the rejects file holds them all


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", choices=["dm01"], help="dm01: monthly diagnostics returns, in either published layout")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help=".csv, .xlsx or .xls; one month or many")
    parser.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")
    parser.add_argument("--rejects", type=Path, metavar="FILE", help="where faulty rows go (beside the file otherwise)")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


@dataclass
class Reading:
    """The files that could be read, and a sentence for each that could not."""

    files: dict[Path, Dm01File] = field(default_factory=dict)
    unreadable: dict[Path, str] = field(default_factory=dict)
    rejects: dict[Path, Path] = field(default_factory=dict)


def run(options: argparse.Namespace) -> int:
    reading = _read_all(options.files)
    if not options.dry_run or options.rejects:
        _write_rejects(reading, options.rejects)
    _tell_faults(reading)
    rows = _together(reading)
    if rows is None:
        _print_result(options, reading, None)
        return 1
    summary = _store(rows, ", ".join(path.name for path in reading.files), dry_run=options.dry_run)
    _print_result(options, reading, summary)
    return 0


def _tell(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def _read_all(paths: list[Path]) -> Reading:
    from trustwide.exchange.returns import Dm01FormatError, read

    reading = Reading()
    for path in dict.fromkeys(paths):
        _tell(f"Reading {path}")
        try:
            reading.files[path] = read(path)
        except Dm01FormatError as error:
            reading.unreadable[path] = str(error)
        except OSError as error:
            reading.unreadable[path] = f"{path}: it could not be read ({error.strerror}); check its permissions."
    return reading


def _write_rejects(reading: Reading, chosen: Path | None) -> None:
    from trustwide.exchange.returns import rejects_path, write_rejects

    faulty = {path: file for path, file in reading.files.items() if file.rejected_rows}
    if chosen in reading.files:
        raise CommandError(f"--rejects {chosen} is a file to be imported; name another.")
    reading.rejects = {path: chosen or rejects_path(path) for path in faulty}
    for target in dict.fromkeys(reading.rejects.values()):
        try:
            write_rejects([file for path, file in faulty.items() if reading.rejects[path] == target], target)
        except OSError as error:
            reason = error.strerror or "no access"
            raise CommandError(f"the faulty rows could not be written to {target} ({reason}); name another place "
                               "with --rejects. Nothing was imported.") from error  # fmt: skip


def _tell_faults(reading: Reading) -> None:
    for path, file in reading.files.items():
        for notice in file.notices:
            _tell(notice)
        for reject in file.rejects[:FAULTS_SHOWN]:
            _tell(reject.sentence)
        if more := len(file.rejects) - FAULTS_SHOWN:
            where = f"; all are in {reading.rejects[path]}" if path in reading.rejects else ""
            if more > 0:
                _tell(f"{file.name}: {more:,} more faults{where}.")
    for sentence in reading.unreadable.values():
        _tell(sentence)


def _together(reading: Reading) -> pl.DataFrame | None:
    """The good rows of all files; where two hold the same provider, test and month, the file named last is right."""
    import polars as pl

    frames = [file.frame for file in reading.files.values() if file.frame.height]
    if not frames:
        return None
    rows = pl.concat(frames)
    once = rows.unique(["provider_code", "test", "month"], keep="last", maintain_order=True)
    if repeated := rows.height - once.height:
        _tell(f"Returns that stand in more than one file, where the file named last was taken: {repeated:,}.")
    return once


def _store(rows: pl.DataFrame, source: str, *, dry_run: bool) -> ImportSummary:
    start_django()
    from django.db import DatabaseError, transaction

    from trustwide.commons.audit.actions import SystemActor
    from trustwide.services.imaging.actions import import_returns

    try:
        prepare_database()
        with transaction.atomic():
            summary = import_returns(
                rows, by=SystemActor("import from the command line"), source=source, progress=_tell
            )
            transaction.set_rollback(dry_run)
    except DatabaseError as error:
        reason = str(error).splitlines()[0]
        raise CommandError(f"the database refused the import ({reason}); it is as it was before. Try again.") from error
    except KeyboardInterrupt:
        raise CommandError("stopped; the database is as it was before.") from None
    return summary


def _print_result(options: argparse.Namespace, reading: Reading, summary: ImportSummary | None) -> None:
    if options.json:
        print(json.dumps(_as_json(options, reading, summary), indent=2))
        return
    for path, file in reading.files.items():
        where = f", rejected rows are in {reading.rejects[path]}" if path in reading.rejects else ""
        print(f"{file.name}: {file.frame.height:,} returns read, {file.rejected_rows:,} rows rejected{where}.")
    if summary is None:
        print("Nothing was imported.")
        return
    would = "A dry run, nothing was changed; it would be: " if options.dry_run else ""
    providers = f"; providers seen for the first time: {len(summary.providers_added):,}"
    print(
        f"{would}{summary.added:,} new, {summary.changed:,} changed, {summary.unchanged:,} unchanged"
        f"{providers if summary.providers_added else ''}."
    )


def _as_json(options: argparse.Namespace, reading: Reading, summary: ImportSummary | None) -> dict[str, Any]:
    files = [
        {
            "file": str(path),
            "rows": file.frame.height,
            "rejected": file.rejected_rows,
            "rejects_file": str(reading.rejects[path]) if path in reading.rejects else None,
            "notices": list(file.notices),
            "faults": [
                {"row": fault.row, "column": fault.column, "value": fault.value, "expected": fault.expected,
                 "sentence": fault.sentence}
                for fault in file.rejects
            ],
        }
        for path, file in reading.files.items()
    ]  # fmt: skip
    return {
        "files": files,
        "unreadable": [{"file": str(path), "sentence": said} for path, said in reading.unreadable.items()],
        "dry_run": options.dry_run,
        "added": summary.added if summary else 0,
        "changed": summary.changed if summary else 0,
        "unchanged": summary.unchanged if summary else 0,
        "providers_added": list(summary.providers_added) if summary else [],
    }
