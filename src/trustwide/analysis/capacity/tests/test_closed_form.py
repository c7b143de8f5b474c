"""The worked example of Fong et al. 2022 and of the R package NHSRwaitinglist."""

from __future__ import annotations

import pytest

from trustwide.analysis.capacity import closed_form


def test_ear_nose_and_throat_example() -> None:
    assert closed_form.load(30, 27) == pytest.approx(1.111, abs=5e-4)
    assert closed_form.target_list(30, 52) == 390
    assert closed_form.relief_capacity(30, 1200, 390, 26) == pytest.approx(61.15, abs=5e-3)


def test_target_capacity() -> None:
    assert closed_form.target_capacity(30, 52, factor=3, cv_demand=1.1, cv_capacity=1.2) == pytest.approx(
        30.076442, abs=5e-7
    )


def test_pressure_is_one_when_the_mean_wait_is_half_the_target() -> None:
    assert closed_form.pressure(26, 52) == 1


@pytest.mark.parametrize("call", [lambda: closed_form.load(0, 1), lambda: closed_form.target_mean_wait(-1)])
def test_rates_and_waits_must_be_positive(call) -> None:
    with pytest.raises(ValueError, match="expected a number above 0"):
        call()
