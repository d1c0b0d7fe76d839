"""Where weights and biases start, and the seeds they are drawn from."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import numpy as np

from inkproof.backend import keras


def initial_values(seed: int) -> Iterator[dict[str, Any]]:
    """Initial values as the tutorial sets them, for one layer after another.

    Weights come from a normal distribution with standard deviation 0.1, those beyond two deviations drawn again;
    biases are 0.1, so that hardly any ReLU starts dead.

    Yields:
        Keyword arguments for a convolution or dense layer.
    """
    for number in count():
        yield {
            "kernel_initializer": keras.initializers.TruncatedNormal(
                stddev=0.1, seed=derive_seed(seed, f"layer {number}")
            ),
            "bias_initializer": keras.initializers.Constant(0.1),
        }


def derive_seed(seed: int, purpose: str) -> int:
    """A seed for one purpose, below 2**31, so that no two purposes share their random numbers.

    >>> derive_seed(0, "dropout") == derive_seed(0, "dropout"), derive_seed(0, "dropout") == derive_seed(1, "dropout")
    (True, False)
    """
    return int(np.random.SeedSequence([seed, *purpose.encode()]).generate_state(1)[0] >> 1)
