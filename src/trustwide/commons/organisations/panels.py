"""What services add to the page of a site; packages below them do not know which."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from trustwide.commons.organisations.models import Site


@dataclass(frozen=True)
class SitePanel:
    """A part of the page: the template that draws it, and what it is given as `figures` for a site."""

    template: str
    figures: Callable[[Site], Any]


_panels: list[SitePanel] = []


def register_site_panel(panel: SitePanel) -> None:
    """Add a part to the page of every site. Adding it again changes nothing."""
    if panel not in _panels:
        _panels.append(panel)


def site_panels() -> tuple[SitePanel, ...]:
    """All parts, in the order in which they were added."""
    return tuple(_panels)
