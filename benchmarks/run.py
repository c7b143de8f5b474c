"""Run every benchmark, or those named, one after the other, and print one table; `--out PAGE` writes a page.

Run: python benchmarks/run.py [NAME ...] [--out docs/reference/benchmarks.md]. Exit status 1 if a target is missed. The
page keeps what was last seen of benchmarks that are not run now, which `seen.json` remembers with its machine and day.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from figures import Figure, log, machine, table

HERE = Path(__file__).parent
SEEN = HERE / "seen.json"
ORDER = ("simulate", "size", "first_run", "plan", "spc", "measures", "england", "import", "home", "booking")
PAGE = """# How fast it is

Written by `make bench`; the benchmarks are in `benchmarks/`, and each runs alone.

{table}

{machines}

Ratios are of speeds in one run: everybody runs once first, so that nothing is compiled on the clock, then takes turns
with the others; speeds are medians of at least five turns, in processor time of one process. Seconds are wall-clock
seconds unless processor seconds are named. The rivals are in `simpy_twins.py`, `ciw_twins.py` and `cimba_twin.py`,
written as their users would; the program in C (`walk_in.c`, `gcc -O3`) is the same algorithm with the same random
numbers, and its journeys are checked to be the same to the last bit. England is 1,500 departments of the size of
`imaging_year.yaml`, no two alike; the region is forty of them with one waiting list and one queue.

England's exams are made up (`england.py`): 160 trusts, 71 tests, 30 months. The clock runs from the start of a process
that has the files to the last icon of 34,080 charts, on two cores; making the files is not counted.

The booking centre runs on PostgreSQL, which keeps every commit, on the machine that also plays the clerks: 50 of them,
each opening a page every 5 to 15 seconds, with 3,000,000 requests of three years, 32,000 of them waiting
(`booking_seed.py`). Times of pages are wall-clock time at the door of `trustwide serve`, of which 95 in 100 pages are
below the figure.
"""


def figures_of(name: str) -> list[Figure]:
    """One benchmark in a process of its own, as some change the settings of theirs."""
    begun = time.monotonic()
    log(f"\n== benchmarks/bench_{name}.py")
    done = subprocess.run(
        [sys.executable, str(HERE / f"bench_{name}.py"), "--json"], stdout=subprocess.PIPE, text=True, check=False
    )
    log(f"{time.monotonic() - begun:.0f} s")
    if not done.stdout.strip():
        raise SystemExit(f"benchmarks/bench_{name}.py failed")
    return [Figure(**one) for one in json.loads(done.stdout.strip().splitlines()[-1])]


def remember(new: dict[str, list[Figure]]) -> dict[str, dict[str, Any]]:
    """What was last seen of every benchmark, in their order, with these figures as of now."""
    seen: dict[str, dict[str, Any]] = json.loads(SEEN.read_text(encoding="utf-8")) if SEEN.exists() else {}
    here = machine()
    seen |= {name: {"machine": here, "figures": [asdict(one) for one in figures]} for name, figures in new.items()}
    known = {name: seen[name] for name in ORDER if name in seen}
    SEEN.write_text(json.dumps(known, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return known


def page(seen: dict[str, dict[str, Any]]) -> str:
    """The page of all that was seen, with which benchmarks ran where and when."""
    figures = [Figure(**one) for each in seen.values() for one in each["figures"]]
    ran: dict[str, list[str]] = {}
    for name, each in seen.items():
        ran.setdefault(each["machine"], []).append(f"`{name}`")
    return PAGE.format(
        table=table(figures), machines="\n".join(f"- {', '.join(names)}: {m}." for m, names in ran.items())
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="write the page here")
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these, such as spc or measures")
    given = parser.parse_args()
    new = {name: figures_of(name) for name in given.names or ORDER}
    figures = [one for several in new.values() for one in several]
    print(f"\n{table(figures)}\n\n{machine()}")
    if given.out:
        given.out.write_text(page(remember(new)), encoding="utf-8")
    return 1 if any(one.met is False for one in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
