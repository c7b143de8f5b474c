"""When the room is on, who may do what in it, which days are called for, and what a risk is called."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.db.models import QuerySet

from trustwide.analysis.capacity.calendars import england_bank_holidays
from trustwide.commons.accounts.models import User
from trustwide.commons.accounts.rules import NotAllowedError, sites_where
from trustwide.commons.organisations.models import Partnership, Site
from trustwide.services.imaging.attendance.models import ImpactAssessment, Trial
from trustwide.services.imaging.waiting.clocks import LONDON

PERMISSION = "reduce_missed_appointments"
MANAGES = "manage_sessions"
Kind = ImpactAssessment.Kind

# a fifth of the patients is kept back when the model is judged, and what is left must be enough to learn from
FEWEST_KNOWN, FEWEST_OF_EACH = 700, 80
LEAST_HELD_OUT, MOST_HELD_OUT = 0.05, 0.5
LONGEST_TRIAL = datetime.timedelta(days=2 * 365)
SATURDAY = 5
# of such appointments, in words; the number always stands beside
RISK_WORDS = ((0.30, "High"), (0.15, "Raised"), (0.05, "Moderate"), (0.0, "Low"))


class RoomOffError(NotAllowedError):
    """Predictions are off; the sentence says which assessment is missing or out of date."""


class AttendanceRefusedError(ValueError):
    """Something that cannot be done about missed appointments; the sentence says why, and the cure."""


@dataclass(frozen=True)
class Standing:
    """One kind of assessment and the newest that was recorded. `fault`: why it is not in force, empty if it is."""

    kind: str
    newest: ImpactAssessment | None
    fault: str

    @property
    def name(self) -> str:
        """The kind in words."""
        return str(Kind(self.kind).label)


def standings(partnership: Partnership, day: datetime.date) -> list[Standing]:
    """Each kind of assessment as it stands on a day; the newest that was recorded counts."""
    newest = {each.kind: each for each in partnership.impact_assessments.order_by("pk")}
    return [Standing(kind, newest.get(kind), _fault(newest.get(kind), day)) for kind in Kind.values]


def check_switched_on(partnership: Partnership, day: datetime.date) -> None:
    """Raise RoomOffError, naming each assessment that is missing or out of date, unless all are in force."""
    if sentence := why_off(partnership, standings(partnership, day)):
        raise RoomOffError(sentence)


def switched_on(partnership: Partnership, day: datetime.date) -> bool:
    """Whether `check_switched_on` has nothing to say."""
    return not any(each.fault for each in standings(partnership, day))


def why_off(partnership: Partnership, found: list[Standing]) -> str:
    """Which assessments are missing or out of date, in a sentence; empty where all are in force."""
    faults = [f"the {_small(each.name)} {each.fault}" for each in found if each.fault]
    if not faults:
        return ""
    return (
        f"Predictions of missed appointments are off at {partnership}: {_listed(faults)}. "
        "Record each as it was signed to switch them on."
    )


def check_assessment(signed_on: datetime.date, review_on: datetime.date, day: datetime.date) -> None:
    """Raise AttendanceRefusedError for dates that cannot be."""
    if signed_on > day:
        raise AttendanceRefusedError("The assessment is signed in the future; give the day on which it was signed.")
    if review_on <= signed_on:
        raise AttendanceRefusedError("The review is not after the signature; give the day by which it is due.")


def partnerships_of(user: User) -> QuerySet[Partnership]:
    """The partnerships at one site of which, at least, this person works against missed appointments."""
    sites = sites_where(user, PERMISSION).of_the_group()
    return Partnership.objects.filter(partners__sites__in=sites).distinct().order_by("name", "pk")


def can_manage(user: User, partnership: Partnership) -> bool:
    """Assessments, trials and training concern every site, so they take the hours of scanners of every site."""
    sites = Site.objects.filter(partner__partnership=partnership)
    return sites.exists() and not sites.exclude(pk__in=sites_where(user, MANAGES).values("pk")).exists()


def check_can_manage(user: User, partnership: Partnership) -> None:
    """Raise NotAllowedError, with a sentence for the person, unless `can_manage`."""
    if not can_manage(user, partnership):
        raise NotAllowedError(
            f"You may not decide about predictions for all of {partnership}. That takes the role of administrator or "
            "radiology manager of the whole partnership; ask your administrator."
        )


def check_enough(known: int, missed: int) -> None:
    """Raise AttendanceRefusedError where too few past appointments have a known outcome to learn and judge from."""
    came = known - missed
    if known < FEWEST_KNOWN or min(missed, came) < FEWEST_OF_EACH:
        raise AttendanceRefusedError(
            f"There is too little to learn from: in the last two years {known:,} appointments have a known outcome, "
            f"{missed:,} of them missed. It takes {FEWEST_KNOWN:,} and {FEWEST_OF_EACH} missed; bring in past "
            "activity, or wait until there are more."
        )


def check_trial(trial: Trial, day: datetime.date, others: QuerySet[Trial]) -> None:
    """Raise AttendanceRefusedError for a share or dates that cannot be, or a second trial of a kind at one time."""
    if not LEAST_HELD_OUT <= trial.hold_out <= MOST_HELD_OUT:
        raise AttendanceRefusedError("The share left out must be from 5% to 50%.")
    if trial.began_on < day:
        raise AttendanceRefusedError("A trial cannot begin in the past: nobody was drawn by lot then.")
    if not trial.began_on < trial.ends_on <= trial.began_on + LONGEST_TRIAL:
        raise AttendanceRefusedError("A trial ends after it begins, and within two years.")
    for other in others.filter(kind=trial.kind, began_on__lte=trial.ends_on, ends_on__gte=trial.began_on):
        if other.stopped_on is None or other.stopped_on > trial.began_on:
            raise AttendanceRefusedError(
                f'"{other}" tries the same until {_day(other.ends_on)}; a patient can be in one trial of a kind only.'
            )


def in_working_days(day: datetime.date, number: int) -> datetime.date:
    """The day that is so many working days after `day`; weekends and bank holidays of England do not count."""
    holidays = set(england_bank_holidays(day.year, day.year + 1))
    while number:
        day += datetime.timedelta(days=1)
        number -= day.weekday() < SATURDAY and day not in holidays
    return day


def midnight(day: datetime.date) -> datetime.datetime:
    """The first moment of a day at the hospital."""
    return datetime.datetime.combine(day, datetime.time(), LONDON)


def risk_words(risk: float) -> str:
    """A risk in words and as a number: High, about 31 of 100."""
    word = next(word for least, word in RISK_WORDS if risk >= least)
    return f"{word}: about {max(1, round(100 * risk))} of 100"


def _fault(newest: ImpactAssessment | None, day: datetime.date) -> str:
    if newest is None:
        return "is missing"
    return f"was to be reviewed by {_day(newest.review_on)}" if newest.review_on < day else ""


def _small(name: str) -> str:
    return f"{name[:1].lower()}{name[1:]}"


def _day(day: datetime.date) -> str:
    return f"{day.day} {day:%B %Y}"


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
