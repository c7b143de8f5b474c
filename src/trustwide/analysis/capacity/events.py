"""The event list: when each of a fixed set of entries next needs looking at, as a tournament (Knuth, TAOCP 3, 5.4.1).

A change replays one path to the root, so that it costs the logarithm of the number of entries; the first event is read
off the root. Of entries at the same moment the lowest-numbered comes first. Compiled.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from trustwide.analysis.capacity.compiled import part
from trustwide.analysis.capacity.model import Integers, Reals

_ONE = np.uint64(1)


class EventList(NamedTuple):
    """A binary tree laid out by rows: node 1 is the root, the children of node n are 2 n and 2 n + 1.

    times: (2 x leaves,), when; entries: (2 x leaves,), the entry whose time that is. Leaves are a power of two.
    """

    times: Reals
    entries: Integers


def events_for(entries: int) -> EventList:
    """Room for so many entries (at least one)."""
    leaves = 1 << max(entries - 1, 1).bit_length()
    return EventList(np.full(2 * leaves, math.inf), np.zeros(2 * leaves, np.uint32))


@part
def clear(events: EventList) -> None:
    """Nothing is to happen."""
    leaves = events.times.size >> 1
    for node in range(2 * leaves):
        events.times[node] = math.inf
    for leaf in range(leaves):
        events.entries[leaves + leaf] = leaf
    for node in range(leaves - 1, 0, -1):
        events.entries[node] = events.entries[2 * node]


@part
def schedule(entry: int, time: float, events: EventList) -> None:
    """Set an entry's time, infinite if it has none."""
    node = np.uint64((events.times.size >> 1) + entry)  # unsigned: signed indices may count from the end, and cost more
    events.times[node] = time
    while node > _ONE:
        rival = node ^ _ONE
        rival_time, rival_entry = events.times[rival], events.entries[rival]
        loses = (rival_time < time) | ((rival_time == time) & (rival < node))
        entry = rival_entry if loses else entry
        time = min(rival_time, time)
        node >>= _ONE
        events.times[node] = time
        events.entries[node] = entry
