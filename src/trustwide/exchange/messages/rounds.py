"""Rounds of a worker that runs for weeks: one that goes wrong is told, and the next one goes on."""

from __future__ import annotations

from collections.abc import Callable

from django.db import DatabaseError, close_old_connections

from trustwide.exchange.messages.providers import ProviderError

ENDED_EARLY = "This round ended early ({}); what is left waits for the next one."


def try_round(do: Callable[[], str]) -> str:
    """What a round says it did; where the database or a provider failed it, that in words."""
    try:
        return do()
    except (DatabaseError, ProviderError) as error:
        # a broken connection would fail every round that follows
        close_old_connections()
        return ENDED_EARLY.format(type(error).__name__)
