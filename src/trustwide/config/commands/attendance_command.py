"""`trustwide attendance`: the chance that each appointment is missed, or a table of how good such chances are."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trustwide.config.commands import CommandError, check_writable

if TYPE_CHECKING:
    from trustwide.config.commands.attendance_file import AttendanceFile


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--train", type=Path, required=True, metavar="CSV", help="past appointments, with what came")
    parser.add_argument("--score", type=Path, metavar="CSV", help="appointments to come, in the same layout")
    parser.add_argument(
        "--out", type=Path, metavar="CSV", help="with --score: gets id,risk, a row for each of its rows"
    )
    parser.add_argument("--table", type=Path, metavar="FILE", help="write how good the risks are, as Markdown")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same answer (default 1)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    from trustwide.analysis.attendance import AttendanceError
    from trustwide.config.commands.attendance_file import read

    _check(options)
    past = read(options.train, with_answer=True)
    _say(past.notices)
    try:
        answer = _score(past, options) if options.score else _table(past, options)
    except AttendanceError as error:
        raise CommandError(f"{options.train}: {error}") from error
    print(json.dumps(answer) if options.json else answer["said"])
    return 0


def _check(options: argparse.Namespace) -> None:
    if bool(options.score) == bool(options.table):
        raise CommandError("give --score CSV and --out CSV for risks, or --table FILE for how good they are.")
    if bool(options.score) != bool(options.out):
        raise CommandError("--score and --out go together: appointments to come, and where their risks are written.")
    if options.seed < 0:
        raise CommandError(f"--seed {options.seed}: must be 0 or more.")
    for option, path in (("--out", options.out), ("--table", options.table)):
        if path is not None:
            check_writable(option, path)
            if path.resolve() in {each.resolve() for each in (options.train, options.score) if each}:
                raise CommandError(f"{option} {path}: that is a file to read from; name another to write to.")


def _say(notices: list[str]) -> None:
    for notice in notices:
        print(notice, file=sys.stderr)


def _score(past: AttendanceFile, options: argparse.Namespace) -> dict[str, Any]:
    import numpy as np

    from trustwide.analysis.attendance import train
    from trustwide.config.commands.attendance_file import read

    asked = read(options.score, with_answer=False)
    both = np.isin(asked.appointments.identifier, past.appointments.identifier).sum()
    if both:
        asked.notices.append(
            f"{options.score.name}: {both:,} appointments are also in {options.train.name}; their risks look better "
            "than they would have been."
        )
    _say(asked.notices)
    risk = train(past.appointments, options.seed).risk(asked.appointments, past.appointments)
    _write(options.out, asked, risk.tolist())
    told = int(past.appointments.outcome_known.sum())
    return {
        "appointments": len(risk),
        "learnt_from": told,
        "mean_risk": float(risk.mean()),
        "out": str(options.out),
        "notices": [*past.notices, *asked.notices],
        "said": f"{len(risk):,} risks are in {options.out}, learnt from {told:,} appointments; of 100 about "
        f"{100 * risk.mean():.0f} are expected to be missed.",
    }


def _write(path: Path, asked: AttendanceFile, risks: list[float]) -> None:
    import csv

    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["id", "risk"])
        writer.writerows(
            (number, f"{risk:.6f}") for number, risk in zip(asked.appointments.identifier, risks, strict=True)
        )


def _table(past: AttendanceFile, options: argparse.Namespace) -> dict[str, Any]:
    from trustwide.analysis.attendance import cross_validate
    from trustwide.config.commands.attendance_table import attendance_page, figures

    done = cross_validate(past.appointments, seed=options.seed)
    found = figures(done, past)
    options.table.write_text(attendance_page(found, options.train.name), encoding="utf-8")
    return found | {"said": f"Written to {options.table}."}
