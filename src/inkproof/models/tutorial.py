"""The tutorial's network: convolution, two poolings, two dense layers with nothing between them."""

from __future__ import annotations

from collections.abc import Sequence

from inkproof.backend import keras
from inkproof.config import TutorialModel
from inkproof.models.initial import initial_values


def build(settings: TutorialModel, num_classes: int, seed: int) -> Sequence[keras.Layer]:
    """The layers, for images of any size; shapes below are for 28×28×1 and the default settings."""
    layers = keras.layers
    start = initial_values(seed)
    return [
        layers.Conv2D(  # (batch, 28, 28, 64)
            settings.filters, 5, padding="same", activation="relu", name="convolution", **next(start)
        ),
        layers.MaxPooling2D(2, padding="same", name="pool_1"),  # (batch, 14, 14, 64)
        layers.MaxPooling2D(2, padding="same", name="pool_2"),  # (batch, 7, 7, 64)
        layers.Flatten(name="flatten"),  # (batch, 3136)
        layers.Dense(  # (batch, 1024)
            settings.hidden_units, activation=settings.hidden_activation, name="hidden", **next(start)
        ),
        layers.Dense(num_classes, name="logits", **next(start)),  # (batch, 10)
    ]
