"""The first line of the home page, built only from figures."""

from __future__ import annotations

from collections.abc import Sequence

from trustwide.services.imaging.figures import GrowingList, Growth
from trustwide.web.columns import signed

NUMBERS = ("None", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")


def headline(growth: Growth) -> str:
    """How many lists grew beyond chance, and which most: our own first."""
    if growth.own:
        said = _counted(growth.own_growing, growth.own, "your") + _named(growth.own_growing, growth.longest)
        return f"{said}{_elsewhere(growth)}"
    return _counted(growth.others_growing, growth.others, "") + _named(growth.others_growing, growth.longest)


def _counted(growing: int, lists: int, whose: str) -> str:
    if lists == 1:
        grown = "has grown" if growing else "has not grown"
        return f"{whose.capitalize() or 'The'} one list {grown} beyond its usual variation"
    number = NUMBERS[growing] if growing < len(NUMBERS) else f"{growing:,}"
    grown = "have grown beyond their" if growing > 1 else "has grown beyond its"
    return " ".join([number, "of", *([whose] if whose else []), f"{lists:,} lists", grown, "usual variation"])


def _named(growing: int, longest: Sequence[GrowingList]) -> str:
    if not growing:
        return "."
    names = [_one(each) for each in longest[:growing]]
    if growing > len(names):
        return f", most of all {_joined(names)}."
    return f": {_joined(names)}."


def _one(grown: GrowingList) -> str:
    return f"{grown.test_name} at {grown.site_name} (mean {signed(grown.step)} since {grown.since:%B %Y})"


def _joined(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _elsewhere(growth: Growth) -> str:
    if not growth.others:
        return ""
    return f" Elsewhere, {growth.others_growing:,} of {growth.others:,} have."
