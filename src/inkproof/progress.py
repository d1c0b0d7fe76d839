"""What a training tells whoever watches it. Loads nothing; the watchers themselves live elsewhere."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from typing import Protocol

from inkproof.runs import Run

# Speed is judged over about so many seconds: long enough to be steady, short enough to be true.
_WINDOW_SECONDS = 5.0


@dataclass(frozen=True)
class Progress:
    """The state of a training at one step.

    Args:
        step: Steps done.
        steps: Steps to do in all.
        loss: Cross-entropy of the last batch in nats.
        batch_accuracy: Share of the last batch answered rightly, 0..1.
        accuracy: The accuracy last measured on all images of `judged_by`, 0..1, or None.
        judged_by: `test`, or `validation` where training images were held out to judge by.
        is_measured: Whether `accuracy` was measured at this very step.
        images_per_second: Speed of late, or None before anything is known.
        seconds_left: Time left at that speed, or None.
    """

    step: int
    steps: int
    loss: float
    batch_accuracy: float
    accuracy: float | None
    judged_by: str
    is_measured: bool
    images_per_second: float | None
    seconds_left: float | None


@dataclass(frozen=True)
class Replay:
    """How far a fork has come with the steps that it shares with the run that it was forked from.

    Args:
        parent: That run's name, when the fork was made.
        step: Steps replayed.
        last_step: Steps to replay in all.
        steps: Steps of the fork's whole training.
        seconds: Wall clock spent on it.
    """

    parent: str
    step: int
    last_step: int
    steps: int
    seconds: float

    @property
    def sentence(self) -> str:
        """What happens, or has happened, for people."""
        if self.step < self.last_step:
            return f"replaying {self.last_step:,} steps of {self.parent}"
        return f"replayed {self.last_step:,} steps of {self.parent} in {self.seconds:.1f} s"


class Reporter(Protocol):
    """Somebody who watches a training."""

    def begin(self, run: Run, first_step: int) -> None:
        """The training begins, or goes on from `first_step`."""

    def replay(self, replay: Replay) -> None:
        """A fork begins to replay steps, has replayed some, or all."""

    def advance(self, progress: Progress) -> None:
        """Some steps were done."""

    def end(self, run: Run) -> None:
        """The training ended, one way or another; `run.record` says how."""


class Silent:
    """A reporter that says nothing."""

    def begin(self, run: Run, first_step: int) -> None:
        """Say nothing."""

    def replay(self, replay: Replay) -> None:
        """Say nothing."""

    def advance(self, progress: Progress) -> None:
        """Say nothing."""

    def end(self, run: Run) -> None:
        """Say nothing."""


class Pace:
    """Speed over the last seconds, measurements and checkpoints included.

    Args:
        step: The step from which to count.
        seconds: A clock's time at that step; that of now by default.
    """

    def __init__(self, step: int, seconds: float | None = None) -> None:
        self._marks: deque[tuple[float, int]] = deque([(_now_or(seconds), step)])

    def mark(self, step: int, seconds: float | None = None) -> float | None:
        """Note that `step` is done, at that clock's time; steps a second of late, or None if too early to tell."""
        now = _now_or(seconds)
        self._marks.append((now, step))
        while len(self._marks) > 2 and now - self._marks[1][0] > _WINDOW_SECONDS:
            self._marks.popleft()
        seconds, steps = now - self._marks[0][0], step - self._marks[0][1]
        return steps / seconds if seconds > 0 and steps > 0 else None


def _now_or(seconds: float | None) -> float:
    return time.monotonic() if seconds is None else seconds
