"""What a plan says in sentences: what would let another set win, and what its reader must know."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from trustwide.analysis.capacity.planner.question import Question
from trustwide.analysis.capacity.planner.sets import Choice
from trustwide.analysis.capacity.planner.standing import Standing
from trustwide.analysis.capacity.planner.worth import SecondBest, differing_levers, target_it_keeps


def names(one: Standing) -> str:
    """The levers of a set, for a sentence."""
    return ", ".join(lever.name for lever in one.levers.levers) or "doing nothing"


def seconds_in_words(seconds: Sequence[SecondBest], question: Question) -> dict[str, Any] | None:
    """What would have to be true for the next in the ranking, and for the nearest cheaper set, to win."""
    others = {second.role: second for second in seconds}
    best = others.pop("best")
    if not others:
        return None
    if len(others) > 1 and others["next"].standing.probability == 0:
        del others["next"]  # every set below the best fails: the nearest cheaper one says more
    sentences = [sentence for second in others.values() for sentence in _wins_if(second, best.standing, question)]
    first = next(iter(others.values()))
    return {"plan": list(first.standing.levers.ids), "sentences": [*sentences, *_best_holds(best, question)]}


def _wins_if(second: SecondBest, best: Standing, question: Question) -> list[str]:
    one = second.standing
    dearer = one.levers.annual_equivalent - best.levers.annual_equivalent
    if dearer > 0 and one.probability >= question.confidence:
        added, dropped = differing_levers(one.levers, best.levers)
        instead = f" ({' and '.join(added) or 'nothing'} instead of {' and '.join(dropped) or 'nothing'})"
        return [f"{names(one)} would be the best if it cost £{dearer:,.0f} a year less{instead}."]
    if dearer <= 0 and one.probability < question.confidence:
        return _cheaper_wins_if(second, dearer, question)
    return [
        f"{names(one)} would be the best if more than {best.probability:.0%} were asked for and its own "
        f"{one.probability:.0%} were more than that."
    ]


def _cheaper_wins_if(second: SecondBest, dearer: float, question: Question) -> list[str]:
    one = second.standing
    sentences = [
        f"{names(one)}, £{-dearer:,.0f} a year cheaper, meets the target in {one.probability:.0%} of replications: it "
        f"would be the best if {target_it_keeps(one, question):.1f} weeks were enough by {question.by}"
    ]
    if second.bears is not None:
        sentences[0] += f", or if demand were {1 - second.bears:.0%} lower than expected"
    return [sentences[0] + "."]


def _best_holds(best: SecondBest, question: Question) -> list[str]:
    if best.bears is None or best.standing.probability < question.confidence:
        return []
    return [f"{names(best.standing)} still meets the target with demand {best.bears - 1:.0%} above what is expected."]


def notes(ranking: Sequence[Standing], choice: Choice, question: Question, demand: float) -> list[str]:
    """What the reader must know to trust the answer."""
    best = ranking[0]
    sure = best.probability >= question.confidence
    lines = list(choice.notes)
    if sure and not best.levers.levers:
        lines.append("The target is likely to be met without any measure.")
    if not sure:
        quickest = min(ranking, key=lambda one: one.mean_wait)
        lines.append(
            f"No set of these levers meets the target with {question.confidence:.0%} confidence by {question.by}; the "
            f"shortest mean wait, {quickest.mean_wait:.1f} weeks, is that of {names(quickest)}."
        )
    lines += [
        f"{demand:,.0f} requests a week are expected until {question.by}; waits run from the request, whatever was "
        "missed or put off since.",
        "The target must hold in every booked stream at every site at the end of each of the last four weeks, over "
        "those scanned in the four weeks to each; a set that loses over one point more of the walk-ins fails.",
        f"The best set was tried in {best.replications} replications; others in as many as it took to decide (see "
        "replications), so their probabilities are rougher.",
        "Prices are those of the lever file. Capital and one-off money count as an annuity over ten years at 3.5 %.",
    ]
    return lines
