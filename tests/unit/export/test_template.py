"""Network files whose weights can be swapped: that they answer as the model does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inkproof import models
from inkproof.backend import keras
from inkproof.config import load_recipe
from inkproof.export.template import NetworkTemplate
from inkproof.networks import Network

pytestmark = pytest.mark.heavy

SMALL = {
    "tutorial": {"model.filters": 4, "model.hidden_units": 32},
    "softmax": {},
    "deep": {"model.filters": 4, "model.hidden_units": 32},
    "fast": {"model.filters": 4},
    "robust": {"model.filters": 4, "model.depth": 1},
}
LETTERS = tuple("abcdefghijklmnopqrstuvwxyz")
DIGITS = tuple("0123456789")
CASES: dict[str, tuple[str, tuple[int, int, int], tuple[str, ...]]] = {
    "tutorial": ("tutorial", (28, 28, 1), DIGITS),
    "softmax": ("softmax", (28, 28, 1), DIGITS),
    "deep": ("deep", (28, 28, 1), DIGITS),
    "tutorial on letters in colour": ("tutorial", (32, 32, 3), LETTERS),
    "softmax on letters in colour": ("softmax", (32, 32, 3), LETTERS),
    "deep on letters in colour, at an odd size": ("deep", (31, 27, 3), LETTERS),
    "fast": ("fast", (28, 28, 1), DIGITS),
    "robust": ("robust", (28, 28, 1), DIGITS),
    "robust on letters in colour, at an odd size": ("robust", (31, 27, 3), LETTERS),
}


def make_model(recipe: str, image_shape: tuple[int, int, int], num_classes: int, seed: int = 0) -> keras.Sequential:
    return models.build(load_recipe(recipe, SMALL[recipe]).model, image_shape, num_classes, seed)


def make_images(image_shape: tuple[int, int, int]) -> np.ndarray:
    return np.random.RandomState(0).randint(0, 256, (40, *image_shape), dtype=np.uint8)


def shuffle_weights(model: keras.Sequential) -> None:
    numbers = np.random.RandomState(7)
    for variable in model.weights:
        variable.assign(numbers.randn(*variable.shape) * 0.05)
        if variable.name == "moving_variance":
            variable.assign(numbers.rand(*variable.shape) + 0.1)


def answers_of(model: keras.Sequential, images: np.ndarray) -> np.ndarray:
    logits = model(images.astype(np.float32) / np.float32(255), training=False)
    return np.asarray(keras.ops.convert_to_numpy(keras.ops.softmax(logits)))


def load(content: bytes, folder: Path) -> Network:
    path = folder / "network.onnx"
    path.write_bytes(content)
    return Network.load(path)


@pytest.fixture(scope="module", params=CASES, ids=str)
def case(request: pytest.FixtureRequest) -> Any:
    recipe, image_shape, classes = CASES[request.param]
    model = make_model(recipe, image_shape, len(classes))
    # Made from the initial weights: all zeros in softmax, all biases alike in the others.
    template = NetworkTemplate(model, classes, {"inkproof.recipe": recipe, "inkproof.run": "mine"})
    return model, template, make_images(image_shape), classes


def test_a_file_in_full_precision_answers_as_the_model_does(case: Any, tmp_path: Path) -> None:
    model, template, images, classes = case
    shuffle_weights(model)

    network = load(template.render(step=5), tmp_path)

    assert network.image_shape == images.shape[1:]
    assert network.classes == classes
    np.testing.assert_allclose(network.predict(images), answers_of(model, images), atol=1e-5)


def test_a_file_in_half_precision_answers_nearly_alike_at_half_the_size(case: Any, tmp_path: Path) -> None:
    model, template, images, _ = case
    shuffle_weights(model)
    whole, half = template.render(step=5), template.render(step=5, half=True)

    network = load(half, tmp_path)

    np.testing.assert_allclose(network.predict(images), answers_of(model, images), atol=5e-3)
    num_parameters = sum(variable.numpy().size for variable in model.trainable_variables)
    assert len(whole) - len(half) == pytest.approx(2 * num_parameters, abs=1500)


def test_a_file_says_where_it_came_from(case: Any, tmp_path: Path) -> None:
    model, template, _, classes = case

    metadata = load(template.render(step=1200, half=True), tmp_path).metadata

    assert metadata == {
        "inkproof.classes": json.dumps(classes),
        "inkproof.recipe": "robust" if model.name == "all_convolutional" else model.name,
        "inkproof.run": "mine",
        "inkproof.step": "1200",
    }


def test_weights_that_change_change_the_answers_of_the_next_file_only(tmp_path: Path) -> None:
    model = make_model("tutorial", (28, 28, 1), 10)
    images = make_images((28, 28, 1))
    template = NetworkTemplate(model, DIGITS, {})
    first, first_answers = template.render(step=0), answers_of(model, images)
    shuffle_weights(model)
    second = template.render(step=1)

    np.testing.assert_allclose(load(first, tmp_path).predict(images), first_answers, atol=1e-5)
    np.testing.assert_allclose(load(second, tmp_path).predict(images), answers_of(model, images), atol=1e-5)
    assert np.abs(first_answers - answers_of(model, images)).max() > 0.01


def test_a_template_does_not_change_the_model_nor_its_random_numbers() -> None:
    model = make_model("deep", (28, 28, 1), 10)
    before = [np.array(variable.numpy()) for variable in model.variables]

    NetworkTemplate(model, DIGITS, {}).render(step=0, half=True)

    for variable, value in zip(model.variables, before, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)


def test_softmax_at_its_start_finds_all_classes_alike(tmp_path: Path) -> None:
    template = NetworkTemplate(make_model("softmax", (28, 28, 1), 10), DIGITS, {})

    probabilities = load(template.render(step=0, half=True), tmp_path).predict(make_images((28, 28, 1)))

    np.testing.assert_allclose(probabilities, 0.1, atol=1e-7)


@pytest.mark.parametrize("value", [1e5, np.inf, np.nan], ids=["too large for half", "infinite", "not a number"])
def test_weights_that_half_precision_cannot_hold_are_kept_in_full(tmp_path: Path, value: float) -> None:
    model = make_model("softmax", (28, 28, 1), 10)
    kernel = np.zeros((784, 10), np.float32)
    kernel[0, 3] = value
    model.layers[-1].kernel.assign(kernel)
    template = NetworkTemplate(model, DIGITS, {})

    content = template.render(step=0, half=True)

    assert content == template.render(step=0)
    assert load(content, tmp_path).classes == DIGITS
