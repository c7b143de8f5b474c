"""How good risks are: discrimination, calibration, and error by group of people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from trustwide.analysis.attendance.logistic import fit_logistic
from trustwide.analysis.attendance.model import AttendanceError, Estimate, GroupAudit, Numbers, Quality

GROUPS = 10
SMALLEST_GROUP = 100
_EDGE = 1e-6


def quality(risk: Numbers, missed: Numbers) -> Quality:
    """Judge risks (0 to 1) by what came (1 missed, 0 came). Raises `AttendanceError` unless both occur.

    Standard errors take appointments as independent; several of one patient make them a little too small.
    """
    _check(risk, missed)
    squares, share = (risk - missed) ** 2, float(missed.mean())
    brier = Estimate(float(squares.mean()), float(squares.std(ddof=1) / np.sqrt(len(squares))))
    log_odds = logit(np.clip(risk, _EDGE, 1 - _EDGE))
    # everybody at the same risk: there is no slope to speak of
    spread = fit_logistic(log_odds[:, None], missed) if np.ptp(log_odds) > _EDGE else None
    level = fit_logistic(np.empty((len(missed), 0)), missed, offset=log_odds)
    return Quality(
        appointments=len(missed),
        missed=int(missed.sum()),
        auc=auc(risk, missed),
        brier=brier,
        brier_skill=1 - brier.value / (share * (1 - share)),
        ece=expected_calibration_error(risk, missed),
        slope=spread.estimate(1) if spread else Estimate(np.nan, np.nan),
        intercept=level.estimate(0),
    )


def _check(risk: Numbers, missed: Numbers) -> None:
    if len(risk) != len(missed):
        raise AttendanceError(f"{len(risk):,} risks and {len(missed):,} outcomes; expected as many.")
    if not ((risk >= 0) & (risk <= 1)).all():
        raise AttendanceError("a risk is not between 0 and 1; expected a chance.")
    if not np.isin(missed, (0, 1)).all() or missed.min(initial=1) == missed.max(initial=0):
        raise AttendanceError("outcomes are not a mix of 0 (came) and 1 (missed); expected both and nothing else.")


def auc(risk: Numbers, missed: Numbers) -> Estimate:
    """Area under the receiver operating characteristic curve, ties counted half.

    Standard error: DeLong, DeLong and Clarke-Pearson, Biometrics 44 (1988) 837-845, by ranks.
    """
    from scipy.stats import rankdata  # takes a second to import

    high, low = risk[missed == 1], risk[missed == 0]
    ranks = rankdata(np.concatenate([high, low]))
    above = (ranks[: len(high)] - rankdata(high)) / len(low)
    below = 1 - (ranks[len(high) :] - rankdata(low)) / len(high)
    if min(len(high), len(low)) < 2:  # one alone has no spread
        return Estimate(float(above.mean()), np.nan)
    variance = np.var(above, ddof=1) / len(high) + np.var(below, ddof=1) / len(low)
    return Estimate(float(above.mean()), float(np.sqrt(variance)))


def expected_calibration_error(risk: Numbers, missed: Numbers, groups: int = GROUPS) -> float:
    """Mean of |share missed - mean risk| over groups of equal size in order of risk."""
    order = np.argsort(risk, kind="stable")
    parts = [part for part in np.array_split(order, groups) if len(part)]
    return float(sum(abs(float((missed[part] - risk[part]).sum())) for part in parts) / len(risk))


def audit_by_group(labels: Mapping[str, NDArray[Any]], risk: Numbers, missed: Numbers) -> list[GroupAudit]:
    """The error in each group of each kind, such as {"sex": ["F", "M", ...]}, of groups of 100 or more with a mix."""
    audits = []
    for kind, label in labels.items():
        for name in np.unique(label):
            rows = label == name
            if rows.sum() < SMALLEST_GROUP or np.ptp(missed[rows]) == 0:
                continue
            audits.append(_audit(f"{kind}: {name}", risk[rows], missed[rows]))
    return audits


def _audit(group: str, risk: Numbers, missed: Numbers) -> GroupAudit:
    _check(risk, missed)
    residual = missed - risk
    return GroupAudit(
        group=group,
        appointments=len(missed),
        missed_share=float(missed.mean()),
        mean_risk=float(risk.mean()),
        auc=auc(risk, missed),
        difference=Estimate(float(residual.mean()), float(residual.std(ddof=1) / np.sqrt(len(residual)))),
    )
