"""What a trial says, in plain words built from its figures alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trustwide.analysis.attendance import Effect, Interval
from trustwide.commons.nhsuk.formats import day, percent
from trustwide.commons.organisations.models import Partnership
from trustwide.services.imaging.attendance import rules
from trustwide.services.imaging.attendance.figures import TrialResult
from trustwide.services.imaging.attendance.models import Trial

# chance that one who missed had the higher risk: what it is worth, in words
_RANKS = ((0.8, "well"), (0.7, "fairly"), (0.6, "a little"), (0.0, "hardly better than chance"))
DONE_TO = {Trial.Kind.CALLS: "called", Trial.Kind.REMINDERS: "reminded"}


def answer(result: TrialResult) -> str:
    """Whether it helped: too early to say, by how much, or that nobody can tell."""
    if result.effect is None:
        return _not_yet(result)
    return f"{_shares(result.effect, done_to(result))} {_verdict(result.effect.difference)}{_short(result)}"


def ratio(effect: Effect) -> str:
    """The ratio of the two shares; empty where nobody left out missed."""
    if effect.ratio is None:
        return ""
    each = effect.ratio
    return f"{each.value:.2f} times as many missed as without (95% interval {each.low:.2f} to {each.high:.2f})."


def done_to(result: TrialResult) -> str:
    """What is done to those who are not left out."""
    return DONE_TO[Trial.Kind(result.trial.kind)]


def standing(partnership: Partnership, found: list[rules.Standing]) -> str:
    """Whether predictions are on, until when, or why not."""
    first = min((each.newest.review_on for each in found if each.newest), default=None)
    return (
        rules.why_off(partnership, found)
        or f"Predictions are on at {partnership}. The first review is due by {day(first)}."
    )


def trust(quality: Mapping[str, Any]) -> str:
    """How well the risks tell people apart, and whether they may be taken at their word."""
    ours = (quality["ahead"] or quality["all"]).get("known_patients")
    if not ours:
        return "Nobody can say: past appointments were all kept, or all missed."
    auc, slope = ours["auc"]["value"], ours["slope"]["value"]
    ranks = next(text for least, text in _RANKS if auc >= least)
    return (
        f"Of two patients booked ahead, one who missed and one who came, the one who missed had the higher risk in "
        f"{round(100 * auc)} of 100 pairs: it tells people apart {ranks}. {_honest(ours, slope)}"
    )


def _honest(ours: Mapping[str, Any], slope: float | None) -> str:
    if slope is None:
        return "Everybody has the same risk."
    off = (
        abs(slope - 1) > 2 * ours["slope"]["error"] or abs(ours["intercept"]["value"]) > 2 * ours["intercept"]["error"]
    )
    if off:
        return "Taken at their word the risks are somewhat wrong; see the picture."
    return "Taken at their word the risks are right, as far as chance lets us see."


def _not_yet(result: TrialResult) -> str:
    if result.over:
        return f"It ended on {day(result.trial.stopped_on or result.trial.ends_on)} without patients to compare."
    if result.needed is None:
        return f"Too early to say: {result.patients:,} patients so far."
    return f"Too early to say: {result.patients:,} of {result.needed:,} patients."


def _shares(effect: Effect, done: str) -> str:
    first, second = percent(effect.called.share), percent(effect.held_out.share)
    return f"Among those {done} {first} missed, among those left out {second}: {_points(effect.difference)}."


def _points(difference: Interval) -> str:
    """4.1 points fewer (1.0 to 7.2); an interval over nothing says which end is which."""
    low, high = 100 * difference.low, 100 * difference.high
    size, word = abs(100 * difference.value), "fewer" if difference.value <= 0 else "more"
    if low <= 0 <= high:
        return f"{size:.1f} points {word} (from {-low:.1f} fewer to {high:.1f} more)"
    ends = (-high, -low) if high < 0 else (low, high)
    return f"{size:.1f} points {word} ({ends[0]:.1f} to {ends[1]:.1f})"


def _verdict(difference: Interval) -> str:
    if difference.high < 0:
        return "It helped: so much is hardly chance."
    if difference.low > 0:
        return "It did harm: so much is hardly chance."
    return "That can be chance, so nobody can say that it helped."


def _short(result: TrialResult) -> str:
    if result.needed is None or result.enough:
        return ""
    return f" It ended with {result.patients:,} of the {result.needed:,} patients it needed."
