"""Batch normalisation folded away: the same answers from fewer layers."""

from __future__ import annotations

import numpy as np
import pytest

from inkproof.backend import keras
from inkproof.export.fold import fold_normalisation

pytestmark = pytest.mark.heavy


def make_model(*layers: keras.Layer) -> keras.Sequential:
    model = keras.Sequential([keras.Input((9, 8, 2), name="pixels"), *layers], name="mine")
    numbers = np.random.RandomState(0)
    for variable in model.weights:
        # Positive, so that a variance among them stays one.
        variable.assign(numbers.uniform(0.2, 1.5, variable.shape) * (1 if "variance" in variable.name else 0.3))
    return model


def answers(model: keras.Sequential) -> np.ndarray:
    images = np.random.RandomState(1).rand(5, 9, 8, 2).astype(np.float32)
    return np.asarray(model(images, training=False).numpy())


def folded_answers(model: keras.Sequential) -> np.ndarray:
    folded, weights = fold_normalisation(model)
    folded.set_weights(weights())
    return answers(folded)


LAYERS = keras.layers


@pytest.mark.parametrize(
    ("layers", "num_left"),
    [
        ([LAYERS.Conv2D(3, 3, use_bias=False), LAYERS.BatchNormalization(scale=False), LAYERS.ReLU()], 2),
        ([LAYERS.Conv2D(3, 3, strides=2, padding="same"), LAYERS.BatchNormalization()], 1),
        ([LAYERS.Conv2D(3, 3), LAYERS.BatchNormalization(center=False), LAYERS.Flatten(), LAYERS.Dense(4)], 3),
        ([LAYERS.Flatten(), LAYERS.Dense(4), LAYERS.BatchNormalization(epsilon=0.1), LAYERS.ReLU()], 3),
        # What comes between takes the numbers out of the layer's reach.
        ([LAYERS.Conv2D(3, 3, activation="relu"), LAYERS.BatchNormalization()], 2),
        ([LAYERS.BatchNormalization(), LAYERS.Conv2D(3, 3)], 2),
        ([LAYERS.Conv2D(3, 3), LAYERS.BatchNormalization(axis=1)], 2),
    ],
    ids=["as ours", "with scale and bias", "without offset", "dense", "after relu", "before", "over rows"],
)
def test_a_folded_model_answers_as_the_whole_one(layers: list[keras.Layer], num_left: int) -> None:
    model = make_model(*layers)

    np.testing.assert_allclose(folded_answers(model), answers(model), rtol=1e-4, atol=1e-5)
    assert len(fold_normalisation(model)[0].layers) == num_left


def test_the_weights_are_those_of_the_moment() -> None:
    model = make_model(LAYERS.Conv2D(3, 3), LAYERS.BatchNormalization())
    folded, weights = fold_normalisation(model)
    folded.set_weights(weights())
    before = answers(folded)

    model.layers[1].moving_mean.assign([5.0, 6.0, 7.0])
    folded.set_weights(weights())

    assert np.abs(answers(folded) - before).max() > 1
    np.testing.assert_allclose(answers(folded), answers(model), rtol=1e-4, atol=1e-5)


def test_a_model_without_normalisation_comes_back_as_an_equal_copy() -> None:
    model = make_model(LAYERS.Flatten(), LAYERS.Dense(4))

    folded, weights = fold_normalisation(model)

    assert [layer.name for layer in folded.layers] == [layer.name for layer in model.layers]
    for one, two in zip(weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)
