"""England's exams from a lake to judged charts: three measures by trust, test and month, and every series' chart.

Run: python benchmarks/bench_england.py. 5, 15 and 45 million exams of 30 months (see england.py), each in a process of
its own, from its start to the last icon: wall-clock and processor seconds, one run, on two cores. Making the files is
not counted. Spark computes the same table from the smallest lake.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from england import MONTHS, SERIES
from figures import Figure, at_most, log, main

AREA = "England"
MILLIONS = (5, 15, 45)
SECONDS, MEGABYTES = 15, 1000  # promised for the most
ALIKE = 1e-12


def measure():
    with tempfile.TemporaryDirectory() as home:
        for millions in MILLIONS:
            folder = Path(home) / str(millions)
            done("make", folder, str(millions * 1_000_000))
            yield from judged(millions, json.loads(done("judge", folder)))
            if millions == MILLIONS[0]:
                yield compared(millions, json.loads(done("compare", folder)))


def done(action, folder, *more):
    script = Path(__file__).with_name("england.py")
    return subprocess.run(
        [sys.executable, str(script), action, str(folder), *more], stdout=subprocess.PIPE, text=True, check=True
    ).stdout


def judged(millions, seen):
    assert (seen["series"], seen["observations"]) == (SERIES, SERIES * MONTHS), seen
    log(
        f"{millions} million exams: {seen['seconds']:.1f} s, of which {seen['measuring']:.1f} s until measured, "
        f"{seen['processor']:.1f} s of processors, {seen['megabytes']:,.0f} MB; {seen['signals']:,} of "
        f"{seen['series']:,} charts show a special cause"
    )
    what = f"{millions} million exams, three measures, {seen['series']:,} charts"
    if millions < MILLIONS[-1]:
        yield Figure(AREA, what, "", f"{seen['seconds']:.1f} s ({seen['processor']:.1f} s of processors)")
        yield Figure(AREA, f"memory for {millions} million", "", f"{seen['megabytes']:,.0f} MB")
        return
    yield at_most(AREA, what, seen["seconds"], SECONDS, "s")
    yield Figure(AREA, "the same, of processors", "", f"{seen['processor']:.1f} s")
    yield at_most(AREA, f"memory for {millions} million", seen["megabytes"], MEGABYTES, "MB")


def compared(millions, seen):
    log(f"Spark took {seen['seconds']:.0f} s for {millions} million, its start included")
    what = f"largest relative difference on Spark, {seen['observations']:,} values"
    return Figure(AREA, what, f"at most {ALIKE:g}", f"{seen['difference']:.1g}", seen["difference"] <= ALIKE)


if __name__ == "__main__":
    sys.exit(main(measure, __doc__))
