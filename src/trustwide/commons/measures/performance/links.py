"""What people do about an aim: floors above the commons say so, since the commons do not know them."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trustwide.commons.measures.performance.scope import Viewer
    from trustwide.commons.organisations.models import Site


@dataclass(frozen=True)
class Work:
    """Something that is being done, such as an improvement project: for which aims, where, and how it stands.

    `signal_id` is the signal that it still worked on when the month ended; None where there is none.
    """

    title: str
    aims: tuple[str, ...]
    place: str
    standing: str
    href: str
    signal_id: int | None = None


# each is asked for what ran in the month at these sites, for whom; append to it when an app is ready
WORK: list[Callable[[Sequence[Site], datetime.date, Viewer], Sequence[Work]]] = []


def work_at(sites: Sequence[Site], month: datetime.date, viewer: Viewer) -> tuple[Work, ...]:
    """What ran in the month at these sites, in words for this reader."""
    return tuple(each for known in WORK for each in known(sites, month, viewer))
