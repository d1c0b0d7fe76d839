"""Scaling by area: each pixel of the result is the exact mean of the area that it covers.

Pillow's BOX filter takes whole pixels only, so that at scales near one it drops or doubles lines.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def scale_by_area(image: NDArray[np.float32], height: int, width: int) -> NDArray[np.float32]:
    """Scale an image to another size, averaging by area where it shrinks and linearly between pixels where it grows.

    Args:
        image: Shape (h, w) or (h, w, channels), float32, any range; h and w at least 1.
        height: The new height in pixels, at least 1.
        width: The new width in pixels, at least 1.

    Returns:
        The scaled image, float32, shape (height, width) or (height, width, channels). Its values stay in
        the range of the old ones. At the same size it equals `image`.

    Example:
        >>> scale_by_area(np.array([[0, 255, 255]], dtype=np.float32), 1, 2)
        array([[ 85., 255.]], dtype=float32)
    """
    rows = np.tensordot(_weights(image.shape[0], height), image, axes=(1, 0))  # (height, w, …)
    columns = np.tensordot(_weights(image.shape[1], width), rows, axes=(1, 1))  # (width, height, …)
    return np.swapaxes(columns, 0, 1)  # (height, width, …)


def _weights(num_old: int, num_new: int) -> NDArray[np.float32]:
    """How much each old pixel counts in each new one, shape (num_new, num_old); every row sums to one."""
    ratio = num_old / num_new
    if ratio >= 1:
        starts = np.arange(num_new)[:, np.newaxis] * ratio
        old = np.arange(num_old)
        overlaps = np.minimum(starts + ratio, old + 1) - np.maximum(starts, old)
        weights = np.clip(overlaps, 0, None)
    else:
        centres = np.clip((np.arange(num_new)[:, np.newaxis] + 0.5) * ratio - 0.5, 0, num_old - 1)
        weights = np.clip(1 - np.abs(centres - np.arange(num_old)), 0, None)
    shares: NDArray[np.float32] = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    return shares
