"""Cross-validation by patient: every risk is of somebody whom the method has not learnt from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trustwide.analysis.attendance.features import features_of
from trustwide.analysis.attendance.model import Appointments, Numbers
from trustwide.analysis.attendance.risk import fold_of, train


@dataclass(frozen=True)
class CrossValidated:
    """Risks of the rows with a known outcome, by each method."""

    appointments: Appointments
    overall_share: Numbers
    """Everybody at the share missed in the other folds."""
    plain_logistic: Numbers
    """Logistic regression on the same facts, no outcomes of the patient known."""
    new_patients: Numbers
    """Ours, with no outcome of the patient known."""
    known_patients: Numbers
    """Ours, with the outcomes of the patient's earlier appointments known."""


def cross_validate(appointments: Appointments, folds: int = 5, seed: int = 1) -> CrossValidated:
    """Leave out one fold of patients at a time. Raises `AttendanceError` when there are too few appointments."""
    told = appointments.rows(appointments.outcome_known)
    fold = fold_of(told.patient, folds, seed + 1000)  # not the folds that training itself makes
    share, plain, new, known = (np.empty(len(told)) for _ in range(4))
    for k in range(folds):
        learn, judge = told.rows(fold != k), told.rows(fold == k)
        model, asked = train(learn, seed), judge.without_outcomes()
        share[fold == k] = model.overall
        plain[fold == k] = _plain_logistic(learn, asked)
        new[fold == k] = model.risk(asked, learn)
        known[fold == k] = model.risk(asked, learn.and_more(judge))
    return CrossValidated(told, share, plain, new, known)


def _plain_logistic(learn: Appointments, asked: Appointments) -> Numbers:
    """What most people would try first: scikit-learn's logistic regression, as it comes, on standardised facts."""
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    fill = SimpleImputer(strategy="median", keep_empty_features=True)  # a fact that nobody recorded is a constant
    pipeline = make_pipeline(fill, StandardScaler(), LogisticRegression(max_iter=1000))
    overall = float(learn.missed.mean())
    pipeline.fit(features_of(learn, learn, overall).facts, learn.missed)
    return np.asarray(pipeline.predict_proba(features_of(asked, learn, overall).facts)[:, 1])
