"""What several processes do to learn as one: each its share of every batch, the gradients summed over all.

Every worker takes from each batch the images that it holds, so together they learn from the same batches as one
process would. The first worker is the chief: it alone decides, measures and writes, by the code of `train.py`; the
others follow what it tells them. All speak by collective operations of TensorFlow's multi-worker strategy, and each of
these waits for everybody: so nobody may ever leave without a word (docs/decisions/0009-several-workers.md).
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from inkproof import models
from inkproof.backend import keras
from inkproof.config import Config
from inkproof.data import Split, load
from inkproof.errors import InkproofError, TrainingError
from inkproof.models.initial import derive_seed
from inkproof.training.engine import Engine, Stride, as_ink, cross_entropy, is_right
from inkproof.training.order import BatchOrder, Share
from inkproof.training.parallel import LostWorkerError
from inkproof.training.train import hash_weights, split_dataset

_MOST_BYTES = 4096
# What the chief says instead of a number of steps.
_LOOK, _END, _LEAVE = 0, -1, -2


@dataclass(frozen=True)
class _Word:
    """What each worker says before the first step, so that all begin alike or none does."""

    data_sha256: str = ""
    message: str | None = None
    hint: str | None = None


class Group:
    """All workers of a training, seen from one of them. To be made before TensorFlow does anything else.

    Args:
        rank: This worker's number, from 0, the chief.
        num_workers: All of them. Where they are is read from the variable TF_CONFIG by TensorFlow itself.
    """

    def __init__(self, rank: int, num_workers: int) -> None:
        self.rank, self.num_workers = rank, num_workers
        options = tf.distribute.experimental.CommunicationOptions(
            implementation=tf.distribute.experimental.CommunicationImplementation.RING
        )
        self.strategy = tf.distribute.MultiWorkerMirroredStrategy(communication_options=options)
        self._tell = tf.function(
            lambda number: self.run(lambda: self.sum([number]))[0],
            input_signature=[tf.TensorSpec([], tf.int32)], autograph=False,
        )  # fmt: skip
        self._has_met = self._has_ended = False

    def run(self, function: Callable[[], Any]) -> Any:
        """Call a function in which `sum` may be called; for within a `tf.function`."""
        return self.strategy.run(function)

    def sum(self, tensors: Sequence[tf.Tensor]) -> list[tf.Tensor]:
        """Each tensor summed over all workers, the same bits on all of them."""
        here = [tf.identity(tensor) for tensor in tensors]  # the strategy asks each on which device it is
        summed: list[tf.Tensor] = tf.distribute.get_replica_context().all_reduce("SUM", here)
        return summed

    def sum_now(self, arrays: Sequence[np.ndarray | float]) -> list[np.ndarray]:
        """The same for arrays, at once."""
        tensors = [tf.constant(array) for array in arrays]
        with self.together():
            summed = tf.function(lambda *values: self.run(lambda: self.sum(values)), autograph=False)(*tensors)
        return [value.numpy() for value in summed]

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """Where something is done by all workers at once, an error means that one of them is gone.

        Raises:
            LostWorkerError: If one is.
        """
        try:
            yield
        except tf.errors.OpError as error:
            raise LostWorkerError(str(error).splitlines()[0]) from error

    def gather(self, text: str) -> list[str]:
        """What each worker says, by rank; of each the first 4,096 bytes."""
        rows = np.zeros([self.num_workers, _MOST_BYTES], np.int32)
        said = text.encode()[:_MOST_BYTES]
        rows[self.rank, : len(said)] = np.frombuffer(said, np.uint8)
        (gathered,) = self.sum_now([rows])
        return [row[row > 0].astype(np.uint8).tobytes().decode(errors="ignore") for row in gathered]

    def meet(self, data_sha256: str = "", error: BaseException | None = None) -> None:
        """Say that this worker is ready, or what keeps it from it; go on when all are ready.

        Args:
            data_sha256: Checksum of its data set.
            error: What went wrong while it made ready.

        Raises:
            TrainingError: On all workers alike, if one cannot begin or has other data than the rest.
        """
        self._has_met = True
        word = _Word(data_sha256)
        if error is not None:
            message = error.message if isinstance(error, InkproofError) else f"{type(error).__name__}: {error}"
            word = _Word(message=message[:800], hint=getattr(error, "hint", None))
        words = [_Word(**json.loads(text)) for text in self.gather(json.dumps(vars(word)))]
        for rank, said in enumerate(words):
            if said.message is not None:
                self._has_ended = True
                raise TrainingError(f"Worker {rank + 1} of {self.num_workers} cannot begin: {said.message}", said.hint)
        if len({said.data_sha256 for said in words}) > 1:
            self._has_ended = True
            raise TrainingError(
                "The workers hold different copies of the data set: " + ", ".join(said.data_sha256 for said in words),
                "Put the same files on every machine; `inkproof data` shows the checksum.",
            )

    def tell(self, number: int) -> int:
        """What the chief says to all: how many steps to do next, or another of its words.

        Args:
            number: The chief's word; the others give 0.
        """
        with self.together():
            return int(self._tell(tf.constant(number)))

    def dismiss(self, error: BaseException | None = None) -> None:
        """Let the other workers go: the chief's last word, whatever it comes to."""
        if self._has_ended or isinstance(error, LostWorkerError):
            return
        self._has_ended = True
        if self._has_met:
            self.tell(_LEAVE)
        else:
            with contextlib.suppress(TrainingError):
                self.meet(error=error or TrainingError("The chief ended before the first step."))

    def end(self, weights_sha256: str) -> None:
        """End after the last step, and prove that all workers came to the same weights.

        Raises:
            TrainingError: On all workers alike, if they did not.
        """
        self._has_ended = True
        if self.rank == 0:
            self.tell(_END)
        check_agreement(self.gather(weights_sha256))

    def engine(self, model: keras.Sequential, config: Config, learned: Split, data_sha256: str) -> SharedEngine:
        """The engine of this worker, which keeps in memory its share of the images alone."""
        return SharedEngine(self, model, config, learned, data_sha256)


