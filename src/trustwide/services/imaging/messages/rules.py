"""When messages may go out, by which way, to whom, and how an answer is read. Pure but for the patients asked about."""

from __future__ import annotations

import datetime
import re
import unicodedata

from django.db.models import Q

from trustwide.commons.patients.identity import BRITAIN, digits_abroad, keeps_identifiers
from trustwide.commons.patients.models import Patient
from trustwide.services.imaging.messages.models import Message, Reply
from trustwide.services.imaging.waiting.clocks import LONDON

Kind, Channel = Message.Kind, Patient.ContactBy

MORNING, EVENING = datetime.time(8), datetime.time(20)
SUNDAY, SUNDAY_MORNING = 6, datetime.time(10)
REMIND_DAYS = (7, 2)  # before an appointment
OPTIONAL = (Kind.REMINDER, Kind.OFFER)  # an opt-out ends these; news of an appointment always goes out
PHRASES = {
    Reply.ReadAs.YES: (
        "yes", "y", "yep", "yeah", "yes please", "yes thanks", "yes thank you", "ok", "okay", "confirm", "confirmed",
        "i will come", "i will be there", "ill be there", "yes i will come", "yes i can come", "yes i will be there",
    ),
    Reply.ReadAs.NO: (
        "no", "n", "nope", "no thanks", "no thank you", "sorry no", "no sorry", "cancel", "i cannot come",
        "i cant come", "cant come", "cannot come", "i can not come", "no i cannot come", "no i cant come",
    ),
    Reply.ReadAs.STOP: (
        "stop", "stop all", "stopall", "stop please", "please stop", "unsubscribe", "opt out", "optout",
        "stop messages",
    ),
}  # fmt: skip
_MEANING = {phrase: meaning for meaning, phrases in PHRASES.items() for phrase in phrases}


def leaves_here() -> bool:
    """Whether this deployment knows whom to write to at all."""
    return keeps_identifiers()


def is_quiet(moment: datetime.datetime) -> bool:
    """Whether people are left in peace at `moment` (aware): before eight, from twenty on, Sundays before ten."""
    local = moment.astimezone(LONDON)
    return not _opens(local.date()) <= local.time() < EVENING


def next_allowed(moment: datetime.datetime, channel: str) -> datetime.datetime:
    """The first time from `moment` on at which a message may go out; a letter wakes nobody."""
    if channel == Channel.LETTER or not is_quiet(moment):
        return moment
    local = moment.astimezone(LONDON)
    day = local.date() if local.time() < EVENING else local.date() + datetime.timedelta(days=1)
    return datetime.datetime.combine(day, _opens(day), LONDON).astimezone(datetime.UTC)


def after_day_hours(moment: datetime.datetime, hours: float) -> datetime.datetime:
    """The moment by which so many hours have passed in which people may be disturbed."""
    left = datetime.timedelta(hours=hours)
    at = next_allowed(moment, Channel.SMS).astimezone(datetime.UTC)
    while True:
        evening = datetime.datetime.combine(at.astimezone(LONDON).date(), EVENING, LONDON).astimezone(datetime.UTC)
        if at + left <= evening:
            return at + left
        left -= evening - at
        at = next_allowed(evening, Channel.SMS)


def channel_for(patient: Patient) -> Patient.ContactBy:
    """How a patient is reached: as they wish where the address is known, else the other address, else by letter."""
    wish = Channel(patient.contact_by)
    if wish == Channel.LETTER:
        return wish
    known = {Channel.SMS: bool(patient.mobile), Channel.EMAIL: bool(patient.email)}
    for channel in (wish, *(one for one in known if one != wish)):
        if known[channel]:
            return channel
    return Channel.LETTER


def by_letter_only(patient: str) -> Q:
    """Rows whose patient, at that path, is reached by letter alone: `channel_for` as a filter."""
    way = f"{patient}__"
    return Q(**{f"{way}contact_by": Channel.LETTER}) | Q(**{f"{way}mobile": "", f"{way}email": ""})


def wants(patient: Patient, kind: str) -> bool:
    """Whether a message of this kind may be sent to the patient."""
    return kind not in OPTIONAL or patient.reminders_stopped_at is None


def read_reply(text: str) -> Reply.ReadAs:
    """What an answer means. Only a whole phrase counts: "No problem, I will come" is left to a person."""
    plain = unicodedata.normalize("NFKD", text).casefold().replace("'", "").replace("’", "")
    words = re.sub(r"[\W_]+", " ", plain).strip()
    return _MEANING.get(words, Reply.ReadAs.UNCLEAR)


def same_number(number: str) -> tuple[str, ...]:
    """The ways in which one British or foreign mobile number is written, without blanks; empty for no number."""
    digits = digits_abroad(number)
    if not digits:
        return ()
    ways = (f"+{digits}", digits, f"00{digits}")
    return (*ways, f"0{digits[2:]}") if digits.startswith(BRITAIN) else ways


def _opens(day: datetime.date) -> datetime.time:
    return SUNDAY_MORNING if day.weekday() == SUNDAY else MORNING
