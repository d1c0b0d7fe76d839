"""Evening out the light: uneven paper comes out even, even paper stays as it is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkproof.ink.light import even_out_light


@given(level=st.integers(1, 255), height=st.integers(1, 60), width=st.integers(1, 60))
def test_even_paper_stays_as_it_is(level: int, height: int, width: int) -> None:
    page = np.full((height, width), level, dtype=np.float32)

    np.testing.assert_allclose(even_out_light(page), page, atol=0.1)


@pytest.mark.parametrize("ink", [0.1, 0.5], ids=["black", "grey"])
def test_uneven_light_is_divided_out_and_ink_keeps_its_share(ink: float) -> None:
    rows, columns = np.mgrid[-1:1:200j, -1:1:150j]
    light = 160 + 30 * rows - 25 * columns - 15 * columns**2
    reflectance = np.ones_like(light)
    reflectance[60:140, 60:80] = ink

    evened = even_out_light((light * reflectance).astype(np.float32))

    paper, drawn = evened[reflectance == 1], evened[reflectance < 1]
    assert np.ptp(paper) < 2
    assert drawn.mean() / paper.mean() == pytest.approx(ink, abs=0.01)
