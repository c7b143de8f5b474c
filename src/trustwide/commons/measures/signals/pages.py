"""The list of signals: what the address asks for, and what is shown of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef
from django.http import QueryDict

from trustwide.commons.measures.models import ChartSummary
from trustwide.commons.measures.signals import words
from trustwide.commons.measures.signals.columns import KEYS, USUAL, Column, chosen
from trustwide.commons.measures.signals.figures import ROWS_A_PAGE, SignalFilters, SignalsPage, signals_page
from trustwide.commons.measures.signals.forms import EVERYWHERE, FilterForm
from trustwide.commons.organisations.models import Partnership

if TYPE_CHECKING:
    from trustwide.commons.accounts.models import User

ROWS_OF_AN_EXPORT = 50_000
PLAIN = ("site", "measure", "breakdown", "aim", "verdict", "direction")


@dataclass(frozen=True)
class Asked:
    """What the address asks for. `where` is a partnership's slug, or EVERYWHERE; `place` says it in words."""

    where: str
    place: str
    filters: SignalFilters
    columns: tuple[str, ...] = USUAL

    def query(self, **changed: Any) -> str:
        """The part of the address after "?" that asks for the same from its first page on, but for what is changed."""
        filters = self.filters
        parts: dict[str, Any] = {"where": self.where} | {name: getattr(filters, name) for name in PLAIN}
        parts |= {"state": "" if filters.state == "open" else filters.state, "mine": "on" if filters.mine else ""}
        parts |= {"columns": self.columns if self.columns != USUAL else ""} | changed
        return urlencode({name: value for name, value in parts.items() if value}, doseq=True)

    @property
    def is_filtered(self) -> bool:
        """Whether something other than the place narrows the list."""
        return self.filters.mine or self.filters.state != "open" or any(getattr(self.filters, name) for name in PLAIN)


@dataclass(frozen=True)
class ListPage:
    """Everything on the page; `answer` is its first line."""

    form: FilterForm
    asked: Asked
    answer: str
    signals: SignalsPage
    columns: tuple[Column, ...]


def list_page(user: User, address: QueryDict, rows: int = ROWS_A_PAGE) -> ListPage:
    """What `user` sees at this address. What the address asks wrongly is told by the form, and left out."""
    form, asked = read(user, address)
    signals = signals_page(user, asked.filters, rows)
    answer = words.answer(signals.total, signals.expected, asked.filters, asked.place)
    return ListPage(form, asked, answer, signals, chosen(asked.columns))


def read(user: User, address: QueryDict) -> tuple[FilterForm, Asked]:
    """The form of an address, and what it asks for."""
    places = _places(user)
    default = next((slug for slug, _, ours in places if ours), EVERYWHERE)
    given = address.copy()
    given.setdefault("where", default)
    if "columns" not in given:
        given.setlist("columns", list(USUAL))
    form = FilterForm([*((slug, name) for slug, name, _ in places), (EVERYWHERE, "Everywhere")], given)
    form.is_valid()
    fine = form.cleaned_data
    where, page = fine.get("where") or default, given.get("page", "1")
    filters = SignalFilters(
        partnership="" if where == EVERYWHERE else where,
        state=fine.get("state") or "open",
        mine=fine.get("mine", False),
        page=int(page) if page.isdecimal() and len(page) < 6 else 1,
        **{name: fine.get(name, "").strip() for name in PLAIN},
    )
    columns = tuple(key for key in KEYS if key in (fine.get("columns") or USUAL))
    return form, Asked(where, _in_words(where, places), filters, columns)


def _places(user: User) -> list[tuple[str, str, bool]]:
    """Slug and name of the partnerships with charts this person may see, and whether each is our own; ours first."""
    charts = ChartSummary.objects.for_user(user).filter(site__partner__partnership=OuterRef("pk"))
    found = Partnership.objects.filter(Exists(charts)).order_by("comparison", "name")
    return [(slug, name, not comparison) for slug, name, comparison in found.values_list("slug", "name", "comparison")]


def _in_words(where: str, places: list[tuple[str, str, bool]]) -> str:
    ours = [slug for slug, _, own in places if own]
    if where == EVERYWHERE:
        return "at all the sites you may see"
    if ours == [where]:
        return "at your sites"
    return next(f"in {name}" for slug, name, _ in places if slug == where)
