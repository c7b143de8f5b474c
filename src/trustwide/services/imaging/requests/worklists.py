"""What is there to do? Requests whose next step is somebody's, overdue first."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q

from trustwide.commons.accounts.models import Membership, User
from trustwide.services.imaging.requests.models import ImagingRequest, RequestQuerySet
from trustwide.services.imaging.requests.pathway import NEXT_STEPS, State
from trustwide.services.imaging.requests.words import ROLES, TO_DO, delay

ROWS_A_PAGE = 50


@dataclass(frozen=True)
class Asked:
    """What the address asks for. step: a state, or empty for all. mine: only what is assigned to this person."""

    role: str
    step: str = ""
    mine: bool = False
    site: str = ""
    test: str = ""
    priority: str = ""
    page: int = 1

    def query(self, **changes: object) -> str:
        """The address of this list with some things changed; a change begins at its first page."""
        one = replace(self, **{"page": 1, **changes})  # type: ignore[arg-type]
        said = {
            "role": one.role, "step": one.step, "mine": "yes" if one.mine else "", "site": one.site, "test": one.test,
            "priority": one.priority,
        }  # fmt: skip
        return urlencode({name: value for name, value in said.items() if value})


@dataclass(frozen=True)
class StepCount:
    """One step of the list: how many wait for it, and how many of those are overdue."""

    state: State
    words: str
    number: int
    late: int


@dataclass(frozen=True)
class WorkRow:
    """One request to do something about. late: how late it is, or how long there is still time, in words."""

    request: ImagingRequest
    step: str
    late: str
    overdue: bool


@dataclass(frozen=True)
class WorkPage:
    """A page of a work list. roles: those whose tabs are shown, with their words."""

    asked: Asked
    roles: tuple[tuple[str, str], ...]
    steps: tuple[StepCount, ...]
    pages: Page[ImagingRequest]
    rows: tuple[WorkRow, ...]

    @property
    def total(self) -> int:
        """How many requests there are to do something about, all steps together."""
        return sum(step.number for step in self.steps)

    @property
    def answer(self) -> str:
        """The first line of the page."""
        whose = "assigned to you" if self.asked.mine else f"for {ROLES[self.asked.role].lower()}"
        if not self.total:
            return f"Nothing {whose} is waiting to be done."
        late = sum(step.late for step in self.steps)
        noun = "request waits" if self.total == 1 else "requests wait"
        overdue = f"{late:,} of them overdue" if late else "none of them overdue"
        most = max(self.steps, key=lambda step: (step.late, step.number))
        first = f" Most of it: {most.words.lower()}, {most.number:,}." if len(self.steps) > 1 else ""
        return f"{self.total:,} {noun} {whose}, {overdue}.{first}"


def roles_of(user: User) -> tuple[tuple[str, str], ...]:
    """The roles of the pathway this person holds, with their words; all of them for somebody who holds none."""
    held = set(Membership.objects.filter(user=user, role__in=ROLES).values_list("role", flat=True))
    return tuple((role, words) for role, words in ROLES.items() if role in held or not held)


def to_do(user: User, asked: Asked, now: datetime.datetime) -> RequestQuerySet:
    """Everything that is asked for but the step, overdue first. An appointment asks for nothing before its time."""
    # the second condition is that of the index request_to_do, without which SQLite does not use it
    found: RequestQuerySet = ImagingRequest.objects.for_user(user).to_do_by(asked.role).exclude(next_role="")
    found = found.exclude(state=State.BOOKED, next_due_at__gt=now)
    if asked.mine:
        found = found.filter(assigned_to=user)
    chosen = {"site__code": asked.site, "test": asked.test, "priority": asked.priority}
    return found.filter(**{name: value for name, value in chosen.items() if value})


def work_page(user: User, asked: Asked, now: datetime.datetime) -> WorkPage:
    """A page of the list, with its steps counted."""
    roles = roles_of(user)
    if asked.role not in dict(roles):
        asked = replace(asked, role=roles[0][0])
    everything = to_do(user, asked, now)
    steps = _steps(everything, asked.role, now)
    found = everything.filter(state=asked.step) if asked.step else everything
    pages = Paginator(found.light(), ROWS_A_PAGE).get_page(asked.page)
    rows = tuple(
        WorkRow(one, TO_DO[one.stage], delay(one.next_due_at, now), bool(one.next_due_at and one.next_due_at < now))
        for one in pages
    )
    return WorkPage(asked, roles, steps, pages, rows)


def _steps(found: RequestQuerySet, role: str, now: datetime.datetime) -> tuple[StepCount, ...]:
    late = Count("pk", filter=Q(next_due_at__lt=now))
    counted = found.order_by().values("state").annotate(number=Count("pk"), late=late)
    by_state = {row["state"]: row for row in counted}
    return tuple(
        StepCount(state, TO_DO[state], by_state[state]["number"], by_state[state]["late"])
        for state, step in NEXT_STEPS.items()
        if step.role == role and state in by_state
    )
