"""The cheap forward pass: the same logits and the same gradients as the model's own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from inkproof import models
from inkproof.backend import keras
from inkproof.config import load_recipe
from inkproof.training.shortcuts import cheap_forward

pytestmark = pytest.mark.heavy

CASES: dict[str, tuple[str, dict[str, Any], tuple[int, int, int]]] = {
    "tutorial": ("tutorial", {}, (28, 28, 1)),
    "tutorial, in full": ("tutorial", {"filters": 64, "hidden_units": 1024}, (28, 28, 1)),
    "tutorial with relu": ("tutorial", {"hidden_activation": "relu"}, (28, 28, 1)),
    "tutorial with a narrow hidden layer": ("tutorial", {"hidden_units": 12}, (28, 28, 1)),
    "tutorial in colour": ("tutorial", {}, (32, 32, 3)),
    "no pooling divides": ("tutorial", {}, (27, 27, 1)),
    "one pooling divides": ("tutorial", {}, (30, 30, 1)),
    "one side divides": ("tutorial", {}, (28, 30, 1)),
    "softmax": ("softmax", {}, (28, 28, 1)),
    "deep": ("deep", {"dropout": 0.0}, (28, 28, 1)),
    "deep at an odd size": ("deep", {"dropout": 0.0}, (30, 29, 1)),
    "fast": ("fast", {}, (28, 28, 1)),
    "all convolutional": ("robust", {}, (28, 28, 1)),
    "all convolutional in colour": ("robust", {}, (31, 26, 3)),
}
SMALL = {
    "tutorial": {"filters": 6, "hidden_units": 64},
    "deep": {"filters": 4, "hidden_units": 64},
    "softmax": {},
    "fast": {"filters": 4},
    "robust": {"filters": 4},
}


def make_model(case: str) -> keras.Sequential:
    name, own, image_shape = CASES[case]
    changes = {f"model.{key}": value for key, value in {**SMALL[name], **own}.items()}
    return models.build(load_recipe(name, changes).model, image_shape, 10, seed=0)


def make_images(model: keras.Sequential, *, blank: bool = False) -> np.ndarray:
    shape = (8, *model.input_shape[1:])
    if blank:
        return np.zeros(shape, np.float32)
    # Mostly paper, as drawings are: whole windows of the pooling are ties there.
    numbers = np.random.RandomState(0)
    return (numbers.rand(*shape) * (numbers.rand(*shape) > 0.8)).astype(np.float32)


def logits_and_gradients(
    forward: Any, model: keras.Sequential, images: np.ndarray
) -> tuple[np.ndarray, list[np.ndarray]]:
    import tensorflow as tf  # after Keras, which sets how TensorFlow computes

    labels = np.arange(len(images)) % 10
    with tf.GradientTape() as tape:
        logits = forward(tf.constant(images), True)
        loss = keras.ops.mean(keras.ops.sparse_categorical_crossentropy(labels, logits, from_logits=True))
    gradients = tape.gradient(loss, [variable.value for variable in model.trainable_variables])
    return logits.numpy(), [gradient.numpy() for gradient in gradients]


@pytest.mark.parametrize("case", CASES)
def test_logits_and_gradients_are_those_of_the_model(case: str) -> None:
    model = make_model(case)
    if case == "softmax":
        model.layers[-1].kernel.assign(np.random.RandomState(1).randn(784, 10) * 0.1)
    images = make_images(model)

    cheap, cheap_gradients = logits_and_gradients(cheap_forward(model.layers), model, images)
    own, own_gradients = logits_and_gradients(lambda values, training: model(values, training=training), model, images)

    np.testing.assert_allclose(cheap, own, rtol=1e-4, atol=1e-4)
    for variable, one, two in zip(model.trainable_variables, cheap_gradients, own_gradients, strict=True):
        scale = np.abs(two).max()
        np.testing.assert_allclose(one, two, atol=2e-4 * scale, rtol=1e-3, err_msg=variable.path)


@pytest.mark.parametrize("case", ["tutorial", "one pooling divides", "deep"])
def test_where_all_is_paper_and_every_window_a_tie_the_answers_are_the_same(case: str) -> None:
    model = make_model(case)
    images = make_images(model, blank=True)

    cheap, cheap_gradients = logits_and_gradients(cheap_forward(model.layers), model, images)
    own, own_gradients = logits_and_gradients(lambda values, training: model(values, training=training), model, images)

    np.testing.assert_allclose(cheap, own, rtol=1e-4, atol=1e-4)
    for variable, one, two in zip(model.trainable_variables, cheap_gradients, own_gradients, strict=True):
        np.testing.assert_allclose(one, two, atol=2e-4 * max(np.abs(two).max(), 1e-3), err_msg=variable.path)


def test_weights_changed_later_are_the_weights_used() -> None:
    model = make_model("tutorial")
    images = make_images(model)
    forward = cheap_forward(model.layers)

    for variable in model.trainable_variables:
        variable.assign(variable * -0.5)

    np.testing.assert_allclose(forward(images, False).numpy(), model(images).numpy(), rtol=1e-4, atol=1e-4)


def test_dropout_drops_while_learning_only() -> None:
    model = models.build(load_recipe("deep", {"model.filters": 2, "model.hidden_units": 64}).model, (28, 28, 1), 10, 0)
    images = make_images(model)
    forward = cheap_forward(model.layers)

    np.testing.assert_allclose(forward(images, False).numpy(), model(images).numpy(), rtol=1e-4, atol=1e-4)
    assert not np.array_equal(forward(images, True).numpy(), forward(images, True).numpy())


@pytest.mark.parametrize("case", ["fast", "all convolutional in colour"])
def test_normalisation_remembers_what_keras_would(case: str) -> None:
    ours, theirs = make_model(case), make_model(case)
    images = make_images(ours)
    forward = cheap_forward(ours.layers)

    for _ in range(3):
        forward(images, True)
        theirs(images, training=True)

    for one, two in zip(ours.variables, theirs.variables, strict=True):
        np.testing.assert_allclose(one.numpy(), two.numpy(), rtol=1e-3, atol=1e-5, err_msg=one.path)
    # And answers by it: the mean of the past, not that of the batch.
    np.testing.assert_allclose(forward(images[:1], False).numpy(), ours(images[:1]).numpy(), rtol=1e-3, atol=1e-4)
