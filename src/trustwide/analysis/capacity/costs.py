"""What levers cost: pounds a year, once and as capital, and all of it as pounds a year."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class LeverCost:
    """Pounds: each year, once, and as capital."""

    cost_per_year: float
    one_off: float
    capital: float


# Treasury Green Book (2022) discount rate for years 0 to 30, under review in 2026; ten years as equipment lives
ANNUITY_RATE = 0.035
ANNUITY_YEARS = 10


def annual_equivalent(cost: LeverCost) -> float:
    """Cost a year with capital and one-off money as an annuity over 10 years at 3.5 %, pounds."""
    factor = ANNUITY_RATE / (1 - (1 + ANNUITY_RATE) ** -ANNUITY_YEARS)
    return cost.cost_per_year + (cost.capital + cost.one_off) * factor


def total_cost(costs: Iterable[LeverCost]) -> LeverCost:
    """Several levers together."""
    rows = [(cost.cost_per_year, cost.one_off, cost.capital) for cost in costs]
    return LeverCost(*(float(sum(column)) for column in zip(*rows, strict=True))) if rows else LeverCost(0.0, 0.0, 0.0)
