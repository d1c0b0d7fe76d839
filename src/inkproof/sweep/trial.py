"""One trial, carried out in a worker of Ray: its runs one after the other, each by the very same training as any other.

How far it is stands in the run folders alone. So a trial that is begun again, on whichever machine, goes on with them:
finished runs are counted, others go on from their last checkpoints.
"""

from __future__ import annotations

import os
import statistics
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from inkproof.config import Config
from inkproof.errors import BrokenRunError, RunBusyError
from inkproof.machine import describe_machine, describe_versions, find_git_commit
from inkproof.runs import RECORD_FILE, Run, Trial, create_run, write_run
from inkproof.sweep.record import Sweep
from inkproof.sweep.space import Value

# A training that was killed on another machine holds its lock until the shared file system notices.
_LOCK_PATIENCE_SECONDS = 120.0
_POLL_SECONDS = 0.2

Role = Literal["search", "best", "recipe"]


@dataclass(frozen=True)
class Task:
    """What a worker is asked to train.

    Args:
        runs_dir: The folder of all runs, as every machine sees it.
        sweep: The sweep's name.
        role: `search` for a trial, `best` or `recipe` for the trainings that prove its result.
        number: The trial's number; of `best` that of the trial that won; None for `recipe`.
        settings: The values that are tried.
        configs: The whole configurations as TOML, by the names of the runs.
        steps: Steps of each run.
        num_threads: Threads that each training may use.
    """

    runs_dir: str
    sweep: str
    role: Role
    number: int | None
    settings: dict[str, Value]
    configs: dict[str, str] = field(default_factory=dict)
    steps: int = 0
    num_threads: int = 1

    def as_dict(self) -> dict[str, Any]:
        """As it travels to a worker."""
        return asdict(self)


def run_task(settings: dict[str, Any]) -> None:
    """Carry out a task and report to Ray Tune: `score`, the mean accuracy so far (0..1), and `step`.

    Args:
        settings: A task as a dictionary, under the key `task`.
    """
    from ray import tune

    task = Task(**settings["task"])
    # Before TensorFlow is loaded, which reads it then; a worker keeps its number of threads.
    os.environ.setdefault("TF_NUM_INTRAOP_THREADS", str(task.num_threads))
    os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")
    sweep = Sweep(Path(task.runs_dir), task.sweep)
    scores: list[float] = []
    status = "interrupted"
    for number, (name, config) in enumerate(task.configs.items()):
        if sweep.is_asked_to_stop:
            status = "interrupted"
            break
        # The later seeds of a trial that was better than others in its first need not prove so again.
        run = _train(task, sweep, _open(task, name, Config.from_toml(config)), is_compared=number == 0)
        status = run.record.status
        scores.append(_score(run))
        if status != "finished":
            break
    tune.report({"score": statistics.fmean(scores) if scores else 0.0, "step": task.steps, "status": status})


def _train(task: Task, sweep: Sweep, run: Run, *, is_compared: bool) -> Run:
    from inkproof.api import TrainedRun, carry_out_run
    from inkproof.series import sweep_up

    trained = TrainedRun(run.folder)
    record = trained.record
    if record.status in ("finished", "diverged"):
        if record.status == "finished" and record.trial and record.trial.score is None:  # a worker died before it said
            trained.update(trial=record.trial.model_copy(update={"score": _last_accuracy(trained)}))
        return trained
    with trained.hold():  # from now on, for Keras takes three seconds to load
        sweep_up()
        has_begun = trained.record.data_sha256 is not None
        carry_out_run(trained, _reporter(task, sweep, trained, is_compared=is_compared), is_resume=has_begun)
    record = trained.record
    changes: dict[str, Any] = {"score": _last_accuracy(trained)}
    message = record.message
    if record.status == "interrupted" and sweep.is_left(trained.name):
        changes["is_stopped_early"] = True
        message = f"Left at step {record.step:,}: other trials of '{sweep.name}' were better after as many steps."
    trained.update(trial=record.trial.model_copy(update=changes) if record.trial else None, message=message)
    return trained


def _reporter(task: Task, sweep: Sweep, run: Run, *, is_compared: bool) -> Any:
    """Who passes measurements on to Ray Tune, and the wish to stop on to the training."""
    from ray import tune

    from inkproof.progress import Progress, Silent

    class Passing(Silent):
        def __init__(self) -> None:
            self._next_look = 0.0

        def advance(self, progress: Progress) -> None:
            is_reported = is_compared and progress.is_measured and task.role == "search"
            if is_reported and 0 < progress.step < progress.steps:
                # Comes back once Ray Tune has decided whether the trial goes on.
                tune.report({"score": progress.accuracy, "step": progress.step, "status": "running"})
            if is_reported or time.monotonic() >= self._next_look:
                self._next_look = time.monotonic() + _POLL_SECONDS
                if sweep.is_asked_to_stop or sweep.is_left(run.name):
                    run.stop(wait=False)

    return Passing()


def _open(task: Task, name: str, config: Config) -> Run:
    """The run of a task: made, or found as an earlier worker left it."""
    runs_dir = Path(task.runs_dir)
    folder = runs_dir / name
    if not folder.is_dir():
        return create_run(config, runs_dir, name, **_facts(task))
    run = Run(folder)
    if not (folder / RECORD_FILE).exists():  # a worker died between making the folder and its record
        return write_run(folder, config, "running", **_facts(task))
    if run.record.trial is None or run.record.trial.sweep != task.sweep:
        raise BrokenRunError(f"The run '{name}' is no run of the sweep '{task.sweep}'.", "Rename or delete it.")
    _wait_until_idle(run)
    return run


def _facts(task: Task) -> dict[str, Any]:
    """What stands in the record of a new run."""
    trial = Trial(sweep=task.sweep, role=task.role, number=task.number, settings=dict(task.settings))
    return {
        "trial": trial,
        "versions": describe_versions(),
        "git_commit": find_git_commit(),
        "machine": describe_machine(),
    }


def _wait_until_idle(run: Run) -> None:
    deadline = time.monotonic() + _LOCK_PATIENCE_SECONDS
    while run.is_busy():
        if time.monotonic() > deadline:
            raise RunBusyError(
                f"The run '{run.name}' is held by another process for {_LOCK_PATIENCE_SECONDS:.0f} seconds.",
                f"Stop it: `inkproof stop {run.name}`.",
            )
        time.sleep(_POLL_SECONDS)


def _last_accuracy(run: Run) -> float | None:
    """The accuracy last measured, on the images held out if there are any; None before the first."""
    accuracies = [row.get("validation_accuracy", row.get("test_accuracy")) for row in run.read_metrics()]
    return next((accuracy for accuracy in reversed(accuracies) if accuracy is not None), None)


def _score(run: Run) -> float:
    """What a run counts for: one that diverged for nothing."""
    if run.record.status == "diverged":
        return 0.0
    return _last_accuracy(run) or 0.0
