"""Fifteen ways in which a picture of a digit goes bad, in five severities each. Asks no network.

The kinds are those of MNIST-C (Mu and Gilmer 2019, arXiv 1906.02337), written anew for whole batches; the
severities are its constants where it has five. Where it has one (stripe, lines, outlines) that one is among ours.
Images here are float64, shape (n, height, width), 0 paper to 1 ink, inside; uint8 at the door.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from inkproof.diagnosis import affine
from inkproof.diagnosis.edges import move

Images = NDArray[np.float64]
SEVERITIES = (1, 2, 3, 4, 5)
_FOG_SIDE, _NUM_FOGS = 256, 24  # each image is veiled by a window of its own into one of these fields


def corrupt(images: NDArray[np.uint8], kind: str, severity: int, seed: int) -> NDArray[np.uint8]:
    """Spoil images.

    Args:
        images: Shape (n, height, width), uint8; 0 is paper, 255 is ink.
        kind: One of `KINDS`.
        severity: 1 (slight) to 5 (severe).
        seed: Start of the random numbers. The same images, kind, severity and seed give the same bytes.

    Returns:
        New images of the same shape and dtype.
    """
    # RandomState, not default_rng: only its numbers are promised to stay the same in every NumPy (NEP 19).
    random = np.random.RandomState(seed)
    spoilt = KINDS[kind](images / 255.0, severity - 1, random)
    # Rounded twice, so that the last bit of a float decides no pixel.
    bytes_: NDArray[np.uint8] = np.rint((np.clip(spoilt, 0, 1) * 255).round(6)).astype(np.uint8)
    return bytes_


def shot_noise(images: Images, level: int, random: np.random.RandomState) -> Images:
    """As few grains of light as a fast film has: ink turns grainy, paper stays clean."""
    grains = (60, 25, 12, 5, 3)[level]
    return random.poisson(images * grains) / grains


def impulse_noise(images: Images, level: int, random: np.random.RandomState) -> Images:
    """Salt and pepper: some pixels turn all ink or all paper."""
    amount = (0.03, 0.06, 0.09, 0.17, 0.27)[level]
    hit = random.uniform(size=images.shape) < amount
    salt = random.uniform(size=images.shape) < 0.5
    return np.where(hit, salt, images)


def glass_blur(images: Images, level: int, random: np.random.RandomState) -> Images:
    """Seen through frosted glass: blurred, neighbours swapped at random, blurred again."""
    sigma, reach, rounds = ((0.7, 1, 2), (0.9, 2, 1), (1.0, 2, 3), (1.1, 3, 2), (1.5, 4, 2))[level]
    # (height, width, n): one pixel of all images is one row of memory
    swapped = np.ascontiguousarray(_blur(images, sigma).transpose(1, 2, 0))
    height, width, num = swapped.shape
    every = np.arange(num)
    for _ in range(rounds):
        for row in range(height - 1 - reach, reach - 1, -1):
            for column in range(width - 1 - reach, reach - 1, -1):
                down, across = random.randint(-reach, reach + 1, (2, num))
                moved = random.randint(0, 2, num)  # every second pixel stays where it is
                rows, columns = row + down * moved, column + across * moved
                here, there = swapped[row, column].copy(), swapped[rows, columns, every]
                swapped[rows, columns, every] = here
                swapped[row, column] = there
    return _blur(np.ascontiguousarray(swapped.transpose(2, 0, 1)), sigma)


def motion_blur(images: Images, level: int, random: np.random.RandomState) -> Images:
    """Drawn out in one direction within 45 degrees of the line, fading as half a bell curve."""
    radius, sigma = ((10, 3), (15, 5), (15, 8), (15, 12), (20, 15))[level]
    angle = np.deg2rad(random.uniform(-45, 45, len(images)))
    side = np.where(random.randint(0, 2, len(images)) == 1, 1, -1)
    steps = np.arange(2 * radius + 1)
    weights = np.exp(-(steps**2) / (2 * sigma**2))
    pixels = np.rint(images * 255).astype(np.uint8)
    blurred = np.zeros_like(images)
    for step, weight in zip(steps, weights / weights.sum(), strict=True):
        right = np.rint(side * step * np.cos(angle)).astype(np.int64)
        down = np.rint(side * step * np.sin(angle)).astype(np.int64)
        blurred += move(pixels, right, down) * (weight / 255)
    return blurred


def shear(images: Images, level: int, random: np.random.RandomState) -> Images:
    """Leant to one side or the other."""
    lean = (0.2, 0.4, 0.6, 0.8, 1.0)[level] * _signs(len(images), random)
    matrices = np.tile(np.eye(2), (len(images), 1, 1))
    matrices[:, 0, 1] = lean
    return _warp(images, matrices)


def scale(images: Images, level: int, random: np.random.RandomState) -> Images:
    """Shrunk around the middle; the one kind without chance in it."""
    del random
    return _warp(images, np.tile(np.eye(2) * (0.9, 0.8, 0.7, 0.6, 0.5)[level], (len(images), 1, 1)))


def rotate(images: Images, level: int, random: np.random.RandomState) -> Images:
    """Turned to one side or the other, by up to one radian."""
    angle = (0.2, 0.4, 0.6, 0.8, 1.0)[level] * _signs(len(images), random)
    matrices = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return _warp(images, matrices.transpose(2, 0, 1))


def brightness(images: Images, level: int, random: np.random.RandomState) -> Images:
    """All lighter: paper is grey, ink saturates."""
    del random
    return images + (0.1, 0.2, 0.3, 0.4, 0.5)[level]


def translate(images: Images, level: int, random: np.random.RandomState) -> Images:
    """Moved along a diagonal; what leaves the frame is lost."""
    offset = (1, 2, 3, 4, 5)[level] * np.stack([_signs(len(images), random), _signs(len(images), random)])
    right, down = offset.astype(np.int64)
    return move(np.rint(images * 255).astype(np.uint8), right, down) / 255.0


def stripe(images: Images, level: int, random: np.random.RandomState) -> Images:
    """Ink and paper exchanged left and right of a band in the middle; MNIST-C's margins are a quarter wide, as 3."""
    del random
    width = images.shape[2]
    margin = round(width * (3, 5, 7, 9, 11)[level] / 28)
    striped = images.copy()
    for part in (slice(0, margin), slice(width - margin, width)):
        striped[:, :, part] = 1 - striped[:, :, part]
    return striped


