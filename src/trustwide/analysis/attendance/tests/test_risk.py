"""Risks come near the truth where it is known, hold their word on real appointments, and never leak."""

import dataclasses
import subprocess
import sys

import numpy as np
import pytest

from trustwide.analysis.attendance import AttendanceError, cross_validate, quality, train
from trustwide.analysis.attendance.risk import fold_of
from trustwide.analysis.attendance.tests.builders import simulated


@pytest.fixture(scope="module")
def world():
    made, chance = simulated(1, count=24_000, patients=9_000)
    return made, chance


@pytest.fixture(scope="module")
def half(world):
    made, chance = world
    learn = fold_of(made.patient, 2, 3) == 0
    return train(made.rows(learn)), made.rows(learn), made.rows(~learn), chance[~learn]


def test_risks_are_calibrated_for_new_patients(half):
    model, learnt_from, fresh, _ = half
    risk = model.risk(fresh.without_outcomes(), learnt_from)
    for rows in (np.ones(len(fresh), dtype=bool), fresh.booked_ahead, ~fresh.booked_ahead):
        found = quality(risk[rows], fresh.missed[rows])
        assert abs(found.slope.value - 1) < 4 * found.slope.error
        assert abs(found.intercept.value) < 4 * found.intercept.error


def test_a_known_record_tells_more(half):
    model, learnt_from, fresh, chance = half
    blind = model.risk(fresh.without_outcomes(), learnt_from)
    knowing = model.risk(fresh, learnt_from)
    assert np.mean((knowing - chance) ** 2) < np.mean((blind - chance) ** 2)
    found = quality(knowing, fresh.missed)
    assert abs(found.slope.value - 1) < 4 * found.slope.error


def test_a_risk_does_not_depend_on_its_own_outcome_or_the_order_of_rows(half):
    model, learnt_from, fresh, _ = half
    risk = model.risk(fresh, learnt_from)
    newest = fresh.appointment_on >= fresh.appointment_on.max() - 1
    turned = dataclasses.replace(fresh, missed=np.where(newest, 1 - fresh.missed, fresh.missed))
    np.testing.assert_array_equal(model.risk(turned, learnt_from), risk)
    order = np.random.default_rng(1).permutation(len(fresh))
    np.testing.assert_allclose(model.risk(fresh.rows(order), learnt_from), risk[order])


def test_training_twice_gives_the_same_model(half):
    model, learnt_from, fresh, _ = half
    np.testing.assert_array_equal(train(learnt_from).risk(fresh, learnt_from), model.risk(fresh, learnt_from))


def test_rows_with_nothing_usable_still_get_a_risk(half):
    model, learnt_from, fresh, _ = half
    count = 5
    bare = dataclasses.replace(
        fresh.rows(np.arange(count)).without_outcomes(),
        booked_at=np.full(count, np.datetime64("NaT"), dtype="datetime64[s]"),
        appointment_on=np.full(count, np.datetime64("NaT"), dtype="datetime64[D]"),
        **{name: np.full(count, np.nan) for name in ("age", "female", "reminder_sent")},
        conditions=np.full((count, 2), np.nan),
    )
    risk = model.risk(bare, learnt_from)
    assert ((risk > 0) & (risk < 1)).all()


def test_where_nobody_comes_twice_there_is_no_record_to_learn_from(world):
    made, _ = world
    once = made.rows(np.unique(made.patient, return_index=True)[1])
    model = train(once)
    assert not any(with_past for _, with_past in model.calibration)
    again = dataclasses.replace(once, identifier=once.identifier + 10**6, appointment_on=once.appointment_on + 30)
    assert quality(model.risk(again, once), once.missed).auc.value > 0.55


def test_too_few_to_learn_from_is_a_sentence(world):
    with pytest.raises(AttendanceError, match=r"300 appointments have a known outcome.*Give a longer period"):
        train(world[0].rows(np.arange(300)))
    with pytest.raises(AttendanceError, match="0 missed"):
        train(dataclasses.replace(world[0], missed=np.zeros(len(world[0]))))


def test_folds_keep_a_patient_together():
    patient = np.array([f"p{n % 97}" for n in range(1000)])
    fold = fold_of(patient, 5, 1)
    assert all(len(np.unique(fold[patient == each])) == 1 for each in np.unique(patient))
    np.testing.assert_array_equal(fold_of(patient[::-1], 5, 1), fold[::-1])
    assert set(fold) == set(range(5))


def test_cross_validation_ranks_methods_as_the_truth_does(world):
    made, _ = world
    done = cross_validate(made.rows(np.arange(8000)), folds=3)
    told = done.appointments.missed
    brier = [np.mean((risk - told) ** 2) for risk in (done.overall_share, done.new_patients, done.known_patients)]
    assert brier[0] > brier[1] > brier[2]
    assert quality(done.plain_logistic, told).auc.value > 0.55


def test_importing_loads_nothing_slow():
    code = "import sys, trustwide.analysis.attendance; sys.exit(bool({'sklearn', 'scipy.stats'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_no_fact_is_ethnicity_or_deprivation():
    from trustwide.analysis.attendance import Appointments

    allowed = {
        "identifier", "patient", "booked_at", "appointment_on", "age", "female", "reminder_sent", "conditions", "missed"
    }  # fmt: skip
    assert {field.name for field in dataclasses.fields(Appointments)} == allowed
