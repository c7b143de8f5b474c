"""Services that Ciw can express, written as its users write them: first-come queues and priorities."""

from __future__ import annotations

import math

import ciw


def first_come_queue(seed: int, *, per_minute: float, mean: float, servers: int, patients: int) -> list[float]:
    """Waits of an always-open first-come queue with exponential gaps and durations."""
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate=per_minute)],
        service_distributions=[ciw.dists.Exponential(rate=1 / mean)],
        number_of_servers=[servers],
    )
    return [record.waiting_time for record in _records(network, seed, patients)]


def priorities(
    seed: int, *, per_minute: dict[str, float], mean: float, sd: float, servers: int, patients: int
) -> dict[str, list[float]]:
    """Waits by stream of an always-open queue in the order of the streams, nobody interrupted, lognormal durations."""
    spread = math.log1p((sd / mean) ** 2)
    duration = ciw.dists.Lognormal(mean=math.log(mean) - spread / 2, sd=math.sqrt(spread))
    network = ciw.create_network(
        arrival_distributions={name: [ciw.dists.Exponential(rate=rate)] for name, rate in per_minute.items()},
        service_distributions={name: [duration] for name in per_minute},
        priority_classes={name: number for number, name in enumerate(per_minute)},
        number_of_servers=[servers],
    )
    waits: dict[str, list[float]] = {name: [] for name in per_minute}
    for record in _records(network, seed, patients):
        waits[record.customer_class].append(record.waiting_time)
    return waits


def _records(network: ciw.network.Network, seed: int, patients: int) -> list[ciw.data_record.DataRecord]:
    """Of so many patients who were seen to the end."""
    ciw.seed(seed)
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(patients, method="Finish")
    return simulation.get_all_records()
