"""`trustwide simulate`: run a service described in a file and say what its patients would wait."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from trustwide.config.commands import CommandError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("service", metavar="SERVICE.yaml", type=Path, help="the service: scanners, sessions, demand")
    parser.add_argument("--replications", type=int, default=100, help="runs, each with its own chance (default 100)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same answer (default 1)")
    parser.add_argument("--workers", type=int, default=1, help="processes to share the work (default 1)")
    parser.add_argument("--engine", default="local", help="how work is shared: local (the only one yet)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    from trustwide.analysis.capacity.engines import simulate
    from trustwide.analysis.capacity.exceptions import RunError, ServiceError
    from trustwide.analysis.capacity.service import load_service

    try:
        service = load_service(options.service)
        result = simulate(service, options.replications, options.seed, options.workers, options.engine)
    except (ServiceError, RunError) as error:
        raise CommandError(str(error)) from error
    answer = result.to_dict()
    print(json.dumps(answer) if options.json else "\n".join(table(answer)))
    return 0


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
        "",
        _row("Stream", [heading for _, heading, _ in _STREAM_COLUMNS] + ["over 6 weeks", "unit"]),
    ]
    for name, stream in answer["streams"].items():
        cells = [_figure(stream[key], places) for key, _, places in _STREAM_COLUMNS]
        lines.append(_row(name, [*cells, _percent(stream["over_6_weeks"]), stream["unit"]]))
    lines += ["", _row("Scanner", ["used"] + [heading for _, heading, _ in _SCANNER_COLUMNS])]
    for name, scanner in answer["scanners"].items():
        cells = [_figure(scanner[key], places) for key, _, places in _SCANNER_COLUMNS]
        lines.append(_row(name, [_percent(scanner["utilisation"]), *cells]))
    return [*lines, "", *_list_lines(answer["weeks"])]


def _list_lines(weeks: list[dict[str, Any]]) -> list[str]:
    step = max(1, (len(weeks) - 1) // 8)
    shown = weeks[::step] if len(weeks) > 1 else []
    if not shown:
        return ["The run is shorter than a week, so no weekly list is shown."]
    return [_row("At the end of week", ["on the list"])] + [
        _row(str(week["week"]), [_figure(week["list"], 0)]) for week in shown
    ]


def _row(name: str, cells: list[str]) -> str:
    return f"{name[:24]:<24}" + "".join(f"{cell:>18}" for cell in cells)


def _figure(figure: dict[str, float | None], places: int) -> str:
    if figure["mean"] is None:
        return "-"
    half_width = figure["half_width"]
    return f"{figure['mean']:,.{places}f}" + ("" if half_width is None else f" ± {half_width:,.{places}f}")


def _percent(figure: dict[str, float | None]) -> str:
    return "-" if figure["mean"] is None else f"{100 * figure['mean']:.1f} %"
