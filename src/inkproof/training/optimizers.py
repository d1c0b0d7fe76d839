"""The optimizers by name. On TensorFlow, Adam is done in one pass over memory."""

from __future__ import annotations

from typing import Any

from inkproof.backend import keras
from inkproof.config import Config
from inkproof.training.schedules import build_schedule


def build_optimizer(config: Config) -> keras.optimizers.Optimizer:
    """The optimizer that a configuration names, not yet bound to any weights."""
    learning_rate = build_schedule(config)
    if config.optimizer == "sgd":
        return SGD(learning_rate)
    adam = FusedAdam if keras.backend.backend() == "tensorflow" else keras.optimizers.Adam
    # 1e-8 is what TensorFlow's own Adam adds, which the tutorial uses; Keras would add 1e-7.
    return adam(learning_rate, beta_1=config.beta_1, beta_2=config.beta_2, epsilon=1e-8)


class OneDevice:
    """An optimizer of Keras without the sum of gradients over devices, of which there is one here.

    On TensorFlow that sum registers a gradient of its own for good, which keeps the whole graph of a training with all
    it holds, 100 MB for the tutorial's, until the process ends: too much for a series of trainings in one process.
    """

    def _all_reduce_sum_gradients(self, grads_and_vars: Any) -> Any:
        return grads_and_vars


class SGD(OneDevice, keras.optimizers.SGD):  # type: ignore[misc]
    """Keras's gradient descent."""


class FusedAdam(OneDevice, keras.optimizers.Adam):  # type: ignore[misc]
    """Keras's Adam by TensorFlow's single kernel: 3 ms a step for 3.2 million weights.

    The same formula (Kingma and Ba 2015, the form at the end of section 2); Keras itself goes over the
    weights' memory about ten times.
    """

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Change one variable, a `tf.Variable`, and its two moments."""
        import tensorflow as tf

        index = self._get_variable_index(variable)
        step = tf.cast(self.iterations.value + 1, tf.float32)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[index].value.handle,
            v=self._velocities[index].value.handle,
            beta1_power=tf.pow(self.beta_1, step),
            beta2_power=tf.pow(self.beta_2, step),
            lr=learning_rate,
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=gradient,
        )
