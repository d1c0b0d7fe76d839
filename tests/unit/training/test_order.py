"""The order of images: every image once in each pass, and a place that is found again."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkproof.config import Beginning, load_recipe
from inkproof.training.order import BatchOrder, Share

pytestmark = pytest.mark.heavy

sizes = st.integers(1, 40)
seeds = st.integers(0, 2**32 - 1)


@given(num_images=sizes, batch_size=sizes, seed=seeds, steps=st.integers(1, 60))
def test_each_pass_holds_every_image_once(num_images: int, batch_size: int, seed: int, steps: int) -> None:
    batches = BatchOrder(num_images, batch_size, seed).batches(1, steps)

    assert batches.shape == (steps, batch_size)
    assert batches.dtype == np.int32
    stream = batches.ravel()
    for begin in range(0, len(stream), num_images):
        one_pass = stream[begin : begin + num_images]
        assert len(set(one_pass.tolist())) == len(one_pass)
        assert one_pass.min() >= 0
        assert one_pass.max() < num_images


@given(num_images=sizes, batch_size=sizes, seed=seeds, cuts=st.sets(st.integers(1, 59), max_size=6))
def test_strides_of_any_length_give_the_same_batches_as_one(
    num_images: int, batch_size: int, seed: int, cuts: set[int]
) -> None:
    whole = BatchOrder(num_images, batch_size, seed).batches(1, 60)
    order = BatchOrder(num_images, batch_size, seed)
    stops = [0, *sorted(cuts), 60]

    parts = [order.batches(begin + 1, end) for begin, end in itertools.pairwise(stops)]

    np.testing.assert_array_equal(np.concatenate(parts), whole)


@given(forks=st.lists(st.tuples(st.integers(1, 9), sizes), min_size=1, max_size=4), num_images=sizes)
def test_a_fork_with_other_batches_goes_on_with_the_images_that_come_next(
    forks: list[tuple[int, int]], num_images: int
) -> None:
    config = load_recipe("softmax", {"seed": 3, "batch_size": 5})
    step, stream = 0, []
    for num_steps, batch_size in forks:
        batches = BatchOrder.of(config, num_images).batches(step + 1, step + num_steps)
        assert batches.shape == (num_steps, config.batch_size)
        stream += batches.ravel().tolist()
        step += num_steps
        beginning = Beginning(last_step=step, **config.model_dump(include=set(Beginning.model_fields) - {"last_step"}))
        config = config.model_copy(update={"beginnings": (*config.beginnings, beginning), "batch_size": batch_size})

    one_by_one = BatchOrder(num_images, 1, seed=3).batches(1, len(stream))

    assert stream == one_by_one.ravel().tolist()
    assert config.images_seen(step) == len(stream)


@given(first=st.integers(1, 10_000), length=st.integers(1, 5))
@settings(max_examples=25)
def test_a_resume_finds_its_place_without_what_came_before(first: int, length: int) -> None:
    went_on = BatchOrder(1000, 7, seed=1)
    went_on.batches(1, 3)

    fresh = BatchOrder(1000, 7, seed=1).batches(first, first + length - 1)

    np.testing.assert_array_equal(went_on.batches(first, first + length - 1), fresh)


def test_another_seed_and_another_pass_give_another_order() -> None:
    first, other = (BatchOrder(1000, 1000, seed).batches(1, 2) for seed in (0, 1))

    assert not np.array_equal(first[0], other[0])
    assert not np.array_equal(first[0], first[1])
    assert not np.array_equal(first[0], np.arange(1000))


@given(num_images=sizes, batch_size=sizes, num_workers=st.integers(1, 5), steps=st.integers(1, 20))
def test_shares_together_are_the_batches_of_one(num_images: int, batch_size: int, num_workers: int, steps: int) -> None:
    batches = BatchOrder(num_images, batch_size, seed=0).batches(1, steps)

    taken = [Share(rank, num_workers).take(batches) for rank in range(num_workers)]

    for step, batch in enumerate(batches):
        together: list[int] = []
        for rank, (numbers, counts, ends) in enumerate(taken):
            mine = slice(ends[step], ends[step + 1])
            counted = numbers[mine][counts[mine] == 1]
            assert len(numbers[mine]) >= 1  # nothing can be normalised over no image at all
            together += (counted * num_workers + rank).tolist()
        assert sorted(together) == sorted(batch.tolist())


def test_an_image_that_stands_in_counts_nothing() -> None:
    numbers, counts, ends = Share(1, 2).take(np.array([[0, 2], [3, 1]], np.int32))

    assert numbers.tolist() == [0, 1, 0]
    assert counts.tolist() == [0, 1, 1]
    assert ends.tolist() == [0, 1, 3]
    assert (numbers.dtype, counts.dtype, ends.dtype) == (np.int32, np.float32, np.int32)
