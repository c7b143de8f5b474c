"""Counter-based random numbers: a draw depends on seed, patient, purpose and replication, and on nothing else.

Philox4x32-10 (Salmon, Moraes, Dror and Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3"). The key is the seed;
the counter names the patient (source and number), the purpose of the draw and the replication. The scenario stays out,
so two plans see the same patients. Purposes are part of what a seed means: never renumber them.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from trustwide.analysis.capacity.compiled import shared_part

ARRIVAL = 0  # gap since the one before (first uniform) and duration of the scan (second)
ATTENDANCE = 1  # one draw an appointment or visit
PLACE = 2  # site (first) and willingness to travel (second)
VETTING = 3
CANCELLATION = 4  # one draw an appointment
BREAKDOWN = 5  # time up (first) and down (second) of a scanner's n-th breakdown
SHORT_SLOT = 6  # whether a patient needs no more than the shorter slot

NEVER, FIXED, EXPONENTIAL, LOGNORMAL = 0, 1, 2, 3

Reals = NDArray[np.float64]
Word = np.uint64  # 32 bits used; wide enough for the product of two

_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_TWELVE = np.uint64(12)
_MULTIPLIER_0 = np.uint64(0xD2511F53)
_MULTIPLIER_1 = np.uint64(0xCD9E8D57)
_WEYL_0 = np.uint64(0x9E3779B9)
_WEYL_1 = np.uint64(0xBB67AE85)
_STEP = 2.0**-52
_ATTEMPT_BASE = 256


@shared_part
def block(c0: Word, c1: Word, c2: Word, c3: Word, k0: Word, k1: Word) -> tuple[Word, Word, Word, Word]:
    """Ten rounds of Philox4x32: four counter words and two key words in, four random words out (32 bits each)."""
    for _ in range(10):
        left = _MULTIPLIER_0 * c0
        right = _MULTIPLIER_1 * c2
        c0 = (right >> _HALF) ^ c1 ^ k0
        c1 = right & _LOW
        c2 = (left >> _HALF) ^ c3 ^ k1
        c3 = left & _LOW
        k0 = (k0 + _WEYL_0) & _LOW
        k1 = (k1 + _WEYL_1) & _LOW
    return c0, c1, c2, c3


@shared_part
def unit_interval(high: Word, low: Word) -> float:
    """A double strictly between 0 and 1 from the top 52 of two words' 64 bits."""
    return (np.float64(((high << _HALF) | low) >> _TWELVE) + 0.5) * _STEP


@shared_part
def uniforms(seed: Word, replication: int, source: int, number: int, purpose: int, attempt: int) -> tuple[float, float]:
    """Two independent uniforms for one purpose of one patient (or scanner): `number` counts within `source`.

    replication, source, number: 0 to 2**32 - 1; attempt tells the patient's appointments or visits apart.
    """
    key = np.uint64(seed)
    words = block(
        np.uint64(number),
        np.uint64(source),
        np.uint64(purpose + _ATTEMPT_BASE * int(attempt)),
        np.uint64(replication),
        key & _LOW,
        key >> _HALF,
    )
    return unit_interval(words[0], words[1]), unit_interval(words[2], words[3])


@shared_part
def fill_uniforms(seed: Word, replication: int, source: int, first: int, purpose: int, pairs: Reals) -> None:
    """`uniforms` for numbers `first`, `first` + 1, ..., one a column of `pairs` (rows 0 and 1), vectorised."""
    key = np.uint64(seed)
    low, high = key & _LOW, key >> _HALF
    for index in range(pairs.shape[1]):
        words = block(
            np.uint64(first + index), np.uint64(source), np.uint64(purpose), np.uint64(replication), low, high
        )
        pairs[0, index] = unit_interval(words[0], words[1])
        pairs[1, index] = unit_interval(words[2], words[3])


@shared_part
def exponential(uniform: float) -> float:
    """Unit exponential by inversion."""
    return -math.log(uniform)


@shared_part
def variate(kind: int, first: float, second: float, uniform: float) -> float:
    """One draw of a described distribution by inversion, so a scale changes every draw by the same factor.

    FIXED: `first` is the value. EXPONENTIAL: `first` is the mean. LOGNORMAL: mean and standard deviation of the
    logarithm (see `lognormal_of_log`). NEVER: infinity.
    """
    if kind == EXPONENTIAL:
        return first * exponential(uniform)
    if kind == LOGNORMAL:
        return math.exp(first + second * normal(uniform))
    if kind == FIXED:
        return first
    return math.inf


