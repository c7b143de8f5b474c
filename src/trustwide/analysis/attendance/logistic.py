"""Logistic regression by iteratively reweighted least squares, with standard errors: for calibration and its test."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from trustwide.analysis.attendance.model import Estimate, Numbers

_ROUNDS = 50
_CLOSE_ENOUGH = 1e-9


@dataclass(frozen=True)
class Logistic:
    """Coefficients on the log-odds scale, their constant first, and their covariance."""

    coefficients: Numbers
    covariance: Numbers

    def log_odds(self, columns: Numbers) -> Numbers:
        """Of each row of `columns` (without a constant)."""
        return np.asarray(self.coefficients[0] + columns @ self.coefficients[1:])

    def estimate(self, index: int) -> Estimate:
        """One coefficient with its standard error; 0 is the constant."""
        return Estimate(float(self.coefficients[index]), float(np.sqrt(self.covariance[index, index])))


def fit_logistic(columns: Numbers, outcome: Numbers, offset: Numbers | None = None, ridge: float = 1e-6) -> Logistic:
    """Most likely coefficients of `outcome` (0 or 1) on `columns`; `ridge` keeps them finite where groups separate.

    McCullagh and Nelder, Generalized Linear Models, 2nd edition, section 4.4.
    """
    design = np.column_stack([np.ones(len(outcome)), columns])
    base = np.zeros(len(outcome)) if offset is None else offset
    penalty = ridge * np.eye(design.shape[1])
    beta = np.zeros(design.shape[1])
    for _ in range(_ROUNDS):
        chance = expit(base + design @ beta)
        information = design.T @ (design * (chance * (1 - chance))[:, None]) + penalty
        step = np.linalg.solve(information, design.T @ (outcome - chance) - penalty @ beta)
        beta = beta + np.clip(step, -5, 5)
        if np.abs(step).max() < _CLOSE_ENOUGH:
            break
    return Logistic(beta, np.linalg.inv(information))
