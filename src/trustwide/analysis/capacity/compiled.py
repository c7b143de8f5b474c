"""How kernels are compiled: without reference counts, inlined into one piece, and kept on disk between runs."""

from __future__ import annotations

import atexit
import gc
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numba
from numba import njit
from numba.np import linalg

Function = TypeVar("Function", bound=Callable[..., Any])

# numba looks whether SciPy has linear algebra by importing all of it, a fifth of a second whenever kernels are loaded
linalg.ensure_blas = lambda: None
# and leaves so many objects that looking for garbage among them at exit takes another
atexit.register(gc.freeze)

_CONFIG: Any = numba.config
_COMPILE: Any = njit

_FOLDER = Path(__file__).parent
_SOURCES = (
    "ahead",
    "arrivals",
    "booked",
    "booked_day",
    "booked_morning",
    "compiled",
    "demand_tables",
    "devices",
    "diary",
    "events",
    "flow/arriving",
    "flow/following",
    "flow/laws",
    "flow/model",
    "flow/tables",
    "idle",
    "model",
    "philox",
    "queues",
    "recursion",
    "summary",
    "tables",
    "walk_in",
    "weekly",
)


def _kept_in() -> str:
    """A folder named for the text of every kernel: numba itself does not notice when an inlined function changes."""
    digest = hashlib.sha256()
    for name in _SOURCES:
        digest.update((_FOLDER / f"{name}.py").read_bytes())
    chosen = str(_CONFIG.CACHE_DIR)
    if not chosen and not os.access(_FOLDER, os.W_OK):
        return ""  # an installed copy, whose files do not change: numba finds a folder of the user's
    return str(Path(chosen or _FOLDER / "__pycache__") / f"kernels-{digest.hexdigest()[:16]}")


_KEPT_IN = _kept_in()


def kernel(function: Function) -> Function:
    """Compile an entry point. Neither it nor its parts may create arrays.

    With reference counting on (numba's `_nrt`, which only its own developers switch), each use of an array in a loop
    costs an atomic operation and the walk-in kernel runs at half its speed.
    """
    return _compiled(function)


def part(function: Function) -> Function:
    """Compile a function that entry points are made of: inlined wherever it is called, not callable from Python."""
    return _compiled(function, forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)


def shared_part(function: Function) -> Function:
    """A part that Python calls too."""
    return _compiled(function, forceinline=True)


def _compiled(function: Function, **options: bool) -> Function:
    before = _CONFIG.CACHE_DIR
    _CONFIG.CACHE_DIR = _KEPT_IN
    try:
        compiled: Function = _COMPILE(cache=True, _nrt=False, error_model="numpy", **options)(function)
    finally:
        _CONFIG.CACHE_DIR = before
    return compiled
