"""Whose a saved view is."""

from __future__ import annotations

from trustwide.commons.accounts.models import User
from trustwide.commons.organisations.exceptions import NotAllowedError
from trustwide.web.models import SavedView


def can_change_view(user: User, view: SavedView) -> bool:
    """A view belongs to the person who saved it."""
    return view.owner_id == user.pk


def check_can_change_view(user: User, view: SavedView) -> None:
    """Raise NotAllowedError, with a sentence for the person, unless `can_change_view`."""
    if not can_change_view(user, view):
        raise NotAllowedError(f'"{view.name}" is a view of somebody else. Save one of your own instead.')
