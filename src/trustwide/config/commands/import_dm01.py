"""`trustwide import dm01 FILE...`: good rows land once, faulty ones go to a rejects file with the reason."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from trustwide.config.commands import CommandError, prepare_database, start_django
from trustwide.config.commands.import_files import (
    Reading,
    faults_json,
    read_all,
    tell,
    tell_faults,
    unreadable_json,
    write_faulty,
)

if TYPE_CHECKING:
    import polars as pl

    from trustwide.exchange.returns import Dm01File
    from trustwide.services.imaging.actions import ImportSummary


def run(options: argparse.Namespace) -> int:
    """Import monthly returns; 1 if there was nothing to import."""
    from trustwide.exchange.returns import Dm01FormatError, read

    reading = read_all(options.files, read, Dm01FormatError)
    if not options.dry_run or options.rejects:
        write_faulty(reading, options.rejects)
    tell_faults(reading)
    rows = _together(reading)
    if rows is None:
        _print_result(options, reading, None)
        return 1
    summary = _store(rows, ", ".join(path.name for path in reading.files), dry_run=options.dry_run)
    _print_result(options, reading, summary)
    return 0


def _together(reading: Reading[Dm01File]) -> pl.DataFrame | None:
    """The good rows of all files; where two hold the same provider, test and month, the file named last is right."""
    import polars as pl

    frames = [file.frame for file in reading.files.values() if file.frame.height]
    if not frames:
        return None
    rows = pl.concat(frames)
    once = rows.unique(["provider_code", "test", "month"], keep="last", maintain_order=True)
    if repeated := rows.height - once.height:
        tell(f"Returns that stand in more than one file, where the file named last was taken: {repeated:,}.")
    return once


def _store(rows: pl.DataFrame, source: str, *, dry_run: bool) -> ImportSummary:
    start_django()
    from django.db import DatabaseError, transaction

    from trustwide.commons.audit.actions import SystemActor
    from trustwide.services.imaging.actions import import_returns

    try:
        prepare_database()
        with transaction.atomic():
            summary = import_returns(rows, by=SystemActor("import from the command line"), source=source, progress=tell)
            transaction.set_rollback(dry_run)
    except DatabaseError as error:
        reason = str(error).splitlines()[0]
        raise CommandError(f"the database refused the import ({reason}); it is as it was before. Try again.") from error
    except KeyboardInterrupt:
        raise CommandError("stopped; the database is as it was before.") from None
    return summary


def _print_result(options: argparse.Namespace, reading: Reading[Dm01File], summary: ImportSummary | None) -> None:
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


def _as_json(options: argparse.Namespace, reading: Reading[Dm01File], summary: ImportSummary | None) -> dict[str, Any]:
    files = [
        {
            "file": str(path),
            "rows": file.frame.height,
            "rejected": file.rejected_rows,
            "rejects_file": str(reading.rejects[path]) if path in reading.rejects else None,
            "notices": list(file.notices),
            "faults": faults_json(file),
        }
        for path, file in reading.files.items()
    ]
    return {
        "files": files,
        "unreadable": unreadable_json(reading),
        "dry_run": options.dry_run,
        "added": summary.added if summary else 0,
        "changed": summary.changed if summary else 0,
        "unchanged": summary.unchanged if summary else 0,
        "providers_added": list(summary.providers_added) if summary else [],
    }
