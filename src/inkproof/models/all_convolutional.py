"""Convolutions and nothing else, and the mean over all places at the end: what is learned holds anywhere in the frame.

After Springenberg et al. (2015, Striving for simplicity: the all convolutional net) and Lin et al. (2014, global
average pooling).
"""

from __future__ import annotations

from collections.abc import Sequence

from inkproof.backend import keras
from inkproof.config import AllConvolutionalModel
from inkproof.models.initial import derive_seed
from inkproof.models.normalised import normalised_convolution


def build(settings: AllConvolutionalModel, num_classes: int, seed: int) -> Sequence[keras.Layer]:
    """The layers, for images of any size; each of the three stages halves the sides and doubles the filters."""
    blocks: list[keras.Layer] = []
    for number in range(3 * settings.depth):
        stage, place = divmod(number, settings.depth)
        blocks += normalised_convolution(
            number + 1,
            settings.filters * 2**stage,
            # The first sees the image itself: 25 pixels, since 9 would hold next to nothing.
            3 if number else 5,
            seed=seed,
            strides=1 if place else 2,
        )
    return [
        *blocks,  # (batch, 4, 4, 4 · filters) for images of 28×28
        keras.layers.GlobalAveragePooling2D(name="mean"),  # (batch, 4 · filters)
        keras.layers.Dense(
            num_classes,
            kernel_initializer=keras.initializers.LecunNormal(seed=derive_seed(seed, "logits")),
            name="logits",
        ),
    ]
