"""The order in which a training sees its images: a function of its settings alone, so that a resume finds its place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inkproof.config import Config
from inkproof.models.initial import derive_seed

_NO_PASS = np.empty(0, np.int32)


class BatchOrder:
    """Batches drawn without replacement: all images once in random order, then all again in another.

    A batch may begin in one pass over the images and end in the next, so every batch is full.

    Args:
        num_images: Images to learn from, at least one.
        batch_size: Images in a batch.
        seed: The training's seed.
        num_ahead: By how many images more the batches before a fork were larger than these, all together; negative if
            they were smaller. A fork so goes on with the images that come next.

    >>> order = BatchOrder(num_images=6, batch_size=4, seed=0)
    >>> sorted(order.batches(1, 3).ravel().tolist()) == sorted([*range(6), *range(6)])
    True
    """

    def __init__(self, num_images: int, batch_size: int, seed: int, num_ahead: int = 0) -> None:
        self.num_images = num_images
        self.batch_size = batch_size
        self._num_ahead = num_ahead
        self._seed = derive_seed(seed, "order")
        self._passes: dict[int, np.ndarray] = {}

    @classmethod
    def of(cls, config: Config, num_images: int) -> BatchOrder:
        """The order of a training; of a fork, from where it leaves its run."""
        num_ahead = config.images_seen(config.forked_at) - config.forked_at * config.batch_size
        return cls(num_images, config.batch_size, config.seed, num_ahead)

    def batches(self, first_step: int, last_step: int) -> np.ndarray:
        """Indices of the images of some steps.

        Args:
            first_step: The first step, counted from 1; of a fork, after the one at which it leaves its run.
            last_step: The last step, included.

        Returns:
            int32 [steps, batch_size].
        """
        begin = (first_step - 1) * self.batch_size + self._num_ahead
        end = last_step * self.batch_size + self._num_ahead
        numbers = range(begin // self.num_images, (end - 1) // self.num_images + 1)
        # Only the passes in use are kept.
        self._passes = {number: self._passes.get(number, _NO_PASS) for number in numbers}
        for number in numbers:
            if self._passes[number] is _NO_PASS:
                generator = np.random.default_rng([self._seed, number])
                self._passes[number] = generator.permutation(self.num_images).astype(np.int32)
        stream = np.concatenate([self._passes[number] for number in numbers])
        offset = numbers[0] * self.num_images
        return stream[begin - offset : end - offset].reshape(-1, self.batch_size)


@dataclass(frozen=True)
class Share:
    """What one of several workers does of each batch: the images that it holds, every `num_workers`-th of all.

    So all workers together learn from the batches of one; how many images a batch has for each varies a little.

    Args:
        rank: The worker's number, from 0.
        num_workers: All of them.
    """

    rank: int
    num_workers: int

    def take(self, batches: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """This worker's part of some batches.

        Args:
            batches: int32 [steps, batch_size], indices among all images.

        Returns:
            Indices among the images that this worker holds, int32 [n], all batches in a row; how much each counts,
            float32 [n], 1 or, for an image that stands in where a batch has none for this worker, 0; and where each
            batch begins and the last one ends, int32 [steps + 1].
        """
        taken = [batch[batch % self.num_workers == self.rank] // self.num_workers for batch in batches]
        counted = [np.ones(len(numbers), np.float32) if len(numbers) else np.zeros(1, np.float32) for numbers in taken]
        taken = [numbers if len(numbers) else np.zeros(1, np.int32) for numbers in taken]
        ends = np.cumsum([0, *map(len, taken)]).astype(np.int32)
        return np.concatenate(taken), np.concatenate(counted), ends
