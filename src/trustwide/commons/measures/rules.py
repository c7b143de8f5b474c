"""When a control chart may speak and when it must not; who may mark one, and where."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Sequence

from django.contrib.auth.models import AnonymousUser

from trustwide.analysis import spc
from trustwide.commons.accounts.models import User
from trustwide.commons.accounts.rules import check_can
from trustwide.commons.audit.actions import Actor, SystemActor
from trustwide.commons.measures.exceptions import CannotMarkError
from trustwide.commons.measures.models import ChartMark
from trustwide.commons.organisations.exceptions import NotAllowedError
from trustwide.commons.organisations.models import Site


class CannotJudgeError(ValueError):
    """A series has too little in it for a control chart; the sentence says what is lacking."""


def check_can_judge(choice: spc.Choice, *, limits_width: float) -> None:
    """Raises CannotJudgeError where only a run chart suits the series, and for limits of no width."""
    if choice.kind == "run":
        raise CannotJudgeError(f"Too little to judge: {choice.lacking}")
    if not limits_width > 0:  # also where the limits are undefined
        raise CannotJudgeError("Too constant to judge: most periods hold the same value.")


def can_judge(choice: spc.Choice, *, limits_width: float) -> bool:
    """Whether a control chart of the series means anything."""
    try:
        check_can_judge(choice, limits_width=limits_width)
    except CannotJudgeError:
        return False
    return True


def check_can_mark(actor: Actor | AnonymousUser, site: Site) -> None:
    """A named job may; a person needs the permission at the site. Raises NotAllowedError."""
    if isinstance(actor, SystemActor):
        return
    if not isinstance(actor, User | AnonymousUser):
        raise NotAllowedError("Only a person or a named job may mark a chart.")
    check_can(actor, "rebase_charts", site)


def can_mark(actor: Actor | AnonymousUser, site: Site) -> bool:
    """Whether this person may write notes on the site's charts and recalculate their limits."""
    try:
        check_can_mark(actor, site)
    except NotAllowedError:
        return False
    return True


def check_can_rebase_at(
    date: datetime.date, periods: Sequence[datetime.date], rebased: Collection[datetime.date]
) -> None:
    """`periods` are those with a value, oldest first; `rebased` those that start limits already.

    Raises CannotMarkError.
    """
    if date not in periods:
        raise CannotMarkError(f"There is no value for {date:%B %Y}, so the limits cannot start there.")
    if date == periods[0]:
        raise CannotMarkError(f"The limits start at {date:%B %Y} anyway: it is the first month of this chart.")
    if date in rebased:
        raise CannotMarkError(f"The limits are recalculated from {date:%B %Y} already.")


def can_rebase_at(date: datetime.date, periods: Sequence[datetime.date], rebased: Collection[datetime.date]) -> bool:
    """Whether limits can be computed anew from that period."""
    try:
        check_can_rebase_at(date, periods, rebased)
    except CannotMarkError:
        return False
    return True


def check_can_ghost(date: datetime.date, periods: Sequence[datetime.date], ghosted: Collection[datetime.date]) -> None:
    """`periods` are those with a value; `ghosted` those left out already. Raises CannotMarkError."""
    if date not in periods:
        raise CannotMarkError(f"There is no value for {date:%B %Y}, so there is nothing to leave out.")
    if date in ghosted:
        raise CannotMarkError(f"{date:%B %Y} is left out already.")


def can_ghost(date: datetime.date, periods: Sequence[datetime.date], ghosted: Collection[datetime.date]) -> bool:
    """Whether the period can be left out of limits and rules."""
    try:
        check_can_ghost(date, periods, ghosted)
    except CannotMarkError:
        return False
    return True


def check_can_withdraw(mark: ChartMark) -> None:
    """A mark is taken back once. Raises CannotMarkError."""
    if not type(mark).objects.standing().filter(pk=mark.pk).exists():
        raise CannotMarkError("This was taken back already.")


def can_withdraw(mark: ChartMark) -> bool:
    """Whether the mark still stands."""
    try:
        check_can_withdraw(mark)
    except CannotMarkError:
        return False
    return True