def lognormal_of_log(mean: float, sd: float) -> tuple[float, float]:
    """Mean and sd of the logarithm of a lognormal variable that itself has this mean and sd."""
    spread = math.log1p((sd / mean) ** 2)
    return math.log(mean) - spread / 2, math.sqrt(spread)


@shared_part
def variates(kind: int, first: float, second: float, uniforms: Reals, drawn: Reals) -> None:
    """`variate` of each of the uniforms, in steps of which some can be vectorised."""
    if kind == LOGNORMAL:
        _normals(uniforms, drawn)
        for index in range(drawn.size):
            drawn[index] = math.exp(first + second * drawn[index])
    elif kind == EXPONENTIAL:
        for index in range(drawn.size):
            drawn[index] = first * exponential(uniforms[index])
    else:
        for index in range(drawn.size):
            drawn[index] = variate(kind, first, second, uniforms[index])


@shared_part
def _normals(uniforms: Reals, normals: Reals) -> None:
    """`normal` of each of the uniforms."""
    for index in range(uniforms.size):
        centred = uniforms[index] - 0.5
        normals[index] = centred * _central(0.180625 - centred * centred)
    for index in range(uniforms.size):
        if abs(uniforms[index] - 0.5) > 0.425:
            normals[index] = normal(uniforms[index])


@shared_part
def normal(uniform: float) -> float:
    """Inverse of the standard normal distribution: Wichura 1988, algorithm AS 241 (PPND16), about 16 figures."""
    centred = uniform - 0.5
    if abs(centred) <= 0.425:
        return centred * _central(0.180625 - centred * centred)
    tail = math.sqrt(-math.log(min(uniform, 1.0 - uniform)))
    distance = _near_tail(tail - 1.6) if tail <= 5.0 else _far_tail(tail - 5.0)
    return -distance if centred < 0.0 else distance


@shared_part
def _central(r: float) -> float:
    top = 2.5090809287301226727e3
    top = top * r + 3.3430575583588128105e4
    top = top * r + 6.7265770927008700853e4
    top = top * r + 4.5921953931549871457e4
    top = top * r + 1.3731693765509461125e4
    top = top * r + 1.9715909503065514427e3
    top = top * r + 1.3314166789178437745e2
    top = top * r + 3.3871328727963666080e0
    bottom = 5.2264952788528545610e3
    bottom = bottom * r + 2.8729085735721942674e4
    bottom = bottom * r + 3.9307895800092710610e4
    bottom = bottom * r + 2.1213794301586595867e4
    bottom = bottom * r + 5.3941960214247511077e3
    bottom = bottom * r + 6.8718700749205790830e2
    bottom = bottom * r + 4.2313330701600911252e1
    return top / (bottom * r + 1.0)


@shared_part
def _near_tail(r: float) -> float:
    top = 7.74545014278341407640e-4
    top = top * r + 2.27238449892691845833e-2
    top = top * r + 2.41780725177450611770e-1
    top = top * r + 1.27045825245236838258e0
    top = top * r + 3.64784832476320460504e0
    top = top * r + 5.76949722146069140550e0
    top = top * r + 4.63033784615654529590e0
    top = top * r + 1.42343711074968357734e0
    bottom = 1.05075007164441684324e-9
    bottom = bottom * r + 5.47593808499534494600e-4
    bottom = bottom * r + 1.51986665636164571966e-2
    bottom = bottom * r + 1.48103976427480074590e-1
    bottom = bottom * r + 6.89767334985100004550e-1
    bottom = bottom * r + 1.67638483018380384940e0
    bottom = bottom * r + 2.05319162663775882187e0
    return top / (bottom * r + 1.0)


@shared_part
def _far_tail(r: float) -> float:
    top = 2.01033439929228813265e-7
    top = top * r + 2.71155556874348757815e-5
    top = top * r + 1.24266094738807843860e-3
    top = top * r + 2.65321895265761230930e-2
    top = top * r + 2.96560571828504891230e-1
    top = top * r + 1.78482653991729133580e0
    top = top * r + 5.46378491116411436990e0
    top = top * r + 6.65790464350110377720e0
    bottom = 2.04426310338993978564e-15
    bottom = bottom * r + 1.42151175831644588870e-7
    bottom = bottom * r + 1.84631831751005468180e-5
    bottom = bottom * r + 7.86869131145613259100e-4
    bottom = bottom * r + 1.48753612908506148525e-2
    bottom = bottom * r + 1.36929880922735805310e-1
    bottom = bottom * r + 5.99832206555887937690e-1
    return top / (bottom * r + 1.0)
