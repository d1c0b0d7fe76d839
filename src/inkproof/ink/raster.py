"""The one rasteriser: a drawing becomes the image that a network takes. Knows nothing about networks.

As the tutorial's page did it: strokes are drawn on a pad of 224 × 224, then averaged down, 8 × 8 to a pixel for
28 × 28, and nothing is centred. Here the strokes are antialiased, and as wide as the pen was pressed. A pixel of the
pad is inked by how far it lies from the nearest stroke; the width between two points runs evenly from one to the
other, and their ends are round.
"""

from __future__ import annotations

from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from inkproof.ink.scale import scale_by_area
from inkproof.ink.strokes import Drawing, PastedImage, Stroke, as_array

PAD = 224
# Points nearer than this along the stroke are left out: no edge moves by more than half of it, 1/32 of a pixel of
# 28 × 28, and a pen that rests on the paper costs nothing.
_SPACING = 0.5
_DEVIATION = 0.1  # a node may be so far from a straight line that leaves it out, in pixels of the pad
_FEW_NODES = 24
_CHUNK = 16_384  # pixels at a time: 64 kB an array, so that all of them stay in the cache
_BLOCK = 500_000  # pixels between two looks at where paper is left

Ink = NDArray[np.float32]


def rasterise(drawing: Drawing, shape: tuple[int, int, int]) -> NDArray[np.uint8]:
    """Draw a drawing as a network takes it.

    Args:
        drawing: The drawing; what lies outside of its pad is cut off.
        shape: Height, width and channels of the result. The pad is averaged by area to height × width. With
            three channels ink is white on black and an image keeps its colours; with one a coloured image is
            made grey.

    Returns:
        The image, uint8; 0 is paper, 255 is ink. An empty drawing gives zeros.

    Example:
        >>> dot = Drawing(strokes=[Stroke(points=[(112, 112, 0.5, 0)])])
        >>> rasterise(dot, (28, 28, 1))[13:15, 12:16, 0]
        array([[  0, 200, 200,   0],
               [  0, 200, 200,   0]], dtype=uint8)
    """
    height, width, channels = shape
    pad = rasterise_pad(drawing)  # (224, 224) or (224, 224, 3)
    if pad.ndim == 3 and channels == 1:
        pad = pad @ np.array([0.299, 0.587, 0.114], dtype=np.float32)
    image = np.rint(_average(pad, height, width) * 255).astype(np.uint8)  # (height, width) or (height, width, 3)
    if image.ndim == 2:
        image = np.repeat(image[:, :, np.newaxis], channels, axis=2)
    return image


def rasterise_pad(drawing: Drawing) -> Ink:
    """Draw a drawing on the pad itself.

    Args:
        drawing: The drawing.

    Returns:
        Share of ink of each pixel, from 0 to 1, float32, shape (224, 224); (224, 224, 3) if the drawing has an
        image in colour.
    """
    scale = PAD / drawing.size
    pad = np.zeros((PAD, PAD), dtype=np.float32) if drawing.image is None else _lay_image(drawing.image, scale)
    # Strokes of one pen in a row are drawn at once: in which order ink lies on ink makes no difference.
    for (erase, _), strokes in groupby(drawing.strokes, key=lambda stroke: (stroke.erase, stroke.width)):
        pieces = np.concatenate([_pieces(stroke, scale) for stroke in strokes])  # (n, 6)
        if not len(pieces):
            continue
        if erase:
            taken = np.zeros((PAD, PAD), dtype=np.float32)
            _draw_pieces(taken, pieces)
            left = 1 - taken
            np.minimum(pad, left if pad.ndim == 2 else left[:, :, np.newaxis], out=pad)
        elif pad.ndim == 2:
            _draw_pieces(pad, pieces)
        else:
            given = np.zeros((PAD, PAD), dtype=np.float32)
            _draw_pieces(given, pieces)
            np.maximum(pad, given[:, :, np.newaxis], out=pad)
    return pad


