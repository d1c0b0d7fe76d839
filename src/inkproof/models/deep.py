"""Two convolutions with pooling, a hidden layer with ReLU, dropout: the other network of the tutorial's page."""

from __future__ import annotations

from collections.abc import Sequence

from inkproof.backend import keras
from inkproof.config import DeepModel
from inkproof.models.initial import derive_seed, initial_values


def build(settings: DeepModel, num_classes: int, seed: int) -> Sequence[keras.Layer]:
    """The layers, for images of any size; shapes below are for 28×28×1 and the default settings."""
    layers = keras.layers
    start = initial_values(seed)
    return [
        layers.Conv2D(  # (batch, 28, 28, 32)
            settings.filters, 5, padding="same", activation="relu", name="convolution_1", **next(start)
        ),
        layers.MaxPooling2D(2, padding="same", name="pool_1"),  # (batch, 14, 14, 32)
        layers.Conv2D(  # (batch, 14, 14, 64)
            2 * settings.filters, 5, padding="same", activation="relu", name="convolution_2", **next(start)
        ),
        layers.MaxPooling2D(2, padding="same", name="pool_2"),  # (batch, 7, 7, 64)
        layers.Flatten(name="flatten"),  # (batch, 3136)
        layers.Dense(settings.hidden_units, activation="relu", name="hidden", **next(start)),  # (batch, 1024)
        layers.Dropout(settings.dropout, seed=derive_seed(seed, "dropout"), name="dropout"),
        layers.Dense(num_classes, name="logits", **next(start)),  # (batch, 10)
    ]
