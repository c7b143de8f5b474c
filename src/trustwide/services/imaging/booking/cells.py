"""A session's time as cells of five minutes: `.` free, `x` taken. Pure text, equal on every database."""

from __future__ import annotations

CELL_MINUTES = 5
FREE, TAKEN = ".", "x"


def cells_in(minutes: int) -> int:
    """Cells that a length takes, rounded up."""
    return -(-minutes // CELL_MINUTES)


def all_free(minutes: int) -> str:
    """The cells of an empty session."""
    return FREE * (minutes // CELL_MINUTES)


def is_free(cells: str, first: int, count: int) -> bool:
    """Whether `count` cells from `first` lie in the session and are all free."""
    return first >= 0 and first + count <= len(cells) and TAKEN not in cells[first : first + count]


def fill(cells: str, first: int, count: int, mark: str) -> str:
    """The cells with `count` of them from `first` on set to `mark`."""
    return cells[:first] + mark * count + cells[first + count :]


def first_fit(cells: str, count: int, start: int = 0) -> int:
    """The first cell from `start` on where `count` free ones follow; -1 where there is none."""
    return cells.find(FREE * count, max(start, 0))


def longest_free(cells: str) -> int:
    """The longest run of free cells."""
    return max((len(run) for run in cells.split(TAKEN)), default=0)
