"""Which devices are idle, as bits: whoever arrives finds the lowest-numbered one that suits without asking them all.

Compiled.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from trustwide.analysis.capacity.compiled import part
from trustwide.analysis.capacity.model import NOBODY, Integers

_BITS = 32  # devices a word


class Idle(NamedTuple):
    """now: (words,), devices that are idle and would not be looked at of themselves if somebody came.

    suits: (streams, sites, words), devices at the site that scan the stream.
    """

    now: Integers
    suits: Integers


def idle_for(accepts: NDArray[np.bool_], sites: Integers, count: int) -> Idle:
    """accepts: (devices, streams); sites: (devices,), the site of each, one of `count`."""
    devices, streams = accepts.shape
    suits = np.zeros((streams, count, -(-devices // _BITS)), np.int64)
    for device in range(devices):
        suits[accepts[device], sites[device], device // _BITS] |= 1 << (device & (_BITS - 1))
    return Idle(np.zeros(suits.shape[2], np.int64), suits)


@part
def set_idle(device: int, idle: bool, devices: Idle) -> None:
    """Note that a device is idle, or that it no longer is."""
    bit = 1 << (device & (_BITS - 1))
    word = device // _BITS
    devices.now[word] = devices.now[word] | bit if idle else devices.now[word] & ~bit


@part
def first_idle(stream: int, site: int, least: int, devices: Idle) -> int:
    """The lowest-numbered idle device from `least` on that suits, NOBODY if there is none."""
    word = least // _BITS
    beyond = -1 << (least & (_BITS - 1))
    while word < devices.now.size:
        found = devices.now[word] & devices.suits[stream, site, word] & beyond
        if found != 0:
            return word * _BITS + math.frexp(found & -found)[1] - 1
        word += 1
        beyond = -1
    return NOBODY
