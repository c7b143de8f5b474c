"""Which chart suits the data, and why."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trustwide.analysis.spc.mdc.model import Quantity
from trustwide.analysis.spc.model import FEWEST_JUDGED, Floats
from trustwide.analysis.spc.words import counted
from trustwide.analysis.spc.words import quantity as figure

FEWEST_COUNTED = 3.0  # a smaller mean count a period makes limits by period signal on chance alone
FEWEST_GAPS = 13
RUN = "A run chart, without limits: "


@dataclass(frozen=True, slots=True)
class Choice:
    """A kind of `spc.model.KINDS`, the reason in a sentence, and whether the rarer opposite is counted.

    `of_failures`: a share so near 100 % that what is missing from it is the rare event.
    """

    kind: str
    reason: str
    of_failures: bool = False

    @property
    def lacking(self) -> str:
        """What a run chart lacks to have limits; empty for other charts."""
        return self.reason.removeprefix(RUN) if self.kind == "run" else ""


def choose(what: Quantity, numerators: Floats, denominators: Floats | None = None) -> Choice:
    """The chart for one series of figures by period (NaN where missing), without ghosted ones.

    Follows "Making data count" where it speaks (XmR; limits from 13 points), Laney (2002) for shares and rates with a
    denominator, and Woodall and Driscoll (2015) for rare events, which are judged by the time between them. The newest
    figure has no say in whether events are rare: a chance peak would choose the chart that then calls it unusual.
    """
    points = numerators[~np.isnan(numerators)]
    if len(points) < FEWEST_JUDGED:
        return Choice("run", f"{RUN}{counted(len(points), 'value')} of the {FEWEST_JUDGED} that limits need.")
    if what == "mean" or not _are_counts(points):
        return Choice("xmr", "An XmR chart: the figures are no counts, so their own movement sets the limits.")
    if what in ("stock", "stock_share"):
        return _of_stock(what, numerators, denominators)
    rare = _rare(what, numerators, denominators)
    if rare is not None:
        return rare
    if what == "share" and denominators is not None:
        return _of_share(numerators, denominators)
    if what == "rate" and denominators is not None:
        return Choice("up", "A U' chart: a rate of events, with limits that follow how much there was in each period.")
    mean = f"{figure(float(points.mean()))} a period on average"
    return Choice("xmr", f"An XmR chart: counts of {mean} are large enough to be judged period by period.")


def _are_counts(points: Floats) -> bool:
    return bool((points >= 0).all() and (points == np.floor(points)).all())


def _usual(counts: Floats) -> float:
    """The mean count a period, as it was before the newest figure."""
    return float(counts[~np.isnan(counts)][:-1].mean())


def _are_few(counts: Floats) -> bool:
    """Whether events are too few to judge by period: fewer than 3 on average, or not clearly more.

    Where the mean is 3 or more by luck alone, limits by period signal on chance; so the mean less half its standard
    error must reach 3. In a process with a mean of 2.9, that takes new false alerts from 1.0 to 0.8 % a period.
    """
    earlier = counts[~np.isnan(counts)][:-1]
    return bool(earlier.mean() - earlier.std(ddof=1) / np.sqrt(len(earlier)) / 2 < FEWEST_COUNTED)


def _failures(numerators: Floats, denominators: Floats | None) -> Floats | None:
    """What is missing from a share, where that is a count and rarer than what the share counts; otherwise None."""
    if denominators is None:
        return None
    failures = denominators - numerators
    present = failures[~np.isnan(failures)]
    if len(present) < 2 or not _are_counts(present) or _usual(failures) >= _usual(numerators):
        return None
    return failures


def _of_stock(what: Quantity, numerators: Floats, denominators: Floats | None) -> Choice:
    failures = _failures(numerators, denominators) if what == "stock_share" else None
    counts = numerators if failures is None else failures
    if _usual(counts) < FEWEST_COUNTED:
        few = f"{figure(float(np.nanmean(counts)))} {'on' if failures is None else 'short of all on'} average"
        return Choice("run", f"{RUN}{few} is too few to judge period by period.")
    if what == "stock_share":
        return Choice("xmr", "An XmR chart: the same people count again and again, so their movement sets the limits.")
    return Choice("xmr", "An XmR chart: the number there at the end of each period, judged by its own movement.")


def _rare(what: Quantity, numerators: Floats, denominators: Floats | None) -> Choice | None:
    failures = _failures(numerators, denominators) if what == "share" else None
    events, name = (numerators, "events") if failures is None else (failures, "failures")
    if not _are_few(events):
        return None
    rarely = f"{figure(float(np.nanmean(events)))} {name} a period on average"
    if _known_gaps(events) < FEWEST_GAPS:
        return Choice("run", f"{RUN}{rarely} is too rare to judge: {FEWEST_GAPS + 1} are needed.")
    why = f"{rarely} is too rare for limits by period."
    if denominators is None:
        return Choice("t", f"A T chart of the days between events: {why}")
    return Choice("g", f"A G chart of what passes between {name}: {why}", failures is not None)


def _known_gaps(events: Floats) -> int:
    """How many gaps between events lie in no missing period: one fewer than there are events in each stretch."""
    missing = np.isnan(events)
    in_stretch = np.bincount(np.cumsum(missing), weights=np.where(missing, 0, events))
    return int(np.maximum(in_stretch - 1, 0).sum())


def _of_share(numerators: Floats, denominators: Floats) -> Choice:
    if (numerators > denominators).any():
        return Choice("xmr", "An XmR chart: some numerators are above their denominators, so this is no share of one.")
    return Choice("pp", "A P' chart: a share, with limits that follow how many it is out of in each period.")
