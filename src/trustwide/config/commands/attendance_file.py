"""Reads a CSV of appointments in the layout of the public no-show data set, and names what in it cannot be used."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from trustwide.analysis.attendance import Appointments
from trustwide.config.commands import CommandError

if TYPE_CHECKING:
    import polars as pl

ANSWER = "No-show"
CONDITIONS = ("Hipertension", "Diabetes", "Alcoholism", "Handcap")
COLUMNS = ("PatientId", "AppointmentID", "Gender", "ScheduledDay", "AppointmentDay", "Age", *CONDITIONS, "SMS_received")
FOR_AUDIT = ("Neighbourhood", "Scholarship")
OLDEST = 120
_TIMES = ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M")
_NAMED = 3  # rows named in a notice; the rest are counted


@dataclass(frozen=True)
class AttendanceFile:
    """Appointments in the order of the file's rows, and a sentence for each kind of value that was not usable."""

    appointments: Appointments
    notices: list[str] = field(default_factory=list)
    audit: dict[str, NDArray[Any]] = field(default_factory=dict)
    """`FOR_AUDIT` as they stand, where the file has them: never an input of a risk."""


def read(path: Path, *, with_answer: bool) -> AttendanceFile:
    """Every row, in order; without `with_answer` the answer column is not looked at. Raises `CommandError`."""
    frame = _columns_of(path, (*COLUMNS, ANSWER) if with_answer else COLUMNS)
    reader = _Reader(path, frame)
    day = reader.times("AppointmentDay").astype("datetime64[D]")
    booked = reader.times("ScheduledDay")
    with np.errstate(invalid="ignore"):
        late = booked.astype("datetime64[D]") > day
    reader.notice(late, "ScheduledDay", "is after the appointment; it is taken as not known")
    identifier = reader.identifiers("AppointmentID")
    appointments = Appointments(
        identifier=identifier,
        patient=reader.patients("PatientId", identifier),
        booked_at=np.where(late, np.datetime64("NaT"), booked),
        appointment_on=day,
        age=reader.numbers("Age", OLDEST),
        female=reader.words("Gender", {"F": 1.0, "M": 0.0}),
        reminder_sent=reader.numbers("SMS_received", 1),
        conditions=np.column_stack([reader.numbers(name, 4) for name in CONDITIONS]),
        missed=reader.words(ANSWER, {"Yes": 1.0, "No": 0.0}) if with_answer else np.full(len(frame), np.nan),
    )
    return AttendanceFile(appointments, reader.notices, {n: frame[n].to_numpy() for n in FOR_AUDIT if n in frame})


def _columns_of(path: Path, needed: tuple[str, ...]) -> pl.DataFrame:
    import polars as pl

    try:
        frame = pl.read_csv(path, infer_schema=False)
        frame = frame.rename({name: name.strip() for name in frame.columns})
    except FileNotFoundError:
        raise CommandError(f"{path}: there is no such file.") from None
    except OSError as error:
        raise CommandError(f"{path}: it cannot be read ({error.strerror or error}).") from error
    except pl.exceptions.PolarsError as error:
        reason = str(error).splitlines()[0]
        raise CommandError(
            f"{path}: it is not a CSV file in UTF-8 ({reason}); save it as one, with a first row of names."
        ) from error
    missing = [name for name in needed if name not in frame.columns]
    if missing:
        raise CommandError(f"{path}: there is no column {', '.join(missing)}; expected {', '.join(needed)}.")
    if frame.is_empty():
        raise CommandError(f"{path}: there is no row under the names; expected one an appointment.")
    return frame.select(pl.col(name).str.strip_chars().fill_null("") for name in frame.columns)


class _Reader:
    """Turns text columns into arrays; what cannot be used becomes not known, and is named."""

    def __init__(self, path: Path, frame: pl.DataFrame) -> None:
        self.path, self.frame = path, frame
        self.notices: list[str] = []

    def notice(self, bad: NDArray[np.bool_], column: str, why: str) -> None:
        """Name the first rows of `bad`, by line of the file, and count the rest."""
        lines = np.flatnonzero(bad) + 2
        if not len(lines):
            return
        shown = ", ".join(f"{line:,}" for line in lines[:_NAMED])
        more = f" and {len(lines) - _NAMED:,} more" if len(lines) > _NAMED else ""
        self.notices.append(f"{self.path.name}, line {shown}{more}: {column} {why}.")

    def _settle(self, known: NDArray[np.bool_], column: str, expected: str) -> None:
        """Some values may be unusable; a whole column that is cannot be meant."""
        if not known.any():
            example = self.frame[column][0]
            raise CommandError(f"{self.path}: no {column} can be read, such as {example!r}; expected {expected}.")
        self.notice(~known, column, f"is not {expected}; it is taken as not known")

    def times(self, column: str) -> NDArray[np.datetime64]:
        import polars as pl

        text = self.frame[column].str.strip_suffix("Z")
        days = text.str.to_date("%Y-%m-%d", strict=False).cast(pl.Datetime("us"))
        read = [text.str.to_datetime(form, strict=False, time_unit="us") for form in _TIMES]
        times = self.frame.select(pl.coalesce(*(pl.lit(each) for each in (*read, days))))[:, 0]
        self._settle(times.is_not_null().to_numpy(), column, "a date as 2016-04-29T18:38:08Z or 2016-04-29")
        return times.to_numpy().astype("datetime64[s]")

    def numbers(self, column: str, most: float) -> NDArray[np.float64]:
        import polars as pl

        values = self.frame[column].cast(pl.Float64, strict=False).fill_null(np.nan).to_numpy()
        with np.errstate(invalid="ignore"):
            usable = (values >= 0) & (values <= most)
        self._settle(usable, column, f"a number from 0 to {most:g}")
        return np.where(usable, values, np.nan)

    def words(self, column: str, meaning: dict[str, float]) -> NDArray[np.float64]:
        import polars as pl

        values = self.frame[column].replace_strict(meaning, default=None, return_dtype=pl.Float64)
        self._settle(values.is_not_null().to_numpy(), column, " or ".join(meaning))
        return values.fill_null(np.nan).to_numpy()

    def identifiers(self, column: str) -> NDArray[np.str_]:
        """Raises `CommandError` where one is empty or occurs twice: an answer could not be told to its row."""
        text = self.frame[column].to_numpy().astype(np.str_)
        if (empty := np.flatnonzero(text == "")).size:
            raise CommandError(f"{self.path}, line {empty[0] + 2:,}: {column} is empty; expected a number of its own.")
        values, first, count = np.unique(text, return_index=True, return_counts=True)
        if (twice := np.flatnonzero(count > 1)).size:
            again = np.flatnonzero(text == values[twice[0]])[1]
            raise CommandError(
                f"{self.path}, line {again + 2:,}: {column} is also that of line {first[twice[0]] + 2:,}; expected "
                "each once, so leave one out."
            )
        return text

    def patients(self, column: str, identifier: NDArray[np.str_]) -> NDArray[np.str_]:
        """A row without a patient is taken as a patient of its own."""
        text = self.frame[column].to_numpy().astype(np.str_)
        self.notice(text == "", column, "is empty; it is taken as somebody with no other appointment")
        return np.where(text == "", np.char.add("appointment ", identifier), text)
