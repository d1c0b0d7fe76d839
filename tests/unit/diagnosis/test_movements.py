"""Digits at the edges, at every offset, turned, scaled and sheared: on images small enough to see."""

from __future__ import annotations

import numpy as np
import pytest

from inkproof.data import Dataset
from inkproof.diagnosis import affine
from inkproof.diagnosis.edges import PLACEMENTS, ink_boxes, move, push_to_edge
from inkproof.diagnosis.shifts import MAX_OFFSET, OFFSETS, shift, stays_whole, summarise_shifts


@pytest.fixture
def dots() -> np.ndarray:
    """A hook of three pixels in a frame of 4 × 5, and an empty frame."""
    images = np.zeros((2, 4, 5), dtype=np.uint8)
    images[0, 1, 2], images[0, 2, 2], images[0, 2, 3] = 10, 20, 30
    return images


def test_the_box_around_the_ink_and_the_frame_where_there_is_none(dots: np.ndarray) -> None:
    assert ink_boxes(dots).tolist() == [[2, 1, 3, 2], [0, 0, 4, 3]]


@pytest.mark.parametrize(
    ("placement", "expected"),
    [
        ("top_left", [[10, 0, 0, 0, 0], [20, 30, 0, 0, 0], [0] * 5, [0] * 5]),
        ("top", [[0, 0, 10, 0, 0], [0, 0, 20, 30, 0], [0] * 5, [0] * 5]),
        ("right", [[0] * 5, [0, 0, 0, 10, 0], [0, 0, 0, 20, 30], [0] * 5]),
        ("bottom_right", [[0] * 5, [0] * 5, [0, 0, 0, 10, 0], [0, 0, 0, 20, 30]]),
    ],
)
def test_pushed_ink_touches_the_edge(dots: np.ndarray, placement: str, expected: list[list[int]]) -> None:
    pushed = push_to_edge(dots, placement)

    assert pushed[0].tolist() == expected
    assert not pushed[1].any()


@pytest.mark.parametrize("placement", PLACEMENTS)
def test_no_test_digit_loses_ink_at_an_edge(mnist: Dataset, placement: str) -> None:
    images = mnist.test.images[..., 0]

    pushed = push_to_edge(images, placement)

    sums = images.sum(axis=(1, 2), dtype=np.int64)
    assert np.array_equal(pushed.sum(axis=(1, 2), dtype=np.int64), sums)
    left, top, right, bottom = ink_boxes(pushed).T
    across, down = PLACEMENTS[placement]
    assert across == 0 or (left == 0 if across < 0 else right == 27).all()
    assert down == 0 or (top == 0 if down < 0 else bottom == 27).all()


def test_what_leaves_the_frame_is_cut(dots: np.ndarray) -> None:
    assert move(dots, np.array([2, 0]), np.array([-2, 0]))[0].tolist() == [[0, 0, 0, 0, 20], [0] * 5, [0] * 5, [0] * 5]


def test_a_digit_is_whole_until_its_ink_crosses_the_edge(dots: np.ndarray) -> None:
    whole = {(dx, dy) for dx in range(-4, 5) for dy in range(-4, 5) if stays_whole(dots[:1], dx, dy)[0]}

    assert whole == {(dx, dy) for dx in (-2, -1, 0, 1) for dy in (-1, 0, 1)}
    assert shift(dots, 1, 1)[0, 3].tolist() == [0, 0, 0, 20, 30]


@pytest.mark.parametrize(("dx", "dy"), [(0, 0), (3, -2), (-3, 2), (5, 0), (0, -4), (-10, 10)])
def test_moving_all_alike_is_moving_each(mnist: Dataset, dx: int, dy: int) -> None:
    images = mnist.test.images[:20, :, :, 0]

    assert (shift(images, dx, dy) == move(images, np.full(20, dx), np.full(20, dy))).all()


def test_the_map_counts_whole_and_cut_digits_apart() -> None:
    # given: two digits of two classes; the first is read everywhere, the second nowhere
    num_offsets = len(OFFSETS) ** 2
    right = np.tile([True, False], (num_offsets, 1))
    whole = np.zeros((num_offsets, 2), dtype=bool)
    middle = num_offsets // 2
    whole[middle] = True  # at (0, 0)
    whole[middle + 1, 0] = True  # at dx = 1, dy = 0 the first alone

    # when
    summary = summarise_shifts(right, whole, np.array([0, 1]), 2)

    # then
    assert (summary["score"]["value"], summary["score"]["n"]) == (pytest.approx(2 / 3, abs=1e-6), 3)
    assert (summary["parts"]["cut"]["value"], summary["parts"]["cut"]["n"]) == (0.5, 2 * num_offsets)
    assert (summary["parts"]["whole_at_0"]["value"], summary["parts"]["whole_at_1"]["value"]) == (0.5, 1.0)
    assert summary["parts"]["whole_at_2"]["value"] is None
    row = summary["whole"]["n"][MAX_OFFSET]
    assert (row[MAX_OFFSET], row[MAX_OFFSET + 1]) == (2, 1)
    assert sum(map(sum, summary["per_class"][1]["n"])) == summary["per_class"][1]["figure"]["n"] == 1


def test_a_quarter_turn_is_exact_and_clockwise() -> None:
    image = np.array([[[1, 2, 3], [4, 5, 6], [7, 8, 9]]], dtype=np.uint8)

    assert affine.turn(image, 90)[0].tolist() == [[7, 4, 1], [8, 5, 2], [9, 6, 3]]


def test_shear_leans_the_top_to_the_right_and_halves_scale_by_halves() -> None:
    column = np.zeros((1, 3, 3), dtype=np.uint8)
    column[0, :, 1] = 200

    assert affine.shear(column, 1)[0].tolist() == [[0, 0, 200], [0, 200, 0], [200, 0, 0]]
    assert affine.scale(column, 0.5)[0].tolist() == [[0, 0, 0], [0, 200, 0], [0, 0, 0]]


def test_mixed_digits_stay_in_the_frame_and_repeat_to_the_byte(mnist: Dataset) -> None:
    images = mnist.test.images[:300, :, :, 0]

    mixed = affine.mix(images, 1)

    assert np.array_equal(mixed, affine.mix(images, 1))
    assert not np.array_equal(mixed, affine.mix(images, 2))
    areas = mixed.sum(axis=(1, 2), dtype=np.int64) / images.sum(axis=(1, 2), dtype=np.int64)
    # each side is scaled by 0.8 to 1.2; before the move only what a digit of 20 pixels turned could lose
    assert areas.min() > 0.6
    assert areas.max() < 1.5