def bounds(drawing: Drawing) -> tuple[float, float, float, float] | None:
    """The box around all ink of a drawing, on the pad or outside of it.

    Args:
        drawing: The drawing. Ink that an erasing stroke took away still counts.

    Returns:
        Left, top, right and bottom in units of the pad; None if there is no ink.

    Example:
        >>> bounds(Drawing(strokes=[Stroke(width=10, points=[(0, 50, 0.5, 0), (100, 50, 0.5, 9)])]))
        (-5.0, 45.0, 105.0, 55.0)
    """
    boxes = []
    for stroke in drawing.strokes:
        if stroke.points and not stroke.erase:
            points = as_array(stroke.points)
            reach = stroke.width / 2 * (0.5 + points[:, 2:3])
            boxes.append(np.concatenate([(points[:, :2] - reach).min(axis=0), (points[:, :2] + reach).max(axis=0)]))
    if drawing.image is not None and (box := _image_bounds(drawing.image)) is not None:
        boxes.append(box)
    if not boxes:
        return None
    table = np.array(boxes)  # (n, 4)
    left, top = table[:, :2].min(axis=0).tolist()
    right, bottom = table[:, 2:].max(axis=0).tolist()
    return left, top, right, bottom


def _image_bounds(image: PastedImage) -> NDArray[np.float64] | None:
    inked = np.any(image.array, axis=2)
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    if not len(rows):
        return None
    a, b, c, d, e, f = image.transform
    xs = np.array([columns[0], columns[-1] + 1, columns[0], columns[-1] + 1], dtype=np.float64)
    ys = np.array([rows[0], rows[0], rows[-1] + 1, rows[-1] + 1], dtype=np.float64)
    corners = np.array([a * xs + c * ys + e, b * xs + d * ys + f])  # (2, 4)
    return np.concatenate([corners.min(axis=1) - image.thickness, corners.max(axis=1) + image.thickness])


