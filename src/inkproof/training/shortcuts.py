"""The same function at less cost: how a model's forward pass is computed while it is trained.

Four identities, none of which changes what the network computes or learns beyond the rounding of floats:

* A ReLU commutes with max-pooling, since both keep the order of numbers; so does adding a bias. Done after
  the pooling, they touch 16 times fewer numbers in the tutorial's network.
* Two poolings of 2×2 are one of 4×4, where the sizes divide.
* Two dense layers with nothing between them are one: (x W) V = x (W V). In the tutorial's network W V costs a
  tenth of x W, and the gradients, which follow the same path backwards, likewise.
* Batch normalisation over images is one kernel of TensorFlow's, forwards and backwards; Keras spells it out in
  a dozen operations, each a pass over memory.

The model itself stays as the reader knows it; files, pictures and the exported network are made from it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from inkproof.backend import keras

Tensor: TypeAlias = Any
Forward: TypeAlias = Callable[[Tensor, bool], Tensor]


def cheap_forward(chain: Sequence[keras.Layer]) -> Forward:
    """A function of images and `training` that gives the output of a chain of layers.

    Args:
        chain: All layers of a model, or its first ones; built.

    Returns:
        `forward(images, training)`: images float32 [batch, height, width, channels] in 0..1, output as of the
        last layer, such as logits float32 [batch, classes]; differentiable in the layers' own variables.
    """
    stages: list[Forward] = []
    layers = list(chain)
    while layers:
        found = (shortcut(layers) for shortcut in (_pooled_convolution, _normalisation, _dense_pair))
        stage, num_taken = next(filter(None, found), (_plain(layers[0]), 1))
        stages.append(stage)
        del layers[:num_taken]

    def forward(images: Tensor, training: bool) -> Tensor:
        values = images
        for stage in stages:
            values = stage(values, training)
        return values

    return forward


def _plain(layer: keras.Layer) -> Forward:
    return lambda values, training: layer(values, training=training)


def _pooled_convolution(layers: Sequence[keras.Layer]) -> tuple[Forward, int] | None:
    """A convolution with ReLU or no activation and the poolings behind it, as convolution, one pooling, bias, ReLU."""
    convolution = layers[0]
    if not isinstance(convolution, keras.layers.Conv2D) or not convolution.use_bias or convolution.groups != 1:
        return None
    if convolution.activation not in (keras.activations.relu, keras.activations.linear):
        return None
    height, width = convolution.output.shape[1:3]
    size = (1, 1)
    num_poolings = 0
    for layer in layers[1:]:
        if not isinstance(layer, keras.layers.MaxPooling2D) or layer.strides != layer.pool_size:
            break
        merged = (size[0] * layer.pool_size[0], size[1] * layer.pool_size[1])
        # Where a window would hang over the edge, one big pooling cuts the image elsewhere than two small ones.
        if height % merged[0] or width % merged[1]:
            break
        size = merged
        num_poolings += 1
    if num_poolings == 0:
        return None

    def stage(values: Tensor, training: bool) -> Tensor:
        values = keras.ops.conv(
            values, convolution.kernel, strides=convolution.strides, padding=convolution.padding,
            dilation_rate=convolution.dilation_rate,
        )  # fmt: skip
        values = keras.ops.max_pool(values, size, strides=size, padding="valid")
        return convolution.activation(values + convolution.bias)

    return stage, 1 + num_poolings


def _normalisation(layers: Sequence[keras.Layer]) -> tuple[Forward, int] | None:
    """Batch normalisation of maps by one kernel."""
    layer = layers[0]
    if not isinstance(layer, keras.layers.BatchNormalization) or len(layer.output.shape) != 4:
        return None
    if keras.backend.backend() != "tensorflow" or layer.axis not in (-1, 3):
        return None
    import tensorflow as tf

    num_channels = layer.output.shape[-1]

    def stage(values: Tensor, training: bool) -> Tensor:
        scale = layer.gamma if layer.scale else tf.ones(num_channels)
        offset = layer.beta if layer.center else tf.zeros(num_channels)
        past = {} if training else {"mean": layer.moving_mean.value, "variance": layer.moving_variance.value}
        values, mean, variance = tf.compat.v1.nn.fused_batch_norm(
            values, tf.convert_to_tensor(scale), tf.convert_to_tensor(offset),
            epsilon=layer.epsilon, is_training=training, **past,
        )  # fmt: skip
        if training:
            # The kernel's variance is that of the population (n - 1 below), Keras's that of the batch (n).
            number = tf.cast(tf.size(values) // num_channels, tf.float32)
            for moving, new in ((layer.moving_mean, mean), (layer.moving_variance, variance * (number - 1) / number)):
                moving.assign(layer.momentum * moving + (1 - layer.momentum) * new)
        return values

    return stage, 1


def _dense_pair(layers: Sequence[keras.Layer]) -> tuple[Forward, int] | None:
    """Two dense layers without an activation between them, as one."""
    if len(layers) < 2 or not all(isinstance(layer, keras.layers.Dense) and layer.use_bias for layer in layers[:2]):
        return None
    first, second = layers[:2]
    if first.activation is not keras.activations.linear or len(first.output.shape) != 2:
        return None
    # Worth it only where the second layer is the narrower by far: W V must cost less than x W.
    if second.units * 4 > first.units:
        return None

    def stage(values: Tensor, training: bool) -> Tensor:
        kernel = keras.ops.matmul(first.kernel, second.kernel)  # (inputs, units of the second)
        bias = keras.ops.matmul(first.bias, second.kernel) + second.bias
        return second.activation(keras.ops.matmul(values, kernel) + bias)

    return stage, 2
