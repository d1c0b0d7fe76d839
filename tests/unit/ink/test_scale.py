"""Scaling by area: exact means, no ink gained or lost."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from inkproof.ink.scale import scale_by_area

SIDES = st.integers(1, 30)
IMAGES = arrays(np.float32, st.tuples(SIDES, SIDES), elements=st.floats(0, 255, width=32))


@settings(max_examples=200)
@given(image=IMAGES, height=SIDES, width=SIDES)
def test_scaling_stays_in_range_and_shrinking_keeps_the_mean(image: np.ndarray, height: int, width: int) -> None:
    scaled = scale_by_area(image, height, width)

    assert scaled.shape == (height, width)
    assert image.min() - 0.01 <= scaled.min() <= scaled.max() <= image.max() + 0.01
    if height <= image.shape[0] and width <= image.shape[1]:
        assert scaled.mean() == pytest.approx(image.mean(), rel=1e-3, abs=1e-3)


@given(image=IMAGES)
def test_scaling_to_the_same_size_changes_nothing(image: np.ndarray) -> None:
    np.testing.assert_array_equal(scale_by_area(image, *image.shape), image)


def test_whole_factors_give_block_means_in_each_channel() -> None:
    image = np.arange(4 * 6 * 3, dtype=np.float32).reshape(4, 6, 3)

    scaled = scale_by_area(image, 2, 3)

    np.testing.assert_allclose(scaled, image.reshape(2, 2, 3, 2, 3).mean(axis=(1, 3)), rtol=1e-6)
