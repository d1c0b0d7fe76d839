"""A training, from the first step or from a checkpoint, to its end. Reads top to bottom."""

from __future__ import annotations

import contextlib
import errno
import gc
import hashlib
import json
import math
import os
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from inkproof import models
from inkproof.backend import keras
from inkproof.config import Config
from inkproof.data import Dataset, Split, hold_out, load
from inkproof.errors import InkproofError, TrainingError
from inkproof.export.parity import prove_parity
from inkproof.export.template import NetworkTemplate
from inkproof.machine import peak_memory_mb
from inkproof.models.describe import count_learned
from inkproof.networks import RECIPE_KEY, RUN_KEY
from inkproof.progress import Pace, Progress, Reporter, Silent
from inkproof.runs import (
    KERAS_FILE,
    LOGS_DIR,
    METRICS_FILE,
    NETWORK_FILE,
    NEWEST_FILE,
    PARITY_FILE,
    TIMELINE_DIR,
    Run,
    now,
    replace_file,
)
from inkproof.stopping import stop_signals
from inkproof.training.checkpoint import Checkpointer, Place, read_checkpoint
from inkproof.training.engine import Engine, Stride
from inkproof.training.folder import forget_beyond, remove_checkpoint, replace_keras_file
from inkproof.training.moments import SCALAR_EVERY, Moments
from inkproof.training.order import BatchOrder
from inkproof.training.parallel import LostWorkerError
from inkproof.training.replay import replay
from inkproof.training.schedules import learning_rate_at
from inkproof.training.tensorboard import EventLog

if TYPE_CHECKING:
    from inkproof.training.workers import Group


def train(run: Run, reporter: Reporter | None = None, *, is_resume: bool = False, group: Group | None = None) -> None:
    """Train a run to its end, from its checkpoint if it has one. How it ended stands in `run.record`.

    Ctrl-C and SIGTERM end it after the step at hand with a checkpoint and the status `interrupted`; a second
    Ctrl-C ends it at once.

    Args:
        run: A run that is not finished and that no other process works on.
        reporter: Who is told of each advance; nobody by default.
        is_resume: Whether to count this as one more resume.
        group: The workers whose chief this process is; alone by default. Whoever started them holds the run folder.

    Raises:
        RunBusyError: If another process is at work in the run folder.
        NotResumableError: If the run is finished or diverged.
        TrainingError: If it cannot go on, such as for want of space on the disk.
    """
    with run.hold_as_chief() if group else run.hold(), stop_signals() as stop:
        run.check_is_open()
        num_resumes = run.record.num_resumes + is_resume
        try:
            num_workers = group.num_workers if group else 1
            run.update(status="running", ended_at=None, message=None, num_resumes=num_resumes, num_workers=num_workers)
            _Training(run, reporter or Silent(), stop, group).carry_out()
        except KeyboardInterrupt:
            run.update(status="interrupted", ended_at=now())
            raise
        except LostWorkerError:  # all workers begin anew from the checkpoint in a moment
            raise
        except BaseException as error:
            told = _explain(error, run)
            message = told.message if isinstance(told, InkproofError) else f"{type(error).__name__}: {error}"
            # Where even this cannot be written, the run shows as interrupted: nobody holds its lock any more.
            with contextlib.suppress(OSError):
                run.update(status="failed", ended_at=now(), message=message)
            if told is error:
                raise
            raise told from error


def _explain(error: BaseException, run: Run) -> BaseException:
    """What is told of an error that ended a training: of a full disk a sentence, of any other the error itself."""
    # TensorFlow writes the event files, and has errors of its own.
    if os.strerror(errno.ENOSPC) not in str(error):
        return error
    return TrainingError(
        f"There is no space left on the disk that holds '{run.folder}'.",
        f"Free some, then go on from the last checkpoint with `inkproof resume {run.name}`.",
    )


