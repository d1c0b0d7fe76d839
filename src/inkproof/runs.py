"""The run folder: its files, its lock, its listing. There is no other record of runs.

Knows nothing of training; loads neither NumPy nor Keras when imported.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from filelock import FileLock, Timeout
from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from inkproof.config import Config
from inkproof.errors import (
    BrokenRunError,
    ConfigError,
    RunBusyError,
    RunExistsError,
    RunNameError,
    RunsDirError,
    UnknownRunError,
)

if TYPE_CHECKING:
    import numpy as np

DEFAULT_RUNS_DIR = Path("runs")
CONFIG_FILE = "config.toml"
RECORD_FILE = "run.json"
METRICS_FILE = "metrics.jsonl"
PARITY_FILE = "parity.json"
NETWORK_FILE = "network.onnx"
KERAS_FILE = "network.keras"
# The weights of a training that is under way, replaced about once a second.
NEWEST_FILE = "newest.onnx"
LOGS_DIR = "logs"
TIMELINE_DIR = "timeline"
CHECKPOINT_DIR = "checkpoint"
LOCK_FILE = ".lock"

# One folder name that every file system takes: word characters of any script, dots and dashes inside.
_NAME = re.compile(r"\w[\w.-]{0,79}(?<!\.)")
# A file system counts bytes, up to 255; Chinese characters take three, rare ones four.
_MAX_NAME_BYTES = 240
# A listing looks at a lock for a moment; whoever wants to work waits longer than that.
_LOCK_PATIENCE_SECONDS = 2.0

Status = Literal["running", "finished", "interrupted", "diverged", "failed"]


class RunRecord(BaseModel):
    """What `run.json` holds: the facts of one training."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    format: Literal[1] = 1
    name: str
    recipe: str
    model: str
    dataset: str
    status: Status
    step: int = 0
    steps: int
    seed: int
    started_at: AwareDatetime
    ended_at: AwareDatetime | None = None
    num_resumes: int = 0
    data_sha256: str | None = None
    versions: dict[str, str] = {}
    git_commit: str | None = None
    machine: dict[str, str | int | float] = {}
    timings_seconds: dict[str, float] = {}
    peak_memory_mb: float | None = None
    figures: dict[str, float | int | str] = {}
    message: str | None = None


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
        return _read_record(self.folder)

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


@dataclass(frozen=True)
class Listed:
    """One line of a listing: a run, or a folder that is none and why."""

    run: Run
    record: RunRecord | None
    status: Status | Literal["broken"]
    problem: str | None = None


def create_run(config: Config, runs_dir: Path = DEFAULT_RUNS_DIR, name: str | None = None, **facts: Any) -> Run:
    """Make a new run folder with its configuration and its record.

    Args:
        config: The whole configuration.
        runs_dir: The folder of all runs; made if it does not exist.
        name: The run's name. Without one it is the recipe's, with a number behind it if that is taken.
        facts: Further facts for `run.json`, by the names of RunRecord.

    Raises:
        RunNameError: If the name cannot be a folder's name.
        RunExistsError: If the name is taken.
        RunsDirError: If `runs_dir` is no folder, or cannot be written.
    """
    if name is not None:
        check_name(name)
    try:
        folder = _make_folder(runs_dir, name, config.recipe)
    except OSError as error:
        raise _runs_dir_error(runs_dir, "written", error) from error
    replace_file(folder / CONFIG_FILE, config.as_toml().encode())
    record = RunRecord(
        name=folder.name,
        recipe=config.recipe,
        model=config.model.name,
        dataset=config.dataset,
        status="running",
        steps=config.steps,
        seed=config.seed,
        started_at=now(),
        **facts,
    )
    replace_file(folder / RECORD_FILE, record.model_dump_json(indent=2).encode() + b"\n")
    return Run(folder)


def open_run(name: str, runs_dir: Path = DEFAULT_RUNS_DIR) -> Run:
    """The run of that name, which need not be whole.

    Raises:
        RunNameError: If this cannot be a run's name: it never leads out of `runs_dir`.
        UnknownRunError: If there is no such folder.
    """
    check_name(name)
    folder = runs_dir / name
    if not folder.is_dir():
        names = [listed.run.name for listed in list_runs(runs_dir)][:5]
        known = (
            f"The newest are: {', '.join(names)}." if names else "There are no runs yet; `inkproof train` makes one."
        )
        raise UnknownRunError(f"There is no run '{name}' in '{runs_dir}'.", known, field="run")
    return Run(folder)


