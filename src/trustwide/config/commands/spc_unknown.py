"""Names of settings and series in a settings file that `trustwide spc` does not know, so that a slip is noticed."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from trustwide.config.commands.spc_files import first_few

# what files of worked examples say of a series besides its settings: what it is, and the answers
NOTES = (
    "series_id",
    "n",
    "split",
    "category",
    "note",
    "variation_icon",
    "assurance_icon",
    "assurance_type",
    "n_special",
)


def unknown_settings(
    entries: Mapping[str, Mapping[str, Any]], known: Collection[str], elsewhere: Collection[str]
) -> Iterator[str]:
    """A sentence for each misspelt or useless setting, with its series, and one for all names that are like none.

    `known` are the settings of these charts, `elsewhere` those of others.
    """
    # told and not refused: people keep notes of their own beside the settings, and such files must go on working
    having: dict[str, list[str]] = {}
    for series, entry in entries.items():
        for name, value in entry.items():
            unused = name in elsewhere and value in (None, [])
            if not (unused or name in known or name in NOTES):
                having.setdefault(name, []).append(series)
    strange = []
    for name, several in having.items():
        near = get_close_matches(name.lower(), [*known, *elsewhere], n=1)
        if name in elsewhere:
            yield f"Series {first_few(several)}: {name} is a setting of another kind of chart and has no effect here."
        elif near:
            yield f"Series {first_few(several)}: there is no setting {_quoted(name)}. Did you mean {near[0]}?"
        else:
            strange.append(_quoted(name))
    if strange:
        yield f"Passed over as no settings: {', '.join(strange)}; the settings are {', '.join(known)}."


def unknown_series(entries: Collection[str], names: Collection[str], inputs: Path) -> Iterator[str]:
    """One sentence for all series that have settings and no row in the inputs, as a misspelt one has."""
    there = set(names)
    if without := [name for name in entries if name not in there]:
        its = "its" if len(without) == 1 else "their"
        yield f"No series {first_few(without)} in {inputs}; {its} settings are not used."


def _quoted(name: str) -> str:
    return name if name.isidentifier() else json.dumps(name)
