"""Keeps and forgets views of the lists."""

from __future__ import annotations

from django.db import transaction

from trustwide.commons.accounts.models import User
from trustwide.commons.audit.actions import record
from trustwide.web.models import HOME, SavedView
from trustwide.web.rules import check_can_change_view


@transaction.atomic
def save_view(name: str, query: str, *, by: User, page: str = HOME) -> SavedView:
    """Keep a view of a page under a name. Raises ValidationError for a name the person uses there already."""
    view = SavedView(owner=by, page=page, name=name, query=query)
    view.full_clean()
    view.save()
    record("saved a view", by=by, target=view, details={"name": name, "query": query})
    return view


@transaction.atomic
def delete_view(view: SavedView, *, by: User) -> None:
    """Forget a view."""
    check_can_change_view(by, view)
    record("deleted a view", by=by, target=view, details={"name": view.name, "query": view.query})
    view.delete()
