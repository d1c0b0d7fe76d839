"""Carries out the queue: so many trainings at once, each a child process. It follows them by their run folders.

Either may die without harming the other. Of several servers on one folder, one starts trainings; when it ends, however
it ends, another takes over.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from filelock import FileLock, Timeout

from inkproof.config import load_recipe
from inkproof.errors import InkproofError, UnknownRunError
from inkproof.runs import OUTPUT_FILE, Listed, Run, RunIndex, RunQueue, now, open_run

LEADER_LOCK_FILE = ".trainer.lock"
_POLL_SECONDS = 0.3
_IDLE_SECONDS = 2.0  # whoever queues a run through this server wakes it at once
_STOP_SECONDS = 10.0  # a step, a checkpoint
_MAX_PROBLEM_CHARACTERS = 500
_STOPPED = 130  # the exit status of a training that was asked to end


class Trainings:
    """The queue of a folder of runs, being carried out.

    Args:
        index: The runs.
        jobs: How many trainings at once; 0 starts none. Those that others started in this folder count too.
        recipes: Recipes to be trained into runs of the same names. With them, trainings end with the server, to go on
            next time; without, they go on alone.
    """

    def __init__(self, index: RunIndex, *, jobs: int = 1, recipes: Sequence[str] = ()) -> None:
        self.jobs, self.queue = jobs, RunQueue(index)
        self.index, self._recipes = index, tuple(recipes)
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._leader = FileLock(index.runs_dir / LEADER_LOCK_FILE)
        self._stop, self._wake = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None
        self._problem: str | None = None

    @property
    def problem(self) -> str | None:
        """Why the last training did not go on, in a sentence; None while all is well."""
        return self._problem

    @property
    def ends_with_server(self) -> bool:
        """Whether trainings end with the server, to go on the next time."""
        return bool(self._recipes)

    def running(self, listed: Sequence[Listed] | None = None) -> list[str]:
        """Names of the runs being trained now, whoever started them.

        Args:
            listed: All runs, where they have just been listed.
        """
        listed = self.index.list() if listed is None else listed
        return sorted(entry.run.name for entry in listed if entry.status == "running")

    def is_busy(self) -> bool:
        """Whether anything is being trained or waits."""
        return bool(self._children or self.running() or self.queue.waiting())

    def start(self) -> None:
        """Begin, without waiting for anything."""
        if self.jobs > 0:
            self._thread = threading.Thread(target=self._run, name="trainings", daemon=True)
            self._thread.start()

    def wake(self) -> None:
        """Look at the queue now rather than in a moment."""
        self._wake.set()

    def stop(self) -> None:
        """Start nothing more. Trainings of the demo end: each writes a checkpoint first, at most ten seconds."""
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(_STOP_SECONDS + 5)

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                is_idle = False
                try:
                    is_idle = not self._advance()
                except InkproofError as error:
                    self._problem = error.message
                except OSError as error:
                    self._problem = f"The queue of '{self.index.runs_dir}' cannot be carried out: {error.strerror}."
                self._wake.wait(_IDLE_SECONDS if is_idle else _POLL_SECONDS)
                self._wake.clear()
        finally:
            if self._recipes:
                self._end_children()
            self._leader.release()

    def _advance(self) -> bool:
        """Bury children that ended, and start as many trainings as there is room for. Whether there is more to do."""
        for name, child in list(self._children.items()):
            if child.poll() is not None:
                del self._children[name]
                self._bury(name, child.returncode)
        is_leader = (self._recipes or self.queue.waiting()) and self._leads()
        listed = self.index.list()
        waiting = [run for run in self.queue.waiting(listed) if run.name not in self._children]
        if is_leader:
            num_free = self.jobs - len({*self.running(listed), *self._children})
            for run in waiting[: max(0, num_free)]:
                self._begin(run)
        return bool(waiting or self._children)

    def _leads(self) -> bool:
        """Whether this server is the one that starts trainings; if nobody else is, it becomes that."""
        if self._leader.is_locked:
            return True
        self.index.runs_dir.mkdir(parents=True, exist_ok=True)
        try:
            self._leader.acquire(timeout=0)
        except Timeout:
            return False
        for recipe in self._recipes:
            self._enqueue_recipe(recipe)
        return True

    def _enqueue_recipe(self, recipe: str) -> None:
        try:
            run = open_run(recipe, self.index.runs_dir)
        except UnknownRunError:
            self.queue.enqueue(load_recipe(recipe), recipe)
            return
        with contextlib.suppress(InkproofError):  # a broken folder is left as it is
            if run.status in ("interrupted", "failed"):
                self.queue.add(run)

    def _begin(self, run: Run) -> None:
        command = [sys.executable, "-m", "inkproof", "queue", "train", run.name]
        # Into a file and not a pipe: a training whose server was killed must not find its reader gone.
        with (run.folder / OUTPUT_FILE).open("wb") as output:
            self._children[run.name] = subprocess.Popen(
                [*command, "--runs-dir", str(self.index.runs_dir), "--quiet"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=output,
                start_new_session=True,  # Ctrl-C in the terminal is for the server
            )
        self._problem = None

    def _bury(self, name: str, exit_status: int) -> None:
        try:
            run = open_run(name, self.index.runs_dir)
            output = run.folder / OUTPUT_FILE
            if output.exists() and output.stat().st_size == 0:
                output.unlink()
            if exit_status in (0, _STOPPED) or run.status in ("running", "finished", "diverged"):
                return
            said = read_last_words(output)
            message = f"The training ended with exit status {exit_status}. {said}".strip()
            if run.status == "queued":  # it did not get as far as to say anything itself, and would not next time
                with run.hold():
                    run.update(status="failed", ended_at=now(), message=message)
        except InkproofError:
            return  # deleted meanwhile
        self._problem = f"The training of '{name}' ended with exit status {exit_status}. {said}".strip()

    def _end_children(self) -> None:
        for child in self._children.values():
            child.terminate()
        for child in self._children.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(_STOP_SECONDS)
            child.kill()
            child.wait()


def read_last_words(path: Path) -> str:
    """The last words that a child process printed; none if there is no such file."""
    try:
        lines = path.read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return "\n".join(lines[-8:])[-_MAX_PROBLEM_CHARACTERS:].strip()
