"""The architectures, one a file, and the table from name to builder.

A model takes images as float32 [batch, height, width, channels], 0 = paper, 1 = ink, and gives logits,
float32 [batch, classes]. Its layers form a chain. Same seed, same initial weights.
"""

from __future__ import annotations

from inkproof.backend import keras
from inkproof.config import Model
from inkproof.models import deep, softmax, tutorial

BUILDERS = {"tutorial": tutorial.build, "softmax": softmax.build, "deep": deep.build}


def build(settings: Model, image_shape: tuple[int, int, int], num_classes: int, seed: int) -> keras.Sequential:
    """Build a model with its initial weights.

    Args:
        settings: The architecture and its settings.
        image_shape: (height, width, channels).
        num_classes: At least two.
        seed: Start of the random numbers for weights and dropout.
    """
    layers = BUILDERS[settings.name](settings, num_classes, seed)  # type: ignore[operator]
    return keras.Sequential([keras.Input(image_shape, name="pixels"), *layers], name=settings.name)
