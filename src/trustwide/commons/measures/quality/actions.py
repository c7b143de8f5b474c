"""Keeps notes and scores in step with observations."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
from django.db import models, transaction
from django.db.models import Count

from trustwide.commons.measures.bulk import upsert
from trustwide.commons.measures.figures import SERIES
from trustwide.commons.measures.quality.kinds import Doubt
from trustwide.commons.measures.quality.models import QualityNote, QualityScore
from trustwide.commons.measures.quality.reading import Facts, Key, Note, Scored, cadence_of, doubt_of, noted, read
from trustwide.commons.measures.quality.scores import Spans, scores
from trustwide.commons.measures.quality.words import number_of

if TYPE_CHECKING:
    import polars as pl

CHUNK = 500
NOTE = (*SERIES, "kind", "period", "until", "sentence")
NOTE_KEY = (*SERIES, "kind", "period")
SCORE = (*SERIES, "score", "doubts", "size", "first", "newest", "expected", "late_by")


@dataclass(frozen=True)
class CheckSummary:
    """How many notes were written and removed, and how many scores changed."""

    noted: int
    removed: int
    scored: int


@dataclass
class _Series:
    """One series on its way to a score: its facts, what is odd in it, and its notes and score as they are stored."""

    facts: Facts
    notes: list[Note]
    stored_notes: dict[tuple[str, datetime.date], tuple[int, Note]]
    stored: Scored | None


@transaction.atomic
def check(observations: pl.DataFrame, gone: Sequence[Key] = ()) -> CheckSummary:
    """Look for doubts in every series of `observations` (all of its periods), and bring notes and scores in step.

    Series that are `gone` lose theirs. Where the newest period that most series of a measure have moved on, those that
    are not given are late or scored anew as well. Doing it again writes nothing.
    """
    removed = _forget(gone)
    written = scored = 0
    found = read(observations) if observations.height else {}
    codes = {code for code, _, _ in (*found, *gone)}
    for code in sorted(codes):
        series = _with_stored(code, {key: value for key, value in found.items() if key[0] == code})
        expected = _expected(code, series)
        series |= _others(code, expected, set(series)) if expected else {}
        if expected is None or not series:
            continue
        _add_late(code, series, expected)
        counts = _keep_notes(series)
        written, removed = written + counts[0], removed + counts[1]
        scored += _keep_scores(code, series, expected)
    return CheckSummary(written, removed, scored)


def _with_stored(code: str, found: Mapping[Key, tuple[Facts, list[Note]]]) -> dict[Key, _Series]:
    sites = {site for _, site, _ in found}
    kept, notes = _stored_scores(code, sites), _stored_notes(code, sites)
    return {
        key: _Series(facts, list(odd), notes.get(key, {}), kept.get(key)) for key, (facts, odd) in found.items()
    }  # fmt: skip


def _others(code: str, expected: datetime.date, given: Collection[Key]) -> dict[Key, _Series]:
    """The series that were not given but judged by another newest period; what is odd in them stays as it is."""
    outdated = QualityScore.objects.filter(measure=code).exclude(expected=expected)
    sites = set(outdated.order_by().values_list("site_id", flat=True).distinct())
    kept, notes = _stored_scores(code, sites), _stored_notes(code, sites)
    others = {}
    for key, score in kept.items():
        if key not in given and score.expected != expected:
            stored = notes.get(key, {})
            odd = [note for _, note in stored.values() if note.kind != "late"]
            others[key] = _Series(score.facts, odd, stored, score)
    return others


def _expected(code: str, given: Mapping[Key, _Series]) -> datetime.date | None:
    """The newest period that more than half of the measure's series have; None where there is no series."""
    counted = QualityScore.objects.filter(measure=code).order_by().values_list("newest").annotate(count=Count("pk"))
    reached: Counter[datetime.date] = Counter(dict(counted))
    reached.subtract(series.stored.facts.newest for series in given.values() if series.stored)
    reached.update(series.facts.newest for series in given.values())
    above = sum(reached.values()) // 2
    for newest in sorted(reached, reverse=True):
        above -= reached[newest]
        if above < 0:
            return newest
    return None


