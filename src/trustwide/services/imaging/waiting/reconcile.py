"""A month of the national return (DM01) as the list itself has it, held against what was submitted.

The list is counted as it stood at the end of the month: what happened later is left out. Emergency and inpatient
requests, and planned ones that are not due, are not on the list that the return asks for.
"""

from __future__ import annotations

import datetime
from collections import Counter
from dataclasses import dataclass, field

from django.db.models import Count, Exists, OuterRef, Q

from trustwide.commons.organisations.models import Site
from trustwide.services.imaging.activity.models import ActivityImport
from trustwide.services.imaging.booking.models import Appointment
from trustwide.services.imaging.models import Dm01Return
from trustwide.services.imaging.requests.actions import happenings
from trustwide.services.imaging.requests.models import ImagingRequest, PathwayEvent, Priority, RequestQuerySet
from trustwide.services.imaging.requests.pathway import Event
from trustwide.services.imaging.waiting.clocks import LONDON, SIX_WEEKS, Clocks, clocks_of, midnight

BANDS = 14
OVER_FROM = 6  # the first band that counts as over six weeks
UNSCHEDULED = (Priority.EMERGENCY, Priority.INPATIENT)
RESETTING = (Event.MISS, Event.PATIENT_CANCEL, Event.DECLINE)
MODALITY_OF = {"MRI": "MR", "CT": "CT", "NOUS": "US", "DEXA": "BD", "BARIUM": "RF"}
DAY = datetime.timedelta(days=1)
Sites = tuple[Site, ...]


@dataclass(frozen=True)
class MonthFigures:
    """What a return holds: people by whole weeks waited at month end (the last band open), and tests of the month."""

    bands: tuple[int, ...]
    waiting_list_tests: int
    planned_tests: int
    unscheduled_tests: int

    @property
    def waiting(self) -> int:
        """Everyone on the list."""
        return sum(self.bands)

    @property
    def over_six_weeks(self) -> int:
        """Those who had waited six weeks or more."""
        return sum(self.bands[OVER_FROM:])


@dataclass(frozen=True)
class Submitted:
    """A return with the sites it is of: figures are None where there is none."""

    sites: Sites
    figures: MonthFigures | None


@dataclass(frozen=True)
class Month:
    """A calendar month at the hospital. first: its first day."""

    first: datetime.date

    @property
    def last(self) -> datetime.date:
        """Its last day."""
        return (self.first.replace(day=28) + 4 * DAY).replace(day=1) - DAY

    @property
    def begins(self) -> datetime.datetime:
        """Its first moment."""
        return midnight(self.first)

    @property
    def ends(self) -> datetime.datetime:
        """The first moment after it."""
        return midnight(self.last + DAY)


@dataclass(frozen=True)
class Difference:
    """One reason why list and return may differ. count: requests, or rows where the requests are not known.

    more: 1 where the list may have more people waiting for it, -1 where the return may, 0 where both have as many.
    """

    code: str
    reason: str
    effect: str
    more: int
    count: int
    requests: tuple[int, ...] = ()


@dataclass(frozen=True)
class Reckoning:
    """The list as it stood, clocks counted anew for the few requests whose clock was reset after the month."""

    on_list: RequestQuerySet
    anew: dict[int, Clocks] = field(default_factory=dict)


def reckon(sites: Sites, test: str, month: Month) -> Reckoning:
    """Who was on the lists of the sites for a test when the month ended."""
    at_site = _standing(sites, month).filter(test=test)
    on_list = at_site.exclude(priority__in=UNSCHEDULED).exclude(priority=Priority.PLANNED, due_on__gt=month.last)
    later = PathwayEvent.objects.filter(request=OuterRef("pk"), kind__in=RESETTING, at__gte=month.ends)
    reset = {request.pk: request for request in on_list.filter(Exists(later))}
    events: dict[int, list[PathwayEvent]] = {pk: [] for pk in reset}
    for event in PathwayEvent.objects.filter(request__in=list(reset), at__lt=month.ends).order_by("request", "number"):
        events[event.request_id].append(event)
    anew = {
        pk: clocks_of(request.requested_at.astimezone(LONDON).date(), request.due_on, happenings(events[pk]))
        for pk, request in reset.items()
    }
    return Reckoning(on_list, anew)


