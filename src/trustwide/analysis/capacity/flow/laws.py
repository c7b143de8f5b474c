"""The draws of a department: compiled, and called from Python by the reference.

A draw depends on seed, replication, type of patient, number within it, and for a step on its name and how often the
patient has been there; the layout stays out, so two layouts see the same patients.
"""

from __future__ import annotations

import math

from trustwide.analysis.capacity import philox
from trustwide.analysis.capacity.compiled import shared_part

COMING = 16  # appointments: off time (first) and attendance (second); rates: gap (first) and whether it counts (second)
STEP = 17  # duration (first) and the way on (second)

NORMAL, TRIANGULAR = 4, 5  # the other kinds are those of `philox`

_LAST_VISIT = 255


@shared_part
def duration_of(kind: int, first: float, second: float, third: float, uniform: float) -> float:
    """One draw by inversion, in minutes. NORMAL: mean, sd, lowest. TRIANGULAR: low, mode, high. Else `variate`."""
    if kind == NORMAL:
        return max(third, first + second * philox.normal(uniform))
    if kind == TRIANGULAR:
        below = (second - first) / (third - first)
        if uniform < below:
            return first + math.sqrt(uniform * (third - first) * (second - first))
        return third - math.sqrt((1.0 - uniform) * (third - first) * (third - second))
    return philox.variate(kind, first, second, uniform)


@shared_part
def step_draws(
    seed: philox.Word, replication: int, type_source: int, number: int, step_source: int, visit: int
) -> tuple[float, float]:
    """The two draws of a patient's `visit`-th time (from 0) at a step. From the 256th time on they repeat."""
    attempt = step_source * (_LAST_VISIT + 1) + min(visit, _LAST_VISIT)
    return philox.uniforms(seed, replication, type_source, number, STEP, attempt)
