"""What messages say: plain words, one idea a sentence. Never what the appointment is for: a text lies open on a phone.

`LINK` stands for the patient's own page; it is put in when a message leaves, so that no link is ever stored.
"""

from __future__ import annotations

import datetime
import unicodedata

from trustwide.services.imaging.waiting.clocks import LONDON

LINK = "{link}"
LONGEST = 306  # two text messages
ROOM_FOR_LINK = 80
_NO_REMINDERS = "Text STOP for no more reminders."
_ANSWER = f"Text YES if you will come or NO if you cannot. {_NO_REMINDERS}"


def booked(starts_at: datetime.datetime, site: str) -> str:
    """An appointment was made."""
    return _with_site("You have an appointment on " + when(starts_at) + " at {site}. See it or change it: {link}", site)


def moved(starts_at: datetime.datetime, site: str) -> str:
    """An appointment has another time now."""
    return _with_site(
        "Your appointment has changed. It is now on " + when(starts_at) + " at {site}. See it or change it: {link}",
        site,
    )


def cancelled(starts_at: datetime.datetime, site: str) -> str:
    """An appointment will not happen."""
    return _with_site("Your appointment on " + when(starts_at) + " at {site} is cancelled. See more: {link}", site)


def reminder(starts_at: datetime.datetime, site: str) -> str:
    """An appointment comes near."""
    return _with_site("You have an appointment on " + when(starts_at) + " at {site}. {link} " + _ANSWER, site)


def offer(starts_at: datetime.datetime, site: str, until: datetime.datetime) -> str:
    """An earlier time is free for whoever takes it first."""
    words = "There is an earlier time: " + when(starts_at) + " at {site}. The first to say yes gets it. Answer by "
    return _with_site(words + when(until, year=False) + ": {link} " + _NO_REMINDERS, site)


def cancelled_by_reply(starts_at: datetime.datetime) -> str:
    """The answer to a NO that was clear."""
    return f"We have cancelled your appointment on {when(starts_at)}. To get a new one: {LINK}"


def use_the_link() -> str:
    """The answer to a reply that could be about more than one thing."""
    return f"Thank you. Please use this page to tell us what you want: {LINK}"


def declined_by_reply() -> str:
    """The answer to a NO to an offer."""
    return f"Thank you. We will not use the earlier time. Nothing else has changed. Your page: {LINK}"


def stopped() -> str:
    """The answer to STOP."""
    return f"You will get no more reminders. We will still tell you if your appointment changes. Start again: {LINK}"


def subject() -> str:
    """Of every e-mail: it says no more than an envelope does."""
    return "A message from your hospital"


def when(moment: datetime.datetime, *, year: bool = True) -> str:
    """Tuesday 3 March 2026, 9.30am: the local time at the hospital."""
    local = moment.astimezone(LONDON)
    half = "am" if local.hour < 12 else "pm"
    minutes = f".{local:%M}" if local.minute else ""
    date = f"{local:%A} {local.day} {local:%B}{f' {local.year}' if year else ''}"
    return f"{date}, {local.hour % 12 or 12}{minutes}{half}"


def _with_site(words: str, site: str) -> str:
    """The site's name, shortened until the whole fits; other letters than plain ones would double the cost."""
    plain = unicodedata.normalize("NFKD", site).encode("ascii", "ignore").decode().strip() or "the hospital"
    room = LONGEST - ROOM_FOR_LINK - (len(words) - len("{site}") - len(LINK))
    return words.replace("{site}", plain[:room].rstrip())
