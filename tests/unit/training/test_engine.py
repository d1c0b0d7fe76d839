"""The engine: it learns, it stops where the loss stops being a number, and it can be put back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from inkproof import models
from inkproof.config import Config, load_recipe
from inkproof.data import Dataset, Split
from inkproof.training.engine import Engine

pytestmark = pytest.mark.heavy

SMALL = {
    "tutorial": {"model.filters": 4, "model.hidden_units": 32},
    "softmax": {},
    "deep": {"model.filters": 4, "model.hidden_units": 32},
    "fast": {"model.filters": 4},
    "robust": {"model.filters": 4, "model.depth": 1, "augmentation": "full"},
}


def make_engine(images: Split, recipe: str, **changes: Any) -> Engine:
    config: Config = load_recipe(recipe, {"batch_size": 20, **SMALL[recipe], **changes})
    return Engine(models.build(config.model, images.images.shape[1:], 10, config.seed), config, images)


def some(mnist: Dataset, number: int) -> Split:
    return Split(mnist.train.images[:number], mnist.train.labels[:number])


def same_batch(steps: int) -> np.ndarray:
    return np.tile(np.arange(20, dtype=np.int32), (steps, 1))


@pytest.mark.parametrize(("recipe", "rate"), [("tutorial", 0.002), ("softmax", 0.5), ("deep", 0.002), ("fast", 0.02)])
def test_a_model_learns_one_batch_by_heart(mnist: Dataset, recipe: str, rate: float) -> None:
    engine = make_engine(some(mnist, 20), recipe, learning_rate=rate, label_smoothing=0, steps=300)
    before = engine.look(same_batch(1)[0])

    engine.run(same_batch(300))

    after = engine.look(same_batch(1)[0])
    assert after.batch_accuracy == 1
    assert after.loss < 0.05 < before.loss


def test_looking_changes_nothing(mnist: Dataset) -> None:
    engine = make_engine(some(mnist, 40), "tutorial")
    before = engine.state()

    engine.look(same_batch(1)[0])
    engine.measure_accuracy(some(mnist, 40))

    assert all(np.array_equal(before[name], value) for name, value in engine.state().items())


def test_a_stride_tells_of_its_last_batch_before_that_batch_was_learnt(mnist: Dataset) -> None:
    one, other = (make_engine(some(mnist, 60), "tutorial") for _ in range(2))
    batches = np.arange(60, dtype=np.int32).reshape(3, 20)

    stride = one.run(batches)
    other.run(batches[:2])
    looked = other.look(batches[2])

    assert stride.num_steps == 3
    assert stride.loss == pytest.approx(looked.loss, rel=1e-5)
    assert stride.batch_accuracy == pytest.approx(looked.batch_accuracy)


@pytest.mark.parametrize("recipe", ["deep", "robust"])
def test_one_long_stride_is_many_short_ones_to_the_last_bit(mnist: Dataset, recipe: str) -> None:
    long, short = (make_engine(some(mnist, 200), recipe) for _ in range(2))
    batches = np.random.RandomState(0).randint(0, 200, (12, 20)).astype(np.int32)

    long.run(batches)
    for begin, end in ((0, 1), (1, 5), (5, 12)):
        short.run(batches[begin:end])

    assert_same(long.state(), short.state())


def test_accuracy_is_the_share_of_right_answers_whatever_the_number_of_images(mnist: Dataset) -> None:
    engine = make_engine(some(mnist, 600), "softmax")
    engine.run(np.arange(600, dtype=np.int32).reshape(30, 20))
    # Not a whole number of the batches in which accuracy is measured.
    images = Split(mnist.test.images[:613], mnist.test.labels[:613])

    logits = engine.model(images.images.astype(np.float32) / 255).numpy()

    assert engine.measure_accuracy(images) == pytest.approx((logits.argmax(axis=1) == images.labels).mean(), abs=1e-9)


def test_learning_stops_at_the_step_whose_loss_is_no_number(mnist: Dataset) -> None:
    engine = make_engine(some(mnist, 40), "tutorial", optimizer="sgd", learning_rate=1000)

    stride = engine.run(np.tile(np.arange(40, dtype=np.int32).reshape(2, 20), (200, 1)))
    again = engine.run(same_batch(5))

    assert not np.isfinite(stride.loss)
    assert 1 < stride.num_steps < 400
    assert again.num_steps == 1
    assert not np.isfinite(again.loss)


@pytest.mark.parametrize("recipe", ["tutorial", "softmax", "deep", "fast", "robust"])
def test_an_engine_put_back_goes_on_to_the_same_bits(mnist: Dataset, recipe: str) -> None:
    first = make_engine(some(mnist, 200), recipe)
    batches = np.random.RandomState(0).randint(0, 200, (10, 20)).astype(np.int32)
    first.run(batches[:4])
    state = first.state()
    first.run(batches[4:])

    # Other weights than those that are put back; what augmentation draws is a function of the seed.
    second = make_engine(some(mnist, 200), recipe, **({} if recipe == "robust" else {"seed": 9}))
    second.restore(state)
    second.run(batches[4:])

    assert_same(first.state(), second.state())


def test_a_state_is_a_copy(mnist: Dataset) -> None:
    engine = make_engine(some(mnist, 40), "tutorial")
    state = engine.state()
    kept = {name: value.copy() for name, value in state.items()}

    engine.run(same_batch(2))

    assert_same(state, kept)


def test_a_state_holds_weights_moments_counter_and_the_randomness_of_dropout(mnist: Dataset) -> None:
    engine = make_engine(some(mnist, 40), "deep")
    before = engine.state()

    engine.run(same_batch(1))

    changed = [value for name, value in engine.state().items() if not np.array_equal(value, before[name])]
    weights = [variable.numpy() for variable in engine.model.trainable_variables]
    # Each weight with its two moments, the counter of steps, and the state of dropout's random numbers.
    assert len(changed) == 3 * len(weights) + 2
    assert sum(np.issubdtype(value.dtype, np.integer) for value in changed) == 2
    assert sum(value.size for value in changed if value.dtype == np.float32) == 3 * sum(w.size for w in weights)


@pytest.mark.parametrize(
    ("recipe", "changes", "message"),
    [
        ("deep", {}, "are on one side only"),
        ("tutorial", {"optimizer": "sgd"}, "are on one side only"),
        ("tutorial", {"model.filters": 5}, "(?i)shape"),
    ],
    ids=["another model", "another optimizer", "another size"],
)
def test_a_state_of_another_engine_is_refused(
    mnist: Dataset, recipe: str, changes: dict[str, Any], message: str
) -> None:
    state = make_engine(some(mnist, 20), "tutorial").state()

    with pytest.raises(ValueError, match=message):
        make_engine(some(mnist, 20), recipe, **changes).restore(state)


def test_smoothed_labels_want_less_than_certainty(mnist: Dataset) -> None:
    engine = make_engine(some(mnist, 20), "tutorial", learning_rate=0.002, label_smoothing=0.2)

    engine.run(same_batch(400))

    # The wanted answer gets 0.8 and its share of 0.2 spread over ten classes.
    probabilities = np.exp(-engine.look(same_batch(1)[0]).loss)
    assert probabilities == pytest.approx(0.82, abs=0.02)


def test_learning_goes_by_the_schedule(mnist: Dataset) -> None:
    changes = {"optimizer": "sgd", "schedule": "one_cycle", "steps": 10, "learning_rate": 0.5}
    engine = make_engine(some(mnist, 20), "softmax", **changes)

    engine.run(same_batch(9))
    before = engine.state()
    engine.run(same_batch(1))  # the last step's learning rate is 0

    weights = [name for name in before if name.startswith("model/")]
    assert all(np.array_equal(before[name], engine.state()[name]) for name in weights)


def assert_same(one: dict[str, np.ndarray], two: dict[str, np.ndarray]) -> None:
    assert one.keys() == two.keys()
    for name, value in one.items():
        np.testing.assert_array_equal(value, two[name], err_msg=name)
