"""What an address of the API may ask for."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema

MOST_ROWS, USUAL_ROWS = 10_000, 1_000
NO_BREAKDOWN = "-"  # stands for the empty breakdown, which no address can hold
ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
WHOLE_NUMBER = re.compile(r"[0-9]{1,6}", re.ASCII)


def _day(text: Any) -> Any:
    # pydantic would also take a count of seconds for a date
    if isinstance(text, str) and not ISO_DAY.fullmatch(text):
        raise ValueError("give a date as 2026-03-01")
    return text


def _whole(text: Any) -> Any:
    # nor are "1.0" and "1_0" how people write a number of rows
    if isinstance(text, str) and not WHOLE_NUMBER.fullmatch(text):
        raise ValueError(f"give a whole number from 1 to {MOST_ROWS}")
    return text


Day = Annotated[
    dt.date | None, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"}, mode="validation")
]
Limit = Annotated[int, BeforeValidator(_whole)]


def _without_default(schema: dict[str, Any]) -> None:
    schema.pop("default", None)


class Asked(Schema):
    """Every list: in which form."""

    model_config = ConfigDict(extra="forbid")

    format: Literal["json", "csv", "parquet", "xlsx"] = Field(
        "json", description="JSON, or the same rows as a file to download."
    )


class AskedPage(Asked):
    """A long list: which part of it."""

    limit: Limit = Field(USUAL_ROWS, ge=1, le=MOST_ROWS, description="The most rows that one answer may have.")
    cursor: str = Field(
        "", pattern=r"^[A-Za-z0-9_-]*$", max_length=600, description="`next` of the page before; empty for the first."
    )
    measure: str = Field("", max_length=40, description="Only the measure of this code.")
    site: str = Field("", max_length=12, description="Only the site of this code.")
    breakdown: str = Field("", max_length=40, description='Only this breakdown; "-" for those without one.')


class AskedObservations(AskedPage):
    """Which observations."""

    start: Day = Field(
        None, alias="from", description="Only periods that begin on this day or later.",
        json_schema_extra=_without_default,
    )  # fmt: skip
    end: Day = Field(
        None, alias="to", description="Only periods that begin on this day or earlier.",
        json_schema_extra=_without_default,
    )  # fmt: skip


class AskedSignals(AskedPage):
    """Which signals."""

    state: Literal["open", "closed", "any"] = Field("open", description="Whether the pattern still runs.")
    verdict: Literal["", "concern", "improvement", "neutral"] = Field("", description="Only those of this verdict.")
