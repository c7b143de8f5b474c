"""What workbooks have in common: formats, ranges and the annuity."""

from __future__ import annotations

from typing import Any

import xlsxwriter

from trustwide.analysis.capacity.costs import ANNUITY_RATE, ANNUITY_YEARS

Figures = dict[str, Any]
ANNUITY = (("Rate of the annuity", ANNUITY_RATE), ("Years of the annuity", ANNUITY_YEARS))


def styles(book: xlsxwriter.Workbook) -> Figures:
    """The formats of all our workbooks; yellow cells are inputs."""
    return {
        "title": book.add_format({"bold": True, "font_size": 14}),
        "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}),
        "input": book.add_format({"bg_color": "#fff9e5", "num_format": "#,##0.00"}),
        "number": book.add_format({"num_format": "#,##0"}),
        "decimal": book.add_format({"num_format": "#,##0.00"}),
        "percent": book.add_format({"num_format": "0.0%"}),
        "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
    }


def three(figure: Figures) -> tuple[float | None, float | None, float | None]:
    """Median, low and high of a forecast figure."""
    return figure["median"], figure["low"], figure["high"]


def annuity(money: str, rate: str, years: str) -> str:
    """The formula that spreads money over years; `rate` and `years` are cells."""
    return f"({money})*{rate}/(1-(1+{rate})^-{years})"
