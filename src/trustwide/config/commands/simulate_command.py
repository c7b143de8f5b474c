"""`trustwide simulate`: run a service described in a file and say what its patients would wait."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
import time
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from trustwide.config.commands import CommandError
from trustwide.config.commands.figure_table import figure, percent, row
from trustwide.config.commands.live_service import add_live, service_of

if TYPE_CHECKING:
    from trustwide.analysis.capacity import Result, Service
    from trustwide.analysis.capacity.mser import WarmUpChoice
    from trustwide.analysis.capacity.run_size import Estimate

_TOLD_AFTER = 2.0  # seconds before progress is worth a line
_BETWEEN = 0.5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "service", metavar="SERVICE.yaml", nargs="?", type=Path, help="the service: scanners, sessions, demand"
    )
    add_live(parser)
    parser.add_argument(
        "--replications", type=_number_or_auto, default=100, metavar="N|auto",
        help="runs, each with its own chance (default 100); auto: until the mean waits are precise enough",
    )  # fmt: skip
    parser.add_argument(
        "--precision", type=float, default=0.05, metavar="SHARE",
        help="with auto: the 95 %% half-width of each stream's mean wait, as a share of it (default 0.05)",
    )  # fmt: skip
    parser.add_argument(
        "--warm-up", type=_number_or_auto, metavar="DAYS|auto",
        help="days at the start that are not counted, in place of the file's; auto: chosen by a rule (MSER)",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same answer (default 1)")
    add_workers(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--no-store", action="store_true", help="keep no record of the run for trustwide repeat")
    parser.add_argument("--yes", action="store_true", help="run without asking, however long it may take")


def add_workers(parser: argparse.ArgumentParser) -> None:
    """Who does the work; it never changes the answer."""
    parser.add_argument("--workers", type=int, default=1, help="processes to share the work (default 1)")
    parser.add_argument(
        "--engine", default="local", help="how the work is shared: local (processes here), dask or ray (a cluster)"
    )


def _number_or_auto(text: str) -> int | Literal["auto"]:
    if text == "auto":
        return "auto"
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a whole number or auto, got {text!r}") from None


def run(options: argparse.Namespace) -> int:
    from trustwide.analysis.capacity.exceptions import RunError, ServiceError
    from trustwide.analysis.capacity.run_size import estimate

    try:
        service = service_of(options)
        chosen = _warm_up(service, options)
        if options.warm_up is not None:
            service = chosen.applied_to(service)
        _agree(estimate(service, options.replications, options.workers), options.yes)
        result = simulated(service, options.replications, options.seed, options, precision=options.precision)
    except (ServiceError, RunError) as error:
        raise CommandError(str(error)) from error
    answer = result.to_dict() | {"warm_up": {"days": chosen.days, "reason": chosen.reason}}
    print(json.dumps(answer) if options.json else "\n".join(table(answer)))
    if not options.no_store:
        _store(result)
    return 0


def simulated(
    service: Service, replications: int | Literal["auto"], seed: int, options: argparse.Namespace, **more: Any
) -> Result:
    """Run with the workers that `options` ask for, and tell a person who waits how far it is."""
    from trustwide.analysis.capacity.engines import simulate

    progress = _Told() if sys.stderr.isatty() else None
    with redirect_stdout(sys.stderr):  # Ray says there that a worker died
        return simulate(
            service, replications, seed, options.workers, options.engine, progress=progress, **more
        )  # fmt: skip


class _Told:
    """A line that is written over and over: how many replications are done, and about how long the rest will take."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._next = self._started + _TOLD_AFTER

    def __call__(self, done: int, of: int) -> None:
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + _BETWEEN
        left = (now - self._started) * (of - done) / done
        end = "\r" if done < of else "\n"
        print(f"{done:,} of {of:,} replications, about {left:,.0f} s left    ", end=end, file=sys.stderr, flush=True)


