"""Batch normalisation multiplied into the layer before it: the same function with fewer layers.

A trained normalisation is y = (x - mean) · gamma / √(variance + epsilon) + beta with fixed numbers, so a layer
x = W·input + b before it may as well have the weights W · gamma / √(variance + epsilon) and a bias to match.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from inkproof.backend import keras

_Weights = Callable[[], list[np.ndarray]]


def fold_normalisation(model: keras.Sequential) -> tuple[keras.Sequential, _Weights]:
    """A model without the batch normalisations that follow a convolution or a dense layer.

    Args:
        model: A chain of layers; it stays as it is.

    Returns:
        The shorter model, whose weights are not set, and a function that gives the weights for it, in its order,
        from those that `model` has when it is called; float32.
    """
    layers: list[keras.Layer] = []
    sources: list[_Weights] = []
    chain = list(model.layers)
    while chain:
        layer = chain.pop(0)
        if chain and _takes_up(layer, chain[0]):
            normalisation = chain.pop(0)
            layers.append(type(layer).from_config({**layer.get_config(), "use_bias": True}))
            sources.append(_folded_weights(layer, normalisation))
        else:
            layers.append(type(layer).from_config(layer.get_config()))
            sources.append(_own_weights(layer))
    folded = keras.Sequential([keras.Input(model.input_shape[1:], name="pixels"), *layers], name=model.name)
    return folded, lambda: [array for source in sources for array in source()]


def _takes_up(layer: keras.Layer, follower: keras.Layer) -> bool:
    return (
        isinstance(layer, (keras.layers.Conv2D, keras.layers.Dense))
        and layer.activation is keras.activations.linear
        and isinstance(follower, keras.layers.BatchNormalization)
        and follower.axis in (-1, len(follower.output.shape) - 1)
    )


def _own_weights(layer: keras.Layer) -> _Weights:
    return lambda: [variable.numpy() for variable in layer.weights]


def _folded_weights(layer: keras.Layer, normalisation: keras.Layer) -> _Weights:
    def weights() -> list[np.ndarray]:
        mean, variance = normalisation.moving_mean.numpy(), normalisation.moving_variance.numpy()
        gamma = normalisation.gamma.numpy() if normalisation.scale else np.float32(1)
        beta = normalisation.beta.numpy() if normalisation.center else np.float32(0)
        bias = layer.bias.numpy() if layer.use_bias else np.float32(0)
        factor = gamma / np.sqrt(variance + np.float32(normalisation.epsilon))  # (filters,), the kernel's last axis
        return [layer.kernel.numpy() * factor, (bias - mean) * factor + beta]

    return weights
