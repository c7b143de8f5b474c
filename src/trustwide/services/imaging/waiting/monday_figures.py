"""Did we keep up last week? What came on the lists and off them, what was lost, and how full the next weeks are."""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Avg, Count, F, Q
from django.utils import timezone

from trustwide.commons.accounts.models import User
from trustwide.commons.organisations.models import Site
from trustwide.services.imaging.booking.cells import CELL_MINUTES, FREE
from trustwide.services.imaging.booking.models import Appointment, ScannerSession
from trustwide.services.imaging.diagnostic_tests import BY_CODE
from trustwide.services.imaging.requests.models import ExamType, ImagingRequest, Modality
from trustwide.services.imaging.waiting.clocks import LONDON, midnight

WEEKS_AHEAD = 6
SHORT_NOTICE = datetime.timedelta(hours=48)
USUAL_SLOT = 30.0  # minutes, of a kind of scanner for which no exam is in the catalogue
TEST_OF = {Modality.MR: "MRI", Modality.CT: "CT", Modality.US: "NOUS", Modality.BD: "DEXA", Modality.RF: "BARIUM"}
CANCELLED = (Appointment.State.PATIENT_CANCELLED, Appointment.State.HOSPITAL_CANCELLED)
HOUR = 60
Key = tuple[int, str]  # a site's id and a test's code, empty for what is no DM01 test


@dataclass
class Line:
    """One site and test: people in the week, slots lost in closed sessions, hours open and free, and the weeks ahead.

    ahead: (hours open, hours booked) for each of the next six weeks. van_slots: free slots of vans still to come.
    """

    site: Site
    test: str
    added: int = 0
    scanned: int = 0
    removed: int = 0
    missed: int = 0
    short_notice: int = 0
    lost_slots: int = 0
    unfilled_hours: float = 0.0
    van_slots: int = 0
    ahead: list[tuple[float, float]] = field(default_factory=lambda: [(0.0, 0.0)] * WEEKS_AHEAD)

    @property
    def change(self) -> int:
        """By how many the list grew."""
        return self.added - self.scanned - self.removed

    @property
    def test_name(self) -> str:
        """The test as tables name it."""
        return BY_CODE[self.test].short_name if self.test in BY_CODE else "Other imaging"


@dataclass(frozen=True)
class Monday:
    """The page: the week by its Monday, its first line, a line a site and test, all together, and the weeks ahead."""

    monday: datetime.date
    answer: str
    lines: tuple[Line, ...]
    total: Line | None
    weeks: tuple[datetime.date, ...]
    over: bool

    @property
    def sunday(self) -> datetime.date:
        """The last day of the week."""
        return self.monday + datetime.timedelta(days=6)


def monday_page(user: User, sites: Sequence[Site], monday: datetime.date, *, site: str = "", test: str = "") -> Monday:
    """What this person sees of the week that begins on `monday`, and of the six after it."""
    places = {one.pk: one for one in sites if site in ("", one.code)}
    lines: dict[Key, Line] = {}

    def line(key: Key) -> Line | None:
        if key[0] not in places or test not in ("", key[1]):
            return None
        return lines.setdefault(key, Line(places[key[0]], key[1]))

    for name, counted in _people(user, monday).items():
        for key, number in counted.items():
            if (one := line(key)) is not None:
                setattr(one, name, number)
    slots = _slot_minutes()
    _add_sessions(_of_week(user, monday), slots, line)
    _add_ahead(user, monday, slots, line)
    found = tuple(sorted(lines.values(), key=lambda one: (one.site.short_name, one.test_name)))
    total = _together(found)
    weeks = tuple(monday + datetime.timedelta(weeks=number + 1) for number in range(WEEKS_AHEAD))
    over = midnight(monday + datetime.timedelta(weeks=1)) <= timezone.now()
    return Monday(monday, said(total), found, total, weeks, over)


def said(total: Line | None) -> str:
    """The first line of the page."""
    if total is None:
        return "Nothing was added, scanned or lost in this week."
    slots = f"{total.lost_slots:,} {'slot' if total.lost_slots == 1 else 'slots'} lost"
    moved = f"grew by {total.change:,}" if total.change > 0 else f"shrank by {-total.change:,}"
    return f"{total.added:,} added, {total.scanned:,} scanned, {slots}. The list {moved if total.change else 'held'}."


