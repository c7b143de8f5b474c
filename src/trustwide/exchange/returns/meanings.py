"""What single values of a return mean: a month, a test, a number, a name."""

from __future__ import annotations

import datetime
import re

from trustwide.services.imaging.diagnostic_tests import DIAGNOSTIC_TESTS

FIRST_MONTH = datetime.date(2006, 1, 1)  # the return began in 2006

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FULL = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_YEAR_FIRST = re.compile(r"^(\d{4})[-/](\d{1,2})(?:[-/](\d{1,2})(?:[T ].*)?)?$")
_DAY_FIRST = re.compile(r"^(?:(\d{1,2})[-/])?(\d{1,2})[-/](\d{4})(?: .*)?$")
_NAMED = re.compile(r"^(?:(\d{1,2})[ -])?([a-z]+)[ -]+(\d{4}|\d{2})$")

# the names NHS England's files use that are neither our name nor our code
_PUBLISHED = {
    "computedtomography": "CT",
    "ctscan": "CT",
    "ultrasoundnob": "NOUS",
    "dexascan": "DEXA",
    "audiologyassessments": "AUDIOLOGY",
    "echocardiography": "ECHO",
    "electrophysiology": "EP",
    "peripheralneurophys": "NEURO",
    "peripheralneurophysiology": "NEURO",
    "sleepstudies": "SLEEP",
    "urodynamics": "URODYNAMICS",
    "flexisigmoidoscopy": "FLEXI_SIG",
    "flexiblesigmoidoscopy": "FLEXI_SIG",
}


def parse_month(text: str) -> datetime.date | None:
    """First day of the month that `text` names ("DM01-SEPTEMBER-2025", "Sep-25", "30/09/2025", ...), or None."""
    plain = re.sub(r"^dm01[- ]*", "", text.strip().lower())
    day, month, year = 1, 0, 0
    if match := _YEAR_FIRST.match(plain):
        year, month, day = int(match[1]), int(match[2]), int(match[3] or 1)
    elif match := _DAY_FIRST.match(plain):
        year, month, day = int(match[3]), int(match[2]), int(match[1] or 1)
    elif match := _NAMED.match(plain):
        year, month, day = int(match[3]), _month_number(match[2]), int(match[1] or 1)
    try:
        whole = datetime.date(year + 2000 if 0 < year < 100 else year, month, day)
    except ValueError:
        return None
    return whole.replace(day=1) if whole >= FIRST_MONTH else None


def _month_number(name: str) -> int:
    known = name in _FULL or name in _MONTHS or name == "sept"
    return _MONTHS.index(name[:3]) + 1 if known else 0


def month_end(month: datetime.date) -> datetime.date:
    """Last day of the month that starts on `month`."""
    return (month.replace(day=28) + datetime.timedelta(days=4)).replace(day=1) - datetime.timedelta(days=1)


def _bare(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _test_names() -> dict[str, str]:
    names = dict(_PUBLISHED)
    for test in DIAGNOSTIC_TESTS:
        names.update(dict.fromkeys((_bare(test.name), _bare(test.code), _bare(test.short_name)), test.code))
    return names


TEST_NAMES = _test_names()
TEST_NUMBERS = {str(test.number): test.code for test in DIAGNOSTIC_TESTS}


def parse_test(text: str, *, numbered: bool) -> str | None:
    """Our code of the test that the return numbers or names so, or None."""
    return TEST_NUMBERS.get(text.lstrip("0")) if numbered else TEST_NAMES.get(_bare(text))


def is_total(text: str) -> bool:
    """Whether a test or a provider stands for the sum of all of them."""
    return _bare(text) in {"total", "totals", "alltests", "england", "eng", "totalengland", "englandtotal", ""}


_SMALL = {"and", "of", "the", "for", "in", "on", "at", "by"}
_KEPT = {"NHS", "CIC", "UK", "LLP", "PLC", "CDC", "GP", "BMI", "ICB", "ISTC"}


def tidy_name(name: str) -> str:
    """A provider's name in ordinary capitals: "MID AND SOUTH ESSEX NHS TRUST" is "Mid and South Essex NHS Trust"."""
    shouted = name == name.upper()
    words = [_capitalised(word) if shouted and word.strip("(),") not in _KEPT else word for word in name.split()]
    plain = " ".join(word.lower() if word.lower() in _SMALL and place else word for place, word in enumerate(words))
    return re.sub(r"'S\b", "'s", plain)


def _capitalised(word: str) -> str:
    return re.sub(r"[A-Za-z]+('[A-Za-z]+)?", lambda part: part[0].capitalize(), word)
