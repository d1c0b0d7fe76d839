"""Digits drawn anew with another pen: thicker and thinner, by pens of one width, and with gaps. Asks no network.

Each digit is enlarged three times and cut into ink and paper at half of its darkest. Distances to the outline make
it thicker or thinner; its middle line (Zhang and Suen 1984) is what a pen of one width follows and where gaps lie.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

THICKNESSES = (-0.75, -0.5, -0.25, 0.0, 0.5, 1.0, 1.5, 2.0)  # pixels on each side of the stroke
PEN_WIDTHS = (1, 2, 3, 4, 5, 6)  # pixels
GAPS = (1, 2, 3, 4)  # pixels along the stroke
NUM_GAPS = 3
_FACTOR = 3
_NEAR = 3.0  # pixels: as far as a piece of line is looked at for its direction
_HALF_CUT = 4.0  # pixels to each side: a gap goes through the whole stroke


@dataclass(frozen=True, eq=False)
class Redrawn:
    """Digits ready to be drawn anew; made by `trace`.

    Attributes:
        outside: Signed distance of each enlarged pixel from the outline, in pixels of the image, negative inside;
            shape (n, height × 3, width × 3), float32.
        to_line: Distance from the middle line, in pixels of the image, same shape.
        line: The middle line itself, same shape, bool.
    """

    outside: NDArray[np.float32]
    to_line: NDArray[np.float32]
    line: NDArray[np.bool_]

    def thicken(self, pixels: float) -> NDArray[np.uint8]:
        """Each stroke grown by so much on both sides, thinned where negative; shape (n, height, width), uint8."""
        return _render(pixels - self.outside)

    def redraw(self, width: float) -> NDArray[np.uint8]:
        """The middle line followed by a round pen of that width in pixels; shape (n, height, width), uint8."""
        return _render(width / 2 - self.to_line)

    def cut(self, gap: float, seed: int) -> NDArray[np.uint8]:
        """As it was, but for three gaps of that length in pixels at random places; shape (n, height, width), uint8."""
        random = np.random.RandomState(seed)  # its numbers stay the same in every NumPy (NEP 19)
        inside = -self.outside.copy()
        for index, line in enumerate(self.line):
            points = np.argwhere(line) / _FACTOR  # (points, 2): row, column
            places = random.uniform(size=NUM_GAPS)
            if len(points):
                for place in places:
                    _cut(inside[index], points, points[int(place * len(points))], gap)
        return _render(inside)


def trace(images: NDArray[np.uint8]) -> Redrawn:
    """Find outline and middle line of each digit.

    Args:
        images: Shape (n, height, width), uint8; 0 is paper, 255 is ink.

    Returns:
        What is needed to draw them anew. A digit without ink stays empty however it is drawn.
    """
    from scipy import ndimage

    enlarged = _enlarge(images)
    inked = enlarged * 2 > enlarged.max(axis=(1, 2), keepdims=True)
    line = thin(inked)
    outside = np.full(inked.shape, 1e3, dtype=np.float32)
    to_line = np.full(inked.shape, 1e3, dtype=np.float32)
    for index in np.flatnonzero(line.any(axis=(1, 2))):
        ink = np.pad(inked[index], 1)  # what lies outside of the frame is paper
        to_ink = ndimage.distance_transform_edt(~ink)
        to_paper = ndimage.distance_transform_edt(ink)
        # The outline runs half a pixel from the nearest middle of a pixel on its other side.
        signed = np.where(ink, 0.5 - to_paper, to_ink - 0.5)
        outside[index] = signed[1:-1, 1:-1] / _FACTOR
        to_line[index] = ndimage.distance_transform_edt(~line[index]) / _FACTOR
    return Redrawn(outside, to_line, line)


def thin(inked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Thin shapes to lines one pixel wide that hang together as the shapes did (Zhang and Suen 1984).

    Args:
        inked: Shapes, shape (n, height, width), bool.

    Returns:
        Lines, same shape. No shape vanishes: what is left of a dot is one pixel or two.

    Example:
        >>> thin(np.ones((1, 3, 5), dtype=bool))[0].astype(int).tolist()
        [[0, 0, 0, 0, 0], [0, 1, 1, 0, 0], [0, 0, 0, 0, 0]]
    """
    thinned = np.pad(inked, ((0, 0), (1, 1), (1, 1))).astype(np.uint8)
    active = np.arange(len(inked))  # shapes that still change
    while len(active):
        part = thinned[active]
        changed = np.zeros(len(active), dtype=bool)
        for half in (0, 1):
            removed = _removable(part, half)
            changed |= removed.any(axis=(1, 2))
            part[:, 1:-1, 1:-1][removed] = 0
        # A square of two by two would vanish whole.
        vanished = ~part.any(axis=(1, 2)) & thinned[active].any(axis=(1, 2))
        part[vanished] = thinned[active][vanished]
        thinned[active] = part
        active = active[changed & ~vanished]
    return thinned[:, 1:-1, 1:-1].astype(bool)


