"""What a brief holds, and how it becomes a PDF."""

from __future__ import annotations

import copy
import datetime
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

FONT = "Open Sans"
FONT_FILE = "vendor/fonts/OpenSans_400Regular.ttf"
TEMPLATE = Path(__file__).with_name("brief.typ")
STANDARD: Literal["ua-1"] = "ua-1"  # PDF/UA-1, ISO 14289-1:2014: tagged, titled, with alternative texts
PICTURE_WIDTH, PICTURE_HEIGHT = 700, 215


class FontsMissingError(RuntimeError):
    """The fonts of papers are not where the site serves them from."""


@dataclass(frozen=True)
class Figure:
    """A number with its name; `more` stands below it in small letters."""

    name: str
    value: str
    more: str = ""


@dataclass(frozen=True)
class Picture:
    """A drawing as SVG and the sentence that says what it shows."""

    svg: str
    alt: str


@dataclass(frozen=True)
class Table:
    """`columns` are (heading, whether it holds numbers)."""

    title: str
    columns: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Brief:
    """Two pages: question, answer, figures and pictures; then tables, what was assumed, and how to repeat it."""

    title: str
    subject: str
    answer: str
    figures: tuple[Figure, ...]
    pictures: tuple[Picture, ...]
    paragraphs: tuple[tuple[str, str], ...]  # heading and text, on the first page
    tables: tuple[Table, ...]
    lists: tuple[tuple[str, tuple[str, ...]], ...]  # heading and points, on the second page
    facts: tuple[tuple[str, str], ...]
    made_at: datetime.datetime
    footer: str = field(default="")


def to_pdf(brief: Brief) -> bytes:
    """The brief as a PDF. The same brief gives the same bytes. Raises FontsMissingError where no font is found."""
    import typst

    data = asdict(brief) | {"made_at": brief.made_at.date().isoformat(), "font": FONT}
    return typst.compile(
        str(TEMPLATE), format="pdf", font_paths=[str(font_folder())], ignore_system_fonts=True,
        sys_inputs={"brief": json.dumps(data)}, pdf_standards=[STANDARD], timestamp=int(brief.made_at.timestamp()),
    )  # fmt: skip


def drawing(spec: Mapping[str, Any], alt: str) -> Picture:
    """A picture of the pages in the size and the letters of a brief."""
    import vl_convert

    vl_convert.register_font_directory(str(font_folder()))  # else the letters are measured as those of another font
    wanted = copy.deepcopy(dict(spec))
    wanted |= {"width": PICTURE_WIDTH, "height": PICTURE_HEIGHT}
    wanted["config"] = {**wanted.get("config", {}), "font": FONT}
    return Picture(vl_convert.vegalite_to_svg(wanted), alt)


def font_folder() -> Path:
    """Where the fonts of papers are."""
    from django.contrib.staticfiles import finders

    found = finders.find(FONT_FILE)
    if not isinstance(found, str):
        raise FontsMissingError(f"{FONT_FILE} is missing. Run `npm ci`, then `trustwide assets`.")
    return Path(found).parent
