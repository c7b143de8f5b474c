"""The kernels are plain Python: with the compiler off, they find what the definitions find."""

import os
import subprocess
import sys

from trustwide.analysis.spc.mdc.tests import test_agreement as mdc
from trustwide.analysis.spc.shewhart.tests import test_agreement as shewhart
from trustwide.analysis.spc.tests import test_agreement as xmr

# a compiled function of each engine, and how many series of its random batch are compared
KERNELS = ((xmr, "_exact_sum", 40), (mdc, "_mark_run", 40), (shewhart, "_median", 60))


def compare_all():
    """Run with the compiler off, which only a fresh process can be."""
    for engine, kernel, series in KERNELS:
        assert not hasattr(getattr(engine.fast, kernel), "py_func"), "compiled all the same"
        engine.assert_engines_agree(engine.random_batch(2, series))


def test_the_kernels_agree_with_the_compiler_off():
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", f"from {__name__} import compare_all; compare_all()"],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
