"""`trustwide flow`: follow patients through a department described in a file, or compare two layouts of it."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from trustwide.config.commands import CommandError
from trustwide.config.commands.figure_table import figure, percent, row


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "department", metavar="DEPARTMENT.yaml", type=Path, help="the department: rooms, staff, steps, patients"
    )
    parser.add_argument("--compare", metavar="OTHER.yaml", type=Path, help="another layout, run with the same patients")
    parser.add_argument(
        "--replications", type=int, default=100, metavar="N", help="days, each with its own chance (default 100)"
    )
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same answer (default 1)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    from trustwide.analysis.capacity import (
        RunError,
        ServiceError,
        compare_layouts,
        load_department,
        simulate_department,
    )

    try:
        department = load_department(options.department)
        if options.compare is None:
            answer = simulate_department(department, options.replications, options.seed).to_dict()
        else:
            other = load_department(options.compare)
            answer = compare_layouts(department, other, options.replications, options.seed).to_dict()
    except (ServiceError, RunError) as error:
        raise CommandError(str(error)) from error
    if options.json:
        print(json.dumps(answer))
    else:
        print("\n".join(table(answer) if options.compare is None else compared(answer)))
    return 0


_STEP_COLUMNS = (
    ("visits", "patients", 0),
    ("mean_wait", "mean wait", 1),
    ("p95_wait", "95th pct", 1),
    ("blocked_minutes", "blocked", 0),
    ("longest_queue", "longest queue", 1),
)
_RESOURCE_COLUMNS = (
    ("in_use_minutes", "in use", 0),
    ("blocked_minutes", "kept, blocked", 0),
    ("waiting_minutes", "waited in", 0),
)
_WHOLE_ROWS = (
    ("mean_minutes", "Door to door, mean minutes", 1),
    ("median_minutes", "Door to door, median minutes", 1),
    ("p95_minutes", "Door to door, 95th percentile", 1),
    ("left", "Patients who left, done", 1),
    ("turned_away", "Turned away", 1),
    ("unable_to_finish", "Unable to finish", 1),
    ("overtime_minutes", "Last leaving after closing, minutes", 0),
    ("longest_queue", "Most patients waiting at once", 1),
)


def table(answer: dict[str, Any]) -> list[str]:
    """The answer as lines for a person: the bottleneck first, then the whole day, the steps and the resources."""
    lines = [
        answer["bottleneck"],
        "",
        f"{answer['department']}: {answer['replications']:,} replications, seed {answer['seed']}",
        "Figures are means over replications, ± the 95 % half-width; times are minutes, of resources minutes a day.",
        "",
    ]
    lines += [f"{words:<38}{figure(answer['whole'][name], places):>18}" for name, words, places in _WHOLE_ROWS]
    whole = answer["whole"]
    between, needed = figure(whole["takt_minutes"], 1), figure(whole["takt_needed"], 1)
    lines += [f"{answer['takt_of']}: one begins every {between} minutes; demand needs one every {needed}.", ""]
    lines.append(row("Patients", ["came", "door to door", "median", "95th pct"]))
    for name, one in answer["patients"].items():
        names = ("came", "mean_minutes", "median_minutes", "p95_minutes")
        lines.append(row(name, [figure(one[key], 1) for key in names]))
    lines += ["", row("Step", [heading for _, heading, _ in _STEP_COLUMNS])]
    for name, one in answer["steps"].items():
        lines.append(row(name, [figure(one[key], places) for key, _, places in _STEP_COLUMNS]))
    lines += ["", row("Resource", ["taken", *(heading for _, heading, _ in _RESOURCE_COLUMNS)])]
    for name, one in answer["resources"].items():
        cells = [figure(one[key], places) for key, _, places in _RESOURCE_COLUMNS]
        lines.append(row(name, [percent(one["utilisation"]), *cells]))
    return lines


def compared(answer: dict[str, Any]) -> list[str]:
    """Two layouts side by side, and what the second changes."""
    first, second, difference = answer["first"], answer["second"], answer["difference"]
    lines = [
        f"First:  {first['department']}. {first['bottleneck']}",
        f"Second: {second['department']}. {second['bottleneck']}",
        "",
        f"{first['replications']:,} replications, seed {first['seed']}, the same patients in both. Figures are means, "
        "± the 95 % half-width; the difference is second less first, replication by replication.",
        "",
        f"{'':<38}{'first':>18}{'second':>18}{'difference':>18}",
    ]
    for name, words, places in _WHOLE_ROWS:
        cells = [figure(part["whole"][name], places) for part in (first, second)]
        lines.append(f"{words:<38}{cells[0]:>18}{cells[1]:>18}{figure(difference['whole'][name], places):>18}")
    lines += ["", f"{'Mean wait, minutes':<38}{'first':>18}{'second':>18}{'difference':>18}"]
    for name, one in difference["steps"].items():
        cells = [figure(part["steps"][name]["mean_wait"], 1) for part in (first, second)]
        lines.append(f"{name[:38]:<38}{cells[0]:>18}{cells[1]:>18}{figure(one['mean_wait'], 1):>18}")
    return lines
