"""Small tables by hand: a baseline whose lines are easily reckoned, points after it, and one letter for each cause.

The baseline is 10 and 12 in turn: mean 11, every moving range 2, so limits at 11 -/+ 5.32 (5.68 and 16.32) and near
limits at 11 -/+ 3.55 (7.45 and 14.55). Fixed after its 12 points, the lines stay there whatever follows.
"""

import datetime as dt

from trustwide.analysis.spc import Settings, chart
from trustwide.analysis.spc.model import CAUSES

FIRST = dt.date(2025, 1, 1)
BASE = [10, 12] * 6
LETTERS = dict(zip(CAUSES, ".ULRFPpSs", strict=True))  # high rules in capitals: Up, Rising, Pair, Shift; L and F low


def day(i):
    return FIRST + dt.timedelta(days=i)


def daily(values, direction="increase", **settings):
    given = Settings(direction, profile="mdc", **settings)
    return chart([day(i) for i in range(len(values))], values, given)


def after_base(points, direction="increase", **settings):
    """The chart of the baseline and what follows it; give `ghosts` as places after the baseline."""
    ghosts = [day(len(BASE) + i) for i in settings.pop("ghosts", ())]
    return daily(BASE + points, direction, fix_after_n_points=12, ghost_dates=ghosts, **settings)


def letters(causes):
    """One letter a point, `.` for common cause."""
    return "".join(LETTERS[str(cause)] for cause in causes)


def told(made):
    return letters(made.special_cause_type[len(BASE) :])


def others(made):
    return letters(made.other_cause[len(BASE) :])
