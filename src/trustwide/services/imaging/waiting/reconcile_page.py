"""What the page of a reconciliation shows: both sides, band by band, and why they may differ."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection
from dataclasses import asdict, dataclass

from trustwide.commons.organisations.models import Site
from trustwide.services.imaging.waiting.models import Reconciliation
from trustwide.services.imaging.waiting.reconcile import (
    BANDS,
    Difference,
    Month,
    MonthFigures,
    differences,
    in_words,
    list_figures,
    reckon,
    submitted,
)

TOTALS = (
    ("waiting", "Waiting at the end of the month"),
    ("over_six_weeks", "Of these six weeks or more"),
    ("waiting_list_tests", "Tests from the waiting list"),
    ("planned_tests", "Planned tests"),
    ("unscheduled_tests", "Unscheduled tests"),
)
BAND_NAMES = tuple(
    f"{weeks} to {weeks + 1} weeks" if weeks < BANDS - 1 else f"{weeks} weeks or more" for weeks in range(BANDS)
)


class ReconcileError(ValueError):
    """A month that cannot be shown or signed off as it stands; the message says why."""


@dataclass(frozen=True)
class Line:
    """One figure on both sides. theirs: of the return, None where there is none."""

    name: str
    ours: int
    theirs: int | None

    @property
    def gap(self) -> int | None:
        """How many more the list has."""
        return None if self.theirs is None else self.ours - self.theirs


@dataclass(frozen=True)
class ReconcilePage:
    """One month held against its return. sites: those it is of, more than one where a provider returns for all."""

    site: Site
    test: str
    month: Month
    sites: tuple[Site, ...]
    ours: MonthFigures
    theirs: MonthFigures | None
    differences: tuple[Difference, ...]
    signed: tuple[Reconciliation, ...]

    @property
    def answer(self) -> str:
        """The answer in a sentence."""
        return in_words(self.ours, self.theirs)

    @property
    def equal(self) -> bool:
        """Whether every figure is."""
        return self.ours == self.theirs

    @property
    def totals(self) -> list[Line]:
        """The totals on both sides."""
        return [Line(words, getattr(self.ours, name), self._of_theirs(name)) for name, words in TOTALS]

    @property
    def bands(self) -> list[Line]:
        """People by weeks waited on both sides."""
        theirs = self.theirs.bands if self.theirs else (None,) * BANDS
        return [Line(*line) for line in zip(BAND_NAMES, self.ours.bands, theirs, strict=True)]

    @property
    def unexplained(self) -> int | None:
        """By how many people waiting the list has more (less: negative) than all reasons together can explain.

        A request that several reasons name counts once. None where there is no return.
        """
        if self.theirs is None:
            return None
        gap = self.ours.waiting - self.theirs.waiting
        return max(0, gap - self._at_most(1)) if gap > 0 else min(0, gap + self._at_most(-1))

    @property
    def named_twice(self) -> int:
        """Requests that more than one reason for a difference in people waiting names."""
        named = Counter(pk for each in self.differences if each.more for pk in each.requests)
        return sum(times > 1 for times in named.values())

    @property
    def digest(self) -> str:
        """Tells these figures from any others."""
        shown = (asdict(self.ours), self.theirs and asdict(self.theirs), [asdict(one) for one in self.differences])
        return hashlib.sha256(json.dumps(shown).encode()).hexdigest()

    def _at_most(self, more: int) -> int:
        reasons = [each for each in self.differences if each.more == more]
        known = {pk for each in reasons for pk in each.requests}
        return len(known) + sum(each.count for each in reasons if not each.requests)

    def _of_theirs(self, name: str) -> int | None:
        return getattr(self.theirs, name) if self.theirs else None


def reconcile_page(site: Site, test: str, month: Month, *, seen: Collection[int]) -> ReconcilePage:
    """Everything about one month of one list. seen: ids of sites whose lists the person may see.

    Raises ReconcileError where the return is of sites of which the person may not see all.
    """
    theirs = submitted(site, test, month)
    sites = theirs.sites
    if not {one.pk for one in sites} <= set(seen):
        raise ReconcileError(
            f"The return of {month.first:%B %Y} is that of {site.partner}, for all its {len(sites)} sites, and you may "
            "not see the lists of all of them; ask somebody who does to look at it."
        )
    reckoning = reckon(sites, test, month)
    kept = Reconciliation.objects.filter(site__in=sites, test=test, month=month.first).select_related("signed_by")
    return ReconcilePage(
        site, test, month, sites, list_figures(sites, test, month, reckoning), theirs.figures,
        differences(sites, test, month, reckoning), tuple(kept),
    )  # fmt: skip
