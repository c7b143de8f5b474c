"""What happened to each request, as events: vetted, booked, missed, scanned, reported. Pure; drawn from one source."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from trustwide.services.imaging.booking.models import ScannerSession
from trustwide.services.imaging.requests.pathway import Event
from trustwide.services.imaging.waiting.clocks import LONDON, Happening

HOUR, MINUTE, DAY = datetime.timedelta(hours=1), datetime.timedelta(minutes=1), datetime.timedelta(days=1)
VETTING = (Event.RECEIVE, Event.ACCEPT, Event.PROTOCOL, Event.SAFETY_PASS)
VETTING_HOURS = (6, 40, 20, 10)  # mean time each step takes


@dataclass
class Course:
    """A request's events in the making; nothing later than `now` happens."""

    draw: np.random.Generator
    asked_at: datetime.datetime
    now: datetime.datetime
    events: list[Happening] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.events.append(Happening(Event.REQUEST, self.asked_at, {}))

    @property
    def last_at(self) -> datetime.datetime:
        """When the newest event happened."""
        return self.events[-1].at

    def happen(self, event: Event, at: datetime.datetime, **details: Any) -> bool:
        """Add an event unless it lies ahead; whether it was added."""
        if at > self.now:
            return False
        self.events.append(Happening(event, max(at, self.last_at), details))
        return True

    def vet(self, *, before: datetime.datetime | None = None) -> bool:
        """Receive, accept, protocol and check, as far as time allows; all of it if there is a `before`."""
        room = (before - self.last_at) / sum(VETTING_HOURS) if before else HOUR
        for event, hours in zip(VETTING, VETTING_HOURS, strict=True):
            took = room * hours * (0.8 if before else self.draw.exponential(1.0))
            if not self.happen(event, self.last_at + took):
                return False
        return True

    def book(self, at: datetime.datetime, session: ScannerSession, starts_at: datetime.datetime, minutes: int) -> None:
        """Get a date."""
        self.happen(
            Event.BOOK, at, starts_at=starts_at.isoformat(), minutes=minutes, scanner=session.scanner.code,
            site=session.site.code,
        )  # fmt: skip

    def lose(self, event: Event, starts_at: datetime.datetime, at: datetime.datetime) -> None:
        """Miss or cancel the date, and be ready for another."""
        self.happen(event, at, appointment_on=starts_at.astimezone(LONDON).date().isoformat())
        if event is Event.MISS:
            self.happen(Event.REBOOK, at + HOUR)

    def come(self, starts_at: datetime.datetime, minutes: int) -> bool:
        """The visit and the report; whether the scan is over."""
        self.happen(Event.REMIND, starts_at - 2 * DAY)
        late = float(self.draw.gamma(2.0, 4.0))
        scan = minutes * float(np.clip(self.draw.normal(0.72, 0.12), 0.4, 1.2))
        self.happen(Event.ARRIVE, starts_at - (5 + self.draw.exponential(10.0)) * MINUTE)
        at = starts_at + late * MINUTE
        self.happen(Event.ENTER_ROOM, at)
        self.happen(Event.START, at + 4 * MINUTE)
        done = self.happen(Event.END, at + (4 + scan) * MINUTE)
        self.happen(Event.OUT_OF_ROOM, at + (7 + scan) * MINUTE)
        self.happen(Event.LEAVE, at + (14 + scan) * MINUTE)
        if done:
            self._report()
        return done

    def _report(self) -> None:
        read = self.last_at + float(self.draw.gamma(2.0, 60.0)) * HOUR
        if self.happen(Event.REPORT, read) and self.happen(Event.VERIFY, read + self.draw.exponential(5.0) * HOUR):
            self.happen(Event.ACKNOWLEDGE, self.last_at + self.draw.exponential(48.0) * HOUR)