def _people(user: User, monday: datetime.date) -> dict[str, dict[Key, int]]:
    """Who came on the lists and off them, and who did not come or cancelled late, by site and test."""
    begin, end = midnight(monday), midnight(monday + datetime.timedelta(weeks=1))
    # naming every test lets the indexes of site, test and time be used
    requests = ImagingRequest.objects.for_user(user).filter(test__in=["", *BY_CODE]).order_by()
    removed = Q(stopped_on__gte=monday, stopped_on__lt=monday + datetime.timedelta(weeks=1), scanned_at=None)
    found = {
        "added": _by_list(requests.filter(requested_at__gte=begin, requested_at__lt=end)),
        "scanned": _by_list(requests.filter(scanned_at__gte=begin, scanned_at__lt=end)),
        "removed": _by_list(requests.filter(removed)),
    }
    booked = Appointment.objects.for_user(user).filter(session__opens_at__gte=begin, session__opens_at__lt=end)
    late = Q(state__in=CANCELLED, ended_at__gt=F("starts_at") - SHORT_NOTICE)
    counted = booked.order_by().values_list("session__site", "session__scanner__modality").annotate(
        missed=Count("pk", filter=Q(state=Appointment.State.MISSED)), late=Count("pk", filter=late)
    )  # fmt: skip
    missed, short = Counter[Key](), Counter[Key]()
    for site, modality, absent, cancelled in counted:
        missed[site, _test(modality)] += absent
        short[site, _test(modality)] += cancelled
    return found | {"missed": dict(+missed), "short_notice": dict(+short)}


def _by_list(requests: Any) -> dict[Key, int]:
    return {(site, test): number for site, test, number in requests.values_list("site", "test").annotate(Count("pk"))}


def _test(modality: str) -> str:
    return TEST_OF.get(Modality(modality), "")


def _slot_minutes() -> dict[str, float]:
    """The usual length of a slot by kind of scanner: the mean over the exams of the catalogue."""
    means = ExamType.objects.filter(in_use=True).order_by().values_list("modality").annotate(Avg("minutes"))
    return defaultdict(lambda: USUAL_SLOT, means)


def _of_week(user: User, monday: datetime.date, weeks: int = 1) -> Any:
    begin, end = midnight(monday), midnight(monday + datetime.timedelta(weeks=weeks))
    sessions = ScannerSession.objects.for_user(user).filter(opens_at__gte=begin, opens_at__lt=end)
    return sessions.select_related("scanner").only("site_id", "opens_at", "cells", "closed_reason", "scanner__modality",
                                                   "scanner__mobile").order_by()  # fmt: skip


def _add_sessions(sessions: Iterable[ScannerSession], slots: Mapping[str, float], line: Any) -> None:
    for session in sessions:
        one = line((session.site_id, _test(session.scanner.modality)))
        if one is None:
            continue
        if session.is_open:
            one.unfilled_hours += _free_minutes(session) / HOUR
        else:
            one.lost_slots += int(session.minutes / slots[session.scanner.modality])


def _add_ahead(user: User, monday: datetime.date, slots: Mapping[str, float], line: Any) -> None:
    now, first = timezone.now(), monday + datetime.timedelta(weeks=1)
    for session in _of_week(user, first, WEEKS_AHEAD).filter(closed_reason=""):
        one = line((session.site_id, _test(session.scanner.modality)))
        if one is None:
            continue
        week = (session.opens_at.astimezone(LONDON).date() - first).days // 7
        hours, booked = one.ahead[week]
        one.ahead[week] = (hours + session.minutes / HOUR, booked + session.minutes_taken / HOUR)
        if session.scanner.mobile and session.opens_at > now:
            one.van_slots += int(_free_minutes(session) / slots[session.scanner.modality])


def _free_minutes(session: ScannerSession) -> int:
    return session.cells.count(FREE) * CELL_MINUTES


def _together(lines: Sequence[Line]) -> Line | None:
    if not lines:
        return None
    total = Line(lines[0].site, "")
    for one in lines:
        for name in (
            "added",
            "scanned",
            "removed",
            "missed",
            "short_notice",
            "lost_slots",
            "unfilled_hours",
            "van_slots",
        ):
            setattr(total, name, getattr(total, name) + getattr(one, name))
        total.ahead = [(a + c, b + d) for (a, b), (c, d) in zip(total.ahead, one.ahead, strict=True)]
    return total
