"""Where a signal leads on to: floors above the commons say so, since the commons do not know them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trustwide.commons.accounts.models import User
    from trustwide.commons.measures.signals.models import Signal


@dataclass(frozen=True)
class Link:
    """A button on the page of a signal."""

    text: str
    href: str


# each is asked for the links that a person gets on a signal's page; append to it when an app is ready
LINKS: list[Callable[[Signal, User], Sequence[Link]]] = []


def project_links(signal: Signal, user: User) -> tuple[Link, ...]:
    """What this person can go on to from a signal, such as opening an improvement project."""
    return tuple(link for offered in LINKS for link in offered(signal, user))
