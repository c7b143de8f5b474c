"""The two small pictures beside a measure, each with its word."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from trustwide.analysis.spc import assurance_icon_svg, variation_icon_svg

VARIATION_WORDS = {"common": "Usual", "improvement": "Improvement", "concern": "Concern", "neutral": "Change"}
ASSURANCE_WORDS = {"pass": "Met", "fail": "Missed", "inconsistent": "Varies", "not_assessable": "Too early to say"}


@dataclass(frozen=True)
class Icon:
    """A drawing whose title says it in words, and the word to put beside it. `kind` is for styles."""

    svg: Markup
    word: str
    kind: str


NOT_JUDGED = Icon(Markup(), "Not judged", "none")
NO_TARGET = Icon(Markup(), "", "none")
_VARIATION = {"": NOT_JUDGED}
_ASSURANCE = {"": NO_TARGET}


def variation(name: str) -> Icon:
    """The icon of one of `spc`'s variation names; without a name the chart could not be judged."""
    if name not in _VARIATION:
        kind = name.partition("_")[0]
        drawing = Markup(variation_icon_svg(name))  # noqa: S704
        _VARIATION[name] = Icon(drawing, VARIATION_WORDS[kind], kind)
    return _VARIATION[name]


def assurance(name: str) -> Icon:
    """The icon of one of `spc`'s assurance names; nothing without a target."""
    if name not in _ASSURANCE:
        drawing = Markup(assurance_icon_svg(name))  # noqa: S704
        _ASSURANCE[name] = Icon(drawing, ASSURANCE_WORDS[name], name)
    return _ASSURANCE[name]
