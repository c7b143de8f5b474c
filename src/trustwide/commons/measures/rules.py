"""When a control chart may speak, and when it must not."""

from __future__ import annotations

from collections.abc import Sequence

FEWEST_POINTS = 13  # fewer give limits that move with every new point
FEWEST_COUNTED = 3.0  # a smaller mean count makes an XmR chart signal on chance alone


class CannotJudgeError(ValueError):
    """A series has too little in it for a control chart; the sentence says what is lacking."""


def check_can_judge(numerators: Sequence[float], *, limits_width: float) -> None:
    """Raises CannotJudgeError for a short series, for rare events and for limits of no width."""
    points = len(numerators)
    if points < FEWEST_POINTS:
        raise CannotJudgeError(f"Too few months to judge: {points} of the {FEWEST_POINTS} needed.")
    mean = sum(abs(count) for count in numerators) / points
    if mean < FEWEST_COUNTED:
        raise CannotJudgeError(f"Too rare to judge month by month: {mean:.1f} a month on average.")
    if not limits_width > 0:  # also where the limits are undefined
        raise CannotJudgeError("Too constant to judge: most months hold the same value.")


def can_judge(numerators: Sequence[float], *, limits_width: float) -> bool:
    """Whether a control chart of the series means anything."""
    try:
        check_can_judge(numerators, limits_width=limits_width)
    except CannotJudgeError:
        return False
    return True