def list_figures(sites: Sites, test: str, month: Month, reckoning: Reckoning) -> MonthFigures:
    """The month's return as the list has it."""
    plain = reckoning.on_list.exclude(pk__in=list(reckoning.anew)).order_by()
    starts: Counter[datetime.date] = Counter(dict(plain.values_list("started_on").annotate(Count("pk"))))
    starts.update(clocks.started_on for clocks in reckoning.anew.values())
    bands = [0] * BANDS
    for started_on, people in starts.items():
        days = max(0, (month.last - started_on).days)
        bands[min(days // 7, BANDS - 1)] += people
    done = ImagingRequest.objects.filter(
        site__in=sites, test=test, scanned_at__gte=month.begins, scanned_at__lt=month.ends
    )
    planned, unscheduled = Q(priority=Priority.PLANNED), Q(priority__in=UNSCHEDULED)
    tests = done.aggregate(
        listed=Count("pk", filter=~planned & ~unscheduled),
        planned=Count("pk", filter=planned),
        unscheduled=Count("pk", filter=unscheduled),
    )
    return MonthFigures(tuple(bands), tests["listed"], tests["planned"], tests["unscheduled"])


def submitted(site: Site, test: str, month: Month) -> Submitted:
    """The month's return that covers a site: its provider's, if that made one for all its sites, or else its own.

    The return is made by provider: one that stands at the provider's code, or that is the provider's only one, is of
    all its sites.
    """
    found = Dm01Return.objects.filter(site__partner=site.partner_id, test=test, month=month.first)
    rows = {row.site_id: row for row in found.select_related("site")}
    own = rows.get(site.pk)
    whole = next((row for row in rows.values() if row.site.code == site.partner.code), None)
    if len(rows) == 1:
        whole = next(iter(rows.values()))
    if whole is not None and own in (None, whole):
        return Submitted(tuple(site.partner.sites.order_by("name")), _as_figures(whole))
    return Submitted((site,), None if own is None else _as_figures(own))


def _as_figures(row: Dm01Return) -> MonthFigures:
    bands = tuple(getattr(row, f"band_{weeks:02d}") for weeks in range(BANDS))
    return MonthFigures(bands, row.waiting_list_tests, row.planned_tests, row.unscheduled_tests)


def differences(sites: Sites, test: str, month: Month, reckoning: Reckoning) -> tuple[Difference, ...]:
    """Every reason for a difference that has any requests, each down to its rows where they are known."""
    standing = _standing(sites, month)
    here = standing.filter(test=test)
    on_list = reckoning.on_list
    no_test = standing.filter(test="", exam__modality=MODALITY_OF.get(test, ""))
    received = PathwayEvent.objects.filter(request=OuterRef("pk"), kind=Event.RECEIVE, at__lt=month.ends)
    first = on_list.filter(patient=OuterRef("patient"), exam=OuterRef("exam"), pk__lt=OuterRef("pk"))
    held = Q(state=Appointment.State.BOOKED) | Q(ended_at__gte=month.ends)  # in force when the month ended
    away = Appointment.objects.filter(held, request=OuterRef("pk"), booked_at__lt=month.ends)
    away = away.exclude(session__site__in=sites)
    found = [
        _difference("duplicates", "Asked for twice: the same exam for the same patient",
                    "The return may count them once.", 1, on_list.filter(Exists(first))),
        _difference("received_late", "Asked for in the month or before, received after it",
                    "The return may leave them out.", 1, on_list.exclude(Exists(received))),
        _resets(reckoning, month),
        _difference("elsewhere", "Booked at another site", "That site may have returned them.", 1,
                    on_list.filter(Exists(away))),
        _difference("planned_not_due", "Planned and not due by the end of the month",
                    "The return may count them; the list does not.", -1,
                    here.filter(priority=Priority.PLANNED, due_on__gt=month.last)),
        _difference("unscheduled", "Emergency and inpatient requests that were waiting",
                    "The return may count them; the list does not.", -1, here.filter(priority__in=UNSCHEDULED)),
        _difference("no_test", "Exams of this kind that belong to no test of the return",
                    "The return may count them; the list does not.", -1, no_test),
        _unmapped(sites[0]),
    ]  # fmt: skip
    return tuple(each for each in found if each.count)


def in_words(ours: MonthFigures, theirs: MonthFigures | None) -> str:
    """The answer in a sentence."""
    said = f"{ours.waiting:,} waiting, {ours.over_six_weeks:,} over six weeks"
    if theirs is None:
        return f"{said}: no return of this month is here to hold it against."
    if ours == theirs:
        return f"{said}: equal to the return."
    if (ours.waiting, ours.over_six_weeks) == (theirs.waiting, theirs.over_six_weeks):
        return f"{said}: equal to the return, which differs in single bands or in tests done."
    return f"{said}; the return has {theirs.waiting:,} and {theirs.over_six_weeks:,}."


def _standing(sites: Sites, month: Month) -> RequestQuerySet:
    """Requests of the sites that had been asked for by the end of the month, and had not been scanned or taken off."""
    still = Q(stopped_on=None) | Q(stopped_on__gt=month.last)
    found: RequestQuerySet = ImagingRequest.objects.filter(still, site__in=sites, requested_at__lt=month.ends)
    return found


def _difference(code: str, reason: str, effect: str, more: int, requests: RequestQuerySet) -> Difference:
    ids = tuple(requests.order_by("pk").values_list("pk", flat=True))
    return Difference(code, reason, effect, more, len(ids), ids)


def _resets(reckoning: Reckoning, month: Month) -> Difference:
    """Over six weeks by the patient's own clock, and not by the return's."""
    line = month.last - SIX_WEEKS * DAY
    plain = reckoning.on_list.exclude(pk__in=list(reckoning.anew))
    ids = list(plain.filter(experienced_from__lte=line, started_on__gt=line).values_list("pk", flat=True))
    ids += [pk for pk, clocks in reckoning.anew.items() if clocks.experienced_from <= line < clocks.started_on]
    reason = "Over six weeks for the patient, under by the clock of the return, which was set back"
    effect = "The return may count them as over six weeks."
    return Difference("resets", reason, effect, 0, len(ids), tuple(sorted(ids)))


def _unmapped(site: Site) -> Difference:
    kept = ActivityImport.objects.filter(partnership=site.partner.partnership_id).order_by("imported_at")
    newest: dict[str, int] = dict(kept.values_list("system", "unmapped"))
    reason = "Rows of the last extracts whose codes nobody has mapped"
    effect = "The list lacks them, at whichever site they belong."
    return Difference("unmapped", reason, effect, -1, sum(newest.values()))