def _add_late(code: str, series: Mapping[Key, _Series], expected: datetime.date) -> None:
    cadence = cadence_of(code)
    wanted = number_of(expected, cadence)
    for each in series.values():
        newest = number_of(each.facts.newest, cadence)
        if newest < wanted:
            each.notes.append(noted(Doubt(0, "late", newest + 1, wanted), each.facts.newest, cadence))


def _keep_notes(series: Mapping[Key, _Series]) -> tuple[int, int]:
    """Write the notes that differ and remove those that no longer hold; how many of each."""
    written, gone = [], []
    for key, each in series.items():
        held = {(note.kind, note.period): note for note in each.notes}
        old = {place: note for place, (_, note) in each.stored_notes.items()}
        written += [_note_row(key, note) for place, note in held.items() if old.get(place) != note]
        gone += [number for place, (number, _) in each.stored_notes.items() if place not in held]
    _delete(QualityNote.objects.all(), gone)
    upsert(QualityNote, NOTE, written, list(NOTE_KEY))
    return len(written), len(gone)


def _note_row(key: Key, note: Note) -> tuple[Any, ...]:
    return (*key, note.kind, note.period.isoformat(), note.until.isoformat(), note.sentence)


def _keep_scores(code: str, series: Mapping[Key, _Series], expected: datetime.date) -> int:
    cadence = cadence_of(code)
    doubts = [doubt_of(note, place, cadence) for place, each in enumerate(series.values()) for note in each.notes]
    first, newest = (
        np.array([number_of(period, cadence) for period in periods], dtype=np.int64)
        for periods in zip(*((each.facts.first, each.facts.newest) for each in series.values()), strict=True)
    )
    wanted = np.full(len(newest), number_of(expected, cadence))
    late_by = np.maximum(wanted - newest, 0).tolist()
    changed = []
    for (key, each), score, late in zip(
        series.items(), scores(Spans(first, newest, wanted), doubts).tolist(), late_by, strict=True
    ):
        now = Scored(score, len(each.notes), each.facts, expected, late)
        if now != each.stored:
            changed.append(_score_row(key, now))
    upsert(QualityScore, SCORE, changed, list(SERIES))
    return len(changed)


def _score_row(key: Key, now: Scored) -> tuple[Any, ...]:
    days = (day.isoformat() for day in (now.facts.first, now.facts.newest, now.expected))
    return (*key, now.score, now.doubts, now.facts.size, *days, now.late_by)


def _stored_scores(code: str, sites: Collection[int]) -> dict[Key, Scored]:
    columns = (*SERIES, "score", "doubts", "first", "newest", "size", "expected", "late_by")
    rows = _of_sites(QualityScore, code, sites).values_list(*columns)
    return {tuple(row[:3]): Scored(row[3], row[4], Facts(*row[5:8]), *row[8:]) for row in rows}


def _stored_notes(code: str, sites: Collection[int]) -> dict[Key, dict[tuple[str, datetime.date], tuple[int, Note]]]:
    notes: dict[Any, dict[tuple[str, datetime.date], tuple[int, Note]]] = {}
    columns = (*SERIES, "pk", "kind", "period", "until", "sentence")
    for *key, number, kind, period, until, sentence in _of_sites(QualityNote, code, sites).values_list(*columns):
        notes.setdefault(tuple(key), {})[kind, period] = number, Note(kind, period, until, sentence)
    return notes


def _of_sites(model: type[models.Model], code: str, sites: Collection[int]) -> models.QuerySet[Any]:
    """A few sites are asked for by name; many are not, for a query bears only so many."""
    rows: models.QuerySet[Any] = model._default_manager.filter(measure=code).order_by()
    return rows.filter(site_id__in=sites) if len(sites) <= CHUNK else rows


def _forget(gone: Sequence[Key]) -> int:
    removed = 0
    for code, site, breakdown in gone:
        series = {"measure": code, "site_id": site, "breakdown": breakdown}
        removed += QualityNote.objects.filter(**series).delete()[0]
        QualityScore.objects.filter(**series).delete()
    return removed


def _delete(rows: models.QuerySet[Any], numbers: Iterable[int]) -> None:
    for piece in _pieces(numbers):
        rows.filter(pk__in=piece).delete()


def _pieces(numbers: Iterable[int]) -> Iterator[list[int]]:
    several = iter(numbers)
    while piece := list(islice(several, CHUNK)):
        yield piece
