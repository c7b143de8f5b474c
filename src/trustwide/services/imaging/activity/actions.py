"""Brings extracts of radiology systems into the database: each file as a whole, and as often as one likes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from django.db import IntegrityError, transaction

from trustwide.commons.accounts.models import User
from trustwide.commons.audit.actions import Actor, record
from trustwide.commons.organisations.models import Partnership
from trustwide.services.imaging.activity.codes import LEAVE_OUT, Kind, meanings_of, sites_meant, sites_of_system
from trustwide.services.imaging.activity.models import ActivityImport, CodeMapping, ColumnMapping
from trustwide.services.imaging.activity.rules import ActivityError, check_can_import, check_can_map

if TYPE_CHECKING:
    import polars as pl

    from trustwide.services.imaging.activity.mapping import Mapped

ACTIVITY_IMPORTED = "activity brought in"
NUL = "\x00"


@dataclass(frozen=True)
class Source:
    """Where rows come from: the system, the file with its SHA-256 and its rows, and how many rows were rejected.

    in_doubt: accessions of which rows were rejected, so that the file does not say all their exams.
    """

    system: str
    file_name: str
    digest: str
    rows: int
    rejected: int = 0
    in_doubt: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ActivitySummary:
    """What became of an extract: counts of requests; unmapped rows by number; codes to be mapped; what else to know."""

    added: int
    changed: int
    unchanged: int
    left_out: int
    patients_added: int
    appointments: int
    unmapped_rows: tuple[int, ...]
    unknown_codes: tuple[tuple[str, str, int], ...]

    @property
    def unmapped(self) -> int:
        """Rows that wait until their codes are mapped."""
        return len(self.unmapped_rows)


def _quiet(_: str) -> None:
    pass


@transaction.atomic
def import_activity(
    frame: pl.DataFrame,
    *,
    partnership: Partnership,
    source: Source,
    by: Actor,
    progress: Callable[[str], None] = _quiet,
    dry_run: bool = False,
) -> ActivitySummary:
    """Store the rows of `frame` (columns of trustwide.exchange.activity): all or nothing, and again without change.

    A request that is known gets the events that are new, and a priority, due date or site that changed; no event is
    rewritten. Rows with codes that nobody has mapped wait. Raises NotAllowedError for a person who may not at one of
    the sites or of the scanners' sites, ActivityError for a name of a system that cannot be kept.
    """
    from trustwide.services.imaging.activity.mapping import map_codes  # slow to load, and pages do without

    check_can_map(by, partnership)
    system = _system(source.system)
    # two imports at once would each find the other's requests missing
    Partnership.objects.select_for_update().get(pk=partnership.pk)
    mapped = map_codes(frame, partnership, system)
    codes = [(kind, code) for kind in (Kind.SITE, Kind.SCANNER) for code in mapped.frame[str(kind)].unique() if code]
    check_can_import(by, partnership, sites_meant(mapped.meanings, codes))
    progress(f"Storing {mapped.frame.height:,} exams")
    summary = _store(mapped, partnership, replace(source, system=system), by, progress)
    _write_down(summary, source, partnership, system, by)
    transaction.set_rollback(dry_run)
    return summary


def _store(
    mapped: Mapped, partnership: Partnership, source: Source, by: Actor, progress: Callable[[str], None]
) -> ActivitySummary:
    from trustwide.services.imaging.activity.people import find_people
    from trustwide.services.imaging.activity.storing import Store

    people = find_people(mapped.frame, partnership)
    store = Store(mapped, people.ids, partnership, source.system, by, in_doubt=source.in_doubt)
    try:
        store.run(progress)
    except IntegrityError:
        raise ActivityError("Somebody brought in the same requests a moment ago; import the file again.") from None
    return ActivitySummary(
        store.added, store.changed, store.unchanged, mapped.left_out, people.added, store.appointments,
        mapped.unmapped_rows, tuple((row.kind, row.local_code, row.rows) for row in mapped.unknown),
    )  # fmt: skip


def _write_down(
    summary: ActivitySummary, source: Source, partnership: Partnership, system: str, by: Actor
) -> ActivityImport:
    kept = ActivityImport(
        partnership=partnership, system=system, file_name=source.file_name.replace(NUL, "")[:200],
        digest=source.digest, rows=source.rows, added=summary.added, changed=summary.changed,
        unchanged=summary.unchanged, rejected=source.rejected, unmapped=summary.unmapped,
        imported_by=by.audit_name[:200],
    )  # fmt: skip
    kept.save()
    details = {
        "system": system, "digest": source.digest, "rows": source.rows, "added": summary.added,
        "changed": summary.changed, "unchanged": summary.unchanged, "rejected": source.rejected,
        "unmapped": summary.unmapped, "left_out": summary.left_out, "patients_added": summary.patients_added,
    }  # fmt: skip
    record(ACTIVITY_IMPORTED, by=by, target=kept, details=details)
    return kept


@transaction.atomic
def save_columns(
    partnership: Partnership, system: str, columns: Mapping[str, str], *, by: Actor, day_first: bool = True
) -> ColumnMapping:
    """Keep how the export of a system reads. The caller checks that the headers are those of the system."""
    check_can_map(by, partnership, sites_of_system(meanings_of(partnership), partnership, [_system(system)]))
    named = {name: header for name, header in columns.items() if header}
    mapping, _ = ColumnMapping.objects.update_or_create(
        partnership=partnership, system=_system(system), defaults={"columns": named, "day_first": day_first}
    )
    record("mapped the columns of a system", by=by, target=mapping, details={"columns": named, "day_first": day_first})
    found: ColumnMapping = mapping
    return found


@transaction.atomic
def save_codes(partnership: Partnership, said: Mapping[int, str], *, by: User) -> int:
    """Keep what local codes mean. said: id of the row -> our code, `-` to leave rows out, empty for not known yet.

    Returns how many changed. Raises ActivityError for a meaning that there is not, NotAllowedError for a person who
    may not at a site that the systems' codes mean or would mean.
    """
    check_can_map(by, partnership)
    meanings = meanings_of(partnership)
    choices = meanings.choices
    changed: list[CodeMapping] = []
    rows = CodeMapping.objects.select_for_update().filter(partnership=partnership, pk__in=list(said))
    for row in cast("Iterable[CodeMapping]", rows):
        meaning = said[row.pk]
        if meaning and meaning != LEAVE_OUT and meaning not in choices[row.kind]:
            raise ActivityError(f'"{row.local_code}" cannot mean "{meaning}"; choose a meaning that is listed.')
        if meaning != row.meaning:
            row.meaning, row.changed_by = meaning, by
            changed.append(row)
    meant = sites_meant(meanings, [(row.kind, row.meaning) for row in changed])
    served = sites_of_system(meanings, partnership, [row.system for row in changed])
    check_can_map(by, partnership, [*meant, *served])
    CodeMapping.objects.bulk_update(changed, ["meaning", "changed_by"], batch_size=500)
    if changed:
        codes = [[row.system, row.kind, row.local_code, row.meaning] for row in changed]
        record("mapped codes of a system", by=by, target=changed[0], details={"codes": codes})
    return len(changed)


def _system(name: str) -> str:
    """The name of a system as it is kept. Raises ActivityError for one that is empty or too long."""
    plain = " ".join(name.replace(NUL, "").split())
    if not plain or len(plain) > 60:
        raise ActivityError("Name the radiology system in up to 60 letters, the same each time, such as CRIS North.")
    return plain
