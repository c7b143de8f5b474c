"""What the booking pages show: who needs a slot, the times there are for one request, and where there is room."""

from __future__ import annotations

import datetime
from collections import Counter
from dataclasses import dataclass

from django.db.models import Case, Count, IntegerField, Q, Value, When
from django.utils import timezone

from trustwide.commons.accounts.models import User
from trustwide.commons.organisations.models import Site
from trustwide.services.imaging.booking.models import Appointment, Offer
from trustwide.services.imaging.booking.slots import Calendar, Slot, SlotQuestion
from trustwide.services.imaging.requests.models import ImagingRequest, Priority, RequestQuerySet
from trustwide.services.imaging.requests.pathway import State
from trustwide.services.imaging.waiting.clocks import LONDON
from trustwide.services.imaging.waiting.scope import waiting_for

WEEKS = 6
URGENT_FIRST = Case(
    *(When(priority=priority, then=Value(rank)) for rank, priority in enumerate(Priority)), output_field=IntegerField()
)
LOOKED_AT = 2_000  # sessions with room that are counted by week


@dataclass(frozen=True)
class BookingFilters:
    """Which requests to be booked: of a site (id), a test, a priority; None or empty for all."""

    site: int | None = None
    test: str = ""
    priority: str = ""

    def on(self, requests: RequestQuerySet) -> RequestQuerySet:
        """Those of `requests` that fit."""
        wanted = {"site": self.site, "test": self.test, "priority": self.priority}
        return requests.filter(**{name: value for name, value in wanted.items() if value})


@dataclass(frozen=True)
class ToBook:
    """Counts for the first line of the page. today: due to be booked, or their priority asks for a scan in a week."""

    today: int
    this_week: int
    over: int
    all: int

    @property
    def sentence(self) -> str:
        """38 to book today, 6 would breach this week."""
        if not self.all:
            return "Everybody who is ready has a date."
        breach = f"{self.this_week:,} would breach this week" if self.this_week else "nobody would breach this week"
        over = f", {self.over:,} are past six weeks" if self.over else ""
        return f"{self.today:,} to book today, {breach}{over}; {self.all:,} are ready for a date in all."


@dataclass(frozen=True)
class Room:
    """Where there is room for a request: by site, the sessions of each week that could take it."""

    weeks: tuple[datetime.date, ...]
    sites: tuple[tuple[str, tuple[int, ...]], ...]


@dataclass(frozen=True)
class Choice:
    """The times for one request. room: the same by week, to be seen at a glance."""

    slots: tuple[Slot, ...]
    room: Room


def to_book(user: User, filters: BookingFilters) -> RequestQuerySet:
    """Requests that are ready for a date, the most urgent first, then by when their priority asks for it."""
    return (
        filters.on(_ready(user))
        .light()
        .prefetch_related("patient__needs", "offers")
        .order_by(URGENT_FIRST, "target_on", "breach_on", "pk")
    )


def counts(user: User, filters: BookingFilters) -> ToBook:
    """How many are to be booked, today and before they breach this week."""
    now = timezone.localtime()
    tomorrow = (now + datetime.timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    sunday = now.date() + datetime.timedelta(days=6 - now.weekday())
    today, in_a_week = now.date(), now.date() + datetime.timedelta(weeks=1)
    found = filters.on(_ready(user)).aggregate(
        today=Count("pk", filter=Q(next_due_at__lt=tomorrow) | Q(target_on__lte=in_a_week)),
        this_week=Count("pk", filter=Q(breach_on__range=(today, sunday)) & ~Q(test="")),
        over=Count("pk", filter=Q(breach_on__lt=today) & ~Q(test="")),
        all=Count("pk"),
    )
    return ToBook(**found)


def choice(question: SlotQuestion, *, limit: int = 12, a_session: int = 2) -> Choice:
    """The earliest times, and the sessions with room by site and week."""
    calendar = Calendar.load(question.partnership_id, question.modality, question.earliest, question.latest)
    return Choice(tuple(calendar.find(question, limit=limit, a_session=a_session)), _room(calendar, question))


def _ready(user: User) -> RequestQuerySet:
    """Through the index of what waits, which is far smaller than all that ever was."""
    ready: RequestQuerySet = waiting_for(user).filter(state=State.READY)
    return ready


def _room(calendar: Calendar, question: SlotQuestion) -> Room:
    first = _monday(question.earliest)
    weeks = tuple(first + datetime.timedelta(weeks=number) for number in range(WEEKS))
    held: Counter[tuple[str, datetime.date]] = Counter()
    for slot in calendar.find(question, limit=LOOKED_AT):
        held[slot.site, _monday(slot.starts_at)] += 1
    sites = sorted({site for site, _ in held})
    return Room(weeks, tuple((site, tuple(held[site, week] for week in weeks)) for site in sites))


def open_offers(request: ImagingRequest) -> list[Offer]:
    """What was offered for a request, the newest first."""
    return list(request.offers.select_related("session__scanner", "session__site").order_by("-made_at"))


def appointment_in_force(request: ImagingRequest) -> Appointment | None:
    """The appointment a request has, if any."""
    held: Appointment | None = (
        request.appointments.in_force().select_related("session__scanner", "session__site").first()
    )
    return held


def sites_to_search(user: User) -> list[Site]:
    """Sites of this person's partnerships, any of which may take a patient."""
    mine = Site.objects.for_user(user).of_the_group()
    return list(Site.objects.filter(partner__partnership__in=mine.values("partner__partnership")).order_by("name"))


def priorities() -> list[tuple[str, str]]:
    """Every priority with its name."""
    return list(Priority.choices)


def _monday(moment: datetime.datetime) -> datetime.date:
    day = moment.astimezone(LONDON).date()
    return day - datetime.timedelta(days=day.weekday())
