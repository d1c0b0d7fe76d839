"""The folder of all runs: making one, opening one, listing all."""

from __future__ import annotations

import contextlib
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from inkproof.config import Config
from inkproof.errors import BrokenRunError, RunExistsError, RunNameError, RunsDirError, UnknownRunError
from inkproof.runs.files import now, replace_file
from inkproof.runs.record import (
    CONFIG_FILE,
    DEFAULT_RUNS_DIR,
    RECORD_FILE,
    RunRecord,
    Status,
    check_name,
    is_name,
    suggest_name,
)
from inkproof.runs.run import Run


@dataclass(frozen=True)
class Listed:
    """One line of a listing: a run, or a folder that is none and why."""

    run: Run
    record: RunRecord | None
    status: Status | Literal["broken"]
    problem: str | None = None
    is_stopping: bool = False


def create_run(
    config: Config,
    runs_dir: Path = DEFAULT_RUNS_DIR,
    name: str | None = None,
    status: Status = "running",
    **facts: Any,
) -> Run:
    """Make a new run folder with its configuration and its record.

    Args:
        config: The whole configuration.
        runs_dir: The folder of all runs; made if it does not exist.
        name: The run's name. Without one it is the recipe's, with a number behind it if that is taken.
        status: `running` for whoever begins to train it, `queued` for one that is to wait.
        facts: Further facts for `run.json`, by the names of RunRecord.

    Raises:
        RunNameError: If the name cannot be a folder's name.
        RunExistsError: If the name is taken.
        RunsDirError: If `runs_dir` is no folder, or cannot be written.
    """
    return write_run(make_folder(runs_dir, name, config.recipe), config, status, **facts)


def write_run(folder: Path, config: Config, status: Status, **facts: Any) -> Run:
    """Make an empty folder a run: write its configuration and, as the last file, its record.

    Where that fails, on a full disk for example, the folder is taken away again.
    """
    with takes_away(folder):
        _write_run(folder, config, status, facts)
    return Run(folder)


@contextlib.contextmanager
def takes_away(folder: Path) -> Iterator[None]:
    """Take a new folder away again if what is to be written into it cannot be."""
    try:
        yield
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _write_run(folder: Path, config: Config, status: Status, facts: dict[str, Any]) -> None:
    replace_file(folder / CONFIG_FILE, config.as_toml().encode())
    record = RunRecord(
        name=folder.name,
        recipe=config.recipe,
        model=config.model.name,
        dataset=config.dataset,
        status=status,
        steps=config.steps,
        seed=config.seed,
        started_at=now(),
        **facts,
    )
    replace_file(folder / RECORD_FILE, record.model_dump_json(indent=2).encode() + b"\n")


def open_run(name: str, runs_dir: Path = DEFAULT_RUNS_DIR) -> Run:
    """The run of that name, which need not be whole.

    Raises:
        RunNameError: If this cannot be a run's name: it never leads out of `runs_dir`.
        UnknownRunError: If there is no such folder.
    """
    if not is_name(name):
        _check_listed_name(name, runs_dir)
        check_name(name)
    folder = runs_dir / name
    if not folder.is_dir():
        names = [listed.run.name for listed in list_runs(runs_dir)][:5]
        known = (
            f"The newest are: {', '.join(names)}." if names else "There are no runs yet; `inkproof train` makes one."
        )
        raise UnknownRunError(f"There is no run '{name}' in '{runs_dir}'.", known, field="run")
    return Run(folder)


def _check_listed_name(name: str, runs_dir: Path) -> None:
    """Say how to make a folder a run whose name cannot be one's, such as a copy that a file manager named."""
    with contextlib.suppress(OSError):
        if name in [path.name for path in runs_dir.iterdir()]:
            raise RunNameError(
                f"The folder '{name}' is in '{runs_dir}', but that cannot be the name of a run.",
                f"Rename it: `{shlex.join(['mv', str(runs_dir / name), str(runs_dir / suggest_name(name))])}`.",
                field="run",
            )


def list_runs(runs_dir: Path = DEFAULT_RUNS_DIR) -> list[Listed]:
    """All run folders, newest first. A half-written, foreign or damaged folder is listed as `broken` with the reason.

    A `runs_dir` that does not exist holds no runs.

    Raises:
        RunsDirError: If it is no folder, or cannot be read.
    """
    from inkproof.runs.index import RunIndex

    return RunIndex(runs_dir).list()


def sort_newest_first(listed: list[Listed]) -> list[Listed]:
    """Runs by the time when they began, those begun together by name."""
    return sorted(listed, key=lambda entry: (_started(entry), entry.run.name), reverse=True)


def list_one(run: Run) -> Listed:
    """One run as `list_runs` lists all: `broken` with the reason where the folder is no whole run."""
    if not is_name(run.name):
        better = suggest_name(run.name)
        problem = f"'{run.name}' cannot be the name of a run. Rename the folder, for example to '{better}'."
        return Listed(run, None, "broken", problem)
    # Before the record: a training forgets that it was asked to stop only after it has written how it ended.
    is_asked_to_stop = run.is_asked_to_stop
    try:
        record = run.record
    except BrokenRunError as error:
        return Listed(run, None, "broken", error.message)
    status = run.status_of(record)
    return Listed(run, record, status, is_stopping=is_asked_to_stop and status == "running")


def make_folder(runs_dir: Path, name: str | None, stem: str) -> Path:
    """Make the folder of a new run: of that name, or without one of `stem`, numbered if that is taken.

    Raises:
        RunNameError: If the name cannot be a folder's name.
        RunExistsError: If the name is taken.
        RunsDirError: If `runs_dir` is no folder, or cannot be written.
    """
    if name is not None:
        check_name(name)
    try:
        return _make_folder(runs_dir, name, stem)
    except OSError as error:
        raise runs_dir_error(runs_dir, error, is_writing=True) from error


def _make_folder(runs_dir: Path, name: str | None, stem: str) -> Path:
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
        folder = runs_dir / (stem if number == 1 else f"{stem}-{number}")
        # Making a folder is one step for the file system: of two trainings started at once, one goes on counting.
        with contextlib.suppress(FileExistsError):
            folder.mkdir()
            return folder
        number += 1


def runs_dir_error(runs_dir: Path, error: OSError, *, is_writing: bool) -> RunsDirError:
    """What is wrong with a folder of runs that cannot be read, or not be written."""
    done = "written" if is_writing else "read"
    reason = "it is a file" if runs_dir.is_file() else f"{error.strerror}"
    return RunsDirError(
        f"The folder of runs '{runs_dir}' cannot be {done}: {reason}.",
        "Give another folder with `--runs-dir`.",
        field="runs_dir",
    )


def _started(listed: Listed) -> float:
    if listed.record is not None:
        return listed.record.started_at.timestamp()
    try:
        return listed.run.folder.stat().st_mtime
    except OSError:
        return 0.0
