"""Trustwide's own small pictures of how a measure varies and whether it will meet its target."""

from __future__ import annotations

# Making Data Count: blue improves, orange concerns, grey is usual, purple is a change that is neither good nor bad.
COLOURS = {"improvement": "#005eb8", "concern": "#c2510a", "neutral": "#512b85", "common": "#5f6b76"}

_ARROWS = {"high": "M16 7l7 9h-4.5v9h-5v-9H9z", "low": "M16 25l7-9h-4.5V7h-5v9H9z"}
# the outline of each kind is also its mark on the chart: square improves, diamond concerns, circle is usual
_FRAMES = {
    "improvement": "M3 3h26v26H3z",
    "concern": "M16 0l16 16-16 16L0 16z",
    "neutral": "M9 2h14l8 14-8 14H9L1 16z",
    "common": "M16 2a14 14 0 1 0 0 28 14 14 0 1 0 0-28z",
}
_WAVE = "M6 16c3.3-8 6.7-8 10 0s6.7 8 10 0"
_QUERY = "M11.5 12.5a4.5 4.5 0 1 1 7 3.7c-1.7 1-2.5 1.8-2.5 3.8M16 24.5v.1"
_KINDS = {"improvement": "Improvement", "concern": "Concern", "neutral": "Change, neither good nor bad"}
_WAYS = {"high": "higher than usual", "low": "lower than usual"}
_ASSURANCE = {
    "pass": ("Target will be met every time", COLOURS["improvement"], "M8 17l6 6 11-13"),
    "fail": ("Target will be missed every time", COLOURS["concern"], "M9 9l14 14M23 9L9 23"),
    "inconsistent": ("Target will sometimes be met, sometimes missed", COLOURS["common"], _QUERY),
    "not_assessable": ("Too little to say whether the target will be met", COLOURS["common"], "M9 16h14"),
}


def variation_icon_svg(name: str) -> str:
    """The variation icon of that name (`model.VARIATION_ICONS`) as SVG text; its title says it in words."""
    if name == "common_cause":
        return _icon("Usual variation", _shape("common"), _sign(_WAVE, "#fff"))
    kind, way = name.split("_")
    return _icon(f"{_KINDS[kind]}: {_WAYS[way]}", _shape(kind), f'<path d="{_ARROWS[way]}" fill="#fff"/>')


def assurance_icon_svg(name: str | None) -> str:
    """The assurance icon of that name (`model.ASSURANCE_ICONS`) as SVG text; nothing where there is no target."""
    if name is None:
        return ""
    title, colour, sign = _ASSURANCE[name]
    ring = f'<circle cx="16" cy="16" r="14" fill="#fff" stroke="{colour}" stroke-width="3"/>'
    return _icon(title, ring, _sign(sign, colour))


def _shape(kind: str) -> str:
    return f'<path d="{_FRAMES[kind]}" fill="{COLOURS[kind]}"/>'


def _sign(path: str, colour: str) -> str:
    return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="3" stroke-linecap="round"/>'


def _icon(title: str, *drawing: str) -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" width="32" height="32" role="img">'
        f"<title>{title}</title>{''.join(drawing)}</svg>"
    )
