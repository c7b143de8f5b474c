"""What is done to many signals at once: to which of them it can be, and what became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from trustwide.commons.accounts.models import User
from trustwide.commons.accounts.rules import sites_where
from trustwide.commons.measures.exceptions import SignalError
from trustwide.commons.measures.signals.actions import assign_signal, snooze_signal
from trustwide.commons.measures.signals.models import Signal
from trustwide.commons.organisations.exceptions import NotAllowedError

ASSIGN, SNOOZE = "assign", "snooze"
# act -> its button, and what then happens to signals
ACTS = {ASSIGN: ("Assign", "will be assigned"), SNOOZE: ("Put off", "will be put off")}
MOST = 500
NOT_SEEN = "It is not a signal you may see, or it is closed."


@dataclass
class Outcome:
    """What was, or would be, done to how many, and why the others stay as they are."""

    done: int = 0
    refused: list[str] = field(default_factory=list)

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """Each reason with how many it holds back, the commonest first."""
        return Counter(self.refused).most_common()


def chosen_signals(ids: Sequence[int], user: User) -> list[Signal]:
    """Those of the signals that this person may see and that are open, in their order."""
    found = Signal.objects.for_user(user).open().filter(pk__in=ids[:MOST])
    return list(found.select_related("site"))


def preview(ids: Sequence[int], user: User) -> Outcome:
    """To how many something can be done now; nothing is changed."""
    seen = chosen_signals(ids, user)
    may = set(sites_where(user, "act_on_signals").values_list("pk", flat=True))
    outcome = Outcome(refused=[NOT_SEEN] * (len(set(ids[:MOST])) - len(seen)))
    for signal in seen:
        if signal.site_id in may:
            outcome.done += 1
        else:
            outcome.refused.append(f"You may see the signals of {signal.site} but not act on them.")
    return outcome


def carry_out(ids: Sequence[int], act: str, what: dict[str, Any], *, by: User) -> Outcome:
    """Do it to each, a signal a transaction: one that cannot be is left as it is and told, the others are done."""
    seen = chosen_signals(ids, by)
    outcome = Outcome(refused=[NOT_SEEN] * (len(set(ids[:MOST])) - len(seen)))
    for signal in seen:
        try:
            if act == ASSIGN:
                assign_signal(signal, to=what["person"], reason=what["reason"], by=by)
            else:
                snooze_signal(signal, until=what["until"], reason=what["reason"], by=by)
        except (SignalError, NotAllowedError) as refusal:
            outcome.refused.append(str(refusal))
        else:
            outcome.done += 1
    return outcome
