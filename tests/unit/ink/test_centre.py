"""Centring as MNIST was made: on MNIST itself, on whatever Hypothesis draws, and on wrong shapes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from inkproof import data
from inkproof.errors import ImageShapeError
from inkproof.ink import centre_as_mnist, centre_by_mass, fit_to_box

DRAWINGS = arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40)), elements=st.sampled_from([0, 0, 9, 255]))


@pytest.fixture(scope="module")
def digits() -> np.ndarray:
    return data.load("mnist").test.images[:1000, :, :, 0]


def measure_centre(image: np.ndarray) -> tuple[float, float]:
    rows, columns = np.indices(image.shape)
    return float(np.average(rows, weights=image)), float(np.average(columns, weights=image))


def test_centre_by_mass_leaves_the_digits_of_mnist_where_they_are(digits: np.ndarray) -> None:
    moved = [image for image in digits if not np.array_equal(centre_by_mass(image), image)]

    assert len(moved) <= 5  # a centre of mass half-way between two pixels may be rounded either way


def test_centre_as_mnist_changes_the_digits_of_mnist_little(digits: np.ndarray) -> None:
    centred = centre_as_mnist(digits)

    difference = np.abs(centred.astype(int) - digits).mean(axis=(1, 2))
    assert np.median(difference) == 0
    assert np.mean(difference < 5) > 0.95


@pytest.mark.parametrize("shift", [(-4, -4), (3, 4), (0, -4)], ids=["up left", "down right", "left"])
def test_a_digit_pushed_aside_comes_back(digits: np.ndarray, shift: tuple[int, int]) -> None:
    framed = np.pad(digits[:100], ((0, 0), (4, 4), (4, 4)))
    pushed = np.roll(framed, shift, axis=(1, 2))

    centred = centre_as_mnist(pushed, frame=(28, 28))

    np.testing.assert_array_equal(centred, centre_as_mnist(digits[:100]))


@settings(max_examples=200)
@given(image=DRAWINGS)
def test_centre_by_mass_loses_no_ink_that_stays_inside(image: np.ndarray) -> None:
    framed = np.pad(image, 40)

    centred = centre_by_mass(framed)

    assert centred.sum() == framed.sum()
    if framed.any():
        row, column = measure_centre(centred)
        assert abs(row - framed.shape[0] // 2) <= 0.5 + 1e-6
        assert abs(column - framed.shape[1] // 2) <= 0.5 + 1e-6


@settings(max_examples=200)
@given(image=DRAWINGS, box=st.integers(1, 28))
def test_fit_to_box_fills_the_box_and_no_more(image: np.ndarray, box: int) -> None:
    fitted = fit_to_box(image, box, frame=(28, 28))

    assert fitted.shape == (28, 28)
    assert fitted.dtype == np.uint8
    rows, columns = fitted.any(axis=1).sum(), fitted.any(axis=0).sum()
    assert max(rows, columns) <= box
    if (image == 255).all():
        assert max(rows, columns) == box


@settings(max_examples=100)
@given(image=DRAWINGS)
def test_centre_as_mnist_forgets_where_a_drawing_was(image: np.ndarray) -> None:
    here, there = np.pad(image, ((0, 9), (5, 2))), np.pad(image, ((7, 2), (0, 7)))

    centred = centre_as_mnist(np.stack([here, there]), frame=(28, 28))

    np.testing.assert_array_equal(centred[0], centred[1])


def test_the_box_keeps_its_share_of_another_frame() -> None:
    images = np.zeros((1, 100, 80, 1), dtype=np.uint8)
    images[0, 20:60, 30:40] = 255

    centred = centre_as_mnist(images, frame=(56, 64))

    assert centred.shape == (1, 56, 64, 1)
    assert centred[0, :, :, 0].any(axis=1).sum() == 40
    assert centred[0, :, :, 0].any(axis=0).sum() == 10


@pytest.mark.parametrize("shape", [(0, 28, 28, 1), (0, 28, 28)])
def test_centre_as_mnist_of_no_images_is_no_images(shape: tuple[int, ...]) -> None:
    assert centre_as_mnist(np.zeros(shape, dtype=np.uint8)).shape == shape


def test_an_empty_drawing_stays_empty() -> None:
    blank = np.zeros((28, 28), dtype=np.uint8)

    assert not centre_by_mass(blank).any()
    assert not fit_to_box(blank).any()
    assert not centre_as_mnist(blank[np.newaxis]).any()


def test_the_drawing_given_is_not_changed() -> None:
    image = np.zeros((28, 28), dtype=np.uint8)
    image[:3, :3] = 200
    before = image.copy()

    centre_as_mnist(image[np.newaxis])

    np.testing.assert_array_equal(image, before)


@pytest.mark.parametrize("function", [centre_by_mass, fit_to_box])
@pytest.mark.parametrize(
    ("image", "found"),
    [
        (np.zeros((28, 28, 1), np.uint8), r"shape \(28, 28, 1\) and type uint8"),
        (np.zeros((28, 28), np.float32), r"shape \(28, 28\) and type float32"),
    ],
    ids=["shape", "type"],
)
def test_one_drawing_of_another_shape_or_type_is_rejected(function, image: np.ndarray, found: str) -> None:
    with pytest.raises(ImageShapeError, match=rf"{found} came; \(height, width\) and uint8 was expected"):
        function(image)


@pytest.mark.parametrize("shape", [(28, 28), (2, 28, 28, 3), (1, 2, 28, 28, 1)])
def test_centre_as_mnist_rejects_other_shapes(shape: tuple[int, ...]) -> None:
    with pytest.raises(ImageShapeError, match=r"\(n, height, width, 1\) and uint8 was expected"):
        centre_as_mnist(np.zeros(shape, dtype=np.uint8))


@pytest.mark.parametrize("box", [0, 29])
def test_fit_to_box_rejects_a_box_that_does_not_fit(box: int) -> None:
    with pytest.raises(ImageShapeError, match=rf"A box of {box} pixels came for a frame of 28 × 28; 1 to 28"):
        fit_to_box(np.zeros((28, 28), dtype=np.uint8), box)