def _average(pad: Ink, height: int, width: int) -> Ink:
    if PAD % height == 0 and PAD % width == 0:
        blocks = pad.reshape(height, PAD // height, width, PAD // width, -1)
        # along rows first: that sum runs over memory in order
        means = blocks.sum(axis=1).sum(axis=2) / np.float32(PAD // height * (PAD // width))
        averaged: Ink = means.reshape(height, width, *pad.shape[2:])
        return averaged
    return scale_by_area(pad, height, width)


# ── strokes ────────────────────────────────────────────────────────────────────────────────────────


def _pieces(stroke: Stroke, scale: float) -> NDArray[np.float64]:
    """Short straight pieces of a stroke near the pad, shape (n, 6): x, y, radius at its start and at its end."""
    if not stroke.points:
        return np.zeros((0, 6))
    points = as_array(stroke.points)  # (n, 4)
    nodes = np.column_stack(
        [points[:, :2] * scale, stroke.width * scale / 2 * (0.5 + points[:, 2])],
    )  # (n, 3): x, y, radius, in pixels of the pad
    if len(nodes) == 1:
        nodes = np.repeat(nodes, 2, axis=0)
    nodes = _straighten(_thin(nodes))
    pieces = np.hstack([nodes[:-1], nodes[1:]])
    is_inside = nodes[:, :2].min() >= 0 and nodes[:, :2].max() <= PAD  # as nearly always: a tenth of a millisecond less
    return _cut(pieces if is_inside else _clip(pieces))


def _thin(nodes: NDArray[np.float64]) -> NDArray[np.float64]:
    steps = np.hypot(*np.diff(nodes[:, :2], axis=0).T)
    places = np.floor(np.concatenate([[0.0], np.cumsum(steps)]) / _SPACING)
    keep = np.ones(len(nodes), dtype=bool)
    keep[1:-1] = places[1:-1] != places[:-2]
    # A pen pressed harder where it rests makes a wider dot.
    keep[nodes[:, 2].argmax()] = True
    return nodes[keep]


def _straighten(nodes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Leave out nodes that lie on the straight line between their neighbours, every other one at a time.

    A pen reports a point for each pixel or two that it moves; four passes draw such a stroke twice as fast.
    """
    for _ in range(4):
        if len(nodes) < _FEW_NODES:
            break
        start, middle, end = nodes[:-2:2], nodes[1:-1:2], nodes[2::2]
        chord, way = end - start, middle - start
        length2 = np.maximum((chord[:, :2] ** 2).sum(axis=1), 1e-12)
        place = np.clip((way[:, :2] * chord[:, :2]).sum(axis=1) / length2, 0, 1)
        # how far place and radius in the middle are from those of the line
        deviation = np.abs(way - place[:, np.newaxis] * chord).max(axis=1)
        keep = np.ones(len(nodes), dtype=bool)
        keep[1:-1:2] = (deviation > _DEVIATION) | (length2 > 4 * PAD**2)
        if keep.all():
            break
        nodes = nodes[keep]
    return nodes


def _clip(pieces: NDArray[np.float64]) -> NDArray[np.float64]:
    """The parts of the pieces whose ink can reach the pad (Liang and Barsky 1984, on the pad grown by the radius)."""
    start, end = pieces[:, :3], pieces[:, 3:]
    delta = end - start
    reach = np.maximum(start[:, 2], end[:, 2]) + 1
    enter, leave = np.zeros(len(pieces)), np.ones(len(pieces))
    for axis in (0, 1):
        low, high = -reach - start[:, axis], PAD + reach - start[:, axis]
        step = delta[:, axis]
        still = np.abs(step) < 1e-9
        step = np.where(still, 1.0, step)
        first, second = low / step, high / step
        inside = (low <= 0) & (high >= 0)
        enter = np.maximum(enter, np.where(still, np.where(inside, 0.0, 2.0), np.minimum(first, second)))
        leave = np.minimum(leave, np.where(still, 1.0, np.maximum(first, second)))
    seen = enter <= leave
    enter, leave = enter[seen, np.newaxis], leave[seen, np.newaxis]
    start, delta = start[seen], delta[seen]
    return np.hstack([start + enter * delta, start + leave * delta])


def _cut(pieces: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cut long pieces so that none is much longer than the pen is wide: the window around each stays small."""
    if not len(pieces):
        return pieces
    lengths = np.hypot(pieces[:, 3] - pieces[:, 0], pieces[:, 4] - pieces[:, 1])
    longest = np.maximum(8.0, pieces[:, 2] + pieces[:, 5])
    counts = np.maximum(1, np.ceil(lengths / longest)).astype(np.int64)
    if counts.max() == 1:
        return pieces
    which = np.repeat(np.arange(len(pieces)), counts)
    number = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
    share, total = number[:, np.newaxis], counts[which, np.newaxis]
    start, delta = pieces[which, :3], pieces[which, 3:] - pieces[which, :3]
    return np.hstack([start + delta * (share / total), start + delta * ((share + 1) / total)])


def _draw_pieces(pad: Ink, pieces: NDArray[np.float64]) -> None:
    """Draw pieces into `pad`, where each pixel keeps the most ink that any of them gives it."""
    reach = np.maximum(pieces[:, 2], pieces[:, 5]) + 1
    left = np.floor(np.minimum(pieces[:, 0], pieces[:, 3]) - reach).astype(np.int64)
    top = np.floor(np.minimum(pieces[:, 1], pieces[:, 4]) - reach).astype(np.int64)
    right = np.ceil(np.maximum(pieces[:, 0], pieces[:, 3]) + reach).astype(np.int64)
    bottom = np.ceil(np.maximum(pieces[:, 1], pieces[:, 4]) + reach).astype(np.int64)
    # The clipping took each piece's widest place for all of it: what tapers off outside is left out here.
    seen = (left < PAD) & (top < PAD) & (right > 0) & (bottom > 0)
    if not seen.any():
        return
    side = int(max((right - left)[seen].max(), (bottom - top)[seen].max()))
    pieces, left, top = pieces[seen], left[seen], top[seen]
    # A frame around the pad lets every window lie in it whole.
    framed = np.zeros((PAD + 2 * side, PAD + 2 * side), dtype=np.float32)
    inner = framed[side:-side, side:-side]
    inner[:] = pad
    step, block = max(1, _CHUNK // side**2), max(16, _BLOCK // side**2)
    for begin in range(0, len(pieces), block):
        some = np.arange(begin, min(begin + block, len(pieces)))
        if begin:
            some = some[_touches_paper(inner, left[some], top[some], side)]
        for first in range(0, len(some), step):
            chunk = some[first : first + step]
            ink = _ink_of(pieces[chunk], left[chunk], top[chunk], side)  # (k, side, side)
            for window, row, column in zip(
                ink, (top[chunk] + side).tolist(), (left[chunk] + side).tolist(), strict=True
            ):
                target = framed[row : row + side, column : column + side]
                np.maximum(target, window, out=target)
    pad[:] = inner


def _touches_paper(pad: Ink, left: NDArray[np.int64], top: NDArray[np.int64], side: int) -> NDArray[np.bool_]:
    """Which windows hold a pixel that is not all ink yet: a scribble over itself ends early."""
    paper = np.zeros((PAD + 1, PAD + 1), dtype=np.int64)
    paper[1:, 1:] = (pad < 1).cumsum(axis=0).cumsum(axis=1)
    x0, x1, y0, y1 = (np.clip(value, 0, PAD) for value in (left, left + side, top, top + side))
    return (paper[y1, x1] - paper[y0, x1] - paper[y1, x0] + paper[y0, x0]) > 0


def _ink_of(
    pieces: NDArray[np.float64], left: NDArray[np.int64], top: NDArray[np.int64], side: int
) -> NDArray[np.float32]:
    """Share of ink that each piece gives to the pixels of its window, shape (n, side, side), 0 to 1."""
    local = pieces.astype(np.float32)
    local[:, (0, 3)] = pieces[:, (0, 3)] - left[:, np.newaxis]  # small numbers, exact enough in single precision
    local[:, (1, 4)] = pieces[:, (1, 4)] - top[:, np.newaxis]
    x0, y0, r0, x1, y1, r1 = (local[:, column, np.newaxis, np.newaxis] for column in range(6))
    middle = np.arange(side, dtype=np.float32) + np.float32(0.5)
    along_x, along_y = x1 - x0, y1 - y0
    length2 = np.maximum(along_x**2 + along_y**2, np.float32(1e-12))
    dx, dy = middle[np.newaxis, np.newaxis, :] - x0, middle[np.newaxis, :, np.newaxis] - y0
    # where along the piece the nearest place lies, 0 start to 1 end
    place = np.asarray(dx * (along_x / length2) + dy * (along_y / length2), dtype=np.float32)  # (n, side, side)
    np.maximum(place, 0, out=place)
    np.minimum(place, 1, out=place)
    across = dx - place * along_x
    np.square(across, out=across)
    down = dy - place * along_y
    np.square(down, out=down)
    across += down
    np.sqrt(across, out=across)
    # ink = radius at the nearest place − distance + ½, from 0 to 1 over the one pixel that the edge crosses
    np.multiply(place, r1 - r0, out=place)
    place += r0 + np.float32(0.5)
    place -= across
    np.maximum(place, 0, out=place)
    np.minimum(place, 1, out=place)
    return place


# ── the image below them ───────────────────────────────────────────────────────────────────────────


def _lay_image(image: PastedImage, scale: float) -> Ink:
    """The image on the pad by its transform, each of its pixels a square; shape (224, 224) or (224, 224, 3)."""
    pixels = image.array
    empty = np.zeros((PAD, PAD, image.channels), dtype=np.float32)
    a, b, c, d, e, f = (value * scale for value in image.transform)
    determinant = a * d - b * c
    laid = empty
    if abs(determinant) > 1e-9:
        middle = np.arange(PAD) + 0.5
        right, down = middle[np.newaxis, :] - e, middle[:, np.newaxis] - f
        # rounded, so that an edge of a pixel is not missed by the last bit of a float
        columns = np.floor(np.round((d * right - c * down) / determinant, 6))
        rows = np.floor(np.round((a * down - b * right) / determinant, 6))
        inside = (columns >= 0) & (columns < image.width) & (rows >= 0) & (rows < image.height)
        laid[inside] = pixels[rows[inside].astype(np.int64), columns[inside].astype(np.int64)] * np.float32(1 / 255)
    laid = _thicken(laid, image.thickness * scale)
    return laid[:, :, 0] if image.channels == 1 else laid


def _thicken(pad: Ink, radius: float) -> Ink:
    """Grow ink by a disc of that radius, or thin it; between whole radii the two next ones are mixed."""
    radius = float(np.clip(radius, -PAD / 4, PAD / 4))
    if radius < 0:
        return 1 - _thicken(1 - pad, -radius)
    whole = int(radius)
    grown = _grow(pad, whole)
    share = np.float32(radius - whole)
    return grown if share == 0 else grown * (1 - share) + _grow(pad, whole + 1) * share


def _grow(pad: Ink, radius: int) -> Ink:
    """Each pixel becomes the most ink within `radius` of it."""
    if radius == 0:
        return pad
    heights = np.arange(radius + 1)
    half_widths = np.floor(np.sqrt(np.maximum((radius + 0.5) ** 2 - heights**2, 0))).astype(np.int64)
    grown, row_maxima, reached = pad.copy(), pad.copy(), 0
    for height in heights[::-1]:  # from the disc's narrow top to its middle: each row's maximum grows from the last
        for step in range(reached + 1, int(half_widths[height]) + 1):
            np.maximum(row_maxima[:, step:], pad[:, :-step], out=row_maxima[:, step:])
            np.maximum(row_maxima[:, :-step], pad[:, step:], out=row_maxima[:, :-step])
        reached = max(reached, int(half_widths[height]))
        if height == 0:
            np.maximum(grown, row_maxima, out=grown)
        else:
            np.maximum(grown[height:], row_maxima[:-height], out=grown[height:])
            np.maximum(grown[:-height], row_maxima[height:], out=grown[:-height])
    return grown
