"""Philox against its authors' published vectors; the inverse normal against SciPy's."""

import math

import numpy as np
import pytest
from scipy import special, stats

from trustwide.analysis.capacity import philox

ALL_ONES = 0xFFFFFFFF


@pytest.mark.parametrize(
    ("counter", "key", "expected"),
    [
        ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((ALL_ONES,) * 4, (ALL_ONES,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_published_vectors(counter, key, expected):
    words = philox.block(*(np.uint64(word) for word in (*counter, *key)))
    assert tuple(int(word) for word in words) == expected


def test_uniforms_read_the_counter_as_patient_purpose_and_replication():
    first, second = philox.uniforms(0, 0, 0, 0, 0, 0)
    assert first == ((0x6627E8D5E169C58D >> 12) + 0.5) * 2.0**-52
    assert second == ((0xBC57AC4C9B00DBD8 >> 12) + 0.5) * 2.0**-52


@pytest.mark.parametrize("changed", range(6))
def test_every_part_of_the_counter_and_the_seed_matters(changed):
    plain = [1, 2, 3, 4, 5, 6]
    other = [value + (index == changed) for index, value in enumerate(plain)]
    assert philox.uniforms(*plain) != philox.uniforms(*other)


def test_seed_uses_all_64_bits():
    assert philox.uniforms(np.uint64(2**63 + 1), 0, 0, 0, 0, 0) != philox.uniforms(np.uint64(1), 0, 0, 0, 0, 0)


def test_drawing_many_at_once_is_the_same():
    pairs = np.empty((2, 7))
    philox.fill_uniforms(np.uint64(2**40 + 3), 5, 123, 1000, philox.VETTING, pairs)
    singly = [philox.uniforms(np.uint64(2**40 + 3), 5, 123, 1000 + n, philox.VETTING, 0) for n in range(7)]
    assert pairs.T.tolist() == [list(pair) for pair in singly]


def test_uniforms_look_uniform():
    sample = np.array([philox.uniforms(7, 0, 0, n, 0, 0) for n in range(20_000)])
    for column in sample.T:
        assert stats.kstest(column, "uniform").pvalue > 1e-4
    assert abs(np.corrcoef(sample.T)[0, 1]) < 4 / math.sqrt(len(sample))


def test_normal_is_the_inverse_normal():
    points = np.concatenate(
        [np.linspace(0.001, 0.999, 999), 10.0 ** -np.arange(3, 300, 7.0), 1 - 10.0 ** -np.arange(3, 15.0)]
    )
    ours = np.array([philox.normal(float(p)) for p in points])
    np.testing.assert_allclose(ours, special.ndtri(points), rtol=2e-14, atol=2e-15)


def test_a_lognormal_has_the_mean_and_sd_of_the_variable_itself():
    location, scale = philox.lognormal_of_log(25, 8)
    exact = stats.lognorm(s=scale, scale=math.exp(location))
    assert exact.mean() == pytest.approx(25)
    assert exact.std() == pytest.approx(8)
    assert philox.variate(philox.LOGNORMAL, location, scale, 0.9) == pytest.approx(exact.ppf(0.9))


def test_other_variates():
    assert philox.variate(philox.FIXED, 12.0, 0.0, 0.3) == 12.0
    assert philox.variate(philox.EXPONENTIAL, 2.0, 0.0, 0.5) == pytest.approx(2 * math.log(2))
    assert philox.variate(philox.NEVER, 0.0, 0.0, 0.5) == math.inf
