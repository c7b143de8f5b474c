"""What an address asks for: whose report, of which month. Page, PDF and workbook read it alike."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict

from trustwide.commons.accounts.models import User
from trustwide.commons.measures.performance.exceptions import ReportScopeError
from trustwide.commons.measures.performance.scope import Scope, months_of, scope_of, scopes_for
from trustwide.commons.nhsuk.formats import month as month_name


class ReportForm(forms.Form):
    """Whose report, and of which month; each may stay empty."""

    scope = forms.ChoiceField(
        label="Whose report", required=False,
        error_messages={"invalid_choice": "There is no such report, or you may not see all of it. Choose another."},
    )  # fmt: skip
    month = forms.ChoiceField(
        label="Month", required=False,
        error_messages={"invalid_choice": "There are no figures of that month. Choose another."},
    )  # fmt: skip

    def __init__(self, scopes: list[tuple[str, str]], months: list[tuple[str, str]], given: QueryDict) -> None:
        super().__init__(given)
        for name, choices in (("scope", scopes), ("month", months)):
            field = self.fields[name]
            if isinstance(field, forms.ChoiceField):
                field.choices = choices


@dataclass(frozen=True)
class AskedReport:
    """What the address asks for; what it asks wrongly is told by the form and left out.

    `scope` is None where the reader may have no report, `month` where there is no figure yet.
    """

    form: ReportForm
    scope: Scope | None
    month: datetime.date | None

    @property
    def query(self) -> str:
        """The part of the address after "?" that asks for the same."""
        parts = {"scope": self.scope.key if self.scope else "", "month": f"{self.month:%Y-%m}" if self.month else ""}
        return urlencode({name: value for name, value in parts.items() if value}, safe=":")


def asked_report(user: User, address: QueryDict) -> AskedReport:
    """What `user` may see of what the address asks for; without a wish the widest scope, and its newest month."""
    known = {each.key: each for each in scopes_for(user)}
    wanted = address.get("scope", "")
    if wanted and wanted not in known:
        known |= _named(user, wanted)
    scope = known.get(wanted) or next(iter(known.values()), None)
    months = months_of(scope) if scope else None
    choices = {f"{each:%Y-%m}": each for each in months.all()} if months else {}
    given = address.copy()
    given.setdefault("scope", scope.key if scope else "")
    given.setdefault("month", next(iter(choices), ""))
    form = ReportForm(
        [(key, each.name) for key, each in known.items()],
        [(key, month_name(each)) for key, each in choices.items()],
        given,
    )
    form.is_valid()
    month = choices.get(given.get("month", ""), months.newest if months else None)
    return AskedReport(form, scope, month)


def _named(user: User, key: str) -> dict[str, Scope]:
    """A scope that is not offered, such as a provider in public data."""
    kind, _, code = key.partition(":")
    try:
        return {key: scope_of(user, kind, code)}
    except ReportScopeError:
        return {}
