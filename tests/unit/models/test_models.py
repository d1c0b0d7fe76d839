"""The architectures: layers, shapes, number of weights, where the weights start."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from inkproof import models
from inkproof.config import load_recipe, recipe_names
from inkproof.errors import ConfigError

pytestmark = pytest.mark.heavy

MNIST_SHAPE = (28, 28, 1)


def build(
    name: str, image_shape: tuple[int, int, int] = MNIST_SHAPE, classes: int = 10, seed: int = 0, **own: Any
) -> Any:
    settings = load_recipe(name, {f"model.{key}": value for key, value in own.items()}).model
    return models.build(settings, image_shape, classes, seed)


def values_of(model: Any) -> list[np.ndarray]:
    return [np.asarray(variable.numpy()) for variable in model.trainable_variables]


def block(number: int, *shape: int) -> list[tuple[str, tuple[int, ...]]]:
    return [(f"{name}_{number}", shape) for name in ("convolution", "normalisation", "relu")]


@pytest.mark.parametrize(
    ("name", "num_parameters"),
    [
        # 5·5·64 + 64, 7·7·64·1024 + 1024, 1024·10 + 10
        ("tutorial", 3_224_202),
        # 784·10 + 10
        ("softmax", 7_850),
        # 5·5·32 + 32, 5·5·32·64 + 64, 7·7·64·1024 + 1024, 1024·10 + 10
        ("deep", 3_274_634),
        # 3·3·16 + 16, 3·3·16·32 + 32, 3·3·32·64 + 64, 4·4·64·10 + 10
        ("fast", 33_546),
        # 5·5·32 + 32, 3·3·32·32 + 32, 3·3·32·64 + 64, 3·3·64·64 + 64, 3·3·64·128 + 128, 3·3·128·128 + 128, 128·10 + 10
        ("robust", 288_234),
    ],
)
def test_a_model_has_the_weights_of_its_description(name: str, num_parameters: int) -> None:
    assert sum(value.size for value in values_of(build(name))) == num_parameters


@pytest.mark.parametrize(
    ("name", "layers"),
    [
        (
            "tutorial",
            [
                ("convolution", (28, 28, 64)),
                ("pool_1", (14, 14, 64)),
                ("pool_2", (7, 7, 64)),
                ("flatten", (3136,)),
                ("hidden", (1024,)),
                ("logits", (10,)),
            ],
        ),
        ("softmax", [("flatten", (784,)), ("logits", (10,))]),
        (
            "deep",
            [
                ("convolution_1", (28, 28, 32)),
                ("pool_1", (14, 14, 32)),
                ("convolution_2", (14, 14, 64)),
                ("pool_2", (7, 7, 64)),
                ("flatten", (3136,)),
                ("hidden", (1024,)),
                ("dropout", (1024,)),
                ("logits", (10,)),
            ],
        ),
        (
            "fast",
            [
                *block(1, 13, 13, 16),
                *block(2, 6, 6, 32),
                *block(3, 4, 4, 64),
                ("flatten", (1024,)),
                ("logits", (10,)),
            ],
        ),
        (
            "robust",
            [
                *block(1, 14, 14, 32),
                *block(2, 14, 14, 32),
                *block(3, 7, 7, 64),
                *block(4, 7, 7, 64),
                *block(5, 4, 4, 128),
                *block(6, 4, 4, 128),
                ("mean", (128,)),
                ("logits", (10,)),
            ],
        ),
    ],
    ids=["tutorial", "softmax", "deep", "fast", "robust"],
)
def test_the_layers_give_the_shapes_of_the_description(name: str, layers: list[tuple[str, tuple[int, ...]]]) -> None:
    assert [(layer.name, tuple(layer.output.shape[1:])) for layer in build(name).layers] == layers


@pytest.mark.parametrize(
    ("name", "activations"),
    [
        ("tutorial", {"convolution": "relu", "hidden": "linear", "logits": "linear"}),
        ("softmax", {"logits": "linear"}),
        ("deep", {"convolution_1": "relu", "convolution_2": "relu", "hidden": "relu", "logits": "linear"}),
    ],
    ids=["tutorial", "softmax", "deep"],
)
def test_the_activations_are_those_of_the_description(name: str, activations: dict[str, str]) -> None:
    layers = [layer for layer in build(name).layers if hasattr(layer, "activation")]

    assert {layer.name: layer.activation.__name__ for layer in layers} == activations


def test_the_hidden_layer_of_the_tutorial_can_be_given_a_relu() -> None:
    assert build("tutorial", hidden_activation="relu").get_layer("hidden").activation.__name__ == "relu"


def test_the_dropout_of_deep_is_a_setting() -> None:
    assert build("deep").get_layer("dropout").rate == 0.5
    assert build("deep", dropout=0.2).get_layer("dropout").rate == 0.2


@pytest.mark.parametrize("name", ["tutorial", "deep"])
def test_weights_start_from_a_normal_of_deviation_a_tenth_cut_at_two_deviations(name: str) -> None:
    for layer in build(name).layers:
        if not hasattr(layer, "kernel"):
            continue
        kernel = np.asarray(layer.kernel.numpy()).ravel()

        assert np.abs(kernel).max() <= 0.2
        # The deviation is that of the normal before it is cut: 68.3 of 95.4 % lie within one of it.
        spread = 4 / np.sqrt(kernel.size)
        assert (np.abs(kernel) < 0.1).mean() == pytest.approx(0.6827 / 0.9545, abs=spread), layer.name
        assert (np.abs(kernel) < 0.05).mean() == pytest.approx(0.3829 / 0.9545, abs=spread), layer.name
        assert (kernel < 0).mean() == pytest.approx(0.5, abs=spread), layer.name
        np.testing.assert_array_equal(layer.bias.numpy(), np.full(layer.bias.shape, 0.1, np.float32))


def test_softmax_starts_from_zeros() -> None:
    assert all((value == 0).all() for value in values_of(build("softmax")))


@pytest.mark.parametrize("name", ["tutorial", "deep", "fast", "robust"])
def test_the_same_seed_gives_the_same_weights_and_another_seed_others(name: str) -> None:
    first, again, other = (values_of(build(name, seed=seed)) for seed in (3, 3, 4))

    for one, two, three in zip(first, again, other, strict=True):
        np.testing.assert_array_equal(one, two)
        if one.ndim > 1:  # biases start from 0.1 or 0 whatever the seed
            assert (one != three).mean() > 0.99


@pytest.mark.parametrize("name", ["fast", "robust"])
def test_normalised_convolutions_start_with_the_spread_of_he_and_no_bias(name: str) -> None:
    for layer in build(name).layers:
        if not layer.name.startswith("convolution"):
            continue
        kernel = np.asarray(layer.kernel.numpy())

        assert not layer.use_bias
        wanted = np.sqrt(2 / np.prod(kernel.shape[:-1]))
        assert kernel.std() == pytest.approx(wanted, rel=6 / np.sqrt(kernel.size)), layer.name


def test_the_depth_of_an_all_convolutional_model_is_the_convolutions_of_a_stage() -> None:
    shapes = [
        tuple(layer.output.shape[1:]) for layer in build("robust", filters=4, depth=3).layers if "relu" in layer.name
    ]

    assert shapes == [(14, 14, 4)] * 3 + [(7, 7, 8)] * 3 + [(4, 4, 16)] * 3


def test_images_too_small_for_a_model_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"'fast' needs images of at least 15×15 pixels, but these are of 28×14"):
        build("fast", (28, 14, 1))


def test_no_two_layers_start_from_the_same_random_numbers() -> None:
    model = build("deep", filters=16)

    kernels = [layer.kernel.numpy().ravel()[:100] for layer in model.layers if hasattr(layer, "kernel")]

    for number, kernel in enumerate(kernels):
        assert not any(np.array_equal(kernel, other) for other in kernels[number + 1 :])


@pytest.mark.parametrize("name", recipe_names())
def test_a_model_takes_colour_images_of_another_size_and_any_number_of_classes(name: str) -> None:
    model = build(name, (32, 32, 3), classes=26)

    logits = model(np.random.RandomState(0).rand(4, 32, 32, 3).astype(np.float32))

    assert logits.shape == (4, 26)
    assert np.isfinite(logits.numpy()).all()


def test_an_odd_size_is_pooled_with_the_edge_kept() -> None:
    model = build("tutorial", (30, 27, 1), filters=2, hidden_units=3)

    assert tuple(model.get_layer("pool_2").output.shape[1:]) == (8, 7, 2)


def test_dropout_drops_while_learning_and_never_while_answering() -> None:
    model = build("deep", filters=2, hidden_units=64)
    images = np.random.RandomState(0).rand(8, *MNIST_SHAPE).astype(np.float32)

    answers = [model(images, training=False).numpy() for _ in range(2)]
    learning = [model(images, training=True).numpy() for _ in range(2)]

    np.testing.assert_array_equal(*answers)
    assert not np.array_equal(*learning)
    assert not np.array_equal(answers[0], learning[0])


def test_every_recipe_names_a_model_that_can_be_built() -> None:
    assert {load_recipe(name).model.name for name in recipe_names()} <= models.BUILDERS.keys()