def fog(images: Images, level: int, random: np.random.RandomState) -> Images:
    """Veiled by a cloud: a field whose waves grow weaker the shorter they are, and a contrast that shrinks."""
    strength, decay = ((1.5, 2.0), (2.0, 2.0), (2.5, 1.7), (2.5, 1.5), (3.0, 1.4))[level]
    num, height, width = images.shape
    fields = _clouds(decay, random)
    which = random.randint(0, _NUM_FOGS, num)
    top, left = random.randint(0, _FOG_SIDE - height + 1, num), random.randint(0, _FOG_SIDE - width + 1, num)
    windows = np.lib.stride_tricks.sliding_window_view(fields, (height, width), axis=(1, 2))
    brightest = images.max(axis=(1, 2), keepdims=True)
    veiled: Images = (images + strength * windows[which, top, left]) * brightest / (brightest + strength)
    return veiled


def spatter(images: Images, level: int, random: np.random.RandomState) -> Images:
    """Spots of mud: they cover the ink and are dark grey themselves."""
    mean, deviation, sigma, threshold, soft = (
        (0.65, 0.3, 4, 0.69, 0.6),
        (0.65, 0.3, 3, 0.68, 0.6),
        (0.65, 0.3, 2, 0.68, 0.5),
        (0.65, 0.3, 1, 0.65, 1.5),
        (0.67, 0.4, 1, 0.65, 1.5),
    )[level]
    liquid = _blur(random.normal(mean, deviation, images.shape), sigma)
    mud = _blur((liquid > threshold).astype(np.float64), soft)
    mud[mud < 0.8] = 0
    return images * (1 - mud) + 63 / 255 * mud


def dotted_line(images: Images, level: int, random: np.random.RandomState) -> Images:
    """Dotted lines right across; the second severity is MNIST-C's."""
    return _draw_lines(images, level, random, _dotted)


def zigzag(images: Images, level: int, random: np.random.RandomState) -> Images:
    """Zigzag lines right across; the second severity is MNIST-C's."""
    return _draw_lines(images, level, random, _zigzagged)


def canny_edges(images: Images, level: int, random: np.random.RandomState) -> Images:
    """Outlines alone (Canny 1986), of the image blurred ever more; the third severity is MNIST-C's."""
    del random
    return outline(images, (0.5, 0.75, 1.0, 1.5, 2.0)[level]).astype(np.float64)


def outline(images: Images, sigma: float) -> NDArray[np.bool_]:
    """The edges that Canny finds: steep ridges thinned to a line, weak ones kept where they join strong ones.

    Args:
        images: Shape (n, height, width), float64, 0 to 1.
        sigma: Deviation of the blur before, pixels.

    Returns:
        Which pixels are edges, same shape.
    """
    from scipy import ndimage

    smooth = _blur(images, sigma)
    # Sobel's slopes, a quarter of their sum: a step from paper to ink is 1.
    down = ndimage.correlate1d(ndimage.correlate1d(smooth, [-1, 0, 1], 1), [0.25, 0.5, 0.25], 2)
    across = ndimage.correlate1d(ndimage.correlate1d(smooth, [-1, 0, 1], 2), [0.25, 0.5, 0.25], 1)
    steepness = np.hypot(down, across)
    ridge = _thin(steepness, down, across)
    weak, strong = ridge & (steepness >= 0.1), ridge & (steepness >= 0.2)
    in_plane = np.zeros((3, 3, 3), dtype=bool)
    in_plane[1] = True  # pixels of different images never join
    labels, num = ndimage.label(weak, in_plane)
    kept = np.zeros(num + 1, dtype=bool)
    kept[labels[strong]] = True
    kept[0] = False
    edges: NDArray[np.bool_] = kept[labels]
    return edges


