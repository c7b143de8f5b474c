"""The fields of a lever file: what could be done, what it costs and whom it needs."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag

from trustwide.analysis.capacity.service_fields import Fields, Name, NotNegative, Positive, Scanner, Session, Share

Week = Annotated[int, Field(ge=0, le=5_200)]
Sessions = Annotated[list[Session], Field(min_length=1, max_length=100)]


class Change(Fields):
    """Part of a lever. It acts from the lever's start, or from `from_week` weeks after it."""

    from_week: Week = 0


class AddSessions(Change):
    """Open a scanner for longer."""

    scanner: Name
    sessions: Sessions


class SetSessions(Change):
    """Open a scanner at these times instead of its own."""

    scanner: Name
    sessions: Sessions


class Remove(Change):
    """Take a scanner out of use."""

    scanner: Name


class ScaleDidNotAttend(Change):
    """Did-not-attend probabilities are multiplied by `factor`, in all booked streams or in those named."""

    factor: Annotated[float, Field(ge=0, le=10)]
    streams: Annotated[list[Name], Field(min_length=1)] | None = None


class PoolLists(Change):
    """One list: requests may be booked at other sites, as far as patients are willing to travel."""


class SetSlot(Change):
    """A share of the requests of some streams gets a shorter slot."""

    streams: Annotated[list[Name], Field(min_length=1)]
    minutes: Annotated[int, Field(ge=1, le=1_440)]
    share: Share = 1.0


class ScaleBreakdowns(Change):
    """A scanner breaks down `factor` times as often."""

    scanner: Name
    factor: Positive


class AddStaff(Change):
    """More hours a week of a role, at all sites or at those named."""

    role: Name
    hours_per_week: Positive
    sites: Annotated[list[Name], Field(min_length=1)] | None = None


def _factor_alone(value: object) -> object:
    return {"factor": value} if isinstance(value, int | float) and not isinstance(value, bool) else value


def _true_alone(value: object) -> object:
    return {} if value is True else value


class Does(Fields):
    """One change; exactly one of these."""

    add_sessions: AddSessions | None = None
    set_sessions: SetSessions | None = None
    remove: Remove | None = None
    add_scanner: Scanner | None = None
    scale_did_not_attend: Annotated[ScaleDidNotAttend, BeforeValidator(_factor_alone)] | None = None
    pool_lists: Annotated[PoolLists, BeforeValidator(_true_alone)] | None = None
    set_slot: SetSlot | None = None
    scale_breakdowns: ScaleBreakdowns | None = None
    add_staff: AddStaff | None = None


def _one_or_more(value: object) -> Literal["@one", "@parts"]:
    return "@parts" if isinstance(value, list) else "@one"


Parts = Annotated[
    Annotated[Does, Tag("@one")] | Annotated[list[Does], Field(min_length=1, max_length=50), Tag("@parts")],
    Discriminator(_one_or_more),
]


class Lever(Fields):
    """One measure. Money in pounds: `cost_per_year` for as long as it runs, `one_off` and `capital` once.

    needs_staff: whole-time equivalents by role. excludes: ids of levers that cannot be taken with it. start_weeks:
    weeks from the start of the service at which it may begin (the first week unless said).
    """

    id: Name
    title: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    does: Parts
    cost_per_year: NotNegative = 0.0
    one_off: NotNegative = 0.0
    capital: NotNegative = 0.0
    needs_staff: dict[Name, NotNegative] = {}
    excludes: list[Name] = []
    start_weeks: Annotated[list[Week], Field(min_length=1, max_length=53)] = [0]

    @property
    def name(self) -> str:
        return self.title or self.id

    @property
    def changes(self) -> list[tuple[str, Any]]:
        """(kind of change, its fields) in the order of the file."""
        parts = self.does if isinstance(self.does, list) else [self.does]
        return [
            (kind, getattr(part, kind))
            for part in parts
            for kind in Does.model_fields
            if getattr(part, kind) is not None
        ]
