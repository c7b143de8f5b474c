"""The chance that each appointment is missed: boosted trees on the facts, then calibrated on patients not seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from trustwide.analysis.attendance.features import Features, features_of
from trustwide.analysis.attendance.logistic import Logistic, fit_logistic
from trustwide.analysis.attendance.model import Appointments, AttendanceError, Numbers

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingClassifier

FOLDS = 5
FEWEST_ROWS, FEWEST_OF_EACH = 500, 50
_LOWEST = 1e-4  # no risk is nearer to 0 or 1, so that log odds stay finite


@dataclass(frozen=True)
class AttendanceModel:
    """Trained on one organisation's own appointments; kept nowhere, because to train takes less than a minute."""

    trees: HistGradientBoostingClassifier
    calibration: dict[tuple[bool, bool], Logistic]
    """By (booked ahead, with known outcomes of the patient); the latter only where there were enough to learn from."""
    overall: float

    def risk(self, appointments: Appointments, history: Appointments) -> Numbers:
        """Chance that each is missed; `history` are other appointments, their outcomes used where they were known."""
        known = features_of(appointments, history, self.overall)
        score = _log_odds(self.trees, known.facts)
        risk = np.empty(len(appointments))
        for ahead, with_past in sorted(self.calibration):  # with a past last, in place of without
            rows = (appointments.booked_ahead == ahead) & (known.has_past | (not with_past))
            risk[rows] = expit(self.calibration[ahead, with_past].log_odds(_columns(score, known, rows, with_past)))
        return np.clip(risk, _LOWEST, 1 - _LOWEST)


def train(appointments: Appointments, seed: int = 1) -> AttendanceModel:
    """Learn from the rows with a known outcome. Raises `AttendanceError` when they are too few.

    The calibration is fitted to what trees that were grown without a patient say of that patient.
    """
    _check_enough(appointments)
    told = appointments.rows(appointments.outcome_known)
    overall = float(told.missed.mean())
    known = features_of(told, appointments, overall)
    fold = fold_of(told.patient, FOLDS, seed)
    score = np.empty(len(told))
    for k in range(FOLDS):
        without = _grow(known.facts[fold != k], told.missed[fold != k], seed)
        score[fold == k] = _log_odds(without, known.facts[fold == k])
    return AttendanceModel(_grow(known.facts, told.missed, seed), _calibrations(told, known, score), overall)


def fold_of(patient: NDArray[np.generic], folds: int, seed: int) -> NDArray[np.int64]:
    """The fold of each row, the same for all rows of a patient, whatever the order of rows."""
    patients, code = np.unique(patient, return_inverse=True)
    share = np.random.default_rng(seed).permutation(len(patients)) % folds
    return np.asarray(share[code], dtype=np.int64)


def _check_enough(appointments: Appointments) -> None:
    missed = int((appointments.missed == 1).sum())
    came = int((appointments.missed == 0).sum())
    if missed + came < FEWEST_ROWS or min(missed, came) < FEWEST_OF_EACH:
        raise AttendanceError(
            f"{missed + came:,} appointments have a known outcome, {missed:,} missed and {came:,} kept; expected "
            f"{FEWEST_ROWS:,} or more, and {FEWEST_OF_EACH} or more of each. Give a longer period to learn from."
        )


def _grow(facts: Numbers, missed: Numbers, seed: int) -> HistGradientBoostingClassifier:
    from sklearn.ensemble import HistGradientBoostingClassifier  # takes a second to import
    from threadpoolctl import threadpool_limits

    trees = HistGradientBoostingClassifier(
        learning_rate=0.05, max_iter=150, max_leaf_nodes=31, min_samples_leaf=100, l2_regularization=10.0,
        max_features=0.4, early_stopping=False, random_state=seed,
    )  # fmt: skip
    with threadpool_limits(1):  # more threads add in another order, and wait for each other on a busy machine
        # a fact that no row knows cannot be binned; as a constant it is never split on
        return trees.fit(np.where(np.isnan(facts).all(axis=0), 0.0, facts), missed)


def _log_odds(trees: HistGradientBoostingClassifier, facts: Numbers) -> Numbers:
    return np.asarray(logit(np.clip(trees.predict_proba(facts)[:, 1], _LOWEST, 1 - _LOWEST)))


def _calibrations(told: Appointments, known: Features, score: Numbers) -> dict[tuple[bool, bool], Logistic]:
    """Straight lines on the log-odds scale, one a kind of row; a kind with too few rows goes without its own."""
    every, fitted = np.ones(len(told), dtype=bool), {}
    for ahead in (True, False):
        own = told.booked_ahead == ahead
        fitted[ahead, False] = _fit(told, known, score, own if _enough(told.missed[own]) else every, False)
        with_past = own & known.has_past
        if _enough(told.missed[with_past]):
            fitted[ahead, True] = _fit(told, known, score, with_past, True)
    return fitted


def _enough(missed: Numbers) -> bool:
    return min(float(missed.sum()), float((1 - missed).sum())) >= FEWEST_OF_EACH


def _fit(told: Appointments, known: Features, score: Numbers, rows: NDArray[np.bool_], with_past: bool) -> Logistic:
    return fit_logistic(_columns(score, known, rows, with_past), told.missed[rows])


def _columns(score: Numbers, known: Features, rows: NDArray[np.bool_], with_past: bool) -> Numbers:
    """What the calibration sees: the trees' log odds and, with a past, the patient's own record."""
    if not with_past:
        return score[rows, None]
    seen, _, share, _, last_missed = known.past[rows].T
    return np.column_stack([score[rows], logit(share), np.log1p(seen), last_missed])
