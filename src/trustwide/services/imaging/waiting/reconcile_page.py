"""What the page of a reconciliation shows: both sides, band by band, and why they may differ."""

from __future__ import annotations

from dataclasses import dataclass

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
    """One month of one list held against its return."""

    site: Site
    test: str
    month: Month
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

    def _of_theirs(self, name: str) -> int | None:
        return getattr(self.theirs, name) if self.theirs else None


def reconcile_page(site: Site, test: str, month: Month) -> ReconcilePage:
    """Everything about one month of one list."""
    reckoning = reckon(site, test, month)
    kept = Reconciliation.objects.filter(site=site, test=test, month=month.first).select_related("signed_by")
    return ReconcilePage(
        site, test, month, list_figures(site, test, month, reckoning), submitted(site, test, month),
        differences(site, test, month, reckoning), tuple(kept),
    )  # fmt: skip
