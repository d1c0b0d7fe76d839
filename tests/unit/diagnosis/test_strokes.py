"""Digits drawn anew: thickness, pens and gaps on shapes whose ink can be counted."""

from __future__ import annotations

import numpy as np
import pytest

from inkproof.data import Dataset
from inkproof.diagnosis.strokes import PEN_WIDTHS, THICKNESSES, thin, trace


@pytest.fixture
def bar() -> np.ndarray:
    """An upright bar, 4 pixels wide and 20 high."""
    images = np.zeros((1, 28, 28), dtype=np.uint8)
    images[0, 4:24, 12:16] = 255
    return images


def width_of(image: np.ndarray) -> float:
    """Ink across the middle of the bar, in pixels."""
    return float(image[0, 12:16].sum(axis=1).mean() / 255)


@pytest.mark.parametrize("grown", THICKNESSES)
def test_a_bar_grows_by_so_much_on_both_sides(bar: np.ndarray, grown: float) -> None:
    assert width_of(trace(bar).thicken(grown)) == pytest.approx(4 + 2 * grown, abs=0.4)


@pytest.mark.parametrize("width", PEN_WIDTHS)
def test_a_pen_draws_as_wide_as_it_is(bar: np.ndarray, width: int) -> None:
    assert width_of(trace(bar).redraw(width)) == pytest.approx(width, abs=0.4)


@pytest.mark.parametrize("gap", [1, 2, 4])
def test_gaps_take_their_length_from_the_bar(bar: np.ndarray, gap: int) -> None:
    missing = (trace(bar).thicken(0).sum() - trace(bar).cut(gap, 5).sum()) / 255 / 4

    # three gaps, which may lie over one another or reach over the end
    assert gap * 0.8 <= missing <= 3 * gap * 1.2


def test_a_middle_line_hangs_together_and_is_one_pixel_wide(mnist: Dataset) -> None:
    from scipy import ndimage

    inked = mnist.test.images[:100, :, :, 0] > 127

    line = thin(inked)

    assert (line <= inked).all()
    for before, after in zip(inked, line, strict=True):
        assert ndimage.label(before, np.ones((3, 3)))[1] == ndimage.label(after, np.ones((3, 3)))[1]
    squares = line[:, :-1, :-1] & line[:, 1:, :-1] & line[:, :-1, 1:] & line[:, 1:, 1:]
    assert squares.sum() <= 5


def test_small_dots_survive_thinning() -> None:
    dot = np.zeros((2, 6, 6), dtype=bool)
    dot[0, 2:4, 2:4] = True
    dot[1, 2, 2] = True

    assert thin(dot).any(axis=(1, 2)).all()


def test_a_blank_image_stays_blank_however_it_is_drawn(bar: np.ndarray) -> None:
    drawn = trace(np.concatenate([bar, np.zeros_like(bar)]))

    for images in (drawn.thicken(2), drawn.redraw(6), drawn.cut(2, 1)):
        assert images[0].any()
        assert not images[1].any()


def test_it_repeats_to_the_byte(mnist: Dataset) -> None:
    images = mnist.test.images[:20, :, :, 0]

    assert trace(images).cut(2, 3).tobytes() == trace(images).cut(2, 3).tobytes()
