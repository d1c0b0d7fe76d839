"""The engine of a training: model, optimizer and images in memory, and the compiled step over them.

This, `workers.py` and `augmentation.py` (with `light.py`) speak TensorFlow; the rest of training does not. Several
steps are one call into a compiled graph, the images stay in memory as bytes, and no step goes through Python.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from inkproof.backend import keras
from inkproof.config import Config
from inkproof.data import Split
from inkproof.training.optimizers import build_optimizer
from inkproof.training.shortcuts import cheap_forward

# A quarter faster than 250; larger ones are hardly faster still and take more memory.
_MEASURE_BATCH_SIZE = 500


@dataclass(frozen=True)
class Stride:
    """What some steps in a row gave.

    Args:
        num_steps: Steps done; fewer than asked for only if the loss stopped being finite.
        loss: Cross-entropy of the last step's batch in nats, before that step's change of the weights; where labels
            are smoothed, against the smoothed ones.
        batch_accuracy: Share of that batch that was answered rightly, 0..1, likewise before the change. Both are
            of the images as augmentation changed them.
    """

    num_steps: int
    loss: float
    batch_accuracy: float


class Engine:
    """Model, optimizer and training images, ready to run.

    Args:
        model: The model with its initial weights; a chain of layers that gives logits.
        config: The whole configuration.
        train: The images to learn from.
    """

    def __init__(self, model: keras.Sequential, config: Config, train: Split) -> None:
        self.model = model
        self.optimizer = build_optimizer(config)
        self.optimizer.build(self.model.trainable_variables)
        self._forward = cheap_forward(self.model.layers)
        self._label_smoothing = config.label_smoothing
        self._augment = _build_augmentation(config, train.images)
        self._images = tf.constant(train.images)
        self._labels = tf.constant(train.labels.astype(np.int32))
        batches = tf.TensorSpec([None, config.batch_size], tf.int32)
        self._compiled_steps = tf.function(self._steps, input_signature=[batches], autograph=False)
        self._compiled_answers = tf.function(self._answers, reduce_retracing=True, autograph=False)

    def begin(self) -> None:
        """Called before the first step, the state restored: where there are other workers, they are waited for."""

    def end(self, weights_sha256: str) -> None:
        """Called after the last step: other workers must have come to the same weights."""

    def run(self, batches: np.ndarray) -> Stride:
        """Learn from some batches, one after the other.

        Args:
            batches: int32 [steps, batch_size], indices of images.
        """
        num_steps, loss, accuracy = self._compiled_steps(tf.constant(batches))
        return Stride(int(num_steps), float(loss), float(accuracy))

    def look(self, batch: np.ndarray) -> Stride:
        """Loss and accuracy on one batch, int32 [batch_size], without learning from it."""
        images, labels = tf.gather(self._images, batch), tf.gather(self._labels, batch)
        loss, num_right = self._compiled_answers(images, labels)
        return Stride(0, float(loss) / len(batch), int(num_right) / len(batch))

    def measure_accuracy(self, split: Split) -> float:
        """Share of the images of `split` that are answered rightly, 0..1."""
        num_right = 0
        for begin in range(0, len(split.labels), _MEASURE_BATCH_SIZE):
            part = slice(begin, begin + _MEASURE_BATCH_SIZE)
            labels = split.labels[part].astype(np.int32)
            num_right += int(self._compiled_answers(tf.constant(split.images[part]), tf.constant(labels))[1])
        return num_right / len(split.labels)

    def state(self) -> dict[str, np.ndarray]:
        """Copies of everything that changes while learning: weights, moments, counters, random state."""
        return {name: np.array(variable.numpy()) for name, variable in self._variables().items()}

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Put back what `state` gave. Names and shapes must be those of this engine.

        Raises:
            ValueError: If they are not.
        """
        variables = self._variables()
        if variables.keys() != state.keys():
            raise ValueError(f"variables {sorted(variables.keys() ^ state.keys())} are on one side only")
        for name, variable in variables.items():
            variable.assign(state[name])

    def take_over(self, earlier: Engine) -> None:
        """Go on where another engine over the same model stands: its moments and counters, the own learning rate.

        Args:
            earlier: An engine of the same optimizer, of whatever other settings.
        """
        for own, before in zip(_state_of(self.optimizer), _state_of(earlier.optimizer), strict=True):
            own.assign(before.value)

    def _variables(self) -> dict[str, Any]:
        # Among a model's variables are the states of its random generators, such as dropout's.
        own = {f"model/{number}": variable for number, variable in enumerate(self.model.variables)}
        moments = {f"optimizer/{number}": variable for number, variable in enumerate(self.optimizer.variables)}
        return own | moments

    def _steps(self, batches: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        def is_going_on(done: tf.Tensor, loss: tf.Tensor, accuracy: tf.Tensor) -> tf.Tensor:
            return (done < tf.shape(batches)[0]) & tf.math.is_finite(loss)

        def take_step(done: tf.Tensor, loss: tf.Tensor, accuracy: tf.Tensor) -> tuple[tf.Tensor, ...]:
            loss, accuracy = self._step(batches[done])
            return done + 1, loss, accuracy

        results: tuple[tf.Tensor, tf.Tensor, tf.Tensor] = tf.while_loop(is_going_on, take_step, (0, 0.0, 0.0))
        return results

    def _step(self, batch: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        images, labels = tf.gather(self._images, batch), tf.gather(self._labels, batch)
        variables = self.model.trainable_variables
        ink = self._augment(as_ink(images), batch, tf.cast(self.optimizer.iterations.value, tf.int32))
        with tf.GradientTape() as tape:
            logits = self._forward(ink, True)
            loss = keras.ops.mean(cross_entropy(labels, logits, self._label_smoothing))
        gradients = tape.gradient(loss, [variable.value for variable in variables])
        self.optimizer.apply(gradients, variables)
        accuracy = tf.reduce_mean(tf.cast(is_right(labels, logits), tf.float32))
        return loss, accuracy

    def _answers(self, images: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        logits = self._forward(as_ink(images), False)
        num_right = tf.reduce_sum(tf.cast(is_right(labels, logits), tf.int32))
        return tf.reduce_sum(cross_entropy(labels, logits)), num_right


def _state_of(optimizer: keras.optimizers.Optimizer) -> list[Any]:
    # A constant learning rate is a variable too, one by a schedule is none.
    return [variable for variable in optimizer.variables if variable.name != "learning_rate"]


def _build_augmentation(config: Config, images: np.ndarray) -> Callable[[tf.Tensor, tf.Tensor, tf.Tensor], tf.Tensor]:
    if config.augmentation == "none":
        return lambda ink, batch, step: ink
    from inkproof.training.augmentation import Augmentation

    return Augmentation(config.augmentation, images, config.seed)


def cross_entropy(labels: tf.Tensor, logits: tf.Tensor, smoothing: float = 0.0) -> tf.Tensor:
    """Cross-entropy of each image in nats, float32 [batch]; `smoothing` of the wanted probability spread evenly."""
    if not smoothing:
        return keras.ops.sparse_categorical_crossentropy(labels, logits, from_logits=True)
    num_classes = logits.shape[-1]
    wanted = tf.one_hot(labels, num_classes, 1 - smoothing + smoothing / num_classes, smoothing / num_classes)
    return tf.nn.softmax_cross_entropy_with_logits(wanted, logits)


def as_ink(images: tf.Tensor) -> tf.Tensor:
    """Bytes as float32 from 0 (paper) to 1 (ink)."""
    return tf.cast(images, tf.float32) / 255.0


def is_right(labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Whether each image is answered rightly, bool [batch]."""
    return tf.argmax(logits, axis=-1, output_type=tf.int32) == labels
