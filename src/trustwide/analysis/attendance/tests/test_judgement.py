"""Figures of quality against other makers' and against simulated truth."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit
from scipy.stats import mannwhitneyu

from trustwide.analysis.attendance import AttendanceError, audit_by_group, quality, reference
from trustwide.analysis.attendance.judgement import auc, expected_calibration_error
from trustwide.analysis.attendance.logistic import fit_logistic

some_risks = st.lists(st.tuples(st.sampled_from([0.1, 0.2, 0.3, 0.5, 0.9]), st.booleans()), min_size=4, max_size=60)


@given(some_risks)
def test_auc_is_that_of_the_rank_test(pairs):
    risk, missed = np.array([p for p, _ in pairs]), np.array([float(m) for _, m in pairs])
    if min(missed.sum(), (1 - missed).sum()) < 2:
        missed[:4] = [0, 1, 0, 1]
    high, low = risk[missed == 1], risk[missed == 0]
    assert auc(risk, missed).value == pytest.approx(mannwhitneyu(high, low).statistic / (len(high) * len(low)))


def test_the_standard_error_of_auc_is_the_spread_over_samples():
    rng = np.random.default_rng(5)
    found = []
    for _ in range(400):
        missed = (rng.random(300) < 0.3).astype(float)
        found.append(auc(expit(rng.normal(missed, 1)), missed))
    spread = np.std([each.value for each in found])
    assert np.mean([each.error for each in found]) == pytest.approx(spread, rel=0.12)


def test_true_chances_have_slope_one_and_intercept_nought():
    rng = np.random.default_rng(6)
    z_of_slope, z_of_level = [], []
    for _ in range(200):
        chance = expit(rng.normal(-1, 0.8, 1000))
        found = quality(chance, (rng.random(1000) < chance).astype(float))
        z_of_slope.append((found.slope.value - 1) / found.slope.error)
        z_of_level.append(found.intercept.value / found.intercept.error)
    for z in (z_of_slope, z_of_level):
        assert abs(np.mean(z)) < 4 / np.sqrt(200)
        assert 0.8 < np.std(z) < 1.2


def test_stretched_and_shifted_chances_are_seen():
    rng = np.random.default_rng(7)
    log_odds = rng.normal(-1, 0.8, 40_000)
    missed = (rng.random(40_000) < expit(log_odds)).astype(float)
    stretched = quality(expit(2 * log_odds), missed)
    assert abs(stretched.slope.value - 0.5) < 4 * stretched.slope.error
    shifted = quality(expit(log_odds - 0.7), missed)
    assert abs(shifted.intercept.value - 0.7) < 4 * shifted.intercept.error
    assert shifted.ece > 5 * quality(expit(log_odds), missed).ece


def test_small_figures_by_hand():
    risk, missed = np.array([0.2, 0.2, 0.6, 0.6]), np.array([0.0, 0.0, 1.0, 0.0])
    found = quality(risk, missed)
    assert found.brier.value == pytest.approx((0.04 + 0.04 + 0.16 + 0.36) / 4)
    assert found.brier_skill == pytest.approx(1 - 0.15 / (0.25 * 0.75))
    assert expected_calibration_error(risk, missed, 2) == pytest.approx((0.2 + 0.1) / 2)
    assert (found.appointments, found.missed) == (4, 1)


def test_one_risk_for_all_has_no_slope():
    found = quality(np.full(10, 0.3), np.array([1.0] * 3 + [0.0] * 7))
    assert np.isnan(found.slope.value)
    assert found.auc.value == 0.5
    assert found.intercept.value == pytest.approx(0, abs=1e-6)
    assert found.brier_skill == pytest.approx(0)


@settings(max_examples=30)
@given(st.integers(0, 10_000))
def test_fast_logistic_equals_the_definition(seed):
    rng = np.random.default_rng(seed)
    columns = rng.normal(size=(120, 2))
    outcome = (rng.random(120) < expit(columns @ [0.5, -1.0])).astype(float)
    slow = reference.logistic_coefficients(columns, outcome)
    np.testing.assert_allclose(fit_logistic(columns, outcome).coefficients, slow, atol=2e-4)


def test_logistic_errors_are_those_of_a_two_by_two_table():
    group = np.repeat([0.0, 1.0], [50, 80])
    outcome = np.repeat([1.0, 0.0, 1.0, 0.0], [10, 40, 32, 48])
    fitted = fit_logistic(group[:, None], outcome)
    assert fitted.estimate(0).value == pytest.approx(logit(0.2), abs=1e-5)
    assert fitted.estimate(1).value == pytest.approx(logit(0.4) - logit(0.2), abs=1e-5)
    assert fitted.estimate(1).error == pytest.approx(np.sqrt(1 / 10 + 1 / 40 + 1 / 32 + 1 / 48), abs=1e-5)


def test_audit_says_who_is_judged_wrongly_and_leaves_small_groups_out():
    risk = np.full(450, 0.2) + np.tile([0.0, 0.01], 225)
    missed = np.concatenate([np.tile([1, 0, 0, 0, 0], 40), np.tile([1, 0], 100), np.tile([1, 0], 25)]).astype(float)
    label = np.repeat(["kept word", "judged too low", "few"], [200, 200, 50])
    found = {each.group: each for each in audit_by_group({"kind": label}, risk, missed)}
    assert set(found) == {"kind: kept word", "kind: judged too low"}
    assert found["kind: judged too low"].difference.value == pytest.approx(0.295)
    assert abs(found["kind: kept word"].difference.value) < 2 * found["kind: kept word"].difference.error


def test_what_cannot_be_judged_is_a_sentence():
    with pytest.raises(AttendanceError, match="not a mix"):
        quality(np.array([0.1, 0.2]), np.array([0.0, 0.0]))
    with pytest.raises(AttendanceError, match="not between 0 and 1"):
        quality(np.array([0.1, 1.2]), np.array([0.0, 1.0]))
    with pytest.raises(AttendanceError, match="expected as many"):
        quality(np.array([0.1]), np.array([0.0, 1.0]))
