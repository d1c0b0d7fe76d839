"""One run folder: what it says, who works in it."""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from inkproof.config import Config
from inkproof.errors import (
    BrokenRunError,
    ConfigError,
    NoteError,
    NotResumableError,
    RunBusyError,
    RunExistsError,
    UnknownRunError,
)
from inkproof.runs.files import move_link, now, remove_folder, replace_file
from inkproof.runs.measurements import parse_row
from inkproof.runs.record import (
    CHIEF_LOCK_FILE,
    CONFIG_FILE,
    LOCK_FILE,
    METRICS_FILE,
    NOTE_FILE,
    RAY_DIR,
    RECORD_FILE,
    STOP_FILE,
    RunRecord,
    Status,
    check_name,
    read_record,
    strip_controls,
)

if TYPE_CHECKING:
    import numpy as np

# A listing looks at a lock for a moment; whoever wants to work waits longer than that.
_LOCK_PATIENCE_SECONDS = 2.0
# A worker whose starter was killed notices it within seconds.
_CHIEF_PATIENCE_SECONDS = 30.0
_STOP_POLL_SECONDS = 0.1
_MAX_NOTE_CHARACTERS = 4_000


class Run:
    """One run folder.

    Args:
        folder: The folder itself. It must exist; what is in it is read when asked for, and never kept.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @functools.cached_property
    def _lock(self) -> FileLock:
        # Made when it is needed: it takes 0.1 ms, which a listing of 1,000 runs need not wait for.
        return FileLock(self.folder / LOCK_FILE)

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
            reason = f"{error.strerror}." if isinstance(error, OSError) else str(error)
            raise BrokenRunError(
                f"The run '{self.name}' has no readable {CONFIG_FILE}: {reason}",
                "Restore the file as the training wrote it; a run with other settings is a new one.",
            ) from error

    @property
    def note(self) -> str | None:
        """What a person wrote about the run; None if nothing."""
        try:
            return strip_controls((self.folder / NOTE_FILE).read_text("utf-8", errors="replace")).strip() or None
        except OSError:
            return None

    def write_note(self, note: str | None) -> None:
        """Keep words about the run, at any time, while it trains too.

        Args:
            note: Up to 4,000 characters; nothing takes the note away.

        Raises:
            NoteError: If it is longer.
        """
        text = check_note(note)
        if text:
            replace_file(self.folder / NOTE_FILE, text.encode("utf-8", "replace") + b"\n")
        else:
            (self.folder / NOTE_FILE).unlink(missing_ok=True)

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
        """The measurements one by one; what is not a finite number is None, as where the loss ran away.

        A line cut short or damaged by a crash is passed over.

        Raises:
            BrokenRunError: If there is a file and it cannot be read.
        """
        try:
            text = (self.folder / METRICS_FILE).read_text("utf-8", errors="replace")
        except FileNotFoundError:
            return
        except OSError as error:
            raise BrokenRunError(
                f"The {METRICS_FILE} of the run '{self.name}' cannot be read: {error.strerror}."
            ) from error
        yield from (row for line in text.split("\n") if (row := parse_row(line)) is not None)

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
            UnknownRunError: If the folder is gone.
        """
        _acquire(self._lock, self.name, _LOCK_PATIENCE_SECONDS)
        try:
            if self._lock.lock_counter == 1 and (self.folder / CHIEF_LOCK_FILE).exists():
                with self.hold_as_chief():  # whoever started workers was killed: the last of them may still write
                    shutil.rmtree(self.folder / RAY_DIR, ignore_errors=True)
            yield
        finally:
            self._lock.release()

    @contextlib.contextmanager
    def hold_as_chief(self) -> Iterator[None]:
        """Be the only one of several workers that writes; another process holds the folder for all of them.

        Raises:
            RunBusyError: If another one still writes.
        """
        lock = FileLock(self.folder / CHIEF_LOCK_FILE)
        _acquire(lock, self.name, _CHIEF_PATIENCE_SECONDS)
        try:
            yield
        finally:
            (self.folder / CHIEF_LOCK_FILE).unlink(missing_ok=True)
            lock.release()

    def is_busy(self) -> bool:
        """Whether a process (this one too) is at work in the folder."""
        if "_lock" in self.__dict__ and self._lock.is_locked:
            return True
        probe = FileLock(self.folder / LOCK_FILE)
        try:
            _take(probe, 0)
        except Timeout:
            return True
        except OSError:  # a folder that is gone, or cannot be written to, has nobody at work in it
            return False
        probe.release()
        return False

    def check_is_open(self) -> None:
        """Whether there is anything left to train.

        Raises:
            NotResumableError: If the run is finished or diverged.
        """
        record = self.record
        if record.status == "finished":
            raise NotResumableError(
                f"The run '{self.name}' is finished: all {record.steps:,} steps are done.",
                f"Go on to more steps with a fork: `inkproof fork {self.name} --steps {2 * record.steps}`.",
            )
        if record.status == "diverged":
            raise NotResumableError(
                f"The run '{self.name}' diverged, and from its checkpoint it would again.",
                f"Train anew with a smaller learning rate: `inkproof train {record.recipe} --learning-rate …`; or "
                f"leave it before: `inkproof fork {self.name} --step … --learning-rate …`.",
            )

    def stop(self, *, wait: bool = True) -> None:
        """Ask the training at work in the folder to end with a checkpoint, or take the run out of the queue.

        Both leave it `interrupted`, to be resumed. A run that is neither running nor queued is left as it is.

        Args:
            wait: Whether to wait until it has ended: the step at hand and a checkpoint, seconds while Keras loads.
        """
        if self.is_busy():
            replace_file(self.folder / STOP_FILE, b"")
            while wait and self.is_busy():
                time.sleep(_STOP_POLL_SECONDS)
        elif self.record.status == "queued":
            with self.hold():
                self.update(status="interrupted", ended_at=now())

    @property
    def is_asked_to_stop(self) -> bool:
        """Whether somebody asked the training at work in the folder to end."""
        return (self.folder / STOP_FILE).exists()

    def forget_stop(self) -> None:
        """Begin anew: whatever asked an earlier training to stop does not mean the next one."""
        (self.folder / STOP_FILE).unlink(missing_ok=True)

    def rename(self, name: str) -> None:
        """Give the run, and so its folder, another name.

        Raises:
            RunNameError: If the name cannot be a folder's name.
            RunExistsError: If the name is taken.
            RunBusyError: If a process is at work in the folder.
        """
        check_name(name)
        if name == self.name:
            return
        self.check_is_idle()
        target = self.folder.with_name(name)
        try:
            target.mkdir()  # takes the name in one step; an empty folder may then be replaced
        except FileExistsError:
            raise RunExistsError(
                f"There is already a run '{name}' in '{self.folder.parent}'.", "Choose another name.", field="name"
            ) from None
        try:
            self.move(target)
        except BaseException:
            with contextlib.suppress(OSError):
                target.rmdir()
            raise
        with contextlib.suppress(BrokenRunError, OSError):  # what counts is the folder's name
            self.update(name=name)

    def move(self, target: Path) -> None:
        """Move the folder; this run is then the one at the new place.

        Of a link to a folder elsewhere, the link is moved and the folder stays.

        Raises:
            RunBusyError: If a process is at work in it.
        """
        with self.hold():
            if self.folder.is_symlink():
                move_link(self.folder, target)
            elif os.name == "posix":
                self.folder.rename(target)
        # Windows moves neither what holds an open file nor onto a folder that is there.
        if os.name != "posix" and self.folder.exists():
            with contextlib.suppress(OSError):
                target.rmdir()
            self.folder.rename(target)
        self.folder = target
        del self._lock

    def delete(self) -> None:
        """Delete the folder with everything in it, for good; `Trash` keeps it for a while.

        Raises:
            RunBusyError: If a process is at work in it.
        """
        self.check_is_idle()
        # It vanishes from the listing at once, and half a deletion is never taken for a run.
        self.move(self.folder.with_name(f".deleted-{os.getpid()}-{time.time_ns()}"))
        remove_folder(self.folder)

    def check_is_idle(self) -> None:
        """Refuse what cannot be done while a process is at work in the folder.

        Raises:
            RunBusyError: If one is.
        """
        if self.is_busy():
            raise RunBusyError(
                f"The run '{self.name}' is still being trained.", f"Stop it first: `inkproof stop {self.name}`."
            )


