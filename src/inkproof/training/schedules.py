"""How the learning rate goes over the steps of a training: a function of the configuration and the step alone."""

from __future__ import annotations

from typing import Any

from inkproof.backend import keras
from inkproof.config import Config

# One-cycle rises over this share of the steps, from this share of its peak (Smith and Topin 2019, simplified to
# straight lines). The 5,000 held-out images can not tell 0.1 from 0.4.
RISING_FRACTION = 0.2
STARTING_FRACTION = 0.1


class OneCycle(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]
    """Straight up to the peak, then straight down to zero.

    Args:
        peak: The highest learning rate.
        steps: Steps of the whole training.

    >>> schedule = OneCycle(0.1, steps=100)
    >>> [round(float(schedule(step)), 4) for step in (0, 19, 59, 97, 99)]
    [0.0145, 0.1, 0.05, 0.0025, 0.0]
    """

    def __init__(self, peak: float, steps: int) -> None:
        self.peak, self.steps = peak, steps

    def __call__(self, step: Any) -> Any:
        """The learning rate of a step, counted from 0; a scalar tensor, float32."""
        done = (keras.ops.cast(step, "float32") + 1) / self.steps
        rising = STARTING_FRACTION + (1 - STARTING_FRACTION) * done / RISING_FRACTION
        falling = keras.ops.maximum(1 - done, 0) / (1 - RISING_FRACTION)
        return self.peak * keras.ops.minimum(rising, falling)

    def get_config(self) -> dict[str, Any]:
        """What makes an equal schedule."""
        return {"peak": self.peak, "steps": self.steps}


def build_schedule(config: Config) -> OneCycle | float:
    """The learning rate as an optimizer takes it: one number, or a schedule."""
    return OneCycle(config.learning_rate, config.steps) if config.schedule == "one_cycle" else config.learning_rate


def learning_rate_at(config: Config, step: int) -> float:
    """The learning rate with which the weights of a step, counted from 1, were made; before step 1, its own."""
    schedule = build_schedule(config)
    return schedule if isinstance(schedule, float) else float(schedule(max(step, 1) - 1))