class SharedEngine(Engine):
    """An engine that does a share of the work. The chief's is used as any other.

    Args:
        group: All workers.
        model: The model with its initial weights.
        config: The whole configuration.
        learned: All images to learn from.
        data_sha256: Checksum of the data set.
    """

    def __init__(self, group: Group, model: keras.Sequential, config: Config, learned: Split, data_sha256: str) -> None:
        self._group, self._sha256 = group, data_sha256
        self._share = Share(group.rank, group.num_workers)
        self._batch_size = config.batch_size
        if group.rank:  # no two workers change their images by the same random numbers
            config = config.model_copy(update={"seed": derive_seed(config.seed, f"worker {group.rank}")})
        mine = slice(group.rank, None, group.num_workers)
        super().__init__(model, config, Split(learned.images[mine].copy(), learned.labels[mine].copy()))
        # Where nothing is normalised, there is nothing beside the gradients to agree on.
        self._moving = [variable.value for variable in model.non_trainable_weights]
        numbers, parts = tf.TensorSpec([None], tf.int32), tf.TensorSpec([None], tf.float32)
        self._compiled_steps = tf.function(
            self._steps_of_share, input_signature=[numbers, parts, numbers], autograph=False
        )

    def begin(self) -> None:
        """Wait for all workers, and take over the chief's state: weights, moments, counters.

        Raises:
            TrainingError: If one of them cannot begin.
        """
        self._group.meet(self._sha256)
        for kind in (np.float32, np.float64):  # one operation sums tensors of one type
            # Counters and seeds are whole numbers below 2**53, which float64 holds exactly.
            variables = [v for v in self._variables().values() if (v.dtype == "float32") == (kind is np.float32)]
            values = [np.array(variable.numpy(), kind) for variable in variables]
            if self._group.rank:
                values = [np.zeros_like(value) for value in values]
            for variable, value in zip(variables, self._group.sum_now(values) if values else [], strict=True):
                variable.assign(value.astype(variable.dtype))
        kept = {id(variable) for variable in self.model.weights}
        for variable in self.model.variables:
            if id(variable) not in kept:  # a random generator's seed and counter: dropout is each worker's own
                variable.assign(variable.numpy() + np.array([self._group.rank, 0], variable.dtype))

    @property
    def step(self) -> int:
        """Steps done."""
        return int(self.optimizer.iterations.numpy())

    def run(self, batches: np.ndarray) -> Stride:
        """Learn from some batches, together with the others; as `Engine.run`."""
        self._group.tell(len(batches))
        return self.follow(batches)

    def look(self, batch: np.ndarray) -> Stride:
        """Loss and accuracy on one batch, together with the others; as `Engine.look`."""
        self._group.tell(_LOOK)
        return self.follow_look(batch)

    def follow(self, batches: np.ndarray) -> Stride:
        """Learn from some batches, as the chief told all to."""
        taken = self._share.take(batches)
        with self._group.together():
            num_steps, loss, num_right = self._compiled_steps(*map(tf.constant, taken))
            return Stride(int(num_steps), float(loss), float(num_right) / self._batch_size)

    def follow_look(self, batch: np.ndarray) -> Stride:
        """Loss and accuracy on one batch, as the chief told all to."""
        numbers, parts, _ = self._share.take(batch[None])
        mine = super().look(numbers)
        part = float(parts.sum())
        loss, num_right = self._group.sum_now([mine.loss * part, mine.batch_accuracy * part])
        return Stride(0, float(loss) / len(batch), float(num_right) / len(batch))

    def end(self, weights_sha256: str) -> None:
        """Let the other workers end, and prove that all came to the same weights.

        Raises:
            TrainingError: If they did not.
        """
        self._group.end(weights_sha256)

    def _steps_of_share(self, numbers: tf.Tensor, parts: tf.Tensor, ends: tf.Tensor) -> tuple[tf.Tensor, ...]:
        def is_going_on(done: tf.Tensor, loss: tf.Tensor, num_right: tf.Tensor) -> tf.Tensor:
            return (done < tf.shape(ends)[0] - 1) & tf.math.is_finite(loss)

        def take_step(done: tf.Tensor, loss: tf.Tensor, num_right: tf.Tensor) -> tuple[tf.Tensor, ...]:
            mine = slice(ends[done], ends[done + 1])
            loss, num_right = self._step_of_share(numbers[mine], parts[mine])
            return done + 1, loss, num_right

        results: tuple[tf.Tensor, ...] = tf.while_loop(is_going_on, take_step, (0, 0.0, 0.0))
        return results

    def _step_of_share(self, numbers: tf.Tensor, parts: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """One step: the share's part of the gradients, summed over the workers, then the same change on each."""
        images, labels = tf.gather(self._images, numbers), tf.gather(self._labels, numbers)
        variables = self.model.trainable_variables
        ink = self._augment(as_ink(images), numbers, tf.cast(self.optimizer.iterations.value, tf.int32))

        def differentiate() -> list[tf.Tensor]:
            with tf.GradientTape() as tape:
                logits = self._forward(ink, True)
                # Of the sum over the whole batch, divided by its size: what shares there are does not matter.
                loss = tf.reduce_sum(parts * cross_entropy(labels, logits, self._label_smoothing)) / self._batch_size
            gradients = tape.gradient(loss, [variable.value for variable in variables])
            num_right = tf.reduce_sum(parts * tf.cast(is_right(labels, logits), tf.float32))
            # Each share has normalised by its own mean; what is kept of them is the mean over all images.
            fraction = tf.reduce_sum(parts) / self._batch_size
            moving = [fraction * variable for variable in self._moving]
            return self._group.sum([loss, num_right, *moving, *gradients])

        loss, num_right, *summed = self._group.run(differentiate)
        for variable, value in zip(self._moving, summed, strict=False):
            variable.assign(value)
        self.optimizer.apply(summed[len(self._moving) :], variables)
        return loss, num_right


def follow(group: Group, config: Config) -> None:
    """Work as one of the others until the chief says that it is over.

    Raises:
        TrainingError: If some worker cannot begin, or the workers came to different weights.
        LostWorkerError: If another one is gone.
    """
    try:
        engine, order = _make_ready(group, config)
    except Exception as error:
        group.meet(error=error)
        raise
    engine.begin()
    while (number := group.tell(0)) not in (_END, _LEAVE):
        if number == _LOOK:
            engine.follow_look(order.batches(1, 1)[0])
        else:
            engine.follow(order.batches(engine.step + 1, engine.step + number))
    if number == _END:
        group.end(hash_weights(engine.model))


def _make_ready(group: Group, config: Config) -> tuple[SharedEngine, BatchOrder]:
    dataset = load(config.dataset)
    learned, _, _ = split_dataset(dataset, config)
    model = models.build(config.model, dataset.image_shape, len(dataset.classes), config.seed)
    engine = group.engine(model, config, learned, dataset.sha256)
    return engine, BatchOrder(len(learned.labels), config.batch_size, config.seed)


def check_agreement(hashes: Sequence[str]) -> None:
    """Refuse an outcome that differs between workers.

    Raises:
        TrainingError: If it does.
    """
    if len(set(hashes)) > 1:
        told = ", ".join(f"worker {rank + 1}: {text[:12]}" for rank, text in enumerate(hashes))
        raise TrainingError(
            f"The workers came to different weights ({told}), where all must come to the same.",
            "Use machines with the same processors and versions, or train with one worker.",
        )
