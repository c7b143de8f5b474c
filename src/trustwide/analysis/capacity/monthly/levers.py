"""What could be done about a list: levers sized to the service, dated and priced, every figure open to change.

Prices and effects are planning assumptions with their source and date, not measurements; `to be confirmed` marks those
known only in general. A deployment edits them in a file (`trustwide plan --levers FILE`; `--print-levers` writes one).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from typing import Any

from trustwide.analysis.capacity.costs import LeverCost
from trustwide.analysis.capacity.exceptions import LeverError

KINDS = {
    "extra_tests": "tests a week for as long as the plan runs, as a share of today's tests",
    "temporary_tests": "tests a week for `weeks` weeks, as a share of today's tests",
    "faster": "more tests in the same hours, as a share of today's tests",
    "fewer_missed": "missed appointments turned into tests, as a share of today's missed appointments",
    "validate": "share of the list removed once, because the test is no longer wanted or was requested twice",
    "one_list": "share by which waits of sites and sub-lists are drawn together; adds no tests",
}


# the largest figures that can be meant
MOST = {
    "size": 10, "low": 10, "high": 10, "lead_weeks": 520, "weeks": 520, "unit_cost": 1_000_000,
    "cost_per_year": 10_000_000_000, "one_off": 10_000_000_000, "capital": 10_000_000_000,
}  # fmt: skip


@dataclass(frozen=True)
class Lever:
    """One measure.

    size: what it does, in the meaning its kind has (KINDS); low, high: share of that which is delivered, drawn anew in
    every replication. lead_weeks: weeks from the decision until it acts; weeks: how long it acts, 0 for ever.
    unit_cost: pounds for each extra test (extra_tests, temporary_tests) or each person on the list (validate);
    cost_per_year, one_off, capital: pounds whatever its size. Prices are of `priced_on`, with their `source`.
    """

    id: str
    title: str
    kind: str
    size: float
    low: float
    high: float
    lead_weeks: int
    unit_cost: float
    source: str
    priced_on: str
    weeks: int = 0
    cost_per_year: float = 0.0
    one_off: float = 0.0
    capital: float = 0.0
    excludes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("id", "title", "kind", "source", "priced_on"):
            if not isinstance(getattr(self, name), str) or not getattr(self, name):
                raise LeverError(f"lever {self.id}, {name}: got {getattr(self, name)!r}, expected text.")
        if not isinstance(self.excludes, tuple) or not all(isinstance(other, str) for other in self.excludes):
            raise LeverError(f"lever {self.id}, excludes: got {self.excludes!r}, expected a list of lever ids.")
        if self.kind not in KINDS:
            raise LeverError(f"lever {self.id}, kind: got '{self.kind}', expected one of {', '.join(KINDS)}.")
        for name, most in MOST.items():
            value = getattr(self, name)
            right = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= most
            if not right:  # a NaN fails the comparison too
                expected = f"a number from 0 to {most:,}"
                raise LeverError(f"lever {self.id}, {name}: got {value!r}, expected {expected}.")
        self._check_together()

    def _check_together(self) -> None:
        if self.low > self.high:
            raise LeverError(f"lever {self.id}, low: got {self.low}, expected no more than high ({self.high}).")
        if self.kind in ("validate", "one_list", "fewer_missed") and self.size > 1:
            raise LeverError(f"lever {self.id}, size: got {self.size}, expected a share between 0 and 1.")
        for name in ("lead_weeks", "weeks"):
            if getattr(self, name) != int(getattr(self, name)):
                raise LeverError(f"lever {self.id}, {name}: got {getattr(self, name)}, expected whole weeks.")
        if (self.kind == "temporary_tests") != (self.weeks > 0):
            wanted = "at least 1 for temporary tests" if self.weeks == 0 else "0: only temporary_tests end"
            raise LeverError(f"lever {self.id}, weeks: got {self.weeks}, expected {wanted}.")

    def to_dict(self) -> dict[str, Any]:
        """The lever as a lever file writes it."""
        return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()}


def lever_cost(lever: Lever, tests_a_week: float, waiting: float) -> LeverCost:
    """What the lever costs for a service of this many tests a week and people waiting."""
    one_off = lever.one_off
    yearly = lever.cost_per_year
    if lever.kind == "extra_tests":
        yearly += lever.size * tests_a_week * 365.25 / 7 * lever.unit_cost
    elif lever.kind == "temporary_tests":
        one_off += lever.size * tests_a_week * lever.weeks * lever.unit_cost
    elif lever.kind == "fewer_missed":
        yearly += tests_a_week * 365.25 / 7 * lever.unit_cost  # a reminder or call for every appointment
    elif lever.kind == "validate":
        one_off += waiting * lever.unit_cost
    return LeverCost(yearly, one_off, lever.capital)


def refusal(lever: Lever, weeks_to_date: int) -> str | None:
    """Why the lever cannot help by the date, or None. It must act for at least the four weeks the target looks at."""
    if lever.lead_weeks + 4 <= weeks_to_date:
        return None
    return (
        f"{lever.title} takes {lever.lead_weeks} weeks to start and must act for four weeks to show; "
        f"the date is {weeks_to_date} weeks away."
    )


def levers_from(data: Any) -> tuple[Lever, ...]:
    """Levers from the content of a lever file: a list of mappings. Raises LeverError."""
    if not isinstance(data, list) or not data:
        raise LeverError("The lever file must hold a list with at least one lever.")
    levers = tuple(_lever(number, entry) for number, entry in enumerate(data))
    ids = [lever.id for lever in levers]
    for number, lever in enumerate(levers):
        if lever.id in ids[:number]:
            raise LeverError(f"lever {lever.id}: this id stands twice; give each lever its own.")
        for other in lever.excludes:
            if other not in ids:
                raise LeverError(f"lever {lever.id}, excludes: there is no lever '{other}' in the file.")
    return levers


def _lever(number: int, entry: Any) -> Lever:
    known = {field.name: field for field in fields(Lever)}
    if not isinstance(entry, Mapping):
        raise LeverError(f"lever {number + 1}: expected fields such as id and kind, got {entry!r}.")
    name = entry.get("id", number + 1)
    for key in entry:
        if key not in known:
            raise LeverError(f"lever {name}: '{key}' is not a field; expected some of {', '.join(known)}.")
    missing = [key for key, field in known.items() if key not in entry and field.default is MISSING]
    if missing:
        raise LeverError(f"lever {name}: {', '.join(missing)} is missing.")
    values: dict[str, Any] = {
        key: tuple(value) if key == "excludes" and isinstance(value, list) else value for key, value in entry.items()
    }
    if "priced_on" in values:  # YAML reads an unquoted date as one
        values["priced_on"] = str(values["priced_on"])
    return Lever(**values)


CONFIRM = "planning assumption, to be confirmed locally"
MRI_SESSION = "session hour of about £310 with staff and reporting; " + CONFIRM
MRI_MOBILE = "mobile MRI day of about £5,200 staffed, 24 scans; " + CONFIRM
MISSED = "missed appointments 12 to 7.5 %, 8.2 to 4.1 % and 11.1 to 8.4 % in published trials; " + CONFIRM
# capital with enabling works, and what they rest on; other tests are not done on scanners that a plan could add
SCANNERS = {
    "MRI": (1_900_000, "MRI £0.9m to £1.3m and enabling works £0.4m to £1.5m; " + CONFIRM),
    "CT": (950_000, "CT £0.45m to £0.9m and enabling works £0.15m to £0.4m; " + CONFIRM),
}

# pounds a test by where it is done: (extra session in house, visiting mobile, insourced, at a partner)
TEST_PRICES = {
    "MRI": (155.0, 217.0, 195.0, 170.0),
    "CT": (95.0, 150.0, 120.0, 110.0),
    "NOUS": (55.0, 90.0, 75.0, 65.0),
    "DEXA": (60.0, 95.0, 80.0, 70.0),
}
OTHER_TEST_PRICES = (150.0, 220.0, 190.0, 170.0)
HAVE_MOBILES = ("MRI", "CT", "DEXA")


def default_levers(test: str) -> tuple[Lever, ...]:
    """The levers to look at first for a test, at prices of November 2026."""
    session, mobile, insourced, partner = TEST_PRICES.get(test, OTHER_TEST_PRICES)
    day, mri = "2026-11", test == "MRI"
    hours = MRI_SESSION if mri else CONFIRM
    levers = [
        Lever("extra-sessions", "Evening and weekend sessions", "extra_tests", 0.08, 0.8, 1.0, 8, session, hours, day),
        Lever("more-sessions", "Twice as many evening and weekend sessions", "extra_tests", 0.16, 0.7, 1.0, 12,
              session * 1.1, hours + "; a tenth dearer for the second half", day, excludes=("extra-sessions",)),
        Lever("van-days", "Days of a visiting mobile scanner", "extra_tests", 0.10, 0.85, 1.0, 10, mobile,
              MRI_MOBILE if mri else CONFIRM, day),
        Lever("insourcing", "Insourced weekend lists for half a year", "temporary_tests", 0.12, 0.8, 1.0, 6, insourced,
              CONFIRM, day, weeks=26),
        Lever("mutual-aid", "Mutual aid from a partner for half a year", "temporary_tests", 0.06, 0.5, 1.0, 4, partner,
              CONFIRM, day, weeks=26),
        Lever("reminders", "Two-way reminders and calls before the appointment", "fewer_missed", 0.45, 0.5, 1.2, 8,
              0.60, MISSED, day, one_off=10000),
        Lever("validation", "Validate the list: is the test still wanted?", "validate", 0.05, 0.4, 1.4, 3, 6.0,
              CONFIRM, day),
        Lever("faster-protocols", "Shorter protocols and quicker changeover", "faster", 0.06, 0.5, 1.2, 12, 0.0,
              CONFIRM, day, one_off=40000, cost_per_year=15000),
        Lever("one-list", "One list across sites and sub-lists", "one_list", 0.4, 0.5, 1.0, 12, 0.0, CONFIRM, day,
              cost_per_year=45000),
    ]  # fmt: skip
    if test not in HAVE_MOBILES:
        levers = [lever for lever in levers if lever.id != "van-days"]
    if test in SCANNERS:
        capital, source = SCANNERS[test]
        levers.append(
            Lever("new-scanner", "A new scanner with staff", "extra_tests", 0.15, 0.9, 1.0, 52, session * 0.6, source,
                  day, capital=capital)
        )  # fmt: skip
    return tuple(levers)
