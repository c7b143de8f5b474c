"""`trustwide warm` leaves no kernel of the simulation to be compiled by whoever comes first."""

import importlib
import pkgutil

import numba
import pytest

from trustwide.analysis import capacity
from trustwide.config.commands import warm_command


def entry_points():
    """Compiled functions that Python calls, of every module of the package."""
    for module in pkgutil.iter_modules(capacity.__path__):
        parts = importlib.import_module(f"{capacity.__name__}.{module.name}")
        for name, function in vars(parts).items():
            compiled = getattr(function, "targetoptions", None)
            if compiled and not compiled.get("forceinline") and function.__module__ == parts.__name__:
                yield f"{module.name}.{name}", function


@pytest.mark.skipif(numba.config.DISABLE_JIT, reason="nothing is compiled with the JIT off")
def test_every_kernel_is_compiled():
    warm_command._simulation()
    kernels = dict(entry_points())
    assert {"walk_in.run_walk_in", "recursion.run_recursion", "booked.run_booked"} <= kernels.keys()
    assert [name for name, kernel in kernels.items() if not kernel.signatures] == []
