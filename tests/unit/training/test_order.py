"""The order of images: every image once in each pass, and a place that is found again."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkproof.training.order import BatchOrder

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
