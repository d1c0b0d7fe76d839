"""Softmax regression: one dense layer from pixels to classes. The tutorial's page calls it fully connected."""

from __future__ import annotations

from collections.abc import Sequence

from inkproof.backend import keras
from inkproof.config import SoftmaxModel


def build(settings: SoftmaxModel, num_classes: int, seed: int) -> Sequence[keras.Layer]:
    """The layers; nothing is random: weights and biases start from zero, the problem has one valley."""
    layers = keras.layers
    return [
        layers.Flatten(name="flatten"),  # (batch, 784)
        layers.Dense(num_classes, kernel_initializer="zeros", bias_initializer="zeros", name="logits"),  # (batch, 10)
    ]
