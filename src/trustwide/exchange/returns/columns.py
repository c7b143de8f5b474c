"""The columns of a DM01 return under every name they are published with."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from trustwide.exchange.returns.exceptions import Dm01FormatError

BANDS = tuple(f"band_{weeks:02d}" for weeks in range(14))
ACTIVITY = ("waiting_list_tests", "planned_tests", "unscheduled_tests")
COUNTS = (*BANDS, "waiting_list", *ACTIVITY)
TEST_COLUMNS = ("test_number", "test_name")
COMMISSIONER_COLUMNS = ("commissioner", "commissioner_parent")
REQUIRED = ("period", "provider_code", *COUNTS)

# a header with only letters, digits, "<" and "+" left -> our name
_NAMES = {
    "period": "period",
    "reportingperiod": "period",
    "providercode": "provider_code",
    "providerorgcode": "provider_code",
    "providername": "provider_name",
    "providerorgname": "provider_name",
    "commissionerorgcode": "commissioner",
    "commissionercode": "commissioner",
    "commissionerparentorgcode": "commissioner_parent",
    "diagnosticid": "test_number",
    "diagnostictests": "test_name",
    "diagnostictest": "test_name",
    "diagnostictestname": "test_name",
    "totalwl": "waiting_list",
    "totalwaitinglist": "waiting_list",
    "numberwaiting6+weeks": "over_six_weeks",
    "numberwaiting13+weeks": "over_thirteen_weeks",
    "waitinglistactivity": "waiting_list_tests",
    "waitinglisttestsprocedures": "waiting_list_tests",
    "waitinglisttestsproceduresexcludingplanned": "waiting_list_tests",
    "plannedactivity": "planned_tests",
    "plannedtestsprocedures": "planned_tests",
    "unscheduledactivity": "unscheduled_tests",
    "unscheduledtestsprocedures": "unscheduled_tests",
    "totalactivity": "total_tests",
    "13+weeks": "band_13",
}
_BAND = re.compile(r"^(\d{1,2})<(\d{1,2})weeks?$")

# how a missing column is named to people: both published layouts
_TITLES = {
    "period": '"Period" or "Reporting Period"',
    "provider_code": '"Provider Org Code" or "Provider Code"',
    "test": '"Diagnostic Tests" or "Diagnostic ID"',
    "waiting_list": '"Total WL" or "Total Waiting List"',
    "waiting_list_tests": '"Waiting List Activity" or "Waiting list tests / procedures (excluding planned)"',
    "planned_tests": '"Planned Activity" or "Planned tests / procedures"',
    "unscheduled_tests": '"Unscheduled Activity" or "Unscheduled tests / procedures"',
    "band_13": '"13+ Weeks"',
}


def column_name(header: str) -> str | None:
    """Our name for a published column, or None for one that is not used. Spacing and case do not matter."""
    bare = re.sub(r"[^a-z0-9<+]", "", header.lower())
    if bare in _NAMES:
        return _NAMES[bare]
    band = _BAND.match(bare)
    if band and int(band[2]) == int(band[1]) + 1 <= 13:
        return f"band_{int(band[1]):02d}"
    return None


def recognised(cells: Sequence[str]) -> int:
    """How many different columns of a DM01 return stand in these cells: a header row has many."""
    return len({name for cell in cells if (name := column_name(cell))})


def find_columns(header: Sequence[str], file: str) -> dict[str, int]:
    """Our column name -> its position. Raises Dm01FormatError for a column that is missing or comes twice."""
    positions: dict[str, int] = {}
    for position, cell in enumerate(header):
        name = column_name(cell)
        if name is None:
            continue
        if name in positions:
            raise Dm01FormatError(
                f'{file}: the columns "{header[positions[name]]}" and "{cell}" hold the same thing; leave one of them.'
            )
        positions[name] = position
    missing = [name for name in REQUIRED if name not in positions]
    if not any(name in positions for name in TEST_COLUMNS):
        missing.insert(0, "test")
    if missing:
        raise Dm01FormatError(_missing_sentence(missing[0], len(missing) - 1, header, file))
    return positions


def _missing_sentence(name: str, others: int, header: Sequence[str], file: str) -> str:
    title = _TITLES.get(name) or f'"{name[-2:]} < {int(name[-2:]) + 1:02d} Weeks"'
    unused = [cell for cell in header if cell and column_name(cell) is None]
    plain = title.split('"')[1].lower()
    near = difflib.get_close_matches(plain, [cell.lower() for cell in unused], n=1)
    found = next((cell for cell in unused if near and cell.lower() == near[0]), None)
    hint = f'the nearest found is "{found}"' if found else f"found {_listed(header)}"
    more = f" ({others} more missing)" if others else ""
    return f"{file}: the column {title} is missing{more}; {hint}. Name it so in the header row."


def _listed(header: Sequence[str], most: int = 8) -> str:
    names = [f'"{cell}"' for cell in header if cell]
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
