"""The page of doubted figures: what the address asks for, and its first line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef
from django.http import QueryDict

from trustwide.commons.measures.quality.figures import ROWS_A_PAGE, QualityFilters, QualityPage, quality_page
from trustwide.commons.measures.quality.forms import EVERYWHERE, QualityForm
from trustwide.commons.measures.quality.models import QualityScore
from trustwide.commons.measures.quality.words import counted
from trustwide.commons.organisations.models import Partnership

if TYPE_CHECKING:
    from trustwide.commons.accounts.models import User

ROWS_OF_AN_EXPORT = 50_000


@dataclass(frozen=True)
class Asked:
    """What the address asks for. `where` is a partnership's slug, or EVERYWHERE."""

    where: str
    filters: QualityFilters

    def query(self) -> str:
        """The part of the address after "?" that asks for the same from its first page on."""
        filters = self.filters
        parts = {"where": self.where, "site": filters.site, "measure": filters.measure, "kind": filters.kind}
        parts |= {"since": filters.since.isoformat() if filters.since else "", "ended": "on" if filters.ended else ""}
        return urlencode({name: value for name, value in parts.items() if value})

    @property
    def is_filtered(self) -> bool:
        """Whether something other than the place narrows the list."""
        filters = self.filters
        return bool(filters.site or filters.measure or filters.kind or filters.since)


@dataclass(frozen=True)
class ListPage:
    """Everything on the page; `answer` is its first line."""

    form: QualityForm
    asked: Asked
    answer: str
    found: QualityPage


def list_page(user: User, address: QueryDict, rows: int = ROWS_A_PAGE) -> ListPage:
    """What `user` sees at this address. What the address asks wrongly is told by the form, and left out."""
    form, asked = read(user, address)
    found = quality_page(user, asked.filters, rows)
    return ListPage(form, asked, answer(found), found)


def read(user: User, address: QueryDict) -> tuple[QualityForm, Asked]:
    """The form of an address, and what it asks for."""
    scores = QualityScore.objects.for_user(user).filter(site__partner__partnership=OuterRef("pk"))
    places = list(Partnership.objects.filter(Exists(scores)).order_by("comparison", "name"))
    default = next((place.slug for place in places if not place.comparison), EVERYWHERE)
    given = address.copy()
    given.setdefault("where", default)
    form = QualityForm([(place.slug, place.name) for place in places], given)
    form.is_valid()
    fine: dict[str, Any] = form.cleaned_data
    where, page = fine.get("where") or default, given.get("page", "1")
    filters = QualityFilters(
        partnership="" if where == EVERYWHERE else where,
        site=fine.get("site", "").strip(),
        measure=fine.get("measure", ""),
        kind=fine.get("kind", ""),
        since=fine.get("since"),
        ended=fine.get("ended", False),
        page=int(page) if page.isdecimal() and len(page) < 6 else 1,
    )
    return form, Asked(where, filters)


def answer(found: QualityPage) -> str:
    """The first line: how many charts hold something to doubt, and of which kinds."""
    if not found.checked:
        return "No figure has been checked yet."
    charts = "chart" if found.checked == 1 else "charts"
    if not found.total:
        return f"Nothing to doubt was found on {found.checked:,} {charts}."
    hold = "holds" if found.total == 1 else "hold"
    return f"{found.total:,} of {found.checked:,} {charts} {hold} something to doubt: {counted(found.notes)}."
