"""Which measurings were asked for, in a file beside the runs, so that they outlive the server. Measures nothing."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable
from pathlib import Path

from filelock import FileLock, Timeout

from inkproof.runs.files import replace_file

QUEUE_FILE = ".measuring.json"
LOCK_FILE = ".measurer.lock"

Wanted = tuple[str, list[str]]  # a run's name, and suites


class EvaluationQueue:
    """The file of a folder of runs. Of several servers one keeps it; the system frees its lock however that one ends.

    Args:
        runs_dir: The folder of all runs; it need not exist yet.
    """

    def __init__(self, runs_dir: Path) -> None:
        self._runs_dir, self._path = runs_dir, runs_dir / QUEUE_FILE
        # Taken by whichever thread asks first, freed by the one that ends the server.
        self._lock = FileLock(runs_dir / LOCK_FILE, thread_local=False)

    def take_over(self) -> list[Wanted]:
        """Become the one that keeps the file, if nobody is; what a server before has left in it, in order."""
        if self._lock.is_locked:
            return []
        try:
            self._lock.acquire(timeout=0)
            content = json.loads(self._path.read_bytes())["jobs"]
            return [(str(job["run"]), [str(suite) for suite in job["suites"]]) for job in content]
        except (Timeout, OSError, ValueError, KeyError, TypeError):
            return []  # another's, or none, or damaged: then it is asked for again

    def is_left(self) -> bool:
        """Whether a server has left anything."""
        return self._path.is_file()

    def write(self, jobs: Iterable[Wanted]) -> None:
        """Keep what is still to be measured, if this is the one that does."""
        if not self._lock.is_locked:
            return
        with contextlib.suppress(OSError):  # a full disk must not end the measuring
            if wanted := [{"run": run, "suites": suites} for run, suites in jobs]:
                content = json.dumps({"format": 1, "jobs": wanted}, ensure_ascii=False, indent=2)
                replace_file(self._path, content.encode() + b"\n")
            else:
                self._path.unlink(missing_ok=True)

    def release(self) -> None:
        """Leave the file to the next server."""
        self._lock.release()
