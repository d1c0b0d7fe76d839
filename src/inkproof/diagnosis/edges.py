"""Digits pushed against the edges and corners of the frame, uncut. Only moves ink; asks no network."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Where the ink comes to lie: across (-1 left, 0 as it was, 1 right) and down (-1 top, 0 as it was, 1 bottom).
PLACEMENTS: dict[str, tuple[int, int]] = {
    "top_left": (-1, -1),
    "top": (0, -1),
    "top_right": (1, -1),
    "left": (-1, 0),
    "right": (1, 0),
    "bottom_left": (-1, 1),
    "bottom": (0, 1),
    "bottom_right": (1, 1),
}


def ink_boxes(images: NDArray[np.uint8]) -> NDArray[np.int64]:
    """The box around the ink of each image.

    Args:
        images: Shape (n, height, width), uint8; 0 is paper, anything else counts as ink.

    Returns:
        First column, first row, last column and last row, shape (n, 4); of an image without ink the box is
        the whole frame, so that nothing moves it.
    """
    num, height, width = images.shape
    boxes = np.empty((num, 4), dtype=np.int64)
    for axis, side, first, last in ((1, width, 0, 2), (2, height, 1, 3)):
        inked: NDArray[np.bool_] = np.asarray(images.any(axis=axis))  # (n, width) or (n, height)
        boxes[:, first] = inked.argmax(axis=1)
        boxes[:, last] = side - 1 - inked[:, ::-1].argmax(axis=1)
    blank = ~images.any(axis=(1, 2))
    boxes[blank] = (0, 0, width - 1, height - 1)
    return boxes


def move(images: NDArray[np.uint8], right: NDArray[np.int64], down: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Move each image by whole pixels; what leaves the frame is cut off, what comes in is paper.

    Args:
        images: Shape (n, height, width), uint8.
        right: How far to the right, pixels, shape (n,); negative is left.
        down: How far down, pixels, shape (n,); negative is up.

    Returns:
        New images of the same shape and dtype.

    Example:
        >>> move(np.array([[[1, 2], [3, 4]]], dtype=np.uint8), np.array([1]), np.array([0])).tolist()
        [[[0, 1], [0, 3]]]
    """
    num, height, width = images.shape
    columns = np.arange(width) - right[:, np.newaxis]  # (n, width): where each pixel comes from
    rows = np.arange(height) - down[:, np.newaxis]  # (n, height)
    inside = ((rows >= 0) & (rows < height))[:, :, np.newaxis] & ((columns >= 0) & (columns < width))[:, np.newaxis]
    rows, columns = rows.clip(0, height - 1), columns.clip(0, width - 1)
    moved: NDArray[np.uint8] = images[
        np.arange(num)[:, np.newaxis, np.newaxis], rows[:, :, np.newaxis], columns[:, np.newaxis]
    ]
    moved *= inside
    return moved


def push_to_edge(images: NDArray[np.uint8], placement: str) -> NDArray[np.uint8]:
    """Move each digit until its ink touches an edge, or two in a corner; nothing is cut.

    Args:
        images: Shape (n, height, width), uint8; 0 is paper.
        placement: One of `PLACEMENTS`. At an edge the digit keeps its place along that edge.

    Returns:
        New images of the same shape and dtype; one without ink comes back equal.

    Example:
        >>> push_to_edge(np.array([[[0, 7, 0]]], dtype=np.uint8), "right").tolist()
        [[[0, 0, 7]]]
    """
    _, height, width = images.shape
    across, along = PLACEMENTS[placement]
    boxes = ink_boxes(images)
    still = np.zeros(len(images), dtype=np.int64)
    right = {-1: -boxes[:, 0], 0: still, 1: width - 1 - boxes[:, 2]}[across]
    down = {-1: -boxes[:, 1], 0: still, 1: height - 1 - boxes[:, 3]}[along]
    return move(images, right, down)
