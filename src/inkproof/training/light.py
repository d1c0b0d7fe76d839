"""Other light, paper and pens, and things in the way: the photometric half of the augmentation.

Each change happens to some of the images, on its own; two fifths of them stay as they are, for clean drawings remain
what matters most.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import tensorflow as tf

if TYPE_CHECKING:
    from inkproof.training.augmentation import Dice

Tensor: TypeAlias = Any

_UNTOUCHED_FRACTION = 0.4
_NUM_LINES = 4
_BLUR_PX = 7


class Light:
    """Changes of light for images of one size.

    Args:
        size: (height, width).
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self._size = height, width = size
        # Lengths below are for frames of 28 pixels; larger frames have larger things in the way.
        self._unit = min(size) / 28
        self._x = tf.reshape(tf.range(width, dtype=tf.float32) - (width - 1) / 2, [1, 1, width, 1])
        self._y = tf.reshape(tf.range(height, dtype=tf.float32) - (height - 1) / 2, [1, height, 1, 1])

    def __call__(self, images: Tensor, dice: Dice) -> Tensor:
        """Changed images; float32 [batch, height, width, channels], 0 = paper, 1 = ink."""
        changed = self._hollow(images, dice)
        changed = self._cross_out(changed, dice)
        changed = self._cover(changed, dice)
        changed = self._reverse_a_band(changed, dice)
        changed = self._change_contrast(changed, dice)
        changed = self._shade(changed, dice)
        changed = self._blur(changed, dice)
        changed = self._add_noise(changed, dice)
        return tf.where(dice.happens(_UNTOUCHED_FRACTION), images, tf.clip_by_value(changed, 0, 1))

    def _hollow(self, images: Tensor, dice: Dice) -> Tensor:
        """Strokes of which only the rim is left, as of a stencil."""
        rim = 1.5 * (tf.nn.max_pool2d(images, 3, 1, "SAME") - images)
        return tf.where(dice.happens(0.15), tf.clip_by_value(rim, 0, 1), images)

    def _cross_out(self, images: Tensor, dice: Dice) -> Tensor:
        """Straight lines across, broken or whole, single or joined end to end, of ink or of paper."""
        reach = 16 * self._unit
        ends = (2 * dice.uniform_field(_NUM_LINES + 1, 1, 1, 2) - 1) * reach
        others = (2 * dice.uniform_field(_NUM_LINES, 1, 1, 2) - 1) * reach
        is_joined = tf.reshape(dice.happens(0.5), [-1, 1, 1, 1, 1])
        begin, end = tf.where(is_joined, ends[:, :-1], others), ends[:, 1:]
        along = end - begin  # (batch, lines, 1, 1, 2)
        square = tf.reduce_sum(along * along, -1) + 1e-3
        x, y = self._x[:, None, ..., 0] - begin[..., 0], self._y[:, None, ..., 0] - begin[..., 1]
        share = tf.clip_by_value((x * along[..., 0] + y * along[..., 1]) / square, 0, 1)  # (batch, lines, h, w)
        x, y = x - share * along[..., 0], y - share * along[..., 1]
        half_width = tf.reshape(dice.uniform(0.4, 1.2), [-1, 1, 1, 1]) * self._unit
        line = tf.clip_by_value(half_width + 0.5 - tf.sqrt(x * x + y * y + 1e-6), 0, 1)
        rhythm = tf.reshape(dice.uniform(0.8, 2.0), [-1, 1, 1, 1]) / self._unit
        threshold = tf.reshape(dice.uniform(-2.5, 0.5), [-1, 1, 1, 1])
        is_drawn = (tf.sin(share * tf.sqrt(square) * rhythm) > threshold) & (dice.uniform_field(_NUM_LINES, 1, 1) < 0.6)
        drawn = tf.reduce_max(tf.where(is_drawn, line, 0.0), 1)[..., None]
        value = tf.cast(dice.happens(0.75), tf.float32)
        return tf.where(dice.happens(0.3), images + (value - images) * drawn, images)

    def _cover(self, images: Tensor, dice: Dice) -> Tensor:
        """A grey rectangle in the way."""
        x, y = (self._unit * dice.uniform(-14, 14) for _ in range(2))
        half_width, half_height = (self._unit * dice.uniform(1, 4) for _ in range(2))
        is_covered = (tf.abs(self._x - x) < half_width) & (tf.abs(self._y - y) < half_height)
        return tf.where(is_covered & dice.happens(0.2), dice.uniform(), images)

    def _reverse_a_band(self, images: Tensor, dice: Dice) -> Tensor:
        """Ink for paper and paper for ink in a band across the frame, at any angle, half of them upright or level."""
        angle = dice.uniform(0, 2 * math.pi)
        angle = tf.where(dice.happens(0.5), tf.round(angle / (math.pi / 2)) * (math.pi / 2), angle)
        distance = self._x * tf.cos(angle) + self._y * tf.sin(angle) - self._unit * dice.uniform(-9, 9)
        is_inside = tf.abs(distance) < self._unit * dice.uniform(2, 9)
        return tf.where(is_inside & dice.happens(0.2), 1 - images, images)

    def _change_contrast(self, images: Tensor, dice: Dice) -> Tensor:
        """Grey paper, pale ink, and now and then a negative."""
        paper = tf.where(dice.happens(0.5), dice.uniform(0, 0.65), 0.0)
        ink = paper + (1 - paper) * dice.uniform(0.35, 1)
        images = tf.where(dice.happens(0.5), paper + (ink - paper) * images, images)
        return tf.where(dice.happens(0.2), 1 - images, images)

    def _shade(self, images: Tensor, dice: Dice) -> Tensor:
        """Clouds of three sizes over the frame, while the ink fades."""
        clouds = sum(
            dice.smooth_field(self._size, num_knots, 1) * dice.uniform(0, strength)
            for num_knots, strength in ((4, 0.3), (10, 0.25), (14, 0.2))
        )
        contrast = dice.uniform(0.45, 1)
        shaded = images * contrast + clouds + dice.uniform() * (1 - contrast)
        return tf.where(dice.happens(0.4), tf.clip_by_value(shaded, 0, 1), images)

    def _blur(self, images: Tensor, dice: Dice) -> Tensor:
        """Out of focus, or smeared along one of four directions, or between these."""
        num_channels = images.shape[3]
        kernels = np.repeat(_BLURS[:, :, None, :], num_channels, axis=2)
        blurred = tf.nn.depthwise_conv2d(images, kernels, [1, 1, 1, 1], "SAME")
        blurred = tf.reshape(blurred, [-1, *self._size, num_channels, _BLURS.shape[2]])
        mixture = tf.nn.softmax(4 * dice.normal_field(1, 1, 1, _BLURS.shape[2]))
        blurred = tf.reduce_sum(blurred * mixture, -1)
        return tf.where(dice.happens(0.25), images + (blurred - images) * dice.uniform(0.3, 1), images)

    def _add_noise(self, images: Tensor, dice: Dice) -> Tensor:
        """Grain, and pixels of any value."""
        num_channels = images.shape[3]
        grain = dice.normal_field(*self._size, num_channels) * dice.uniform(0, 0.3)
        images = tf.where(dice.happens(0.3), images + grain, images)
        value, is_lost = dice.uniform_field(*self._size, num_channels), dice.uniform_field(*self._size, num_channels)
        # Most lost pixels are near black or white, as dead ones of a camera are.
        value = tf.where(value < 0.5, 0.6 * value, 1 - 0.6 * (1 - value))
        return tf.where((is_lost < dice.uniform(0, 0.25)) & dice.happens(0.2), value, images)


def _blur_kernels() -> np.ndarray:
    """A round blur and four straight ones, each of sum 1; float32 [7, 7, 5]."""
    places = np.arange(_BLUR_PX) - _BLUR_PX // 2
    bell = np.exp(-(places**2) / (2 * 1.3**2))
    kernels = [np.outer(bell, bell)]
    for angle in np.pi / 4 * np.arange(4):
        kernel = np.zeros((_BLUR_PX, _BLUR_PX))
        for place in np.linspace(-3, 3, 25):
            kernel[round(3 + place * np.sin(angle)), round(3 + place * np.cos(angle))] += 1
        kernels.append(kernel)
    return np.stack([kernel / kernel.sum() for kernel in kernels], axis=-1).astype(np.float32)


_BLURS = _blur_kernels()
