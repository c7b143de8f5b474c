"""Opens, grows and closes signals as charts are judged, and keeps what people do about them."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from trustwide.commons.accounts.models import User
from trustwide.commons.audit.actions import Actor, record
from trustwide.commons.measures.charting import JudgedSeries, told
from trustwide.commons.measures.definition import measure
from trustwide.commons.measures.figures import scale
from trustwide.commons.measures.models import DefinitionVersion, Ghost, Rebase, StrategicAim
from trustwide.commons.measures.signals.closing import by_figures, by_mark
from trustwide.commons.measures.signals.models import Signal, SignalAct, SignalSubscription
from trustwide.commons.measures.signals.opening import Key, as_of, first_seen, goes_on
from trustwide.commons.measures.signals.opening import direction_of as direction_of
from trustwide.commons.measures.signals.ranking import rank, sigmas
from trustwide.commons.measures.signals.rules import (
    check_can_act_on,
    check_can_assign,
    check_can_snooze_until,
    check_can_subscribe,
)
from trustwide.commons.organisations.models import Site

if TYPE_CHECKING:
    import polars as pl

CHUNK = 500
PATTERN = (
    "kind", "direction", "verdict", "since", "latest", "points", "step", "sigmas", "people", "rank", "sentence",
)  # fmt: skip
NOT_CLOSED = {"closed": None, "closed_at": None, "closing": "", "mark_date": None}
CLOSED = tuple(NOT_CLOSED)


@dataclass(frozen=True)
class TrackSummary:
    """How many signals were opened, went on in a newer or changed shape or opened again, and were closed."""

    opened: int
    grown: int
    closed: int


@dataclass(frozen=True)
class Occasion:
    """Why charts are judged anew, and what is known of the time before.

    `judged_until` is the newest period that each series had when it was last judged; one without brings its whole
    history at once. `observed` are the observations of all series, as `judged_series` takes them. `mark` is what
    somebody just marked on the one chart, `redefined` are measures whose definition changed.
    """

    judged_until: Mapping[Key, datetime.date]
    observed: pl.DataFrame
    mark: Rebase | Ghost | None = None
    redefined: Collection[str] = frozenset()

    def close(self, gone: Sequence[tuple[Signal, JudgedSeries]], now: datetime.datetime) -> list[Signal]:
        """The signals whose pattern these charts no longer show closed, each with the reason; not saved."""
        # Whoever marks a chart has it judged anew at once, on the figures and by the rules it was last judged on. So
        # what is gone then is gone by the mark; and no other judging is told of a mark to put anything down to.
        if (mark := self.mark) is not None:
            return [_closed(signal, by_mark(mark), series.period, now, mark.date) for signal, series in gone]
        before, closed = self._without_newer(gone), []
        for signal, series in gone:
            stood = series.key in before and _goes_on(signal, before[series.key])
            reason = by_figures(series, stood=stood, redefined=signal.measure in self.redefined)
            closed.append(_closed(signal, reason, series.period, now))
        return closed

    def open_again(self, series: JudgedSeries) -> Signal | None:
        """The signal that the mark had closed which is taken back now, where the pattern shows again.

        Of several the last to be closed so. What was done about it, and when it was first seen, stay with it. Not where
        the measure has a new definition since: then what was done is about other figures.
        """
        if self.mark is None or self.mark.withdraws is None:
            return None
        there = Signal.objects.filter(**_key(series), closing=by_mark(self.mark.withdraws), mark_date=self.mark.date)
        newest = there.order_by("-closed_at", "-pk").first()
        if newest is None or not _goes_on(newest, series):
            return None
        anew = DefinitionVersion.objects.filter(measure=newest.measure, since__gt=newest.closed_at)
        return None if anew.exists() else newest

    def _without_newer(self, gone: Sequence[tuple[Signal, JudgedSeries]]) -> dict[Key, JudgedSeries]:
        """The charts that have newer figures, drawn anew without them: by the figures and rules of now, up to where
        each was last judged. One import may correct earlier figures and bring a newer one.
        """
        until = {
            series.key: date
            for signal, series in gone
            if (date := self.judged_until.get(series.key, signal.latest)) < series.period
        }
        return as_of(self.observed, until)


@transaction.atomic
def track(judged: Iterable[JudgedSeries], occasion: Occasion) -> TrackSummary:
    """Bring signals in step with charts just judged.

    A pattern that goes on is one signal, which grows; one that turned, or that began after the old one ended, is a new
    one. One that a mark closed opens again where the mark is taken back. What a series that was never judged before
    shows counts as opened when it could first have been seen. Doing it again changes nothing.
    """
    series = list(judged)
    kept = _open_signals([each.key for each in series])
    weights = dict(StrategicAim.objects.values_list("code", "weight"))
    now = timezone.now()
    new, grown, gone = [], [], []
    for each in series:
        signal = kept.pop(each.key, None)
        if signal is not None and not _goes_on(signal, each):
            gone.append((signal, each))
            signal = None
        if each.change is None:
            continue
        pattern = _pattern(each, weights.get(each.definition.aim, 1.0))
        if signal is None and (signal := occasion.open_again(each)) is not None:
            pattern |= NOT_CLOSED
        if signal is None:
            new.append((each, pattern))
        elif any(getattr(signal, name) != value for name, value in pattern.items()):
            grown.append(_as_now(signal, pattern))
    seen = first_seen([each for each, _ in new if each.key not in occasion.judged_until], occasion.observed)
    Signal.objects.bulk_update(occasion.close(gone, now), CLOSED, batch_size=CHUNK)
    Signal.objects.bulk_update(grown, [*PATTERN, *CLOSED], batch_size=CHUNK)
    opened = [
        Signal(**_key(each), opened=seen.get(each.key, each.period), opened_at=now, **pattern) for each, pattern in new
    ]
    Signal.objects.bulk_create(opened, batch_size=CHUNK)
    return TrackSummary(len(new), len(grown), len(gone))


def _open_signals(keys: Sequence[Key]) -> dict[Key, Signal]:
    codes = {code for code, _, _ in keys}
    wanted = set(keys)
    found = Signal.objects.open().filter(measure__in=codes).order_by()
    return {key: each for each in found if (key := (each.measure, each.site_id, each.breakdown)) in wanted}


def _goes_on(signal: Signal, series: JudgedSeries) -> bool:
    return goes_on(series, signal.direction, signal.latest)


def _pattern(series: JudgedSeries, weight: float) -> dict[str, Any]:
    change, chart, definition = series.change, series.chart, series.definition
    assert change is not None  # noqa: S101 - the callers look first
    step = None if change.step is None or chart.kind in ("t", "g") else change.step / scale(definition)
    size = sigmas(chart, change)
    people = touched(series)
    return {
        "kind": change.kind,
        "direction": direction_of(series),
        "verdict": change.verdict,
        "since": change.start,
        "latest": change.end,
        "points": change.points,
        "step": step,
        "sigmas": size,
        "people": people,
        "rank": rank(change.verdict, size, people, change.points, weight),
        "sentence": told(definition, chart),
    }


def _key(series: JudgedSeries) -> dict[str, Any]:
    code, site, breakdown = series.key
    return {"measure": code, "site_id": site, "breakdown": breakdown}


def touched(series: JudgedSeries) -> float:
    """The people or exams that the newest figure is of; 0 where nothing in the measure counts them."""
    counted = {"numerator": series.numerator, "denominator": series.denominator or 0.0, "": 0.0}
    return counted[series.definition.people]


@transaction.atomic
def close_redefined(codes: Collection[str]) -> None:
    """Close the open signals of measures whose figures mean something else now."""
    _close_all(Signal.objects.open().filter(measure__in=codes), Signal.Closing.REDEFINED)


@transaction.atomic
def close_emptied(gone: Sequence[Key]) -> None:
    """Close the open signals of series that have no figure any more."""
    _close_all(_open_signals(gone).values(), Signal.Closing.EMPTIED)


def _close_all(signals: Iterable[Signal], reason: Signal.Closing) -> None:
    now = timezone.now()
    closed = [_closed(each, reason, each.latest, now) for each in signals]
    Signal.objects.bulk_update(closed, CLOSED, batch_size=CHUNK)


def _as_now(signal: Signal, pattern: dict[str, Any]) -> Signal:
    for name, value in pattern.items():
        setattr(signal, name, value)
    return signal


def _closed(
    signal: Signal,
    reason: Signal.Closing,
    period: datetime.date,
    now: datetime.datetime,
    mark_date: datetime.date | None = None,
) -> Signal:
    signal.closed, signal.closed_at = max(period, signal.latest), now
    signal.closing, signal.mark_date = reason, mark_date
    return signal


@transaction.atomic
def snooze_signal(signal: Signal, *, until: datetime.date, reason: str, by: Actor) -> None:
    """Put a signal off until a day: it stays on record and comes back then."""
    check_can_act_on(by, signal)
    check_can_snooze_until(until)
    _act(signal, SignalAct.Kind.SNOOZED, reason=reason, until=until, by=by)
    signal.snoozed_until = until
    signal.save(update_fields=["snoozed_until"])


@transaction.atomic
def wake_signal(signal: Signal, *, by: Actor) -> None:
    """Take a signal up again before its day."""
    check_can_act_on(by, signal)
    _act(signal, SignalAct.Kind.WOKEN, by=by)
    signal.snoozed_until = None
    signal.save(update_fields=["snoozed_until"])


@transaction.atomic
def assign_signal(signal: Signal, *, to: User, reason: str = "", by: Actor) -> None:
    """Make somebody who may see it responsible for a signal."""
    check_can_act_on(by, signal)
    check_can_assign(signal, to)
    _act(signal, SignalAct.Kind.ASSIGNED, reason=reason, assignee=to, by=by)
    signal.assigned_to = to
    signal.save(update_fields=["assigned_to"])


@transaction.atomic
def note_on_signal(signal: Signal, *, text: str, by: Actor) -> None:
    """Write down what was found out about a signal."""
    check_can_act_on(by, signal)
    _act(signal, SignalAct.Kind.NOTED, reason=text, by=by)


def _act(signal: Signal, kind: SignalAct.Kind, *, by: Actor, **what: Any) -> None:
    act = SignalAct(signal=signal, kind=kind, author=by.audit_name[:200], at=timezone.now(), **what)
    act.full_clean()
    act.save()
    details = {"measure": signal.measure, "breakdown": signal.breakdown, "until": act.until}
    told_to = {"assignee": act.assignee.audit_id} if act.assignee else {}
    record(
        f"{act.get_kind_display().lower()} a signal", by=by, target=signal, site_code=signal.site.code,
        reason=act.reason, details={**details, **told_to},
    )  # fmt: skip


@transaction.atomic
def subscribe(
    user: User, *, code: str = "", site: Site | None = None, breakdown: str = "", only_concerns: bool = False
) -> SignalSubscription:
    """Send this person new signals by e-mail from now on; asking again changes only whether improvements count."""
    if code:
        measure(code)
    check_can_subscribe(user, site)
    subscription, _ = SignalSubscription.objects.update_or_create(
        user=user, measure=code, site=site, breakdown=breakdown,
        defaults={"only_concerns": only_concerns}, create_defaults={
            "only_concerns": only_concerns, "told_until": timezone.now()},
    )  # fmt: skip
    record("subscribed to signals", by=user, target=subscription, site_code=site.code if site else "")
    return subscription


@transaction.atomic
def unsubscribe(subscription: SignalSubscription, *, by: User) -> None:
    """Stop sending; only the person themselves can."""
    check_can_subscribe(by, None, subscription)
    record("unsubscribed from signals", by=by, target=subscription)
    subscription.delete()
