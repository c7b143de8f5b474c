"""Closed-form waiting-list figures that NHS analysts know, shown beside every simulation.

Source: Fong, Mushtaq, House, Gordon, Chen, Griffiths, Ahmad and Walton, "Understanding waiting lists pressures",
medRxiv 2022.08.23.22279117 (2022), as also implemented in the R package NHSRwaitinglist (MIT).
All rates are per week and all waits in weeks; every function raises ValueError for a rate or wait that is not positive.
"""

from __future__ import annotations


def load(demand: float, capacity: float) -> float:
    """Demand as a share of capacity; at 1 or above the list grows without end."""
    _positive(demand=demand, capacity=capacity)
    return demand / capacity


def target_mean_wait(target: float, factor: float = 4.0) -> float:
    """Mean wait at which 1.8 % (factor 4) or 0.2 % (factor 6) of patients wait longer than `target`."""
    _positive(target=target, factor=factor)
    return target / factor


def target_list(demand: float, target: float, factor: float = 4.0) -> float:
    """Length of list at which the target is met, by Little's law."""
    _positive(demand=demand)
    return demand * target_mean_wait(target, factor)


def relief_capacity(demand: float, waiting: float, wanted: float, weeks: float) -> float:
    """Capacity a week that brings a list of `waiting` down to `wanted` in `weeks`."""
    _positive(demand=demand, weeks=weeks)
    return demand + (waiting - wanted) / weeks


def target_capacity(
    demand: float, target: float, factor: float = 4.0, cv_demand: float = 1.0, cv_capacity: float = 1.0
) -> float:
    """Capacity a week that keeps the target once it is met, with variation in demand and in capacity."""
    _positive(demand=demand, target=target)
    return demand + (cv_demand**2 + cv_capacity**2) / 2 * factor / target


def pressure(mean_wait: float, target: float) -> float:
    """Twice the mean wait as a share of the target: above 1 the target is being missed."""
    _positive(target=target)
    return 2 * mean_wait / target


def _positive(**values: float) -> None:
    for name, value in values.items():
        if not value > 0:
            raise ValueError(f"{name}: expected a number above 0, got {value}.")
