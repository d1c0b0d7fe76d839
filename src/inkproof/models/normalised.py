"""The building block of the convolutional models: convolution, batch normalisation, ReLU."""

from __future__ import annotations

from typing import Literal

from inkproof.backend import keras
from inkproof.models.initial import derive_seed


def normalised_convolution(
    number: int,
    filters: int,
    size: int,
    *,
    seed: int,
    strides: int = 1,
    padding: Literal["same", "valid"] = "same",
) -> list[keras.Layer]:
    """A convolution whose outputs are normalised over the batch (Ioffe and Szegedy 2015), and ReLU.

    The convolution needs no bias, for the normalisation subtracts it again; the normalisation needs no scale, for
    ReLU passes it on and the next layer's weights take it up.

    Args:
        number: The block's number in the model, from 1; it becomes part of the layers' names.
        filters: Filters of the convolution.
        size: Height and width of each filter.
        seed: The training's seed.
        strides: How many places the filters move at a time, in both directions.
        padding: `same` lays paper around the image so that its edge is seen; `valid` does not.
    """
    # He et al. 2015: with this spread, ReLU after ReLU neither blows signals up nor damps them.
    start = keras.initializers.HeNormal(seed=derive_seed(seed, f"convolution {number}"))
    return [
        keras.layers.Conv2D(
            filters,
            size,
            strides=strides,
            padding=padding,
            use_bias=False,
            kernel_initializer=start,
            name=f"convolution_{number}",
        ),
        # The average over ten to twenty batches, for trainings of a few hundred steps.
        keras.layers.BatchNormalization(momentum=0.95, scale=False, name=f"normalisation_{number}"),
        keras.layers.ReLU(name=f"relu_{number}"),
    ]