KINDS: dict[str, Callable[[Images, int, np.random.RandomState], Images]] = {
    "shot_noise": shot_noise,
    "impulse_noise": impulse_noise,
    "glass_blur": glass_blur,
    "motion_blur": motion_blur,
    "shear": shear,
    "scale": scale,
    "rotate": rotate,
    "brightness": brightness,
    "translate": translate,
    "stripe": stripe,
    "fog": fog,
    "spatter": spatter,
    "dotted_line": dotted_line,
    "zigzag": zigzag,
    "canny_edges": canny_edges,
}


def _signs(num: int, random: np.random.RandomState) -> NDArray[np.float64]:
    return (random.randint(0, 2, num) * 2 - 1).astype(np.float64)


def _blur(images: Images, sigma: float) -> Images:
    from scipy import ndimage

    blurred: Images = ndimage.gaussian_filter(images, (0, sigma, sigma), mode="nearest")
    return blurred


def _warp(images: Images, matrices: NDArray[np.float64]) -> Images:
    return affine.warp(np.rint(images * 255).astype(np.uint8), matrices) / 255.0


def _clouds(decay: float, random: np.random.RandomState) -> Images:
    """Fields from 0 to 1, shape (fogs, side, side): each octave is `decay` times weaker than the one before."""
    frequency = np.hypot(np.fft.fftfreq(_FOG_SIDE)[:, np.newaxis], np.fft.rfftfreq(_FOG_SIDE))
    frequency[0, 0] = np.inf  # no constant part
    noise = np.fft.rfft2(random.normal(size=(_NUM_FOGS, _FOG_SIDE, _FOG_SIDE)))
    fields = np.fft.irfft2(noise * frequency ** -(np.log2(decay) + 1), s=(_FOG_SIDE, _FOG_SIDE))
    low, high = fields.min(axis=(1, 2), keepdims=True), fields.max(axis=(1, 2), keepdims=True)
    clouds: Images = ((fields - low) / (high - low)).astype(np.float64)
    return clouds


def _draw_lines(
    images: Images,
    level: int,
    random: np.random.RandomState,
    shape: Callable[[NDArray[np.float64], int], tuple[NDArray[np.float64], NDArray[np.bool_]]],
) -> Images:
    """Lines from left to right, each fading within its radius up and down: log(1 - distance / radius) + 1."""
    num_lines, radius = ((1, 1.5), (1, 2.3), (2, 2.3), (3, 2.3), (4, 2.3))[level]
    num, height, width = images.shape
    drawn = images.copy()
    for _ in range(num_lines):
        begin, end = random.randint(0, height - 1, (2, num))
        end = begin + np.clip(end - begin, -5, 5) if shape is _zigzagged else end
        straight = begin[:, np.newaxis] + (end - begin)[:, np.newaxis] * (np.arange(width) / (width - 1))
        middle, is_drawn = shape(straight, width)  # (n, width)
        distance = np.abs(np.arange(height)[:, np.newaxis] - middle[:, np.newaxis, :])  # (n, height, width)
        ink = np.log(1 - np.minimum(distance / radius, 1 - 1e-9)) + 1
        drawn += np.clip(ink, 0, 1) * is_drawn
    return drawn


def _dotted(straight: NDArray[np.float64], width: int) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    return straight, np.arange(width) % 4 >= 2


def _zigzagged(straight: NDArray[np.float64], width: int) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    columns = np.arange(width)
    phase = (columns - 2) % 8  # up 2, down 4, up 2: teeth of 45 degrees
    teeth = np.where(phase < 2, phase, np.where(phase < 6, 4 - phase, phase - 8))
    return straight + teeth, (columns >= 2) & (columns < width - 2)


def _thin(steepness: Images, down: Images, across: Images) -> NDArray[np.bool_]:
    """Where the steepness is the largest along its own direction, between neighbours interpolated."""
    num, height, width = steepness.shape
    framed = np.zeros((num, height + 2, width + 2))
    framed[:, 1:-1, 1:-1] = steepness
    larger = np.maximum(np.maximum(np.abs(down), np.abs(across)), 1e-12)
    toward_row, toward_column = np.sign(down).astype(np.int64), np.sign(across).astype(np.int64)
    share = np.minimum(np.abs(down), np.abs(across)) / larger  # 0 straight, 1 diagonal
    is_steep = np.abs(down) > np.abs(across)
    which = np.arange(num)[:, np.newaxis, np.newaxis]
    rows, columns = np.arange(height)[:, np.newaxis] + 1, np.arange(width) + 1

    def beside(side: int) -> Images:
        straight_row = np.where(is_steep, toward_row, 0) * side
        straight_column = np.where(is_steep, 0, toward_column) * side
        straight = framed[which, rows + straight_row, columns + straight_column]
        diagonal = framed[which, rows + toward_row * side, columns + toward_column * side]
        value: Images = straight * (1 - share) + diagonal * share
        return value

    # An edge between two equal pixels is drawn once: strictly more than on one side, at least as on the other.
    tiny = 1e-9
    ridge: NDArray[np.bool_] = (steepness >= beside(1) - tiny) & (steepness > beside(-1) + tiny) & (steepness > 0)
    return ridge
