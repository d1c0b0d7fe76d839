"""A worker of a group of one: it learns as the engine does that is alone, and says what a worker says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from inkproof import models
from inkproof.config import load_recipe
from inkproof.data import Dataset, Split
from inkproof.errors import DataFileError, TrainingError
from inkproof.training.engine import Engine
from inkproof.training.order import BatchOrder
from inkproof.training.workers import Group, check_agreement

pytestmark = pytest.mark.heavy

SMALL: dict[str, dict[str, Any]] = {
    "deep": {"model.filters": 4, "model.hidden_units": 32},
    "fast": {"model.filters": 4},
}


@pytest.fixture
def group() -> Group:
    return Group(rank=0, num_workers=1)


@pytest.mark.parametrize("recipe", SMALL)
def test_a_share_of_everything_learns_as_one_that_is_alone(mnist: Dataset, group: Group, recipe: str) -> None:
    config = load_recipe(recipe, {"batch_size": 20, "steps": 10, **SMALL[recipe]})
    images = Split(mnist.train.images[:100], mnist.train.labels[:100])
    alone, shared = (
        make(models.build(config.model, (28, 28, 1), 10, config.seed), config, images)
        for make in (Engine, lambda *given: group.engine(*given, data_sha256="abc"))
    )
    order = BatchOrder(100, 20, config.seed)

    shared.begin()
    looks = [engine.look(order.batches(1, 1)[0]) for engine in (alone, shared)]
    strides = [engine.run(order.batches(1, 8)) for engine in (alone, shared)]

    assert looks[1].loss == pytest.approx(looks[0].loss, rel=1e-5)
    assert strides[1].loss == pytest.approx(strides[0].loss, rel=1e-3)
    assert strides[1].batch_accuracy == pytest.approx(strides[0].batch_accuracy)
    states = [engine.state() for engine in (alone, shared)]
    for name, value in states[0].items():
        np.testing.assert_allclose(states[1][name], value, rtol=1e-3, atol=1e-4, err_msg=name)


def test_a_loss_that_is_no_number_ends_the_stride(mnist: Dataset, group: Group) -> None:
    config = load_recipe("softmax", {"batch_size": 20, "learning_rate": 1000, "steps": 100})
    images = Split(mnist.train.images[:100], np.full(100, 3))
    engine = group.engine(models.build(config.model, (28, 28, 1), 10, 0), config, images, "abc")
    engine.model.trainable_variables[0].assign(np.full([784, 10], np.nan))

    stride = engine.run(BatchOrder(100, 20, 0).batches(1, 5))

    assert np.isnan(stride.loss)
    assert stride.num_steps == 1


def test_a_worker_that_cannot_begin_tells_all_why(group: Group) -> None:
    error = DataFileError("There is no file 'train.gz'.", "Fetch it.")

    with pytest.raises(TrainingError, match=r"^Worker 1 of 1 cannot begin: There is no file 'train.gz'\.$") as raised:
        group.meet(error=error)

    assert raised.value.hint == "Fetch it."


def test_what_is_gathered_is_cut_and_never_torn(group: Group) -> None:
    assert group.gather("画" * 2000) == ["画" * 1365]
    assert group.gather("") == [""]


def test_workers_that_end_apart_are_refused() -> None:
    check_agreement(["a" * 64, "a" * 64])

    with pytest.raises(
        TrainingError, match=r"^The workers came to different weights \(worker 1: aaaaaaaaaaaa, worker 2: bbbb"
    ):
        check_agreement(["a" * 64, "b" * 64])
