"""The edge map: what a network answers with a drawing at every place where it still fits the frame.

A network that has only seen digits in the middle misreads them at the edge; here it shows where that begins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inkproof.errors import ImageShapeError

# Images at a time. ONNX Runtime keeps what it once needed: a server with four networks of the size of `tutorial` then
# holds 169 MB, with 32 at a time 217 MB, and is as fast (2 cores).
CHUNK = 16

Predict = Callable[[NDArray[np.uint8]], NDArray[np.float32]]


@dataclass(frozen=True, eq=False)
class Offsets:
    """A drawing moved to every place at which its ink fits the frame uncut.

    Attributes:
        dx: Offsets to the right, in pixels, ascending; shape (columns,).
        dy: Offsets down, in pixels, ascending; shape (rows,).
        centre: Index into `dy` and index into `dx` of the place where the box of the ink lies in the middle
            of the frame (half a pixel up or left of it where it cannot lie there exactly).
        images: The moved drawings, shape (rows, columns, height, width, channels), uint8, read-only: they are
            windows into one larger image and take no memory of their own.
    """

    dx: NDArray[np.int64]
    dy: NDArray[np.int64]
    centre: tuple[int, int]
    images: NDArray[np.uint8]

    @property
    def count(self) -> int:
        """How many places there are."""
        return len(self.dy) * len(self.dx)

    def chunk(self, begin: int, end: int) -> NDArray[np.uint8]:
        """The moved drawings number `begin` to `end` - 1, row by row; shape (n, height, width, channels)."""
        rows, columns = np.divmod(np.arange(begin, min(end, self.count)), len(self.dx))
        return self.images[rows, columns]


@dataclass(frozen=True, eq=False)
class EdgeMap:
    """A network's answers at all offsets.

    Attributes:
        offsets: Where the drawing was moved to.
        probabilities: Shape (rows, columns, classes), float32; rows as `offsets.dy`, columns as `offsets.dx`.
        centre_class: The class with the ink's box in the middle of the frame.
    """

    offsets: Offsets
    probabilities: NDArray[np.float32]
    centre_class: int

    @property
    def best(self) -> NDArray[np.int64]:
        """The most probable class at each offset, shape (rows, columns)."""
        best: NDArray[np.int64] = self.probabilities.argmax(axis=2)
        return best

    @property
    def of_centre_class(self) -> NDArray[np.float32]:
        """The probability of `centre_class` at each offset, shape (rows, columns)."""
        return self.probabilities[:, :, self.centre_class]


def find_offsets(image: NDArray[np.uint8]) -> Offsets | None:
    """Move a drawing to every place at which its ink still fits the frame.

    Args:
        image: One drawing, shape (height, width, channels), uint8; 0 is paper, anything else counts as ink.

    Returns:
        The places, of which (0, 0) is one; None for a drawing without ink, which has no place.

    Raises:
        ImageShapeError: If `image` is not of three dimensions or not uint8.

    Example:
        >>> image = np.zeros((4, 4, 1), dtype=np.uint8)
        >>> image[1:3, 0:3] = 255
        >>> offsets = find_offsets(image)
        >>> offsets.dx, offsets.dy, offsets.centre
        (array([0, 1]), array([-1,  0,  1]), (1, 0))
    """
    if image.ndim != 3 or image.dtype != np.uint8:
        raise ImageShapeError(
            f"A drawing of shape {image.shape} and type {image.dtype} came; "
            "(height, width, channels) and uint8 was expected.",
        )
    height, width, channels = image.shape
    inked = np.any(image, axis=2)
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    if not len(rows):
        return None
    ink = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    free_down, free_right = height - ink.shape[0], width - ink.shape[1]
    # The ink with as much paper around it as the frame leaves free: every window of the frame's size holds it whole.
    field = np.zeros((height + free_down, width + free_right, channels), dtype=np.uint8)
    field[free_down:height, free_right:width] = ink
    windows = np.lib.stride_tricks.sliding_window_view(field, (height, width), axis=(0, 1))
    # A window further up shows the ink further down.
    images = np.moveaxis(windows[::-1, ::-1], 2, 4)  # (rows, columns, height, width, channels)
    return Offsets(
        dx=np.arange(free_right + 1) - columns[0],
        dy=np.arange(free_down + 1) - rows[0],
        centre=(free_down // 2, free_right // 2),
        images=images,
    )


def map_edges(
    offsets: Offsets,
    predict: Predict,
    *,
    run_all: Callable[[Sequence[Callable[[], NDArray[np.float32]]]], Iterable[NDArray[np.float32]]] | None = None,
) -> EdgeMap:
    """Ask a network about a drawing at every offset.

    Args:
        offsets: The moved drawings, from `find_offsets`.
        predict: Gives probabilities, shape (n, classes), for images, shape (n, height, width, channels); such as
            `network.predict`.
        run_all: Carries out several calls and gives their results in order, such as side by side in threads; one
            after the other by default.

    Returns:
        The map. At (0, 0) stands the answer for the drawing as it is.
    """

    def ask(begin: int) -> Callable[[], NDArray[np.float32]]:
        return lambda: predict(offsets.chunk(begin, begin + CHUNK))

    calls = [ask(begin) for begin in range(0, offsets.count, CHUNK)]
    parts = [call() for call in calls] if run_all is None else list(run_all(calls))
    probabilities = np.concatenate(parts).reshape(len(offsets.dy), len(offsets.dx), -1)
    return EdgeMap(offsets, probabilities, int(probabilities[offsets.centre].argmax()))
