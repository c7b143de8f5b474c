"""The home page: which lists somebody asked for, and what is shown of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef
from django.http import QueryDict

from trustwide.commons.measures.models import ChartSummary
from trustwide.commons.organisations.models import Partnership
from trustwide.services.imaging.figures import (
    OVER_SIX,
    PressureFilters,
    PressurePage,
    growing_lists,
    pressure_rows,
    tests_returned,
)
from trustwide.web.columns import KEYS, Column, chosen
from trustwide.web.forms import EVERYWHERE, PressureForm
from trustwide.web.words import headline

if TYPE_CHECKING:
    from trustwide.commons.accounts.models import User

ROWS_A_PAGE = 60
ROWS_OF_AN_EXPORT = 100_000


@dataclass(frozen=True)
class Asked:
    """What the address asks for. `where` is a partnership's slug, or EVERYWHERE."""

    where: str
    test: str = ""
    site: str = ""
    concerns: bool = False
    columns: tuple[str, ...] = KEYS
    page: int = 1

    def query(self, *, page: int = 1) -> str:
        """The part of the address after "?" that asks for the same again, on this page."""
        parts: dict[str, Any] = {"where": self.where, "test": self.test, "site": self.site}
        parts |= {"concerns": "on" if self.concerns else "", "page": page if page > 1 else ""}
        parts |= {"columns": self.columns if self.columns != KEYS else ""}
        return urlencode({name: value for name, value in parts.items() if value}, doseq=True)

    def filters(self, rows: int) -> PressureFilters:
        """The same as the imaging service takes it."""
        where = "" if self.where == EVERYWHERE else self.where
        return PressureFilters(self.test, where, self.site, self.concerns, self.page, rows)


@dataclass(frozen=True)
class HomePage:
    """Everything on the page. `answer` is its first line; nothing but `form` and `asked` is there without a return."""

    form: PressureForm
    asked: Asked
    answer: str
    table: PressurePage
    columns: tuple[Column, ...]

    @property
    def pages(self) -> Page[int]:
        """This page among all, for the links to the others."""
        return Paginator(range(self.table.total), ROWS_A_PAGE).page(self.table.page)

    @property
    def is_filtered(self) -> bool:
        """Whether something other than the place narrows the table."""
        return bool(self.asked.test or self.asked.site or self.asked.concerns)


def home_page(user: User, address: QueryDict, *, rows: int = ROWS_A_PAGE) -> HomePage:
    """What `user` sees at this address. What the address asks wrongly is told by the form, and left out."""
    form, asked = _read(user, address)
    table = pressure_rows(user, asked.filters(rows))
    answer = ""
    if table.newest is not None:
        whole = replace(asked, concerns=False)
        answer = headline(growing_lists(user, whole.filters(rows), table.newest))
    return HomePage(form, asked, answer, table, chosen(asked.columns))


def canonical_query(user: User, address: QueryDict) -> str:
    """The shortest address that asks for the same, from its first page on."""
    return _read(user, address)[1].query()


def _read(user: User, address: QueryDict) -> tuple[PressureForm, Asked]:
    places, default = _places(user)
    given = address.copy()
    given.setdefault("where", default)
    if "columns" not in given:
        given.setlist("columns", list(KEYS))
    form = PressureForm(places, tests_returned(user), given)
    form.is_valid()
    fine = form.cleaned_data
    page = given.get("page", "1")
    asked = Asked(
        where=fine.get("where") or default,
        test=fine.get("test", ""),
        site=fine.get("site", "").strip(),
        concerns=fine.get("concerns", False),
        columns=tuple(key for key in KEYS if key in (fine.get("columns") or KEYS)),
        page=int(page) if page.isdecimal() and len(page) < 6 else 1,
    )
    return form, asked


def _places(user: User) -> tuple[list[tuple[str, str]], str]:
    """The partnerships with lists this person may see, our own first, and the one to begin with."""
    lists = ChartSummary.objects.for_user(user).filter(measure=OVER_SIX, site__partner__partnership=OuterRef("pk"))
    found = Partnership.objects.filter(Exists(lists)).order_by("comparison", "name")
    partnerships = list(found.values_list("slug", "name", "comparison"))
    places = [(slug, name) for slug, name, _ in partnerships]
    default = next((slug for slug, _, comparison in partnerships if not comparison), EVERYWHERE)
    return [*places, (EVERYWHERE, "Everywhere")], default
