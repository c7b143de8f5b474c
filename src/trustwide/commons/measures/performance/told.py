"""What the record says beside the charts: signals that run, new and closed ones, and what people do about them."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping, Sequence

from django.db.models import Min, OuterRef, Q, Subquery
from django.utils import timezone

from trustwide.commons.measures.charting import JudgedSeries
from trustwide.commons.measures.definition import MeasureDefinition
from trustwide.commons.measures.models import Signal, SignalAct
from trustwide.commons.measures.performance.cells import STILL_TOLD, months_before, plain, said, weight_of
from trustwide.commons.measures.performance.links import Work
from trustwide.commons.measures.performance.model import Told
from trustwide.commons.measures.performance.scope import Viewer, is_known
from trustwide.commons.measures.performance.series import Key, last_day
from trustwide.commons.measures.performance.words import sentence
from trustwide.commons.measures.signals.closing import closed_words
from trustwide.commons.measures.signals.figures import breakdown_name
from trustwide.commons.nhsuk.formats import day
from trustwide.commons.organisations.models import Site


def signals_of(
    sites: Sequence[Site], month: datetime.date, codes: Collection[str]
) -> tuple[list[Signal], dict[int, str]]:
    """Signals that were seen by the end of the month and had not closed before it, and why they were last put off.

    With their sites and those they are assigned to; the reasons by the signal's number, where there is one. One query.
    """
    going_on = Q(closed=None) | Q(closed__gte=month)
    there = Signal.objects.filter(going_on, site__in=sites, measure__in=sorted(codes), opened__lte=last_day(month))
    put_off = SignalAct.objects.filter(signal=OuterRef("pk"), kind=SignalAct.Kind.SNOOZED).order_by("-at", "-pk")
    reason = Subquery(put_off.values("reason")[:1])
    found = list(there.select_related("site", "assigned_to").annotate(put_off_for=reason))
    return [*found], {each.pk: each.put_off_for for each in found if each.put_off_for}


def were_kept(sites: Sequence[Site], month: datetime.date) -> bool:
    """Whether signals of these sites were on record already when the figures of a month came, at most two months late.

    Those of earlier months were found later, in what was left of them. Of sites without any signal it is not known, and
    nothing is left out. One query.
    """
    earliest = Signal.objects.filter(site__in=sites).aggregate(at=Min("opened_at"))["at"]
    return earliest is None or timezone.localdate(earliest) < months_before(month, -1 - STILL_TOLD)


def kept(found: Sequence[Told], most: int) -> tuple[Told, ...]:
    """The first `most` of these, and every concern beyond: only what does not concern is cut."""
    return tuple(each for place, each in enumerate(found) if place < most or each.verdict == "concern")


def key_of(signal: Signal) -> Key:
    """The series that a signal is on."""
    return signal.measure, signal.site_id, signal.breakdown


def closed_in(signal: Signal, month: datetime.date) -> bool:
    """Whether the signal closed in the month."""
    return signal.closed is not None and signal.closed <= last_day(month)


def tell(
    signal: Signal,
    judged: JudgedSeries | None,
    definition: MeasureDefinition,
    aim_weight: float,
    standing: str,
    *,
    figures: bool,
) -> Told:
    """A signal as it stood in the month of the report, judged on the figures up to then; with figures or without."""
    part = breakdown_name(definition, signal.breakdown)
    name = f"{definition.title}: {part}" if part else definition.title
    if judged is None or judged.change is None:
        said_of, verdict, size = "", signal.verdict, 0.0
    else:
        said_of, verdict = (said if figures else plain)(judged), judged.change.verdict
        size = weight_of(judged, aim_weight)
    return Told(signal.pk, name, signal.site.short_name, verdict, said_of, size, standing)


def tell_closed(signal: Signal, definition: MeasureDefinition) -> Told:
    """A signal that closed in the month, and why. What its chart says now is of what came after it."""
    part = breakdown_name(definition, signal.breakdown)
    name = f"{definition.title}: {part}" if part else definition.title
    standing = f"{closed_words(signal, definition)}."
    return Told(signal.pk, name, signal.site.short_name, signal.verdict, "", 0.0, standing)


def standing_of(
    signal: Signal, month: datetime.date, work: Sequence[Work], viewer: Viewer, put_off_for: Mapping[int, str]
) -> str:
    """What people do about a signal that runs: put off beyond the month, given to somebody, worked on by a project.

    As it is on record when the report is made: the figures of a month come after it, and people act on them then. So a
    day that has come by now puts nothing off. A reader who may see the signal sees who has it, and why it waits, as on
    its own page; a file of a named job is for readers nobody knows, so that it holds neither a name nor what somebody
    wrote, but for what a project is called.
    """
    named, parts = is_known(viewer), []
    if signal.snoozed_until is not None and signal.snoozed_until > max(last_day(month), timezone.localdate()):
        why = f": {put_off_for[signal.pk]}" if named and signal.pk in put_off_for else ""
        parts.append(sentence(f"Put off until {day(signal.snoozed_until)}{why}"))
    if signal.assigned_to is not None:
        parts.append(sentence(f"Assigned to {signal.assigned_to}" if named else "Assigned to somebody"))
    parts += [sentence(f"A project works on it: {each.title}") for each in work if each.signal_id == signal.pk]
    return " ".join(parts)
