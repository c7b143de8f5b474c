"""Send what is due, through whichever provider takes it."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass

from trustwide.exchange.messages.providers import Provider, ProviderError, provider_for
from trustwide.services.imaging.messages import rules
from trustwide.services.imaging.messages.delivery import claim_next, prepare, record_failed, record_sent

MOST_AT_ONCE = 1000


@dataclass
class Sent:
    """How many messages a round sent, could not send, and left out because nobody wants them any more."""

    sent: int = 0
    failed: int = 0
    left_out: int = 0


def send_due(now: datetime.datetime, provider_of: Callable[[str], Provider] = provider_for) -> Sent:
    """Send messages that are due at `now`, at most a thousand. Several may run at once; none is sent twice.

    Nothing leaves a deployment that does not book live.
    """
    round_ = Sent()
    if not rules.leaves_here():
        return round_
    for _ in range(MOST_AT_ONCE):
        message = claim_next(now)
        if message is None:
            break
        outgoing = prepare(message, now)
        if outgoing is None:
            round_.left_out += 1
            continue
        try:
            provider_id = provider_of(message.channel).send(outgoing)
        except ProviderError as problem:
            record_failed(message, str(problem), now)
            round_.failed += 1
        else:
            record_sent(message, provider_id, now)
            round_.sent += 1
    return round_
