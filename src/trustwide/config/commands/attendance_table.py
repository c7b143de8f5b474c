"""The reference page of `trustwide attendance`: methods side by side, and the error by group of people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trustwide.analysis.attendance import Appointments, CrossValidated, audit_by_group, quality
from trustwide.config.commands.attendance_file import AttendanceFile

AGE_BANDS = ((0, "0 to 17"), (18, "18 to 34"), (35, "35 to 49"), (50, "50 to 64"), (65, "65 and over"))
METHODS = (
    ("Everybody at the overall share", "overall_share"),
    ("Plain logistic regression, same facts", "plain_logistic"),
    ("Trustwide, patient's outcomes not known", "new_patients"),
    ("Trustwide, patient's earlier outcomes known", "known_patients"),
)
_HEADS = ("method", "AUC", "Brier score", "Brier skill", "ECE", "slope", "intercept")
_MOST_ERROR = 1.0  # a slope or intercept less certain than that is not worth printing


def figures(done: CrossValidated, source: AttendanceFile) -> dict[str, Any]:
    """Quality by kind of appointment and method, and the audit, as plain numbers."""
    rows_of = {
        "All appointments": np.ones(len(done.appointments), dtype=bool),
        "Booked ahead": done.appointments.booked_ahead,
        "Booked on the day": ~done.appointments.booked_ahead,
    }
    missed = done.appointments.missed
    tables = {
        kind: {name: asdict(quality(getattr(done, method)[rows], missed[rows])) for name, method in METHODS}
        for kind, rows in rows_of.items()
    }
    ahead = done.appointments.booked_ahead
    labels = {kind: label[ahead] for kind, label in group_labels(done.appointments, source).items()}
    audit = audit_by_group(labels, done.known_patients[ahead], missed[ahead])
    return {
        "first_day": str(np.nanmin(done.appointments.appointment_on)),
        "last_day": str(np.nanmax(done.appointments.appointment_on)),
        "patients": len(np.unique(done.appointments.patient)),
        "quality": tables,
        "audit": [asdict(each) for each in audit],
    }


def group_labels(told: Appointments, source: AttendanceFile) -> dict[str, NDArray[Any]]:
    """What each row of `told` is in each kind of group, from facts of the file and from those only kept for audit."""
    every = source.appointments
    rows = np.flatnonzero(np.isin(every.identifier, told.identifier))
    order = rows[np.argsort(every.identifier[rows])][np.argsort(np.argsort(told.identifier))]
    labels = {
        "sex": np.where(told.female == 1, "female", np.where(told.female == 0, "male", "not known")),
        "age": _bands(told.age),
    }
    if "Scholarship" in source.audit:
        scholarship = source.audit["Scholarship"][order]
        labels["welfare payment"] = np.where(scholarship == "1", "yes", "no")
        if "Neighbourhood" in source.audit:
            labels["fifth of neighbourhoods"] = _fifths(source.audit["Neighbourhood"][order], scholarship == "1")
    return labels


def _bands(age: NDArray[np.float64]) -> NDArray[Any]:
    lower, names = [band[0] for band in AGE_BANDS], [band[1] for band in AGE_BANDS]
    band = np.searchsorted(lower, np.nan_to_num(age), side="right") - 1
    return np.where(np.isnan(age), "not known", np.array(names)[band])


def _fifths(place: NDArray[Any], paid: NDArray[np.bool_]) -> NDArray[Any]:
    """Neighbourhoods by their share of appointments with a welfare payment, in fifths of about as many appointments."""
    _, code = np.unique(place.astype(np.str_), return_inverse=True)
    count, share = np.bincount(code), np.bincount(code, weights=paid) / np.bincount(code)
    by_share = np.argsort(share, kind="stable")
    fifth = np.empty(len(count), dtype=np.int64)
    fifth[by_share] = np.minimum(4, (np.cumsum(count[by_share]) - count[by_share] / 2) * 5 // len(code))
    names = np.array(["1 (fewest payments)", "2", "3", "4", "5 (most payments)"])
    return names[fifth[code]]


def attendance_page(found: Mapping[str, Any], source: str) -> str:
    """The page: a table of methods for each kind of appointment, then the audit."""
    whole = found["quality"]["All appointments"][METHODS[0][0]]
    parts = [
        "# How good the risks of missed appointments are\n",
        f"*Made by `trustwide attendance --train {source} --table docs/reference/attendance.md`; run it on your own "
        "past appointments before you use it.*\n",
        f"{whole['appointments']:,} appointments of {found['patients']:,} patients from {found['first_day']} to "
        f"{found['last_day']}, {whole['missed']:,} missed. Five-fold cross-validation by patient: every risk is of a "
        "patient from whom nothing was learnt; the overall share is that of the other folds, so its AUC strays from "
        "0.5. ± is a standard error, which takes appointments as independent.\n",
        "AUC is the chance that one who missed had the higher risk (0.5 is a guess). Brier score is the mean squared "
        "error; skill is how much less that is than with everybody at the share of that table. ECE is the mean "
        "distance between risk and share missed in ten groups of equal size, chance included. A calibration slope "
        "of 1 and an intercept of 0 mean that risks can be taken at their word.\n",
    ]
    for kind, methods in found["quality"].items():
        parts.append(_quality_table(kind, methods))
    return "\n".join([*parts, _audit_table(found["audit"])])


def _quality_table(kind: str, methods: Mapping[str, Any]) -> str:
    one = next(iter(methods.values()))
    lines = [
        f"## {kind}\n",
        f"{one['appointments']:,} appointments, {100 * one['missed'] / one['appointments']:.1f} % missed.\n",
        f"| {' | '.join(_HEADS)} |",
        "| --- " + "| ---: " * (len(_HEADS) - 1) + "|",
    ]
    for name, each in methods.items():
        cells = [
            _figure(each["auc"], 3), _figure(each["brier"], 4), f"{100 * each['brier_skill'] + 0.0:.1f} %",
            f"{each['ece']:.4f}", _figure(each["slope"], 2), _figure(each["intercept"], 2),
        ]  # fmt: skip
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _figure(estimate: Mapping[str, float], places: int) -> str:
    if np.isnan(estimate["value"]) or (places == 2 and estimate["error"] > _MOST_ERROR):
        return "none"
    return f"{estimate['value']:.{places}f} ± {estimate['error']:.{places}f}"


def _audit_table(audit: list[dict[str, Any]]) -> str:
    lines = [
        "## Error by group, booked ahead\n",
        "Of the risks that know earlier outcomes. Welfare payment and neighbourhood are no inputs and are only looked "
        "at here. Difference is share missed less mean risk, in percentage points: above 0, the group misses more "
        "than its risks say.\n",
        "| group | appointments | missed | mean risk | difference | AUC |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for each in audit:
        points = {name: 100 * value for name, value in each["difference"].items()}
        lines.append(
            f"| {each['group']} | {each['appointments']:,} | {100 * each['missed_share']:.1f} % "
            f"| {100 * each['mean_risk']:.1f} % | {_figure(points, 1)} | {_figure(each['auc'], 3)} |"
        )
    return "\n".join(lines) + "\n"