# The newest weights are published so often, and never at more than this share of the time.
_PUBLISH_SECONDS = 1.0
_PUBLISH_FRACTION = 0.03


class _Training:
    """One training on its way: what is loaded, where it stands, what it has cost."""

    def __init__(self, run: Run, reporter: Reporter, stop: threading.Event, group: Group | None) -> None:
        self.run, self.reporter, self.stop, self.group = run, reporter, stop, group
        self.config: Config = run.config
        self.moments = Moments(self.config.steps)
        self.timings: defaultdict[str, float] = defaultdict(float, run.record.timings_seconds)
        self.message: str | None = None
        self.next_publication = 0.0

    def carry_out(self) -> None:
        with self._timed("loading"):
            self._load()
        try:
            self._carry_on()
        except BaseException:
            with contextlib.suppress(Exception):
                self.checkpoints.wait()  # it writes run.json too, and must not have the last word on it
            if self.log:
                with contextlib.suppress(Exception):  # what went wrong first is what is told
                    self.log.close("failed")
            raise

    def _carry_on(self) -> None:
        self.reporter.begin(self.run, self.place.step)
        status = self._learn()
        self.run.update(
            status=status,
            step=self.place.step,
            ended_at=now() if status != "running" else None,
            message=self.message,
            timings_seconds=self._rounded_timings(),
            peak_memory_mb=round(peak_memory_mb(), 1),
        )
        if status == "running":
            self._finish()
        if self.log:
            self.log.close("finished" if status == "running" else status)
        self.reporter.end(self.run)

    def _load(self) -> None:
        self.dataset: Dataset = load(self.config.dataset)
        self.learned, self.judged, self.judged_name = split_dataset(self.dataset, self.config)
        classes = self.dataset.classes
        model = models.build(self.config.model, self.dataset.image_shape, len(classes), self.config.seed)
        # The exporter takes 400 MB for a moment. Done first and swept up, the engine then lives in the same memory.
        facts = {RUN_KEY: self.run.name, RECIPE_KEY: self.config.recipe}
        self.template = NetworkTemplate(model, classes, facts)
        gc.collect()
        self.order = BatchOrder.of(self.config, len(self.learned.labels))
        self._make_engine(model)
        checkpoint = read_checkpoint(self.run)
        self.place = Place()
        if checkpoint is not None:
            self.place, state = checkpoint
            try:
                self.engine.restore(state)
            except ValueError as error:
                raise TrainingError(
                    f"The checkpoint of the run '{self.run.name}' does not fit its configuration: {error}.",
                    "It was made by another version of inkproof, or config.toml was edited; train again.",
                ) from error
        self.engine.begin()
        forget_beyond(self.run, self.place.step)
        self.is_to_replay = self.place.step < self.config.forked_at
        self.run.update(data_sha256=self.dataset.sha256, step=self.place.step)
        logs = self.run.folder / LOGS_DIR
        self.log = None
        if self.config.tensorboard:
            step = max(self.place.step, self.config.forked_at)
            self.log = EventLog(logs, self.engine.model, self.config, self.dataset, step)
        (self.run.folder / TIMELINE_DIR).mkdir(exist_ok=True)
        self.checkpoints = Checkpointer(
            self.run,
            every_steps=self.config.checkpoint_steps,
            every_seconds=self.config.checkpoint_seconds,
            step=self.place.step,
        )

    def _make_engine(self, model: keras.Sequential) -> None:
        if self.group is None:
            self.engine = Engine(model, self.config, self.learned)
            return
        self.engine = self.group.engine(model, self.config, self.learned, self.dataset.sha256)
        # Its share is in the engine; the rest need not stay in memory.
        self.learned = Split(self.learned.images[:0].copy(), self.learned.labels[:0].copy())
        self.dataset = replace(self.dataset, train=self.learned)

    def _learn(self) -> str:
        """Learn to the last step. `running` stands for all done, the file of the network still to be made."""
        if self.is_to_replay and not self._replay():
            return "interrupted"
        self.began = time.monotonic() - self.place.seconds
        self.pace = Pace(self.place.step)
        if self.place.step == 0:
            first = self.engine.look(self.order.batches(1, 1)[0])
            self._note(0, first)
        for step in self.moments.strides(self.place.step):
            if self._is_asked_to_stop():
                return self._interrupt()
            batches = self.order.batches(self.place.step + 1, step)
            with self._timed("steps"):
                stride = self.engine.run(batches)
            if not math.isfinite(stride.loss):
                return self._diverge(self.place.step + stride.num_steps, stride.loss)
            self._note(step, stride)
            if self.checkpoints.is_due(step) or step == self.config.steps:
                self._save_checkpoint()
        self.checkpoints.wait()
        return "running"

    def _is_asked_to_stop(self) -> bool:
        return self.stop.is_set() or self.run.is_asked_to_stop

    def _replay(self) -> bool:
        """Do the steps of a fork's beginning once more; False if asked to stop on the way, which forgets them."""
        with self._timed("replay"):
            place = replay(self.run, self.engine, self.learned, self.reporter, self._is_asked_to_stop)
        if place is None:
            return False
        self.place = place
        self._save_checkpoint()  # a resume need not replay again
        return True

    def _note(self, step: int, stride: Stride) -> None:
        """Measure, log and keep whatever is due at a step."""
        moments = self.moments
        accuracy = None
        if step in moments.accuracy:
            with self._timed("accuracy"):
                accuracy = self.engine.measure_accuracy(self.judged)
        self.place = Place(step, time.monotonic() - self.began, self.place.accuracy if accuracy is None else accuracy)
        if step % SCALAR_EVERY == 0 or step in moments.accuracy:
            self._write_metrics(stride, accuracy)
        if step in moments.timeline:
            with self._timed("timeline"):
                path = self.run.folder / TIMELINE_DIR / f"step-{step:06d}.onnx"
                replace_file(path, self.template.render(step=step, half=True))
        if time.monotonic() >= self.next_publication:
            self._publish()
        if self.log:
            with self._timed("tensorboard"):
                if step in moments.histograms:
                    self.log.distributions(step)
                if step in moments.projector:
                    self.log.embedding(step)
        speed = self.pace.mark(step)
        self.reporter.advance(
            Progress(
                step=step,
                steps=self.config.steps,
                loss=stride.loss,
                batch_accuracy=stride.batch_accuracy,
                accuracy=self.place.accuracy,
                judged_by=self.judged_name,
                is_measured=accuracy is not None,
                images_per_second=speed * self.config.batch_size if speed else None,
                seconds_left=(self.config.steps - step) / speed if speed else None,
            )
        )

    def _publish(self) -> None:
        """Put the newest weights where a page can draw on them while they learn."""
        start = time.monotonic()
        with self._timed("publishing"):
            replace_file(self.run.folder / NEWEST_FILE, self.template.render(step=self.place.step, half=True))
        now = time.monotonic()
        self.next_publication = now + max(_PUBLISH_SECONDS, (now - start) / _PUBLISH_FRACTION)

    def _write_metrics(self, stride: Stride, accuracy: float | None) -> None:
        row: dict[str, float | None] = {
            "step": self.place.step,
            "seconds": round(self.place.seconds, 4),
            "loss": stride.loss if math.isfinite(stride.loss) else None,
            "batch_accuracy": round(stride.batch_accuracy, 6),
        }
        if accuracy is not None:
            row[f"{self.judged_name}_accuracy"] = accuracy
        learning_rate = learning_rate_at(self.config, self.place.step)
        row["learning_rate"] = learning_rate
        with (self.run.folder / METRICS_FILE).open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        if self.log:
            with self._timed("tensorboard"):
                values = {"loss": stride.loss, "accuracy/batch": stride.batch_accuracy}
                if accuracy is not None:
                    values[f"accuracy/{self.judged_name}"] = accuracy
                self.log.scalars(self.place.step, {**values, "learning_rate": learning_rate})

    def _save_checkpoint(self) -> None:
        if self.log:
            with self._timed("tensorboard"):
                self.log.flush()  # a resume goes on from here, so what was logged until here must outlive a kill
        with self._timed("checkpoints"):
            self.checkpoints.save(self.place, self.engine.state())

    def _interrupt(self) -> str:
        self._save_checkpoint()
        self.checkpoints.wait()
        return "interrupted"

    def _diverge(self, step: int, loss: float) -> str:
        self.checkpoints.wait()
        self.place = Place(step, time.monotonic() - self.began, self.place.accuracy)
        self._write_metrics(Stride(0, loss, 0.0), None)
        what = "not a number" if math.isnan(loss) else "infinite"
        self.message = (
            f"The loss is {what} at step {step:,}: the weights ran away. Try a smaller learning rate, such as "
            f"{self.config.learning_rate / 10:g} instead of {self.config.learning_rate:g}."
        )
        return "diverged"

    def _finish(self) -> None:
        """Make the finished network's files, prove that they agree, and write down the final figures."""
        folder = self.run.folder
        model = self.engine.model
        weights_sha256 = hash_weights(model)
        self.engine.end(weights_sha256)
        with self._timed("export"):
            replace_keras_file(folder / KERAS_FILE, model)
            replace_file(folder / NETWORK_FILE, self.template.render(step=self.place.step))
            parity = prove_parity(folder / KERAS_FILE, folder / NETWORK_FILE, self.dataset.test.images)
            replace_file(folder / PARITY_FILE, json.dumps(parity, indent=2).encode() + b"\n")
        self.message = self._judge()
        figures: dict[str, float | int | str] = {
            f"{self.judged_name}_accuracy": self.place.accuracy or 0.0,
            f"num_{self.judged_name}_images": len(self.judged.labels),
            "num_parameters": count_learned(model.layers),
            "weights_sha256": weights_sha256,
        }
        self.run.update(
            status="finished",
            ended_at=now(),
            figures=figures,
            message=self.message,
            timings_seconds=self._rounded_timings(),
            peak_memory_mb=round(peak_memory_mb(), 1),
        )
        (folder / NEWEST_FILE).unlink(missing_ok=True)
        # It held the optimizer's moments, twice the size of the network, for a resume that nobody needs now.
        remove_checkpoint(self.run)

    def _judge(self) -> str | None:
        """A word on a training that came to nothing; one that merely went badly speaks for itself."""
        guessing = np.bincount(self.judged.labels).max() / len(self.judged.labels)
        if (self.place.accuracy or 0.0) >= 2 * guessing:
            return None
        smaller = self.config.learning_rate / 100
        return (
            f"It learned next to nothing: always giving the same answer would be right on {guessing:.0%}. "
            f"Try a smaller learning rate, such as {smaller:g} instead of {self.config.learning_rate:g}."
        )

    @contextlib.contextmanager
    def _timed(self, what: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            self.timings[what] += time.perf_counter() - start

    def _rounded_timings(self) -> dict[str, float]:
        return {**{name: round(value, 4) for name, value in self.timings.items()}, "training": self.place.seconds}


def hash_weights(model: keras.Sequential) -> str:
    """SHA-256 over all weights in the order of the layers: two runs with the same hash are the same network."""
    digest = hashlib.sha256()
    for variable in model.weights:
        digest.update(np.ascontiguousarray(variable.numpy()).tobytes())
    return digest.hexdigest()


def split_dataset(dataset: Dataset, config: Config) -> tuple[Split, Split, str]:
    """What to learn from, what to judge by, and what the latter is called."""
    if config.hold_out:
        learned, validation = hold_out(dataset, config.hold_out)
        return learned, validation, "validation"
    return dataset.train, dataset.test, "test"
