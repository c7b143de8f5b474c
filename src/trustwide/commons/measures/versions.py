"""Versions of definitions: which is in force, and what the earlier ones gave."""

from __future__ import annotations

from django.db import connection, transaction
from django.utils import timezone

from trustwide.commons.measures.definition import MeasureDefinition
from trustwide.commons.measures.models import DefinitionVersion, FormerObservation, Observation

FIGURES = ("site_id", "breakdown", "period", "numerator", "denominator", "value")


def in_force(code: str) -> DefinitionVersion | None:
    """The version that the stored observations were computed with; None before the first."""
    return DefinitionVersion.objects.filter(measure=code).first()


def is_in_force(definition: MeasureDefinition) -> bool:
    """Whether the stored observations were computed with this definition."""
    newest = in_force(definition.code)
    return newest is not None and newest.version == definition.version


@transaction.atomic
def begin_version(definition: MeasureDefinition) -> bool:
    """Put a definition in force; whether its figures mean something else now than those of the version before, which
    are then kept under theirs.
    """
    before = in_force(definition.code)
    renewed = before is not None and before.meaning not in ("", definition.meaning)
    if before is not None and renewed:
        _keep_figures(before)
    DefinitionVersion.objects.create(
        measure=definition.code,
        number=1 if before is None else before.number + 1,
        version=definition.version,
        meaning=definition.meaning,
        title=definition.title,
        unit=definition.unit,
        improvement_direction=definition.improvement_direction,
        target=definition.target,
        quantity=definition.quantity,
        sql=definition.sql(),
        changes="" if before is None else definition.changes or _difference(before, definition),
        since=timezone.now(),
    )
    return renewed


def _keep_figures(version: DefinitionVersion) -> None:
    """Copied inside the database, which may hold millions of them."""
    quote = connection.ops.quote_name
    names = ", ".join(quote(name) for name in FIGURES)
    target, source = (quote(model._meta.db_table) for model in (FormerObservation, Observation))
    copied = f"INSERT INTO {target} (version_id, {names}) SELECT %s, {names} FROM {source} WHERE measure = %s"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(copied, [version.pk, version.measure])


def _difference(before: DefinitionVersion, now: MeasureDefinition) -> str:
    """What is different, as far as the definitions themselves say it."""
    changed = [
        name
        for name, old, new in (
            ("expression or unit", before.meaning, now.meaning),
            ("direction of improvement", before.improvement_direction, now.improvement_direction),
            ("target", before.target, now.target),
            ("quantity", before.quantity, now.quantity),
        )
        if old != new
    ]
    return f"Changed: {', '.join(changed) or 'dated targets'}."
