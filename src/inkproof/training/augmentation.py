"""Training images changed anew each time they are seen, so that a network learns what does not matter.

Runs inside the compiled step. Every random number is a function of seed and step alone, so a resume meets the same
images. Nothing here is taken from the proof suites: those are made by other code, with other functions.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import tensorflow as tf

from inkproof.diagnosis.edges import ink_boxes
from inkproof.models.initial import derive_seed
from inkproof.training.light import Light

Tensor: TypeAlias = Any


@dataclass(frozen=True)
class Movement:
    """How far ink may move.

    Args:
        turn: Degrees, to either side.
        scale: Times the size, from and to.
        stretch: Natural logarithm of height by width, to either side.
        shear: Pixels to the side for each pixel up, to either side.
        bend: Pixels; standard deviation of a smooth displacement of every place at its strongest.
        jitter: Pixels; the same of a displacement of each pixel by itself.
        thickness: Share of full ink that a stroke's rim gains or loses at the most.
    """

    turn: float = 15.0
    scale: tuple[float, float] = (0.75, 1.2)
    stretch: float = 0.12
    shear: float = 0.25
    bend: float = 1.0
    jitter: float = 0.0
    thickness: float = 0.4


GEOMETRIC = Movement()
FULL = Movement(turn=20.0, scale=(0.65, 1.25), shear=0.3, jitter=1.0)
# So many images stay within a pixel and a half of where they are, as most drawings are somewhere in the middle.
_STAYING_FRACTION = 0.2
_STAYING_PX = 1.5


class Augmentation:
    """What the setting `augmentation` names, for one set of training images.

    Args:
        kind: `geometric` or `full`.
        images: All training images, uint8 [n, height, width, channels]; where their ink lies is looked up once.
        seed: The training's seed.
    """

    def __init__(self, kind: Literal["geometric", "full"], images: np.ndarray, seed: int) -> None:
        self._movement = FULL if kind == "full" else GEOMETRIC
        self._light = Light(images.shape[1:3]) if kind == "full" else None
        self._boxes = tf.constant(ink_boxes(images.max(axis=3)).astype(np.float32))
        self._seed = derive_seed(seed, "augmentation")

    def __call__(self, images: Tensor, numbers: Tensor, step: Tensor) -> Tensor:
        """Changed images.

        Args:
            images: float32 [batch, height, width, channels], 0 = paper, 1 = ink.
            numbers: int32 [batch], which of all training images they are.
            step: int32 scalar.

        Returns:
            The same shape and range.
        """
        dice = Dice(self._seed, step, tf.shape(images)[0])
        moved = move(images, tf.gather(self._boxes, numbers), self._movement, dice)
        return moved if self._light is None else self._light(moved, dice)


class Dice:
    """Random numbers of one step: for each image of the batch its own.

    Args:
        seed: The training's seed for this purpose.
        step: int32 scalar.
        num_images: Images in the batch, int32 scalar.
    """

    _MOST = 96

    def __init__(self, seed: int, step: Tensor, num_images: Tensor) -> None:
        self._seed, self._step, self.num_images = seed, step, num_images
        # One draw for all single numbers: a draw costs more than what it gives.
        self._columns = tf.unstack(
            tf.random.stateless_uniform([self._MOST, num_images, 1, 1, 1], (seed, step)), num=self._MOST
        )
        self._num_fields = 0

    def uniform(self, low: float = 0.0, high: float = 1.0) -> Tensor:
        """A number for each image, float32 [batch, 1, 1, 1]."""
        return low + (high - low) * self._columns.pop()

    def happens(self, probability: float) -> Tensor:
        """Whether something happens to each image, bool [batch, 1, 1, 1]."""
        return self._columns.pop() < probability

    def uniform_field(self, *shape: int) -> Tensor:
        """Numbers from 0 to 1 for each image, float32 [batch, *shape]."""
        return tf.random.stateless_uniform([self.num_images, *shape], self._next_seed())

    def normal_field(self, *shape: int) -> Tensor:
        """Normally distributed numbers for each image, float32 [batch, *shape]."""
        return tf.random.stateless_normal([self.num_images, *shape], self._next_seed())

    def smooth_field(self, size: tuple[int, int], num_knots: int, num_channels: int) -> Tensor:
        """Noise without sharp edges, standard deviation 1: a grid of random numbers under cubic B-splines.

        Args:
            size: (height, width).
            num_knots: Numbers along each side of the grid; more make finer noise.
            num_channels: Fields for each image.

        Returns:
            float32 [batch, height, width, num_channels].
        """
        grid = self.normal_field(num_knots, num_knots * num_channels)
        down, across = (_spline_weights(num_knots, length) for length in size)
        rows = tf.reshape(tf.einsum("hk,bkr->bhr", down, grid), [-1, size[0], num_knots, num_channels])
        return tf.einsum("wk,bhkc->bhwc", across, rows)

    def _next_seed(self) -> tuple[int, Tensor]:
        self._num_fields += 1
        return self._seed + self._num_fields, self._step


def move(images: Tensor, boxes: Tensor, movement: Movement, dice: Dice) -> Tensor:
    """Ink moved anywhere in the frame, turned, scaled, stretched, sheared, bent, thickened or thinned.

    Args:
        images: float32 [batch, height, width, channels], 0 = paper, 1 = ink.
        boxes: float32 [batch, 4], where each image's ink begins and ends: left, top, right, bottom, in pixels.
        movement: How far.
        dice: The random numbers.
    """
    height, width = images.shape[1:3]
    middle_x, middle_y = (width - 1) / 2, (height - 1) / 2
    angle = math.pi / 180 * dice.uniform(-movement.turn, movement.turn)
    size = tf.exp(dice.uniform(*np.log(movement.scale)))
    stretch = tf.exp(dice.uniform(-movement.stretch, movement.stretch))
    shear = dice.uniform(-movement.shear, movement.shear)
    cos, sin = tf.cos(angle), tf.sin(angle)
    # turn · shear · scale, as affine.mix has it.
    xx, xy = cos * size / stretch, (-cos * shear - sin) * size * stretch
    yx, yy = sin * size / stretch, (-sin * shear + cos) * size * stretch

    left, top, right, bottom = (tf.reshape(boxes[:, side], [-1, 1, 1, 1]) for side in range(4))
    corners_x = tf.concat([left, right, left, right], 1) - middle_x  # (batch, 4, 1, 1)
    corners_y = tf.concat([top, top, bottom, bottom], 1) - middle_y
    to_right = _place(xx * corners_x + xy * corners_y, middle_x, dice)
    to_bottom = _place(yx * corners_x + yy * corners_y, middle_y, dice)
    stays = dice.happens(_STAYING_FRACTION)
    to_right = tf.where(stays, dice.uniform(-_STAYING_PX, _STAYING_PX), to_right)
    to_bottom = tf.where(stays, dice.uniform(-_STAYING_PX, _STAYING_PX), to_bottom)

    # Where each pixel's ink comes from: the inverse of the above.
    x = tf.reshape(tf.range(width, dtype=tf.float32) - middle_x, [1, 1, width, 1]) - to_right
    y = tf.reshape(tf.range(height, dtype=tf.float32) - middle_y, [1, height, 1, 1]) - to_bottom
    bent = dice.smooth_field((height, width), 6, 2) * dice.uniform(0, movement.bend)
    if movement.jitter:
        shaken = tf.maximum(dice.uniform(-movement.jitter, movement.jitter), 0)  # half of the images not at all
        bent += dice.normal_field(height, width, 2) * shaken
    x, y = x + bent[..., :1], y + bent[..., 1:]
    determinant = xx * yy - xy * yx
    columns = (yy * x - xy * y) / determinant + middle_x
    rows = (xx * y - yx * x) / determinant + middle_y
    return sample(_thicken(images, dice.uniform(-movement.thickness, movement.thickness)), rows, columns)


def sample(images: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """The value of each image at places between its pixels, bilinear; paper outside.

    Args:
        images: float32 [batch, height, width, channels].
        rows: Where to look, in pixels from the middle of the first row; float32 [batch, height, width, 1].
        columns: The same across.

    Returns:
        float32 [batch, height, width, channels].
    """
    _, height, width, num_channels = images.shape
    stride = width + 2
    rows = tf.clip_by_value(rows[..., 0] + 1, 0, height + 1)
    columns = tf.clip_by_value(columns[..., 0] + 1, 0, width + 1)
    top, left = tf.minimum(tf.floor(rows), height), tf.minimum(tf.floor(columns), width)
    down, across = (rows - top)[..., None], (columns - left)[..., None]
    start = tf.reshape(tf.range(tf.shape(images)[0]) * ((height + 2) * stride), [-1, 1, 1])
    at = start + tf.cast(top, tf.int32) * stride + tf.cast(left, tf.int32)
    flat = tf.reshape(tf.pad(images, [[0, 0], [1, 1], [1, 1], [0, 0]]), [-1, num_channels])
    here, beside = tf.gather(flat, at), tf.gather(flat, at + 1)
    upper = here + (beside - here) * across
    here, beside = tf.gather(flat, at + stride), tf.gather(flat, at + stride + 1)
    lower = here + (beside - here) * across
    return upper + (lower - upper) * down


def _place(corners: Tensor, middle: float, dice: Dice) -> Tensor:
    """How far to shift along one side so that the ink lies anywhere in the frame; a pixel may go over the edge."""
    lowest = -middle - 1 - tf.reduce_min(corners, 1, keepdims=True)
    highest = middle + 1 - tf.reduce_max(corners, 1, keepdims=True)
    # Ink larger than the frame is put into the middle.
    spread = tf.where(highest > lowest, dice.uniform(), 0.5)
    return lowest + spread * (highest - lowest)


def _thicken(images: Tensor, amount: Tensor) -> Tensor:
    """Strokes thicker (`amount` above 0) or thinner: ink added, or taken, where there is some nearby."""
    num_channels = images.shape[3]
    kernel = np.outer([1, 2, 1], [1, 2, 1]).astype(np.float32)[..., None, None] / 16
    near = tf.nn.depthwise_conv2d(images, np.repeat(kernel, num_channels, axis=2), [1, 1, 1, 1], "SAME")
    changed = images + 2 * amount * tf.where(amount > 0, near, 1 - near)
    return tf.clip_by_value(changed, 0, 1)


def _spline_weights(num_knots: int, length: int) -> np.ndarray:
    """Weight of each knot at each place, float32 [length, num_knots], scaled so that noise keeps its spread."""
    places = np.linspace(0.5, num_knots - 1.5, length)
    far = np.abs(places[:, None] - np.arange(num_knots))
    weights = np.where(far < 1, 2 / 3 - far**2 + far**3 / 2, np.where(far < 2, (2 - far) ** 3 / 6, 0))
    weights /= np.sqrt((weights**2).sum(axis=1, keepdims=True))
    return np.asarray(weights, np.float32)
