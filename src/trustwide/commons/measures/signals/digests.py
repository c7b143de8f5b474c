"""New signals by e-mail: to each subscriber those they may see on the day, ranked, and what closed, with why."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse

from trustwide.commons.accounts.models import User
from trustwide.commons.accounts.rules import can
from trustwide.commons.audit.actions import Actor, record
from trustwide.commons.measures.definition import measures
from trustwide.commons.measures.exceptions import DigestError
from trustwide.commons.measures.locking import hold_measures
from trustwide.commons.measures.signals import words
from trustwide.commons.measures.signals.figures import SignalRow, signal_rows
from trustwide.commons.measures.signals.models import Signal, SignalSubscription
from trustwide.commons.nhsuk.mail import AnotherRunError, alone, connection, message_id

MOST_TOLD = 30  # of each kind; the rest is a number and the address of the list
MOST_FAILURES = 3  # in a row: then it is the mail server, not the person


@dataclass(frozen=True)
class Digest:
    """What one person is told. `until` is the newest moment at which one of these signals opened or closed.

    `more_opened` and `more_closed` are how many were left out of the rows.
    """

    user: User
    subscriptions: tuple[SignalSubscription, ...]
    opened: tuple[SignalRow, ...]
    closed: tuple[SignalRow, ...]
    more_opened: int
    more_closed: int
    until: datetime.datetime

    @property
    def subject(self) -> str:
        """The mail's first line: how many, and no more than that."""
        new, closed = len(self.opened) + self.more_opened, len(self.closed) + self.more_closed
        parts = [f"{new:,} new" if new else "", f"{closed:,} closed" if closed else ""]
        return f"Signals: {', '.join(part for part in parts if part)}"


@dataclass(frozen=True)
class DigestSummary:
    """How many people were sent a digest, how many had nothing new, and to how many it could not be sent."""

    sent: int
    nothing_new: int
    failed: int

    @property
    def sentence(self) -> str:
        """The same in words."""
        return (
            f"Digests of signals: {self.sent:,} sent, {self.nothing_new:,} with nothing new, "
            f"{self.failed:,} not taken by the mail server."
        )


def send_digests(*, by: Actor) -> DigestSummary:
    """Send each subscriber what is new since they were last told. Whoever is not reached is told the next time.

    One run at a time, on however many machines. What somebody was told until moves on once their mail is handed over,
    so a run that is killed can send only the mail in hand again, under the same Message-ID. Raises DigestError where
    another run is on, and where the mail server takes nothing; who was reached by then stays told.
    """
    try:
        with alone("digest"):
            return _send_digests(by)
    except AnotherRunError:
        raise DigestError("Another run sends digests now; wait until it is done, then run this again.") from None


def _send_digests(by: Actor) -> DigestSummary:
    sent = nothing = failed = in_a_row = 0
    for user in User.objects.filter(is_active=True, signal_subscriptions__isnull=False).distinct():
        digest = digest_for(user)
        if digest is None:
            nothing += 1
            continue
        try:
            _mail(digest).send()
        # what the server says may repeat the address
        except (OSError, ValueError) as error:
            failed, in_a_row = failed + 1, in_a_row + 1
            if in_a_row == MOST_FAILURES:
                raise DigestError(
                    f"The mail server did not take {MOST_FAILURES} digests in a row ({type(error).__name__}), "
                    f"after {sent:,} were sent; check TRUSTWIDE_EMAIL_HOST and run this again."
                ) from None
        else:
            _told(digest, by)
            sent, in_a_row = sent + 1, 0
    return DigestSummary(sent, nothing, failed)


