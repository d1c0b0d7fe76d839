"""Digits turned, scaled and sheared: one at a time, and mixed as affNIST does. Only moves ink; asks no network."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inkproof.diagnosis.edges import ink_boxes, move

# What is drawn on the x axis of each curve.
TURNS = (-60, -45, -30, -20, -10, 10, 20, 30, 45, 60)  # degrees, clockwise
SCALES = (0.5, 0.6, 0.7, 0.8, 0.9, 1.1, 1.2, 1.3, 1.4)  # times the size; beyond 1.4 the frame cuts most digits
SHEARS = (-0.8, -0.6, -0.4, -0.2, 0.2, 0.4, 0.6, 0.8)  # pixels to the side for each pixel up
# The limits of affNIST (Tieleman 2013): turn within 20 degrees, shear 0.2, each side scaled by 0.8 to 1.2.
MIXED_TURN, MIXED_SHEAR, MIXED_SCALE = 20.0, 0.2, (0.8, 1.2)
_CHUNK = 1_000  # images at a time: 25 MB of coordinates


def warp(images: NDArray[np.uint8], matrices: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Each image under its own linear map around the middle of the frame, bilinear between pixels.

    Args:
        images: Shape (n, height, width), uint8; what comes in from outside is paper (0).
        matrices: Shape (n, 2, 2): where (right, down) from the middle is sent to.

    Returns:
        New images of the same shape and dtype.

    Example:
        >>> image = np.array([[[1, 2], [3, 4]]], dtype=np.uint8)
        >>> warp(image, np.array([[[-1.0, 0.0], [0.0, -1.0]]])).tolist()  # half a turn
        [[[4, 3], [2, 1]]]
    """
    warped = np.empty_like(images)
    for begin in range(0, len(images), _CHUNK):
        chunk = slice(begin, begin + _CHUNK)
        warped[chunk] = _warp(images[chunk], np.linalg.inv(matrices[chunk]).astype(np.float64))
    return warped


def turn(images: NDArray[np.uint8], degrees: float) -> NDArray[np.uint8]:
    """Turn each image clockwise around the middle of the frame; see `warp`."""
    angle = np.deg2rad(degrees)
    matrix = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return warp(images, np.broadcast_to(matrix, (len(images), 2, 2)))


def scale(images: NDArray[np.uint8], factor: float) -> NDArray[np.uint8]:
    """Scale each image around the middle of the frame; below 1 it shrinks. See `warp`."""
    return warp(images, np.broadcast_to(np.eye(2) * factor, (len(images), 2, 2)))


def shear(images: NDArray[np.uint8], share: float) -> NDArray[np.uint8]:
    """Lean each image: every pixel goes to the right by `share` for each pixel that it lies above the middle."""
    return warp(images, np.broadcast_to(np.array([[1.0, -share], [0.0, 1.0]]), (len(images), 2, 2)))


def mix(images: NDArray[np.uint8], seed: int) -> NDArray[np.uint8]:
    """Turn, shear and scale each digit at random within affNIST's limits, then move it anywhere in the frame uncut.

    affNIST moves digits over a frame of 40 × 40; here it is the network's own frame.

    Args:
        images: Shape (n, height, width), uint8.
        seed: Start of the random numbers.

    Returns:
        New images of the same shape and dtype.
    """
    num, height, width = images.shape
    # RandomState, not default_rng: only its numbers are promised to stay the same in every NumPy (NEP 19).
    random = np.random.RandomState(seed)
    angle = np.deg2rad(random.uniform(-MIXED_TURN, MIXED_TURN, num))
    lean = random.uniform(-MIXED_SHEAR, MIXED_SHEAR, num)
    wide, high = random.uniform(*MIXED_SCALE, num), random.uniform(*MIXED_SCALE, num)
    cos, sin = np.cos(angle), np.sin(angle)
    # turn · shear · scale
    matrices = np.empty((num, 2, 2))
    matrices[:, 0, 0], matrices[:, 0, 1] = cos * wide, (-cos * lean - sin) * high
    matrices[:, 1, 0], matrices[:, 1, 1] = sin * wide, (-sin * lean + cos) * high
    mixed = warp(images, matrices)
    left, top, right, bottom = ink_boxes(mixed).T
    place = random.uniform(0, 1, (2, num))
    to_right = np.floor(place[0] * (width - right + left)).astype(np.int64) - left
    to_bottom = np.floor(place[1] * (height - bottom + top)).astype(np.int64) - top
    return move(mixed, to_right, to_bottom)


def sample(images: NDArray[np.uint8], rows: NDArray[np.float64], columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """The value of each image at places between its pixels, bilinear; 0 outside.

    Args:
        images: Shape (n, height, width), uint8.
        rows: Where to look, in pixels from the middle of the first row; shape (n, …).
        columns: The same across, same shape.

    Returns:
        Values from 0 to 255, float64, the shape of `rows`.
    """
    num, height, width = images.shape
    framed = np.zeros((num, height + 2, width + 2), dtype=np.float64)
    framed[:, 1:-1, 1:-1] = images
    flat = framed.reshape(-1)
    rows, columns = np.clip(rows + 1, 0, height + 1), np.clip(columns + 1, 0, width + 1)
    top = np.minimum(rows.astype(np.int64), height)
    left = np.minimum(columns.astype(np.int64), width)
    down, across = rows - top, columns - left
    start = np.arange(num).reshape(num, *[1] * (rows.ndim - 1)) * ((height + 2) * (width + 2))
    at = start + top * (width + 2) + left
    upper = flat[at] * (1 - across) + flat[at + 1] * across
    lower = flat[at + width + 2] * (1 - across) + flat[at + width + 3] * across
    values: NDArray[np.float64] = upper * (1 - down) + lower * down
    return values


def _warp(images: NDArray[np.uint8], inverse: NDArray[np.float64]) -> NDArray[np.uint8]:
    _, height, width = images.shape
    middle_x, middle_y = (width - 1) / 2, (height - 1) / 2
    x, y = np.arange(width) - middle_x, (np.arange(height) - middle_y)[:, np.newaxis]
    entries = inverse[:, :, :, np.newaxis, np.newaxis]  # (n, 2, 2, 1, 1)
    columns = entries[:, 0, 0] * x + entries[:, 0, 1] * y + middle_x  # (n, height, width)
    rows = entries[:, 1, 0] * x + entries[:, 1, 1] * y + middle_y
    # Rounded first: a place that should be a pixel's middle is not missed by the last bit of a float.
    return np.rint(sample(images, rows.round(9), columns.round(9))).astype(np.uint8)
