"""Readable text on any colour."""

from __future__ import annotations

BLACK, WHITE = "#000000", "#ffffff"


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb, 0 (black) to 1 (white). WCAG 2.2, "relative luminance"."""
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels)
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def ratio(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21. WCAG 2.2, success criterion 1.4.3 asks for 4.5."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def text_colour_on(background: str) -> str:
    """Black or white, whichever is easier to read; one of the two always passes 4.5."""
    return max(BLACK, WHITE, key=lambda text: ratio(text, background))