def _removable(part: NDArray[np.uint8], half: int) -> NDArray[np.bool_]:
    inner = part[:, 1:-1, 1:-1]
    north, south, west, east = part[:, :-2, 1:-1], part[:, 2:, 1:-1], part[:, 1:-1, :-2], part[:, 1:-1, 2:]
    around = [
        north, part[:, :-2, 2:], east, part[:, 2:, 2:], south, part[:, 2:, :-2], west, part[:, :-2, :-2], north,
    ]  # fmt: skip
    neighbours = np.sum(around[:-1], axis=0, dtype=np.uint8)
    begins = np.zeros_like(inner)  # how often paper turns to ink on the way round
    for before, after in itertools.pairwise(around):
        begins += (1 - before) & after
    # paper on one of the sides that this half of the round takes from
    fourth, other = (south, east) if half == 0 else (north, west)
    corner = (fourth & other & (north if half == 0 else south)) | (fourth & other & (west if half == 0 else east))
    removable: NDArray[np.bool_] = (inner == 1) & (neighbours >= 2) & (neighbours <= 6) & (begins == 1) & (corner == 0)
    return removable


def _enlarge(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Three times the size, linear between the middles of pixels; shape (n, height × 3, width × 3)."""
    enlarged = images.astype(np.float32)
    for axis in (1, 2):
        before = np.concatenate([enlarged.take([0], axis), enlarged[_without(axis, -1)]], axis)
        after = np.concatenate([enlarged[_without(axis, 0)], enlarged.take([-1], axis)], axis)
        thirds = [(before + 2 * enlarged) / 3, enlarged, (2 * enlarged + after) / 3]
        shape = list(enlarged.shape)
        shape[axis] *= _FACTOR
        enlarged = np.stack(thirds, axis + 1).reshape(shape)
    return enlarged


def _without(axis: int, end: int) -> tuple[slice, ...]:
    part = slice(1, None) if end == 0 else slice(None, -1)
    return (*[slice(None)] * axis, part)


def _render(depth: NDArray[np.float32]) -> NDArray[np.uint8]:
    """From how deep in ink each enlarged pixel lies, in pixels, to the image; its edge is one enlarged pixel soft."""
    num, height, width = depth.shape
    ink = np.clip(depth * _FACTOR + np.float32(0.5), 0, 1)
    blocks = ink.reshape(num, height // _FACTOR, _FACTOR, width // _FACTOR, _FACTOR)
    means = blocks.mean(axis=(2, 4), dtype=np.float64)  # (n, height, width)
    images: NDArray[np.uint8] = np.rint((means * 255).round(4)).astype(np.uint8)
    return images


def _cut(inside: NDArray[np.float32], points: NDArray[np.float64], place: NDArray[np.float64], gap: float) -> None:
    """Take the ink from a band across the line at `place`, in the enlarged `inside` of one digit."""
    near = points[((points - place) ** 2).sum(axis=1) <= _NEAR**2] - place
    moments = near.T @ near
    # The direction in which the points near by lie spread out the most.
    angle = 0.5 * np.arctan2(2 * moments[0, 1], moments[0, 0] - moments[1, 1])
    row, column = np.cos(angle), np.sin(angle)
    height, width = inside.shape
    down = np.arange(height)[:, np.newaxis] / _FACTOR - place[0]
    across = np.arange(width) / _FACTOR - place[1]
    along, beside = down * row + across * column, across * row - down * column
    depth = np.where(np.abs(beside) <= _HALF_CUT, np.abs(along) - gap / 2, np.inf)
    np.minimum(inside, depth, out=inside)
