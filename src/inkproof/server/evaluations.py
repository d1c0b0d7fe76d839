"""Measurings that the server starts: `inkproof evaluate` as a child process, one after the other.

Results are read from the run folders, never from the child. Either may die without harming the other: the child saves
its answers every two seconds, and measuring goes on from there when it is asked for again, or when the server is back.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from inkproof.server.evaluation_queue import EvaluationQueue
from inkproof.server.evaluation_schemas import EvaluationJob

_STOP_SECONDS = 5.0
_MAX_PROBLEM_CHARACTERS = 500
# An early guess of the time left would jump about.
_MIN_TIMED_SECONDS = 0.5


@dataclass(eq=False)
class _Job:
    """A measuring, and how far it is."""

    run: str
    suites: list[Any]
    state: Literal["waiting", "running", "failed"] = "waiting"
    suite: Any = None
    num_done: int = 0
    num_images: int | None = None
    problem: str | None = None
    process: subprocess.Popen[str] | None = None
    is_cancelled: bool = False
    was_killed: bool = False
    began: tuple[float, int] | None = None
    said: list[str] = field(default_factory=list)

    def view(self) -> EvaluationJob:
        """The job as the API tells it."""
        names = ("run", "suites", "state", "suite", "num_done", "num_images", "problem")
        return EvaluationJob(**{name: getattr(self, name) for name in names}, seconds_left=self._seconds_left())

    def advance(self, progress: dict[str, Any]) -> None:
        """Take in a line of the child's progress."""
        self.suite, self.num_done, self.num_images = progress["suite"], progress["done"], progress["total"]
        if self.began is None:
            self.began = time.monotonic(), self.num_done

    @property
    def is_wanted(self) -> bool:
        """Whether it is still to be measured: not if it failed, unless somebody ended it, as a shutdown does."""
        return self.state != "failed" or self.was_killed

    def _seconds_left(self) -> float | None:
        if self.began is None or self.num_images is None:
            return None
        seconds, done = time.monotonic() - self.began[0], self.num_done - self.began[1]
        if seconds < _MIN_TIMED_SECONDS or done <= 0:
            return None
        return round((self.num_images - self.num_done) * seconds / done, 1)


class Evaluations:
    """The measurings that were asked for, carried out in turn.

    Args:
        runs_dir: The folder of all runs.
    """

    def __init__(self, runs_dir: Path) -> None:
        self._runs_dir = runs_dir
        self._queue = EvaluationQueue(runs_dir)
        self._jobs: list[_Job] = []
        self._changed = threading.Condition()
        self._is_stopped = False
        self._thread: threading.Thread | None = None

    @property
    def jobs(self) -> list[EvaluationJob]:
        """What is measured and what waits, in order; what failed, until it is asked for again."""
        with self._changed:
            return [job.view() for job in self._jobs]

    def start(self) -> None:
        """Go on with what a server before has left, if anything."""
        with self._changed:
            if self._queue.is_left():
                self._take_over()
                self._begin()

    def add(self, run: str, suites: Sequence[str]) -> None:
        """Ask for suites of a run; what is asked for already is not measured twice.

        Args:
            run: Name of a run that is there.
            suites: Names of suites; none is nothing to do.
        """
        with self._changed:
            self._take_over()
            self._append(run, suites)
            self._begin()

    def cancel(self, run: str) -> None:
        """Measure nothing more of a run; what was answered so far is kept."""
        with self._changed:
            for job in self._jobs:
                if job.run == run:
                    _cancel(job)
            self._jobs = [job for job in self._jobs if not job.is_cancelled]
            self._keep()

    def stop(self) -> None:
        """End the measuring at hand, and start no other; the next server goes on."""
        with self._changed:
            self._is_stopped = True
            for job in self._jobs:
                _cancel(job)
            self._jobs = []
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(_STOP_SECONDS + 1)
        self._queue.release()

    def _take_over(self) -> None:
        for run, suites in self._queue.take_over():
            if (self._runs_dir / run).is_dir():  # else renamed or deleted meanwhile
                self._append(run, suites)

    def _append(self, run: str, suites: Sequence[str]) -> None:
        self._jobs = [job for job in self._jobs if job.run != run or job.state != "failed"]
        mine = [job for job in self._jobs if job.run == run]
        known = {suite for job in mine for suite in job.suites}
        fresh = [suite for suite in dict.fromkeys(suites) if suite not in known]
        waiting = next((job for job in mine if job.state == "waiting"), None)
        if waiting is not None:
            waiting.suites += fresh
        elif fresh:
            self._jobs.append(_Job(run, fresh))

    def _begin(self) -> None:
        self._keep()
        if self._thread is None and self._jobs and not self._is_stopped:
            self._thread = threading.Thread(target=self._work, name="evaluations", daemon=True)
            self._thread.start()
        self._changed.notify_all()

    def _keep(self) -> None:
        # What a server that ends has not done is for the next one.
        if not self._is_stopped:
            self._queue.write((job.run, job.suites) for job in self._jobs if job.is_wanted)

    def _work(self) -> None:
        while (job := self._next()) is not None:
            problem = self._measure(job)
            with self._changed:
                job.was_killed = job.process is not None and job.process.returncode < 0
                job.process = None
                if problem is not None and not job.is_cancelled:
                    job.state, job.problem = "failed", problem
                elif job in self._jobs:
                    self._jobs.remove(job)
                self._keep()

    def _next(self) -> _Job | None:
        with self._changed:
            while not self._is_stopped:
                job = next((job for job in self._jobs if job.state == "waiting"), None)
                if job is not None:
                    job.state = "running"
                    return job
                self._changed.wait()
            return None

    def _measure(self, job: _Job) -> str | None:
        """Carry a job out; a sentence if it failed."""
        with self._changed:
            if job.is_cancelled:
                return None
            try:
                job.process = process = subprocess.Popen(
                    self._command(job),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                    text=True,
                    errors="replace",
                    start_new_session=True,  # Ctrl-C in the terminal is for the server, which then ends it in order
                )
            except OSError as error:
                return f"The suites of '{job.run}' could not be measured: {error.strerror}."
        with contextlib.suppress(OSError, AttributeError):
            os.setpriority(os.PRIO_PROCESS, process.pid, 10)  # answers to drawings come first
        for progress in _read_progress(process, job.said):
            with self._changed:
                job.advance(progress)
        process.wait()
        if process.returncode == 0:
            return None
        last = "\n".join(job.said)[-_MAX_PROBLEM_CHARACTERS:].strip()
        return f"Measuring '{job.run}' ended with exit status {process.returncode}. {last}".strip()

    def _command(self, job: _Job) -> list[str]:
        suites = [part for suite in job.suites for part in ("--suite", suite)]
        where = ["--runs-dir", str(self._runs_dir), "--quiet", "--progress-json"]
        return [sys.executable, "-m", "inkproof", "evaluate", job.run, *suites, *where]


def _cancel(job: _Job) -> None:
    job.is_cancelled = True
    if job.process is not None:
        job.process.terminate()


def _read_progress(process: subprocess.Popen[str], said: list[str]) -> Iterator[dict[str, Any]]:
    """The child's progress line by line until it ends; what else it says is its trouble, of which the last is kept."""
    assert process.stderr is not None  # it is a pipe
    with process.stderr:
        for line in process.stderr:
            try:
                progress = json.loads(line)
                if isinstance(progress["done"], int) and isinstance(progress["total"], int):
                    yield progress
            except (ValueError, KeyError, TypeError):
                said[:] = [*said[-7:], line.rstrip()]
