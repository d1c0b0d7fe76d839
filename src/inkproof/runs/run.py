"""One run folder: what it says, who works in it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from inkproof.config import Config
from inkproof.errors import BrokenRunError, ConfigError, RunBusyError
from inkproof.runs.files import replace_file
from inkproof.runs.record import CONFIG_FILE, LOCK_FILE, METRICS_FILE, RECORD_FILE, RunRecord, Status, read_record

if TYPE_CHECKING:
    import numpy as np

# A listing looks at a lock for a moment; whoever wants to work waits longer than that.
_LOCK_PATIENCE_SECONDS = 2.0


class Run:
    """One run folder.

    Args:
        folder: The folder itself. It must exist; what is in it is read when asked for, and never kept.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = FileLock(folder / LOCK_FILE)

    def __repr__(self) -> str:
        """The class and the folder."""
        return f"{type(self).__name__}({str(self.folder)!r})"

    @property
    def name(self) -> str:
        """The folder's name is the run's name."""
        return self.folder.name

    @property
    def record(self) -> RunRecord:
        """What `run.json` says now.

        Raises:
            BrokenRunError: If it is missing or cannot be read.
        """
        return read_record(self.folder)

    @property
    def status(self) -> Status:
        """The status now: a run whose process died without a word is `interrupted`, whatever `run.json` says."""
        return self.status_of(self.record)

    def status_of(self, record: RunRecord) -> Status:
        """The status that `record` stands for, given whether a process is at work in the folder."""
        return "interrupted" if record.status == "running" and not self.is_busy() else record.status

    @property
    def config(self) -> Config:
        """The whole resolved configuration.

        Raises:
            BrokenRunError: If `config.toml` is missing or cannot be read.
        """
        path = self.folder / CONFIG_FILE
        try:
            return Config.from_toml(path.read_text("utf-8"))
        except (OSError, UnicodeDecodeError, ConfigError) as error:
            raise BrokenRunError(f"The run '{self.name}' has no readable {CONFIG_FILE}: {error}") from error

    @property
    def metrics(self) -> dict[str, np.ndarray]:
        """The measurements as columns: one float array of shape [n] for each name, NaN where not measured.

        Names are `step`, `seconds`, `loss`, `batch_accuracy`, `test_accuracy` or `validation_accuracy`, and
        `learning_rate`. A run that has not measured yet gives no columns.
        """
        import numpy as np

        rows = list(self.read_metrics())
        names = list(dict.fromkeys(name for row in rows for name in row))
        # A missing or null measurement is NaN.
        return {
            name: np.array([np.nan if row.get(name) is None else row[name] for row in rows], dtype=np.float64)
            for name in names
        }

    def read_metrics(self) -> Iterator[dict[str, float | None]]:
        """The measurements one by one, as written; a line cut short or damaged by a crash is passed over."""
        try:
            text = (self.folder / METRICS_FILE).read_text("utf-8", errors="replace")
        except FileNotFoundError:
            return
        for line in text.splitlines():
            try:
                row = json.loads(line)
            except json.JSONDecodeError:
                continue
            if isinstance(row, dict) and "step" in row:
                yield row

    def update(self, **changes: Any) -> RunRecord:
        """Write `run.json` anew with some facts changed."""
        record = self.record.model_copy(update=changes)
        replace_file(self.folder / RECORD_FILE, record.model_dump_json(indent=2).encode() + b"\n")
        return record

    @contextlib.contextmanager
    def hold(self) -> Iterator[None]:
        """Keep every other process from working in the folder. The lock ends with the process, however it ends.

        Raises:
            RunBusyError: If another process holds it.
        """
        try:
            self._lock.acquire(timeout=_LOCK_PATIENCE_SECONDS)
        except Timeout as error:
            raise RunBusyError(
                f"The run '{self.name}' is being worked on by another process.",
                "Wait until it ends, or stop it; `inkproof runs` shows its step.",
            ) from error
        try:
            yield
        finally:
            self._lock.release()

    def is_busy(self) -> bool:
        """Whether a process (this one too) is at work in the folder."""
        if self._lock.is_locked:
            return True
        probe = FileLock(self.folder / LOCK_FILE)
        try:
            probe.acquire(timeout=0)
        except Timeout:
            return True
        except OSError:  # a folder that cannot be written to has nobody at work in it
            return False
        probe.release()
        return False

    def delete(self) -> None:
        """Delete the folder with everything in it.

        Raises:
            RunBusyError: If a process is at work in it.
        """
        if self.is_busy():
            raise RunBusyError(f"The run '{self.name}' is still being trained.", "Stop it first, then delete it.")
        # It vanishes from the listing at once, and half a deletion is never taken for a run.
        grave = self.folder.with_name(f".deleted-{os.getpid()}-{time.time_ns()}")
        self.folder.rename(grave)
        shutil.rmtree(grave)
