"""What a small simulation costs a process that has just begun: imports, kernels from the cache, two replications.

Run: python benchmarks/bench_first_run.py. Processor seconds of whole processes; the first of each is not counted, since
it may compile what `make setup` should have.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from collections.abc import Iterator

from figures import CASES, TURNS, Figure, at_most, log, main

AREA = "First run"
IN_PYTHON = """
import sys
from trustwide.analysis import capacity
capacity.simulate(capacity.load_service(sys.argv[1]), replications=2).to_dict()
"""
AS_COMMAND = """
import sys
from trustwide.config.cli import main
main(["simulate", sys.argv[1], "--replications", "2", "--json"])
"""


def processor_seconds(code: str, case: str) -> float:
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(CASES / case)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"a run of {case} failed")
    return usage.ru_utime + usage.ru_stime


def measure() -> Iterator[Figure]:
    for name, code in (("a notebook's first `simulate`", IN_PYTHON), ("`trustwide simulate`", AS_COMMAND)):
        for case in ("mm3.yaml", "imaging_year.yaml"):
            processor_seconds(code, case)
            seconds = [processor_seconds(code, case) for _ in range(TURNS)]
            log(f"{name}, {case}: {', '.join(f'{one:.2f}' for one in seconds)} s of processor")
            yield at_most(AREA, f"{name} of `{case}`, whole process", statistics.median(seconds), 1, "s of processor")


if __name__ == "__main__":
    sys.exit(main(measure, __doc__))
