"""Which lists have views that people keep, and what an address asks of one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict

from trustwide.commons.accounts.models import User
from trustwide.web.models import HOME, SavedView, SavedViewQuerySet
from trustwide.web.pressure import canonical_query

# the name of each list's address, with the question it answers
QUESTIONS = {
    HOME: "Where is the pressure?",
    "signals": "What changed?",
    "data_quality": "Which figures can be doubted?",
    "imaging:services": "Which services are there?",
    "imaging:waiting_list": "Who is waiting, and how long?",
}
LONGEST = 1000  # characters


def asked_view(user: User, address: QueryDict) -> tuple[str, str]:
    """The page and the filters that an address asks to keep; the home page where it names none that has views."""
    page = address.get("of", HOME)
    if page not in QUESTIONS or page == HOME:
        return HOME, canonical_query(user, address)
    kept = {name: values for name, values in address.lists() if name not in ("of", "page") and any(values)}
    query = urlencode(kept, doseq=True)
    return page, query if len(query) <= LONGEST else ""


def saved_views(request: HttpRequest) -> dict[str, Callable[[], Any]]:
    """Context processor: `views_here()` are the person's own views of this page, looked up only where it is called."""

    def views_here() -> SavedViewQuerySet:
        match = request.resolver_match
        found: SavedViewQuerySet = SavedView.objects.for_user(request.user).of_page(match.view_name if match else "")
        return found

    return {"views_here": views_here}
