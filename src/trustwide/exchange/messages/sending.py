"""Send what is due, through whichever provider takes it."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable
from dataclasses import dataclass

from trustwide.exchange.messages.providers import Provider, ProviderError, provider_for
from trustwide.services.imaging.messages import rules
from trustwide.services.imaging.messages.delivery import MOST_ATTEMPTS, claim_next, prepare, record_failed, record_sent
from trustwide.services.imaging.messages.models import Message

MOST_AT_ONCE = 1000


@dataclass
class Sent:
    """How many messages a round sent, could not send, and left out because nobody wants them any more."""

    sent: int = 0
    failed: int = 0
    left_out: int = 0


def send_due(
    now: datetime.datetime,
    provider_of: Callable[[str], Provider] = provider_for,
    clock: Callable[[], float] = time.monotonic,
) -> Sent:
    """Send messages that are due, at most a thousand. Several may run at once; none is sent twice.

    now: when the round begins; each message is judged by the time it is by then. clock: seconds, from any start.
    Nothing leaves a deployment that does not book live.
    """
    round_, began = Sent(), clock()
    if not rules.leaves_here():
        return round_
    for _ in range(MOST_AT_ONCE):
        at = now + datetime.timedelta(seconds=clock() - began)
        message = claim_next(at)
        if message is None:
            break
        _send(message, at, provider_of, round_)
    return round_


def _send(message: Message, at: datetime.datetime, provider_of: Callable[[str], Provider], round_: Sent) -> None:
    """Send one message that this worker holds, and count what became of it."""
    if message.attempts > MOST_ATTEMPTS:
        # every worker that took it died of it
        record_failed(message, "", at)
        round_.failed += 1
        return
    outgoing = prepare(message, at)
    if outgoing is None:
        round_.left_out += 1
        return
    try:
        provider_id = provider_of(message.channel).send(outgoing)
    except ProviderError as problem:
        record_failed(message, str(problem), at)
        round_.failed += 1
    else:
        record_sent(message, provider_id, at)
        round_.sent += 1
