"""Joins an extract's local codes to ours, and notes codes that nobody has mapped yet."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from trustwide.commons.organisations.models import Partnership
from trustwide.services.imaging.activity.codes import LEAVE_OUT, NONE_GIVEN, Kind, Meanings, known_codes, meanings_of
from trustwide.services.imaging.activity.models import CodeMapping

MUST_MEAN = (Kind.EXAM, Kind.SITE, Kind.PRIORITY, Kind.OUTCOME)  # a row waits until these are mapped
MAY_BE_EMPTY = (Kind.OUTCOME, Kind.SCANNER)
LONGEST_CODE = 120


@dataclass
class Mapped:
    """Rows whose codes are all mapped, with our codes in `exam`, `site`, ... and how many were not, or are left out.

    in_doubt: accessions of which a row is not in `frame`.
    """

    frame: pl.DataFrame
    meanings: Meanings
    unmapped_rows: tuple[int, ...] = ()
    left_out: int = 0
    unknown: list[CodeMapping] = field(default_factory=list)
    in_doubt: frozenset[str] = frozenset()


def map_codes(frame: pl.DataFrame, partnership: Partnership, system: str) -> Mapped:
    """`frame` with our codes in place of local ones. Codes seen for the first time become rows of CodeMapping.

    A local code that is our own code is taken to mean it. The counts of the last file are written down.
    """
    meanings = meanings_of(partnership)
    frame = _with_stand_ins(frame, system)
    known = known_codes(partnership, system)
    _write(frame, partnership, system, meanings, known)
    said = {kind: {code: row.meaning for (of, code), row in known.items() if of == kind} for kind in Kind}
    meant = frame.with_columns(
        pl.col(kind).replace_strict(said[kind], default=None, return_dtype=pl.String).alias(f"{kind}_meaning")
        for kind in Kind
    )
    unmapped = pl.any_horizontal(pl.col(f"{kind}_meaning") == "" for kind in MUST_MEAN).fill_null(False)
    out = pl.any_horizontal(pl.col(f"{kind}_meaning") == LEAVE_OUT for kind in MUST_MEAN).fill_null(False)
    kept = meant.filter(~unmapped & ~out).with_columns(pl.col(f"{kind}_meaning").alias(kind) for kind in Kind)
    rows = meant.filter(unmapped & ~out)["source_row"].unique().sort().to_list()
    empty = [row for row in known.values() if not row.meaning and row.rows]
    in_doubt = frozenset(meant.filter(unmapped | out)["accession"])
    return Mapped(kept, meanings, tuple(rows), meant.filter(out).height, empty, in_doubt)


def _with_stand_ins(frame: pl.DataFrame, system: str) -> pl.DataFrame:
    """Where no column names the site, the system's name stands for it; an empty priority is a code too."""
    return frame.with_columns(
        pl.col("site").fill_null(system),
        pl.col("priority").fill_null(NONE_GIVEN),
    ).with_columns(pl.col(kind).str.slice(0, LONGEST_CODE) for kind in Kind)


def _write(
    frame: pl.DataFrame,
    partnership: Partnership,
    system: str,
    meanings: Meanings,
    known: dict[tuple[str, str], CodeMapping],
) -> None:
    added, changed, seen = [], [], set[tuple[str, str]]()
    for kind in Kind:
        for code, rows in frame[str(kind)].drop_nulls().value_counts().iter_rows():
            seen.add((kind, code))
            if row := known.get((kind, code)):
                if row.rows != rows:
                    row.rows = rows
                    changed.append(row)
                continue
            meaning = meanings.exact(kind, code)
            known[kind, code] = CodeMapping(
                partnership=partnership, system=system, kind=kind, local_code=code, meaning=meaning, rows=rows
            )
            added.append(known[kind, code])
    gone = [row for key, row in known.items() if key not in seen and row.rows]
    for row in gone:
        row.rows = 0
    CodeMapping.objects.bulk_create(added, batch_size=500)
    CodeMapping.objects.bulk_update([*changed, *gone], ["rows"], batch_size=500)
