"""Means with their half-widths as cells of a table for a person at a terminal."""

from __future__ import annotations


def row(name: str, cells: list[str]) -> str:
    return f"{name[:24]:<24}" + "".join(f"{cell:>18}" for cell in cells)


def figure(figure: dict[str, float | None], places: int) -> str:
    if figure["mean"] is None:
        return "-"
    half_width = figure["half_width"]
    return f"{figure['mean']:,.{places}f}" + ("" if half_width is None else f" ± {half_width:,.{places}f}")


def percent(figure: dict[str, float | None]) -> str:
    return "-" if figure["mean"] is None else f"{100 * figure['mean']:.1f} %"
