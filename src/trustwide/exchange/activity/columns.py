"""The columns of an extract: our names, the headers that radiology systems give them, and a guess for unknown files."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from trustwide.exchange.activity.exceptions import ActivityFormatError

NEAR = 0.86  # of the letters alike, for a header that is no known one


@dataclass(frozen=True)
class Field:
    """One of our columns: its name, what a person calls it, and headers known to mean it, with commas between."""

    name: str
    title: str
    headers: str
    required: bool = False

    @property
    def known(self) -> tuple[str, ...]:
        """Headers that mean this column."""
        return (self.name, self.title, *self.headers.split(", "))


FIELDS = (
    Field(
        "patient", "Patient identifier",
        "patient id, hospital number, mrn, nhs number, unit number, pas number, crn, patient number, hospital "
        "no, rxr",
        required=True,
    ),
    Field(
        "accession", "Accession number",
        "accession number, accession no, acc no, request id, request number, order number, event id, event "
        "key, attendance number",
        required=True,
    ),
    Field(
        "site", "Site",
        "site code, hospital, hospital code, requesting site, location, performing site, location code, event "
        "site",
    ),
    Field("modality", "Modality", "exam modality, modality code, modality type"),
    Field(
        "exam", "Exam code",
        "exam code, examination code, procedure code, exam codes, nicip, nicip code, procedure, examination, "
        "exams",
        required=True,
    ),
    Field(
        "exam_name", "Exam name",
        "exam description, examination name, procedure name, description, examination description, procedure "
        "description",
    ),
    Field("priority", "Priority", "urgency, request priority, priority code, request urgency"),
    Field(
        "source", "Where it came from",
        "referral source, patient type, request source, referral type, patient class",
    ),
    Field(
        "requested", "Requested",
        "request date, date requested, requested at, requested date, order date, ordered, referral date, "
        "request datetime, date of request",
        required=True,
    ),
    Field("received", "Received", "received date, date received, request received, date of receipt, received at"),
    Field("vetted", "Vetted", "vetting date, vetted date, date vetted, justified, vetted at, justified date"),
    Field(
        "booked", "Booked (when the date was agreed)",
        "booking date, date booked, booked date, booking made, booked at",
    ),
    Field(
        "appointment", "Appointment",
        "appointment date, appt date, appointment datetime, scheduled, scheduled date, appointment at, due "
        "for exam, appt",
    ),
    Field(
        "arrived", "Arrived",
        "arrival, arrival date, arrived at, attended, attendance date, date attended, checked in",
    ),
    Field(
        "started", "Exam started",
        "exam start, start, started at, exam started, start date, scan start, exam start date",
    ),
    Field(
        "finished", "Exam finished",
        "exam end, end, finished at, completed, exam finished, end date, scan end, exam date, performed, "
        "completed date, exam completed, date performed",
    ),
    Field("reported", "Reported", "report date, date reported, reported at, dictated, reported date"),
    Field(
        "verified", "Report verified",
        "verified date, date verified, verified at, authorised, report authorised, authorised date, "
        "verification date",
    ),
    Field(
        "outcome", "Outcome",
        "status, attendance status, event status, appointment status, attended or did not attend, exam "
        "status, dna",
    ),
    Field("cancelled", "Cancelled", "cancelled date, date cancelled, cancellation date, cancelled at"),
    Field("scanner", "Scanner", "room, resource, machine, exam room, scanner code, room code, equipment"),
    Field("due", "Due (planned exams)", "due date, planned date, date due, planned for, surveillance due"),
    Field("date_of_birth", "Date of birth", "dob, birth date, born, patient dob"),
    Field("age", "Age", "patient age, age at exam, age at request"),
    Field("sex", "Sex", "gender, patient sex, patient gender"),
)  # fmt: skip
TIMES = (
    "requested", "received", "vetted", "booked", "appointment", "arrived", "started", "finished", "reported",
    "verified", "cancelled",
)  # fmt: skip
BY_NAME = {field.name: field for field in FIELDS}
TIME_OF = {f"{name}_time": name for name in TIMES}  # a column of its own for the time of day
NAMES = (*BY_NAME, *TIME_OF)


def title_of(name: str) -> str:
    """What a person calls one of our columns."""
    return f"{BY_NAME[TIME_OF[name]].title}: time of day" if name in TIME_OF else BY_NAME[name].title


def _bare(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _known() -> dict[str, str]:
    known: dict[str, str] = {}
    for field in FIELDS:
        for header in field.known:
            known.setdefault(_bare(header), field.name)
    for name, of in TIME_OF.items():
        for header in BY_NAME[of].known:
            plain = re.sub(r"\b(date|datetime|at)\b", "", header)
            known.setdefault(_bare(f"{plain} time"), name)
    return known


KNOWN = _known()


def meaning_of(header: str) -> str | None:
    """Our name for a header; None for one that is not known."""
    return KNOWN.get(_bare(header))


def recognised(cells: Sequence[str]) -> int:
    """How many different columns of ours stand in these cells."""
    return len({name for cell in cells if (name := meaning_of(cell))})


def guess_columns(header: Sequence[str]) -> dict[str, str]:
    """Our names -> the headers that probably mean them: known headers first, then near ones; each is used once."""
    guessed: dict[str, str] = {}
    for cell in header:
        name = meaning_of(cell)
        if name and name not in guessed:
            guessed[name] = cell
    for cell in header:
        near = difflib.get_close_matches(_bare(cell), KNOWN, n=1, cutoff=NEAR)
        if near and cell not in guessed.values() and KNOWN[near[0]] not in guessed:
            guessed[KNOWN[near[0]]] = cell
    if "exam" not in guessed and "exam_name" in guessed:  # where there are no codes the names are the codes
        guessed["exam"] = guessed.pop("exam_name")
    return {name: guessed[name] for name in NAMES if name in guessed}


def missing(columns: Mapping[str, str]) -> list[str]:
    """Titles of the columns that are needed and have no header."""
    return [field.title for field in FIELDS if field.required and not columns.get(field.name)]


def positions(columns: Mapping[str, str], header: Sequence[str], file: str) -> dict[str, int]:
    """Our names -> positions in the file. Raises ActivityFormatError for headers that are not there, or not named."""
    for name, title in columns.items():
        if name not in NAMES:
            raise ActivityFormatError(f'{file}: there is no column "{name}" of ours; choose from {", ".join(NAMES)}.')
        if title not in header:
            near = difflib.get_close_matches(title, [cell for cell in header if cell], n=1, cutoff=0)
            raise ActivityFormatError(
                f'{file}: the column "{title}", which is {title_of(name).lower()}, is missing; the nearest found is '
                f'"{near[0] if near else ""}". Change the columns of this system, or the file.'
            )
    if lacking := missing(columns):
        raise ActivityFormatError(
            f"{file}: no column is known to be {', '.join(lacking).lower()}; say which is, "
            "on the page of columns or in a mapping file."
        )
    return {name: list(header).index(title) for name, title in columns.items()}
