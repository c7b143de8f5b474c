from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from trustwide.exchange.returns import UnknownProviderError, history, read
from trustwide.exchange.returns.tests.returns_cases import CASES, row, write

TODAY = dt.date(2026, 11, 21)


@pytest.fixture(scope="module")
def frame():
    return read(CASES / "numbered_tests.csv", today=TODAY).frame


def test_the_months_of_one_provider_and_test_as_arrays(frame):
    found = history(frame, "xaa", "mri")
    assert (found.provider, found.test) == ("XAA", "MRI")
    assert found.months.tolist() == [dt.date(2025, 7, 1), dt.date(2025, 8, 1), dt.date(2025, 9, 1)]
    assert found.bands.dtype == found.waiting_list_tests.dtype == np.int64
    assert found.bands[0].tolist() == [45, 26, 22, 23, 15, 17, 13, 9, 6, 4, 4, 3, 3, 4]  # the first row of the file
    assert found.waiting_list_tests[0] == 160


def test_a_month_without_a_row_is_absent_not_zero(tmp_path):
    path = write(tmp_path, row(Period="July 2025"), row(Period="September 2025"))
    months = history(read(path, today=TODAY).frame, "XAA", "MRI").months
    assert months.astype(str).tolist() == ["2025-07", "2025-09"]


@pytest.mark.parametrize(
    ("provider", "test", "sentence"),
    [
        ("XAB", "MRI", 'The provider "XAB" is not in this data; did you mean XAA (Hillshire University Hospitals'),
        ("riverside", "MRI", "did you mean XBB (Riverside and Dale NHS Trust)?"),
        ("nowhere", "MRI", "expected the code of one of its 3 providers"),
        ("XAA", "XRAY", 'The test "XRAY" is not known; expected one of MRI, CT,'),
        ("XAA", "CT", "XAA returned no CT in this data; it returned GASTROSCOPY, MRI."),
    ],
)
def test_an_unknown_provider_or_test_is_answered_with_near_ones(frame, provider, test, sentence):
    with pytest.raises(UnknownProviderError) as unknown:
        history(frame, provider, test)
    assert sentence in str(unknown.value)
