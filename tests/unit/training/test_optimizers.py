"""The optimizers: that the fused Adam is Adam."""

from __future__ import annotations

import numpy as np
import pytest

from inkproof.backend import keras
from inkproof.config import load_recipe
from inkproof.training.optimizers import SGD, FusedAdam, build_optimizer

pytestmark = pytest.mark.heavy


def make_variables() -> list[keras.Variable]:
    numbers = np.random.RandomState(0)
    return [keras.Variable(numbers.randn(*shape).astype(np.float32)) for shape in ((5, 5, 1, 8), (8,), (30, 10))]


def make_gradients(step: int) -> list[np.ndarray]:
    numbers = np.random.RandomState(100 + step)
    # Sizes from huge to next to nothing: where the gradient is tiny, epsilon is what counts.
    return [
        (numbers.randn(*variable.shape) * 10.0 ** numbers.uniform(-9, 2, variable.shape)).astype(np.float32)
        for variable in make_variables()
    ]


def test_the_fused_adam_changes_weights_as_keras_adam_does() -> None:
    ours, theirs = make_variables(), make_variables()
    fused = FusedAdam(0.01, epsilon=1e-8)
    reference = keras.optimizers.Adam(0.01, epsilon=1e-8)

    for step in range(20):
        for optimizer, variables in ((fused, ours), (reference, theirs)):
            optimizer.apply([keras.ops.convert_to_tensor(gradient) for gradient in make_gradients(step)], variables)
        for one, two in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(one.numpy(), two.numpy(), rtol=1e-4, atol=1e-5)

    assert int(fused.iterations.numpy()) == 20
    for one, two in zip(fused.variables, reference.variables, strict=True):
        np.testing.assert_allclose(one.numpy(), two.numpy(), rtol=1e-4, atol=1e-6)


def test_the_epsilon_is_that_of_the_tutorial_and_not_that_of_keras() -> None:
    tiny = [keras.ops.convert_to_tensor(np.full((1,), 1e-7, np.float32))]
    with_1e_8, with_1e_7 = keras.Variable([0.0]), keras.Variable([0.0])

    build_optimizer(load_recipe("tutorial")).apply(tiny, [with_1e_8])
    FusedAdam(0.0001, epsilon=1e-7).apply(tiny, [with_1e_7])

    # At the first step Adam moves by the learning rate, but for epsilon: g / (g + epsilon), which TensorFlow's
    # kernel and Keras both scale by the correction of the second moment, here the root of 0.001.
    correction = np.sqrt(1 - 0.999)
    assert with_1e_8.numpy()[0] == pytest.approx(-0.0001 * 1e-7 / (1e-7 + 1e-8 / correction), rel=1e-3)
    assert with_1e_7.numpy()[0] == pytest.approx(-0.0001 * 1e-7 / (1e-7 + 1e-7 / correction), rel=1e-3)


@pytest.mark.parametrize(
    ("recipe", "kind", "learning_rate"),
    [("tutorial", FusedAdam, 0.0001), ("softmax", SGD, 0.5), ("deep", FusedAdam, 0.0001)],
    ids=["tutorial", "softmax", "deep"],
)
def test_a_recipe_gets_the_optimizer_that_it_names(recipe: str, kind: type, learning_rate: float) -> None:
    optimizer = build_optimizer(load_recipe(recipe))

    assert type(optimizer) is kind
    assert float(optimizer.learning_rate.numpy()) == pytest.approx(learning_rate)


def test_gradient_descent_is_plain() -> None:
    weights = keras.Variable([1.0, 2.0])

    build_optimizer(load_recipe("softmax")).apply([keras.ops.convert_to_tensor([0.2, -0.4])], [weights])

    np.testing.assert_allclose(weights.numpy(), [0.9, 2.2], rtol=1e-6)


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="only TensorFlow keeps graphs")
@pytest.mark.parametrize("name", ["sgd", "adam"])
def test_a_graph_that_applied_gradients_is_not_kept(name: str) -> None:
    # given: Keras's own would keep it until the process ends
    import gc
    import weakref

    import tensorflow as tf

    variables = make_variables()
    optimizer = build_optimizer(load_recipe("softmax", {"optimizer": name}))
    optimizer.build(variables)

    def apply() -> None:
        optimizer.apply([tf.ones_like(variable.value) for variable in variables], variables)

    # when
    compiled = tf.function(apply, autograph=False)
    compiled()
    graph = weakref.ref(compiled.get_concrete_function().graph)
    del compiled
    gc.collect()

    # then
    assert graph() is None
