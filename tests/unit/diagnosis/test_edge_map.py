"""Edge maps against moving a drawing by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkproof.diagnosis import find_offsets, map_edges
from inkproof.errors import ImageShapeError


def ink(height: int, width: int, top: int, left: int, *, frame: tuple[int, int] = (8, 9)) -> np.ndarray:
    image = np.zeros((*frame, 1), dtype=np.uint8)
    image[top : top + height, left : left + width] = np.arange(1, height * width + 1).reshape(height, width, 1)
    return image


def share_of_ink(images: np.ndarray) -> np.ndarray:
    """A network of two classes that only looks at the left half."""
    left = images[:, :, : images.shape[2] // 2].sum(axis=(1, 2, 3)) / np.maximum(images.sum(axis=(1, 2, 3)), 1)
    return np.stack([left, 1 - left], axis=1).astype(np.float32)


@given(st.integers(1, 8), st.integers(1, 9), st.data())
@settings(max_examples=50)
def test_every_offset_is_the_drawing_moved_and_none_is_left_out(height: int, width: int, data: st.DataObject) -> None:
    image = ink(height, width, data.draw(st.integers(0, 8 - height)), data.draw(st.integers(0, 9 - width)))

    offsets = find_offsets(image)

    assert offsets is not None
    assert (len(offsets.dy), len(offsets.dx)) == (9 - height, 10 - width)
    for row, down in enumerate(offsets.dy):
        for column, right in enumerate(offsets.dx):
            moved = np.roll(image, (down, right), axis=(0, 1))
            np.testing.assert_array_equal(offsets.images[row, column], moved)
            assert moved.sum() == image.sum()
    assert 0 in offsets.dx
    assert 0 in offsets.dy


def test_the_centre_is_where_the_box_of_the_ink_lies_in_the_middle() -> None:
    offsets = find_offsets(ink(2, 3, 0, 6))

    assert offsets is not None
    row, column = offsets.centre
    centred = offsets.images[row, column]
    np.testing.assert_array_equal(centred, ink(2, 3, 3, 3))


def test_a_blank_drawing_has_no_offsets() -> None:
    assert find_offsets(np.zeros((4, 4, 1), dtype=np.uint8)) is None


def test_ink_that_fills_the_frame_has_one_offset() -> None:
    offsets = find_offsets(np.ones((4, 4, 3), dtype=np.uint8))

    assert offsets is not None
    assert offsets.count == 1


@pytest.mark.parametrize("image", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 1), np.float32)], ids=["shape", "dtype"])
def test_find_offsets_rejects_what_is_no_drawing(image: np.ndarray) -> None:
    with pytest.raises(ImageShapeError, match=r"\(height, width, channels\) and uint8 was expected"):
        find_offsets(image)


def test_map_edges_holds_the_answer_of_each_place() -> None:
    offsets = find_offsets(ink(1, 1, 4, 4, frame=(40, 40)))
    assert offsets is not None

    result = map_edges(offsets, share_of_ink)

    assert result.probabilities.shape == (40, 40, 2)
    np.testing.assert_array_equal(result.best[:, :20], 0)
    np.testing.assert_array_equal(result.best[:, 20:], 1)
    assert result.centre_class == 0
    np.testing.assert_array_equal(result.of_centre_class, result.probabilities[:, :, 0])


def test_map_edges_may_be_carried_out_in_any_way_that_keeps_the_order() -> None:
    offsets = find_offsets(ink(2, 2, 0, 0, frame=(20, 20)))
    assert offsets is not None
    num_calls = 0

    def backwards(calls: Sequence[Callable[[], np.ndarray]]) -> list[np.ndarray]:
        nonlocal num_calls
        num_calls = len(calls)
        return [call() for call in reversed(calls)][::-1]

    result = map_edges(offsets, share_of_ink, run_all=backwards)

    assert num_calls > 1
    np.testing.assert_array_equal(result.probabilities, map_edges(offsets, share_of_ink).probabilities)
