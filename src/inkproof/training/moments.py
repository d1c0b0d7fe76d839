"""At which steps what is measured and kept: derived from the number of steps alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

# Loss, batch accuracy and learning rate: every so many steps, as in the tutorial.
SCALAR_EVERY = 5
_EARLY = (0, 10, 20, 50, 100, 200, 500)


@dataclass(frozen=True)
class Moments:
    """The steps of a training of `steps` steps at which something is done beside learning.

    >>> sorted(Moments(2000).accuracy)
    [0, 10, 20, 50, 100, 200, 500, 1000, 1500, 2000]
    >>> sorted(Moments(2000).timeline)
    [0, 10, 20, 50, 100, 200, 500, 1000, 2000]
    """

    steps: int

    @cached_property
    def accuracy(self) -> frozenset[int]:
        """The accuracy on all held-out or test images: early steps, then every 500, and the end."""
        return self._within(*_EARLY, *range(500, self.steps, 500))

    @cached_property
    def timeline(self) -> frozenset[int]:
        """Snapshots of the network: 0, then 1, 2, 5 times each power of ten from 10, and the end.

        Ever thinner, since a snapshot of the tutorial's network takes 6.4 MB and early steps change the most.
        """
        powers = [10**exponent for exponent in range(1, 9)]
        return self._within(0, *(factor * power for power in powers for factor in (1, 2, 5)))

    @cached_property
    def histograms(self) -> frozenset[int]:
        """Distributions of weights, biases and activations; pictures of the first filters."""
        return self.accuracy | self._within(*range(0, self.steps, max(200, self.steps // 20)))

    @cached_property
    def projector(self) -> frozenset[int]:
        """Where the test images lie in the last hidden layer."""
        return self._within(0, 100, 500)

    def strides(self, step: int) -> Iterator[int]:
        """The steps at which to stop and look, from `step` (left out) to the end."""
        stops = self.accuracy | self.timeline | self.histograms | self.projector
        while step < self.steps:
            regular = (step // SCALAR_EVERY + 1) * SCALAR_EVERY
            step = next((stop for stop in range(step + 1, regular) if stop in stops), min(regular, self.steps))
            yield step

    def _within(self, *steps: int) -> frozenset[int]:
        return frozenset({*(step for step in steps if step < self.steps), self.steps})
