"""`trustwide import activity FILE...`: requests of a radiology system, each file whole, as often as one likes."""

from __future__ import annotations

import argparse
import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from trustwide.config.commands import CommandError, prepare_database, start_django
from trustwide.config.commands.import_files import (
    Reading,
    cannot_write,
    faults_json,
    read_all,
    tell,
    tell_faults,
    unreadable_json,
    write_faulty,
)

if TYPE_CHECKING:
    from trustwide.commons.organisations.models import Partnership
    from trustwide.exchange.activity.extract import ActivityFile
    from trustwide.services.imaging.activity.actions import ActivitySummary
    from trustwide.services.imaging.activity.models import ColumnMapping

WHO = "import from the command line"
CODES_SHOWN = 20


def run(options: argparse.Namespace) -> int:
    """Import extracts; 1 if there was nothing to import."""
    if not options.system:
        raise CommandError("--system is missing; name the radiology system, the same each time, such as CRIS-North.")
    columns, day_first = (None, True) if options.mapping is None else read_mapping(options.mapping)
    start_django()
    prepare_database()
    from trustwide.exchange.activity.exceptions import ActivityFormatError
    from trustwide.exchange.activity.extract import read

    partnership = _partnership(options.partnership)
    saved = _saved(partnership, options.system)
    if columns is None and saved is not None:
        columns, day_first = saved.columns, saved.day_first
    reading = read_all(
        options.files, lambda path: read(path, columns=columns, day_first=day_first), ActivityFormatError
    )
    if not options.dry_run or options.rejects:
        write_faulty(reading, options.rejects)
    tell_faults(reading)
    if columns is None:
        columns = _tell_guesses(reading)
    if (options.mapping is not None or saved is None) and columns and reading.files and not options.dry_run:
        _keep(partnership, options.system, columns, day_first=day_first)
    summaries, failure = _store_all(reading, partnership, options)
    unmapped = {} if options.dry_run else _write_unmapped(reading, summaries)
    _print_result(options, reading, summaries, unmapped)
    if failure is not None:
        raise failure
    return 0 if reading.files else 1


def _tell_guesses(reading: Reading[ActivityFile]) -> dict[str, str] | None:
    """Say which header was taken for which column; those of the first file, to be kept for the system."""
    from trustwide.exchange.activity.columns import title_of

    told: list[dict[str, str]] = []
    for file in reading.files.values():
        if file.columns not in told:
            told.append(file.columns)
            pairs = "; ".join(f'{title_of(name)} is "{header}"' for name, header in file.columns.items())
            tell(f"{file.name}: columns as guessed, change them with --mapping: {pairs}.")
    return told[0] if told else None


def read_mapping(path: Path) -> tuple[dict[str, str], bool]:
    """Which header is which column, and whether days come first; a file that cannot be used raises a sentence."""
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise CommandError(f"--mapping {path} cannot be read ({error.strerror}); expected a JSON file.") from None
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise CommandError(f"--mapping {path} is not JSON in UTF-8 ({error}).") from None
    columns = found.get("columns", found) if isinstance(found, dict) else None
    day_first = found.get("day_first", True) if isinstance(found, dict) else True
    if not isinstance(columns, dict) or not isinstance(day_first, bool):
        raise CommandError(f'--mapping {path}: expected {{"columns": {{"patient": "Hospital No", ...}}}}.')
    named = {name: header for name, header in columns.items() if name != "day_first"}
    if not named or not all(isinstance(header, str) for header in named.values()):
        raise CommandError(f"--mapping {path}: expected the header of each column as text.")
    return named, day_first


def _partnership(slug: str | None) -> Partnership:
    from trustwide.commons.organisations.models import Partnership

    ours = {each.slug: each for each in Partnership.objects.filter(comparison=False).order_by("slug")}
    if slug is None and len(ours) == 1:
        return next(iter(ours.values()))
    if slug in ours:
        return ours[slug]
    if not ours:
        raise CommandError("there is no partnership yet; make one first, or build the demo.")
    problem = "--partnership is missing" if slug is None else f"--partnership {slug}: there is none of that name"
    raise CommandError(f"{problem}; choose from {', '.join(ours)}.")


def _saved(partnership: Partnership, system: str) -> ColumnMapping | None:
    from trustwide.services.imaging.activity.models import ColumnMapping

    found = ColumnMapping.objects.filter(partnership=partnership, system=system).first()
    return cast("ColumnMapping | None", found)


