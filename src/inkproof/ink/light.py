"""Evening out the light on a photographed page. Knows nothing of files or of ink."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inkproof.ink.scale import scale_by_area

_COARSE_SIDE = 48  # the light changes slowly: so many points a side are plenty
_ROUNDS = 8
_DEVIATIONS = 2.5  # what lies further from the surface than this is taken for ink, not for paper


def even_out_light(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """Divide a picture by the light that falls on its page, as if the light were even.

    The light is the surface of second order that fits the page best; what lies far from the surface (the
    ink) is left out of the fit, again and again until the fit rests on paper alone. An even page stays
    as it is. Hard shadows are beyond such a surface and remain.

    Args:
        grey: The brightness, shape (h, w), float32, 0 black to 255 white.

    Returns:
        The brightness in even light, same shape, float32, 0 to 255; the paper has the median of its light.
    """
    coarse = scale_by_area(grey, min(grey.shape[0], _COARSE_SIDE), min(grey.shape[1], _COARSE_SIDE))
    terms, values = _terms(*coarse.shape).reshape(-1, 6), coarse.ravel()
    is_paper = np.ones(len(values), dtype=bool)
    for _ in range(_ROUNDS):
        factors = np.linalg.lstsq(terms[is_paper], values[is_paper], rcond=None)[0]
        distance = np.abs(values - terms @ factors)
        # 1.4826: from the median to the standard deviation; one level more, or a clean page would lose its own points
        is_paper = distance <= _DEVIATIONS * 1.4826 * np.median(distance[is_paper]) + 1
    light = np.maximum(_terms(*grey.shape) @ factors, 1)
    evened: NDArray[np.float32] = np.clip(grey * (np.median(light) / light), 0, 255).astype(np.float32)
    return evened


def _terms(height: int, width: int) -> NDArray[np.float32]:
    """1, r, c, r², rc, c² at each pixel's middle, r and c from -1 to 1; shape (height, width, 6)."""
    rows, columns = np.meshgrid(
        (2 * np.arange(height, dtype=np.float32) + 1) / height - 1,
        (2 * np.arange(width, dtype=np.float32) + 1) / width - 1,
        indexing="ij",
    )
    return np.stack([np.ones_like(rows), rows, columns, rows**2, rows * columns, columns**2], axis=-1)
