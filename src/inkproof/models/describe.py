"""What each layer of a model does, in a sentence, and what it costs: for people who meet a convolution first here."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from inkproof.backend import keras


@dataclass(frozen=True)
class LayerDescription:
    """One layer.

    Args:
        name: The layer's name in the model.
        output_shape: Shape of its output for one image.
        num_parameters: Numbers that are learned.
        num_multiplications: Multiplications for one image, forwards, as the layers stand.
        sentence: What it does.
    """

    name: str
    output_shape: tuple[int, ...]
    num_parameters: int
    num_multiplications: int
    sentence: str


def describe_layers(model: keras.Sequential) -> list[LayerDescription]:
    """Describe a model's layers, in order."""
    return [
        LayerDescription(
            name=layer.name,
            output_shape=tuple(layer.output.shape[1:]),
            num_parameters=count_learned([layer]),
            num_multiplications=_count_multiplications(layer),
            sentence=_explain(layer, is_last=layer is model.layers[-1]),
        )
        for layer in model.layers
    ]


def count_learned(layers: Sequence[keras.Layer]) -> int:
    """How many numbers layers learn; without what normalisation merely remembers of past batches."""
    return sum(math.prod(variable.shape) for layer in layers for variable in layer.trainable_variables)


def _count_multiplications(layer: keras.Layer) -> int:
    if not hasattr(layer, "kernel"):
        return 0
    # Each place of the output (one, for a dense layer) costs the whole kernel once.
    places = math.prod(layer.output.shape[1:-1]) if len(layer.output.shape) > 2 else 1
    return int(places * math.prod(layer.kernel.shape))


def _explain(layer: keras.Layer, *, is_last: bool) -> str:
    layers = keras.layers
    activation = getattr(getattr(layer, "activation", None), "__name__", "linear")
    if isinstance(layer, layers.Conv2D):
        height, width = layer.kernel_size
        relu = " Negative sums become 0 (ReLU)." if activation == "relu" else ""
        places = "every place" if layer.strides == (1, 1) else f"every {_ordinal(layer.strides[0])} place"
        return (
            f"Slides {layer.filters} small {height}×{width} patterns, the filters, over the image; each gives a map "
            f"of how well it fits at {places}.{relu}"
        )
    if isinstance(layer, layers.BatchNormalization):
        return (
            "Shifts and stretches each map so that over a batch its numbers have mean 0 and spread 1, then adds a "
            "learned offset: whatever the layer before does, the next one meets numbers of the same size."
        )
    if isinstance(layer, layers.ReLU):
        return "Negative numbers become 0 (ReLU); without such a bend, all layers together would be one weighing."
    if isinstance(layer, layers.GlobalAveragePooling2D):
        return "Takes the mean of each map: how much of a pattern there is counts, where it is does not."
    if isinstance(layer, layers.MaxPooling2D):
        height, width = layer.pool_size
        return (
            f"Keeps the largest of each {height}×{width} places: a smaller map, and a little shift no longer matters."
        )
    if isinstance(layer, layers.Flatten):
        return "Lays all numbers in one long row; where they were in the image is now only their place in the row."
    if isinstance(layer, layers.Dropout):
        return (
            f"While it learns, leaves out {layer.rate:.0%} of the numbers at random, so that no unit relies on another."
        )
    if isinstance(layer, layers.Dense) and is_last:
        return "Weighs all numbers into one score for each class; softmax turns the scores into probabilities."
    if isinstance(layer, layers.Dense):
        after = (
            "Negative sums become 0 (ReLU)."
            if activation == "relu"
            else "With no ReLU behind it, it and the next layer are together no more than one weighing."
        )
        return f"Weighs all numbers together, {layer.units:,} times with different weights. {after}"
    return type(layer).__name__


def _ordinal(number: int) -> str:
    return {2: "second", 3: "third"}.get(number, f"{number}th")
