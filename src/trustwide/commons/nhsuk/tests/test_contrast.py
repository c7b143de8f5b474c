"""Contrast as WCAG 2.2 defines it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustwide.commons.nhsuk.contrast import ratio, text_colour_on


@pytest.mark.parametrize(
    ("one", "other", "published"),
    # WebAIM's contrast checker gives these
    [
        ("#000000", "#ffffff", 21.0),
        ("#777777", "#ffffff", 4.48),
        ("#767676", "#ffffff", 4.54),
        ("#0000ff", "#ffffff", 8.59),
    ],
)
def test_ratio_agrees_with_published_values(one, other, published):
    assert ratio(one, other) == pytest.approx(published, abs=0.005)
    assert ratio(other, one) == ratio(one, other)


@given(st.integers(0, 0xFFFFFF))
def test_text_is_readable_on_any_colour(number):
    colour = f"#{number:06x}"
    assert ratio(colour, text_colour_on(colour)) >= 4.5
