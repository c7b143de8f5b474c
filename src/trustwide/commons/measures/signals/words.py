"""What the pages of signals and their e-mail say, built only from figures."""

from __future__ import annotations

from django.utils import timezone

from trustwide.analysis.spc.words import counted, quantity
from trustwide.commons.measures.figures import scale
from trustwide.commons.measures.models import Ghost, Rebase
from trustwide.commons.measures.signals.closing import closed_words
from trustwide.commons.measures.signals.closing import period_of as period_of
from trustwide.commons.measures.signals.figures import Expected, SignalFilters, SignalRow
from trustwide.commons.measures.signals.rollup import RolledSite, RolledUp
from trustwide.commons.nhsuk.formats import day, thousands

# least sigmas -> how large a change is, against the usual variation of its own chart
SIZES = ((6.0, "very large"), (4.0, "large"), (2.0, "middling"), (0.0, "small"))
DIRECTIONS = {"high": "higher", "low": "lower"}
STATES = {"open": "open", "snoozed": "put off", "closed": "closed"}


def answer(total: int, expected: Expected, filters: SignalFilters, where: str) -> str:
    """The first line: how many there are, how many of them are new, and how many chance alone would open."""
    narrowed = any((filters.measure, filters.aim, filters.site, filters.verdict, filters.direction, filters.mine))
    fit = f" that fit{'s' if total == 1 else ''}" if narrowed else ""
    are = "is" if total == 1 else "are"
    first = f"{_capital(counted(total, 'signal'))}{fit} {are} {STATES[filters.state]} {where}"
    if filters.state != "open":
        return f"{first}."
    if expected.put_off:
        first += f" and {_number(expected.put_off)} {'is' if expected.put_off == 1 else 'are'} put off"
    if not expected.judged:
        return f"{first}; no chart there has enough figures to be judged."
    new = f"{_number(expected.new)} {'is' if expected.new == 1 else 'are'} new {newest(expected)}"
    return f"{first}; {new}. {by_chance(expected)}"


def newest(expected: Expected) -> str:
    """The period in which signals are new."""
    return f"in {expected.newest:%B %Y}" if expected.newest else "in the newest figures"


def by_chance(expected: Expected) -> str:
    """How many signals charts open in a period in which nothing changes."""
    about = "less than one" if expected.by_chance < 0.75 else f"about {_number(round(expected.by_chance))}"
    return f"Chance alone would open {about}, on {counted(expected.judged, 'chart')}."


def size(row: SignalRow) -> str:
    """How far the mean moved, in the measure's unit, and how large that is for this chart: "+120 people, large"."""
    step = row.signal.step
    how = next(word for least, word in SIZES if row.signal.sigmas >= least)
    if step is None:
        return how
    moved = step * scale(row.definition)
    unit = "points" if row.definition.unit == "%" else row.definition.unit
    return f"{'−' if moved < 0 else '+'}{quantity(abs(moved), unit)}, {how}"


def people(row: SignalRow) -> str:
    """How many it touches in the newest period, on pages and in mail alike; a dash where that is not known."""
    return thousands(row.signal.people) if row.signal.people > 0 else "–"


def people_of(line: RolledUp) -> str:
    """How many a line of the rolled-up list touches; a dash where that is not known, and never a nought: where every
    figure is left out, nobody knows that it is none.
    """
    if line.people is None:
        return "–"
    return thousands(line.people) if line.people > 0 else "None counted"


def standing(row: SignalRow) -> str:
    """What somebody has to know of it beside its pattern: that it is put off, or why it closed."""
    if row.signal.closed:
        return closed_words(row.signal, row.definition)
    until = row.signal.snoozed_until
    return f"Put off until {day(until)}" if until is not None and until > timezone.localdate() else ""


def marked_by(mark: Rebase | Ghost) -> str:
    """Who made a mark, when and why, in their own words: "By A Planner on 3 May 2026: a new clinic opened"."""
    return f"By {mark.author} on {day(mark.at)}: {mark.reason}"


def change(row: SignalRow | RolledUp) -> str:
    """Which way it went."""
    return DIRECTIONS[row.signal.direction if isinstance(row, SignalRow) else row.direction]


def where(line: RolledUp) -> str:
    """How far up a line of the rolled-up list reaches: a ward, a site or the group."""
    if line.everywhere:
        return "At every site: of the group"
    if line.all_sites == 1:
        return "At the one site with this measure"
    return f"At {counted(len(line.sites), 'site')} of {line.all_sites:,}"


def part(line: RolledUp, site: RolledSite) -> str:
    """How much of a site it is: nothing where the site has one chart."""
    if site.judged == 1:
        return ""
    of = "ward or room" if line.of_wards else "chart"
    if site.whole:
        return f"every {of}: of the site"
    return f"{site.charts:,} of {site.judged:,} {'wards and rooms' if line.of_wards else 'charts'}"


def _number(number: int) -> str:
    """In words up to nine, as `counted` has it."""
    return "none" if number == 0 else counted(number, "of").split()[0]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
