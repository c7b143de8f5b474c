"""What a patient may need, as data: what it asks of an appointment and how the staff's list says it.

Minutes follow the partners' figures: ten more for a hoist or an interpreter, ten to fifteen for dementia, anxiety or a
learning disability. They are to be confirmed by each group and are changed here, in one place.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Need:
    """One kind of need.

    minutes: added to the slot. scanner: what the scanner must have. quiet: best at the start of a session, when the
    department is calm. before: an earlier visit or a plan that must exist. staff: words for the list of the day.
    asked: the words by which patients are asked.
    """

    code: str
    name: str
    minutes: int
    staff: str
    asked: str
    scanner: str = ""
    quiet: bool = False
    before: str = ""


_ALL = (
    Need("dementia", "Dementia", 15, "Dementia: speak slowly, same person throughout", "I have dementia", quiet=True),
    Need("anxiety", "Anxiety", 10, "Anxious: explain each step first", "I get very anxious", quiet=True),
    Need(
        "claustrophobia", "Claustrophobia", 15, "Claustrophobia: wide bore, feet first if possible",
        "I am afraid of small spaces", scanner="wide_bore",
    ),
    Need(
        "learning_disability", "Learning disability", 15, "Learning disability: easy read, no waiting room",
        "I have a learning disability", quiet=True,
    ),
    Need("interpreter", "Interpreter", 10, "Interpreter booked", "I need an interpreter"),
    Need("hoist", "Hoist", 10, "Hoist transfer, two staff", "I need a hoist to move", scanner="hoist"),
    Need("carer", "Carer present", 0, "Carer comes along and may stay", "Somebody will come with me"),
    Need(
        "sedation", "Sedation plan", 15, "Sedation plan: check it before the patient is called",
        "I need something to calm me", before="sedation plan",
    ),
    Need(
        "familiarisation", "Familiarisation visit", 0, "Came to see the scanner before",
        "I would like to see the scanner first", before="familiarisation visit",
    ),
)  # fmt: skip
NEEDS = {need.code: need for need in _ALL}
NEED_CHOICES = [(need.code, need.name) for need in _ALL]


def extra_minutes(codes: Iterable[str]) -> int:
    """Minutes that needs add to a slot: the largest counts in full, for they are met side by side."""
    return max((NEEDS[code].minutes for code in codes), default=0)


def scanner_must_have(codes: Iterable[str]) -> frozenset[str]:
    """What a scanner must have for all of these needs."""
    return frozenset(NEEDS[code].scanner for code in codes if NEEDS[code].scanner)


def wants_quiet(codes: Iterable[str]) -> bool:
    """Whether a calm time of day is best."""
    return any(NEEDS[code].quiet for code in codes)