@transaction.atomic
def digest_for(user: User) -> Digest | None:
    """What is new for this person in what they may see now; None where nothing is, or they may see no measures."""
    if not can(user, "view_measures"):
        return None
    hold_measures()  # a signal that is opened now and not yet committed would be passed over for good
    mine = tuple(SignalSubscription.objects.for_user(user))
    opened, closed = Q(pk=None), Q(pk=None)
    for each in mine:
        asked = _asked(each)
        opened |= asked & Q(opened_at__gt=each.told_until, closed=None)
        closed |= asked & Q(closed_at__gt=each.told_until)
    known = [each.code for each in measures()]
    visible = Signal.objects.for_user(user).filter(measure__in=known).select_related("site", "assigned_to")
    new, over = list(visible.filter(opened)), list(visible.filter(closed))
    if not new and not over:
        return None
    return Digest(
        user, mine, signal_rows(new[:MOST_TOLD], user), signal_rows(over[:MOST_TOLD], user),
        max(len(new) - MOST_TOLD, 0), max(len(over) - MOST_TOLD, 0),
        until=max([each.opened_at for each in new] + [each.closed_at for each in over]),
    )  # fmt: skip


def _asked(subscription: SignalSubscription) -> Q:
    """The signals that a subscription is about; without a site those of our own partnerships."""
    asked = {
        "measure": subscription.measure,
        "site": subscription.site_id,
        "breakdown": subscription.breakdown,
        "verdict": "concern" if subscription.only_concerns else "",
    }
    named = Q(**{name: value for name, value in asked.items() if value})
    return named if subscription.site_id else named & Q(site__partner__partnership__comparison=False)


def text(digest: Digest) -> str:
    """The mail as plain text."""
    lines = [f"Dear {digest.user},", ""]
    for title, rows, more in _parts(digest):
        lines += [title, ""]
        for row in rows:
            lines += [f"* {row.name}, {row.signal.site.short_name}", f"  {row.signal.sentence}", f"  {_about(row)}"]
            lines += [f"  {words.standing(row)}"] if row.signal.closed else []
            lines += [f"  {page('signal', row.signal.pk)}", ""]
        if more:
            lines += [f"and {more:,} more: {page('signals')}", ""]
    lines += [f"All signals: {page('signals')}", f"To end or change these e-mails: {page('signal_subscriptions')}", ""]
    return "\n".join(lines)


def _about(row: SignalRow) -> str:
    touched = f"; {words.people(row)} people" if row.signal.people > 0 else ""
    return f"{words.size(row)}{touched}"


def html(digest: Digest) -> str:
    """The mail as a simple page, without pictures or anything that is fetched."""
    context = {"digest": digest, "parts": _parts(digest), "words": words, "page": page}
    return render_to_string("measures/signals/digest.jinja", context)


def page(name: str, *arguments: int) -> str:
    """The whole address of a page, for those who read it elsewhere."""
    return str(settings.PUBLIC_ADDRESS) + reverse(name, args=arguments)


def _parts(digest: Digest) -> Sequence[tuple[str, Sequence[SignalRow], int]]:
    """The parts of the mail that have something in them: title, rows, how many more there are."""
    parts = (
        ("New, what matters most first", digest.opened, digest.more_opened),
        ("Closed", digest.closed, digest.more_closed),
    )
    return [part for part in parts if part[1]]


def _mail(digest: Digest) -> EmailMultiAlternatives:
    told = [row.signal.pk for rows in (digest.opened, digest.closed) for row in rows]
    number = hashlib.sha256(f"{digest.user.pk} {digest.until.isoformat()} {told}".encode()).hexdigest()[:24]
    headers = {"Message-ID": message_id(f"digest-{number}"), "Auto-Submitted": "auto-generated"}
    mail = EmailMultiAlternatives(
        digest.subject, text(digest), to=[digest.user.email], headers=headers, connection=connection()
    )
    mail.attach_alternative(html(digest), "text/html")
    return mail


@transaction.atomic
def _told(digest: Digest, by: Actor) -> None:
    """The mail was handed over: what it told is not told again."""
    ids = [each.pk for each in digest.subscriptions]
    SignalSubscription.objects.filter(pk__in=ids, told_until__lt=digest.until).update(told_until=digest.until)
    new, closed = len(digest.opened) + digest.more_opened, len(digest.closed) + digest.more_closed
    record("sent a digest of signals", by=by, target=digest.user, details={"new": new, "closed": closed})