def _acquire(lock: FileLock, name: str, patience_seconds: float) -> None:
    try:
        _take(lock, patience_seconds)
    except FileNotFoundError:
        raise gone_error(name, Path(lock.lock_file).parent.parent) from None
    except Timeout as error:
        raise RunBusyError(
            f"The run '{name}' is being worked on by another process.",
            "Wait until it ends, or stop it; `inkproof runs` shows its step.",
        ) from error


def gone_error(name: str, runs_dir: Path) -> UnknownRunError:
    """What is told of a run that was there a moment ago."""
    return UnknownRunError(
        f"There is no run '{name}' in '{runs_dir}' any more.",
        "It was deleted or renamed meanwhile; `inkproof runs` lists those that there are.",
        field="run",
    )


def _take(lock: FileLock, timeout_seconds: float) -> None:
    """Acquire the lock of a folder that must be there: the lock by itself would make one anew that has just gone."""
    path = Path(lock.lock_file)
    before = path.parent.stat()
    lock.acquire(timeout=timeout_seconds)
    with contextlib.suppress(FileNotFoundError):
        is_empty = [other.name for other in path.parent.iterdir()] == [path.name]
        if not is_empty and path.parent.stat().st_ino == before.st_ino:
            return
        with contextlib.suppress(OSError):
            if is_empty:
                path.unlink()
                path.parent.rmdir()
    lock.release()
    raise FileNotFoundError(path)


def check_note(note: str | None) -> str:
    """A note as it is kept: without space around it.

    Raises:
        NoteError: If it is too long.
    """
    text = (note or "").strip()
    if len(text) > _MAX_NOTE_CHARACTERS:
        raise NoteError(
            f"The note has {len(text):,} characters; at most {_MAX_NOTE_CHARACTERS:,} were expected.",
            "Shorten it, or keep it in a file beside the run.",
            field="note",
        )
    return text