def _keep(partnership: Partnership, system: str, columns: dict[str, str], *, day_first: bool) -> None:
    from trustwide.commons.audit.actions import SystemActor
    from trustwide.services.imaging.activity.actions import save_columns

    save_columns(partnership, system, columns, by=SystemActor(WHO), day_first=day_first)


def _store_all(
    reading: Reading[ActivityFile], partnership: Partnership, options: argparse.Namespace
) -> tuple[dict[Path, ActivitySummary], CommandError | None]:
    """What became of each file, up to one that failed; and its failure."""
    summaries: dict[Path, ActivitySummary] = {}
    for path, file in reading.files.items():
        try:
            summaries[path] = _store(path, file, partnership, options)
        except CommandError as failure:
            return summaries, failure
    return summaries, None


def _store(path: Path, file: ActivityFile, partnership: Partnership, options: argparse.Namespace) -> ActivitySummary:
    from django.db import DatabaseError

    from trustwide.commons.audit.actions import SystemActor
    from trustwide.services.imaging.activity.actions import Source, import_activity
    from trustwide.services.imaging.activity.rules import ActivityError

    rejected = len({reject.row for reject in file.rejects})
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    source = Source(options.system, path.name, digest, file.rows, rejected, file.in_doubt)
    try:
        return import_activity(
            file.frame, partnership=partnership, source=source, by=SystemActor(WHO), progress=tell,
            dry_run=options.dry_run,
        )  # fmt: skip
    except ActivityError as error:
        raise CommandError(f"{path.name}: {error}") from None
    except DatabaseError as error:
        reason = str(error).splitlines()[0]
        raise CommandError(f"{path.name}: the database refused it ({reason}); nothing of it was kept.") from error
    except KeyboardInterrupt:
        raise CommandError(f"stopped; nothing of {path.name} was kept.") from None


def _write_unmapped(reading: Reading[ActivityFile], summaries: dict[Path, ActivitySummary]) -> dict[Path, Path]:
    """Rows whose codes nobody has mapped, as they stand, to be imported once they are mapped."""
    written: dict[Path, Path] = {}
    for path, summary in summaries.items():
        if summary.unmapped:
            written[path] = path.with_name(f"{path.name}.unmapped.csv")
            rows = reading.files[path].rows_as_in_file(set(summary.unmapped_rows)).drop("source_row")
            try:
                rows.write_csv(written[path], include_bom=True)
            except OSError as error:
                raise cannot_write("the unmapped rows", written[path], error) from error
    return written


def _print_result(
    options: argparse.Namespace,
    reading: Reading[ActivityFile],
    summaries: dict[Path, ActivitySummary],
    unmapped: dict[Path, Path],
) -> None:
    if options.json:
        print(json.dumps(_as_json(options, reading, summaries, unmapped), indent=2))
        return
    for path, summary in summaries.items():
        file = reading.files[path]
        where = f", rejected rows are in {reading.rejects[path]}" if path in reading.rejects else ""
        print(f"{file.name}: {file.rows:,} rows read, {file.rejected.height:,} rejected{where}.")
        would = "A dry run, nothing was changed; it would be: " if options.dry_run else ""
        print(f"{would}{summary.added:,} new, {summary.changed:,} changed, {summary.unchanged:,} unchanged requests.")
        if summary.unmapped:
            kept = f"; they are in {unmapped[path]}, to be imported once the codes are mapped" if unmapped else ""
            print(f"{summary.unmapped:,} rows have codes that nobody has mapped{kept}:")
            for kind, code, rows in summary.unknown_codes[:CODES_SHOWN]:
                print(f"  {kind} {code}: {rows:,} rows")
    if not summaries:
        print("Nothing was imported.")


def _as_json(
    options: argparse.Namespace,
    reading: Reading[ActivityFile],
    summaries: dict[Path, ActivitySummary],
    unmapped: dict[Path, Path],
) -> dict[str, Any]:
    files = [
        {
            "file": str(path),
            "rows": file.rows,
            "rejected": file.rejected.height,
            "rejects_file": str(reading.rejects[path]) if path in reading.rejects else None,
            "unmapped_file": str(unmapped[path]) if path in unmapped else None,
            "columns": file.columns,
            "notices": list(file.notices),
            "faults": faults_json(file),
            **asdict(summary),
        }
        for path, summary in summaries.items()
        for file in (reading.files[path],)
    ]
    return {"files": files, "unreadable": unreadable_json(reading), "dry_run": options.dry_run}
