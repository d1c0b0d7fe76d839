"""Runs that wait to be trained, and in which order. That a run waits, it says itself; here is only the order.

Carries nothing out: a server does (`server/trainings.py`).
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from filelock import FileLock, Timeout

from inkproof.config import Config
from inkproof.errors import QueueFullError, RunBusyError, RunsDirError
from inkproof.runs.files import replace_file
from inkproof.runs.fork import Fork
from inkproof.runs.index import RunIndex
from inkproof.runs.listing import Listed, create_run
from inkproof.runs.run import Run, check_note

QUEUE_FILE = ".queue.json"
QUEUE_LOCK_FILE = ".queue.lock"
MAX_WAITING = 1_000
_PATIENCE_SECONDS = 10.0


class RunQueue:
    """The queue of a folder of runs.

    Args:
        runs: The folder of all runs, or an index of it to be shared.
    """

    def __init__(self, runs: Path | RunIndex) -> None:
        self._index = runs if isinstance(runs, RunIndex) else RunIndex(runs)
        self._runs_dir = self._index.runs_dir

    def waiting(self, listed: Sequence[Listed] | None = None) -> list[Run]:
        """The runs that wait, the next one first.

        Args:
            listed: All runs, where they have just been listed.
        """
        place = {name: number for number, name in enumerate(self._read())}
        oldest_first = reversed(self._index.list() if listed is None else listed)
        queued = [entry.run for entry in oldest_first if entry.status == "queued"]
        return sorted(queued, key=lambda run: place.get(run.name, len(place)))

    def enqueue(self, config: Config, name: str | None = None, note: str | None = None) -> Run:
        """Make a new run that waits behind all others.

        Args:
            config: The whole configuration.
            name: The run's name; the recipe's, numbered, by default.
            note: Words about the run.

        Raises:
            RunNameError: If the name cannot be a folder's name.
            RunExistsError: If the name is taken.
            NoteError: If the note is too long.
            RunsDirError: If the folder of runs cannot be written.
            QueueFullError: If too many are waiting.
        """
        check_note(note)
        self._check_has_room()
        return self._begin_to_wait(create_run(config, self._runs_dir, name, "queued"), note)

    def enqueue_fork(self, fork: Fork, name: str | None = None, note: str | None = None) -> Run:
        """Make a fork that waits behind all others; `name`, `note` and errors as for `enqueue`."""
        check_note(note)
        self._check_has_room()
        return self._begin_to_wait(fork.create(name, "queued"), note)

    def _begin_to_wait(self, run: Run, note: str | None) -> Run:
        run.write_note(note)
        self._append(run)
        return run

    def add(self, run: Run) -> None:
        """Let a run wait behind all others: one that was interrupted or failed. One that waits already stays.

        Raises:
            NotResumableError: If it is finished or diverged.
            RunBusyError: If it is being trained.
            QueueFullError: If too many are waiting.
        """
        self._check_has_room()
        if run.record.status != "queued":
            run.check_is_open()
            if run.is_busy():
                raise RunBusyError(f"The run '{run.name}' is being trained already.", "Watch it, or stop it first.")
            with run.hold():
                run.update(status="queued", ended_at=None, message=None)
        self._append(run)

    def _append(self, run: Run) -> None:
        with self._changing():
            self._write([*(other.name for other in self.waiting() if other.name != run.name), run.name])

    def _check_has_room(self) -> None:
        if len(waiting := self.waiting()) >= MAX_WAITING:
            raise QueueFullError(
                f"{len(waiting):,} runs are waiting; at most {MAX_WAITING:,} can.", "Delete some, or wait for some."
            )

    def reorder(self, names: Sequence[str]) -> None:
        """Put the queue into another order.

        Args:
            names: Runs in their new order. Those that do not wait (any more) are passed over; those that wait and
                are not named keep their order behind them.
        """
        with self._changing():
            waiting = [run.name for run in self.waiting()]
            wanted = [name for name in dict.fromkeys(names) if name in waiting]
            self._write([*wanted, *(name for name in waiting if name not in wanted)])

    def rename(self, run: Run, name: str) -> None:
        """Rename a run as `Run.rename` does, and keep its place."""
        with self._changing():
            old = run.name
            run.rename(name)
            order = self._read()
            if old in order:
                self._write([name if other == old else other for other in order])

    def _read(self) -> list[str]:
        try:
            names = json.loads((self._runs_dir / QUEUE_FILE).read_bytes())["order"]
        except (OSError, ValueError, KeyError, TypeError):
            return []  # without it the oldest comes first
        return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []

    def _write(self, names: list[str]) -> None:
        content = json.dumps({"format": 1, "order": names}, ensure_ascii=False, indent=2)
        replace_file(self._runs_dir / QUEUE_FILE, content.encode() + b"\n")

    @contextlib.contextmanager
    def _changing(self) -> Iterator[None]:
        """Keep everybody else from changing the order meanwhile."""
        try:
            with FileLock(self._runs_dir / QUEUE_LOCK_FILE, timeout=_PATIENCE_SECONDS):
                yield
        except Timeout as error:
            raise RunsDirError(
                f"The queue of '{self._runs_dir}' is held by another process for {_PATIENCE_SECONDS:.0f} seconds.",
                "Try again; if it stays so, see which program has the file .queue.lock open.",
            ) from error
