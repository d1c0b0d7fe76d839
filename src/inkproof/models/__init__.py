"""The architectures, one a file, and the table from name to builder.

A model takes images as float32 [batch, height, width, channels], 0 = paper, 1 = ink, and gives logits,
float32 [batch, classes]. Its layers form a chain. Same seed, same initial weights.
"""

from __future__ import annotations

from inkproof.backend import keras
from inkproof.config import Model
from inkproof.errors import ConfigError
from inkproof.models import all_convolutional, deep, fast, softmax, tutorial

BUILDERS = {
    "tutorial": tutorial.build,
    "softmax": softmax.build,
    "deep": deep.build,
    "fast": fast.build,
    "all_convolutional": all_convolutional.build,
}
# A convolution without padding leaves nothing of an image smaller than this.
_SMALLEST_SIDES = {"fast": 15}


def build(settings: Model, image_shape: tuple[int, int, int], num_classes: int, seed: int) -> keras.Sequential:
    """Build a model with its initial weights.

    Args:
        settings: The architecture and its settings.
        image_shape: (height, width, channels).
        num_classes: At least two.
        seed: Start of the random numbers for weights and dropout.

    Raises:
        ConfigError: If the images are too small for the architecture.
    """
    height, width = image_shape[:2]
    smallest = _SMALLEST_SIDES.get(settings.name, 1)
    if min(height, width) < smallest:
        raise ConfigError(
            f"The model '{settings.name}' needs images of at least {smallest}×{smallest} pixels, but these are of "
            f"{height}×{width}.",
            "Choose another model, such as `--set model.name=all_convolutional`, which takes images of any size.",
            field="model.name",
        )
    layers = BUILDERS[settings.name](settings, num_classes, seed)  # type: ignore[operator]
    return keras.Sequential([keras.Input(image_shape, name="pixels"), *layers], name=settings.name)