def _warm_up(service: Service, options: argparse.Namespace) -> WarmUpChoice:
    from trustwide.analysis.capacity.mser import WarmUpChoice, warm_up

    if options.warm_up is None:
        return WarmUpChoice(service.warm_up_days, True, "as the service file says")
    if options.warm_up == "auto":
        return warm_up(service, options.seed)
    if options.warm_up < 0 or options.warm_up >= (service.days or options.warm_up + 1):
        raise CommandError(f"--warm-up {options.warm_up}: must be a number of days, shorter than the run, or auto.")
    return WarmUpChoice(options.warm_up, True, "as was asked for")


def _agree(expected: Estimate, yes: bool) -> None:
    """A long run is begun only by somebody who knows that it is one."""
    print(expected.sentence(), file=sys.stderr)
    if yes or not expected.is_large:
        return
    if not sys.stdin.isatty():
        raise CommandError("that is a large run; to go ahead add --yes, or ask for fewer replications.")
    print("Go ahead? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
        raise CommandError("not run; fewer replications or a shorter run take less.")


def _store(result: Result) -> None:
    """A run that cannot be kept is still a run."""
    from trustwide.analysis.capacity.run_record import record_of
    from trustwide.config.commands import run_store

    try:
        path = run_store.keep(record_of(result, dt.datetime.now(dt.UTC)))
    except OSError as error:
        print(f"The run was not kept: {run_store.folder()} cannot be written ({error.strerror}).", file=sys.stderr)
    else:
        print(f"The run is kept in {path}; trustwide repeat {result.digest[:12]} runs it again.", file=sys.stderr)


_STREAM_COLUMNS = (
    ("arrived", "arrived", 0),
    ("seen", "seen", 0),
    ("mean_wait", "mean wait", 1),
    ("median_wait", "median", 1),
    ("p95_wait", "95th pct", 1),
    ("did_not_attend", "missed", 0),
    ("lost", "lost", 0),
)
_SCANNER_COLUMNS = (
    ("breakdowns", "breakdowns", 1),
    ("down_minutes", "minutes down", 0),
    ("overrun_minutes", "minutes over", 0),
)


def table(answer: dict[str, Any]) -> list[str]:
    """The answer as lines for a person: waits by stream, use of the scanners, and how the list moves."""
    lines = [
        f"{answer['service']}: {answer['replications']:,} replications, seed {answer['seed']}",
        "Figures are means over replications, ± the 95 % half-width. Waits are of those seen.",
        f"Replications: {answer['chosen']['reason']}.",
        f"Warm-up, not counted: {_days(answer['warm_up'])}.",
        "",
        row("Stream", [heading for _, heading, _ in _STREAM_COLUMNS] + ["over 6 weeks", "unit"]),
    ]
    for name, stream in answer["streams"].items():
        cells = [figure(stream[key], places) for key, _, places in _STREAM_COLUMNS]
        lines.append(row(name, [*cells, percent(stream["over_6_weeks"]), stream["unit"]]))
    lines += ["", row("Scanner", ["used"] + [heading for _, heading, _ in _SCANNER_COLUMNS])]
    for name, scanner in answer["scanners"].items():
        cells = [figure(scanner[key], places) for key, _, places in _SCANNER_COLUMNS]
        lines.append(row(name, [percent(scanner["utilisation"]), *cells]))
    return [*lines, "", *_list_lines(answer["weeks"])]


def _days(warm_up: dict[str, Any]) -> str:
    return f"{warm_up['days']:,} days, {warm_up['reason']}"


def _list_lines(weeks: list[dict[str, Any]]) -> list[str]:
    step = max(1, (len(weeks) - 1) // 8)
    shown = weeks[::step] if len(weeks) > 1 else []
    if not shown:
        return ["The run is shorter than a week, so no weekly list is shown."]
    return [row("At the end of week", ["on the list"])] + [
        row(str(week["week"]), [figure(week["list"], 0)]) for week in shown
    ]
