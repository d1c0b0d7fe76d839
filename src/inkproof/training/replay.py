"""The steps that a fork shares with the run that it was forked from, done once more: same settings, same bits.

Nothing is measured or logged on the way; what the other run measured lies in the fork already (`runs/fork.py`).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from inkproof.data import Split
from inkproof.errors import TrainingError
from inkproof.progress import Replay, Reporter
from inkproof.runs import Run
from inkproof.training.checkpoint import Place
from inkproof.training.engine import Engine
from inkproof.training.order import BatchOrder

# Steps between two looks at whether it was asked to stop: half a second of the tutorial's.
_STRIDE = 10
# How often run.json says how far it has come.
_MESSAGE_SECONDS = 1.0


def replay(
    run: Run, engine: Engine, learned: Split, reporter: Reporter, is_asked_to_stop: Callable[[], bool]
) -> Place | None:
    """Bring an engine to the step at which a fork leaves its run.

    Args:
        run: The fork.
        engine: An engine with the fork's own settings, its model and optimizer as they are before the first step.
        learned: The images to learn from.
        reporter: Who is told.
        is_asked_to_stop: Whether to end early.

    Returns:
        Where the run stood at that step; None if it ended early.

    Raises:
        TrainingError: If the loss stops being finite, which it was not when the run learned.
    """
    teller = _Teller(run, reporter)
    config, step = run.config, 0
    teller.tell(step)
    before: Engine | None = None
    for beginning in config.beginnings:
        settings = config.during(beginning)
        current, order = Engine(engine.model, settings, learned), BatchOrder.of(settings, len(learned.labels))
        if before is not None:
            current.take_over(before)
        before = current
        while step < beginning.last_step:
            if is_asked_to_stop():
                run.update(message=None)
                return None
            end = min(step + _STRIDE, beginning.last_step)
            stride = current.run(order.batches(step + 1, end))
            if not math.isfinite(stride.loss):
                raise TrainingError(
                    f"Replaying the first {config.forked_at:,} steps, the loss is {stride.loss} near step {end:,}, "
                    "where it was finite before.",
                    "Another machine or another version of TensorFlow rounds otherwise; fork at an earlier step.",
                )
            step = end
            teller.tell(step)
    if before is not None:
        engine.take_over(before)
    return _recall_place(run, step)


class _Teller:
    """Tells how far a replay has come: the reporter each time, run.json now and then."""

    def __init__(self, run: Run, reporter: Reporter) -> None:
        self._run, self._reporter = run, reporter
        self._parent = run.record.parent
        self._config = run.config
        self._began, self._said = time.monotonic(), -math.inf

    def tell(self, step: int) -> None:
        now = time.monotonic()
        name = self._parent.name if self._parent else "another run"
        progress = Replay(name, step, self._config.forked_at, self._config.steps, now - self._began)
        self._reporter.replay(progress)
        if step == progress.last_step:
            self._run.update(message=None)
        elif now - self._said >= _MESSAGE_SECONDS:
            self._said = now
            self._run.update(message=f"Replaying {progress.last_step:,} steps of {name}: at step {step:,}.")


def _recall_place(run: Run, step: int) -> Place:
    """What was measured until the fork: its time and its last accuracy are the fork's, too."""
    seconds, accuracy = 0.0, None
    for row in run.read_metrics():
        seconds = row.get("seconds") or seconds
        measured = next(
            (value for name, value in row.items() if name in ("test_accuracy", "validation_accuracy")), None
        )
        accuracy = accuracy if measured is None else measured
    return Place(step, seconds, accuracy)