def list_runs(runs_dir: Path = DEFAULT_RUNS_DIR) -> list[Listed]:
    """All run folders, newest first. A half-written, foreign or damaged folder is listed as `broken` with the reason.

    A `runs_dir` that does not exist holds no runs.

    Raises:
        RunsDirError: If it is no folder, or cannot be read.
    """
    try:
        folders = [Path(entry.path) for entry in os.scandir(runs_dir) if entry.is_dir() and entry.name[0] != "."]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise _runs_dir_error(runs_dir, "read", error) from error
    listed = [list_one(Run(folder)) for folder in folders]
    return sorted(listed, key=lambda entry: (_started(entry), entry.run.name), reverse=True)


def list_one(run: Run) -> Listed:
    """One run as `list_runs` lists all: `broken` with the reason where the folder is no whole run."""
    try:
        record = run.record
    except BrokenRunError as error:
        return Listed(run, None, "broken", error.message)
    return Listed(run, record, run.status_of(record))


def check_name(name: str) -> None:
    """Refuse what cannot be a run's name.

    Raises:
        RunNameError: If it is empty, too long, or holds anything but letters, digits, `_`, `-` and inner dots.
    """
    if not _NAME.fullmatch(name) or len(name.encode()) > _MAX_NAME_BYTES:
        raise RunNameError(
            f"'{name}' cannot be the name of a run: up to 80 letters, digits, '_', '-' and inner dots were expected.",
            "A run's name is the name of its folder, without the path; `--runs-dir` says where it lies.",
            field="name",
        )


def replace_file(path: Path, content: bytes | memoryview) -> None:
    """Write a file so that a crash at any moment leaves either the old or the new one, whole."""
    # A checkpoint's thread and the training itself may write run.json at once.
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_native_id()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def now() -> datetime:
    """The time now, in UTC."""
    return datetime.now(timezone.utc)


def _make_folder(runs_dir: Path, name: str | None, recipe: str) -> Path:
    runs_dir.mkdir(parents=True, exist_ok=True)
    if name is not None:
        try:
            (runs_dir / name).mkdir()
        except FileExistsError:
            raise RunExistsError(
                f"There is already a run '{name}' in '{runs_dir}'.",
                f"Choose another name, or delete it with `inkproof runs delete {name}`.",
                field="name",
            ) from None
        return runs_dir / name
    number = 1
    while True:
        folder = runs_dir / (recipe if number == 1 else f"{recipe}-{number}")
        # Making a folder is one step for the file system: of two trainings started at once, one goes on counting.
        with contextlib.suppress(FileExistsError):
            folder.mkdir()
            return folder
        number += 1


def _runs_dir_error(runs_dir: Path, done: str, error: OSError) -> RunsDirError:
    reason = "it is a file" if runs_dir.is_file() else f"{error.strerror}"
    return RunsDirError(
        f"The folder of runs '{runs_dir}' cannot be {done}: {reason}.",
        "Give another folder with `--runs-dir`.",
        field="runs_dir",
    )


def _read_record(folder: Path) -> RunRecord:
    path = folder / RECORD_FILE
    try:
        return RunRecord.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise BrokenRunError(f"The folder '{folder}' is not a whole run: it has no {RECORD_FILE}.") from None
    except OSError as error:
        raise BrokenRunError(f"The run '{folder.name}' cannot be read: {error.strerror}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise BrokenRunError(
            f"The {RECORD_FILE} of the run '{folder.name}' is damaged: {where}: {first['msg']}.",
            f"Restore the file, or delete the run with `inkproof runs delete {folder.name}`.",
        ) from error


def _started(listed: Listed) -> float:
    if listed.record is not None:
        return listed.record.started_at.timestamp()
    try:
        return listed.run.folder.stat().st_mtime
    except OSError:
        return 0.0
