"""Forks: runs that begin as another did, up to a step, and go on from there with other settings.

A fork holds the settings of its beginning and a copy of what was measured during it, and needs the other run no more
once it is made. The steps themselves are replayed by `training/replay.py` (docs/decisions/0007-fork-by-replay.md).
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inkproof.config import Beginning, Config, setting_names
from inkproof.errors import ForkError
from inkproof.runs.events import copy_events
from inkproof.runs.files import replace_file
from inkproof.runs.listing import make_folder, takes_away, write_run
from inkproof.runs.record import LOGS_DIR, METRICS_FILE, TIMELINE_DIR, Parent, Status
from inkproof.runs.run import Run
from inkproof.runs.timeline import timeline_files

# Anything else would change the steps before the fork too, or make the optimizer's state fit no more.
CHANGEABLE = (
    "learning_rate", "schedule", "label_smoothing", "augmentation", "steps", "batch_size",
    "tensorboard", "checkpoint_steps", "checkpoint_seconds",
)  # fmt: skip


@dataclass(frozen=True)
class Fork:
    """A fork that can be made.

    Attributes:
        run: The run that it begins as.
        step: The step at which it leaves that run.
        config: Its whole configuration, the beginning included.
    """

    run: Run
    step: int
    config: Config

    def create(self, name: str | None = None, status: Status = "running", **facts: Any) -> Run:
        """Make the new run folder, with copies of what its run measured and kept up to the step.

        Args:
            name: The run's name; `RECIPE-from-STEP`, numbered, by default.
            status: `running` for whoever begins to train it, `queued` for one that is to wait.
            facts: Further facts for `run.json`, by the names of RunRecord.

        Raises:
            RunNameError: If the name cannot be a folder's name.
            RunExistsError: If the name is taken.
            RunsDirError: If the folder of runs cannot be written.
        """
        parent = Parent(name=self.run.name, step=self.step, started_at=self.run.record.started_at)
        folder = make_folder(self.run.folder.parent, name, f"{self.config.recipe}-from-{self.step}")
        with takes_away(folder):
            _copy_beginning(self.run, folder, self.step, with_events=self.config.tensorboard)
        return write_run(folder, self.config, status, parent=parent, **facts)


def plan_fork(run: Run, step: int | None = None, changes: Mapping[str, Any] | None = None) -> Fork:
    """Look at what a fork would be, and refuse at once what cannot be.

    Args:
        run: The run to begin as. It may be of any status.
        step: The step at which to leave it, from 1 to the one that it has reached, which is the default.
        changes: Settings that are to be otherwise from then on, by dotted name; `steps` counts those before the fork
            too.

    Raises:
        BrokenRunError: If the run cannot be read.
        ForkError: If the run was never at that step, the fork would have no step of its own, or a setting is to change
            that a fork cannot change.
        ConfigError: If a setting is unknown, or a value is out of its limits.
    """
    config = run.config
    step = _check_step(run, step)
    for key in changes or {}:
        if key in setting_names(config.model.name) and key not in CHANGEABLE:
            raise ForkError(
                f"A fork keeps the {key} of its run; it can change {', '.join(CHANGEABLE[:-1])} and {CHANGEABLE[-1]}.",
                f"For another {key}, train from the first step: `inkproof train {config.recipe} --set {key}=…`.",
                field=key,
            )
    changed = config.changed(changes or {})
    if changed.steps <= step:
        raise ForkError(
            f"The fork leaves its run at step {step:,} and would end at step {changed.steps:,}; a later end was "
            "expected.",
            f"Say how many steps in all, those before the fork included, such as `--steps {2 * step}`; or leave the "
            "run earlier, with `--step`.",
            field="steps",
        )
    return Fork(run, step, changed.model_copy(update={"beginnings": _beginnings_until(config, step)}))


def reached_step(run: Run) -> int:
    """The last step that a run has measured with a finite loss; 0 if it has none."""
    return max((int(row["step"] or 0) for row in run.read_metrics() if row.get("loss") is not None), default=0)


def _check_step(run: Run, step: int | None) -> int:
    reached = reached_step(run)
    if reached < 1:
        raise ForkError(
            f"The run '{run.name}' has not done a step yet, and there is nothing to fork.",
            f"Wait for its first steps, or train anew: `inkproof train {run.record.recipe}`.",
            field="step",
        )
    if step is not None and not 1 <= step <= reached:
        raise ForkError(
            f"A fork at step {step:,} was asked for; the run '{run.name}' can be forked at the steps 1 to {reached:,}.",
            f"To change something from the start, train anew: `inkproof train {run.record.recipe}`."
            if step < 1
            else None,
            field="step",
        )
    return step or reached


def _beginnings_until(config: Config, step: int) -> tuple[Beginning, ...]:
    """The settings of each step up to `step`, of a run that may be a fork itself."""
    own = config.model_dump(include=set(Beginning.model_fields) - {"last_step"})
    every = [*config.beginnings, Beginning(last_step=step, **own)]
    whole = [beginning for beginning in every if beginning.last_step < step]
    return (*whole, every[len(whole)].model_copy(update={"last_step": step}))


def _copy_beginning(run: Run, folder: Path, step: int, *, with_events: bool) -> None:
    rows = [row for row in run.read_metrics() if (row["step"] or 0) <= step]
    replace_file(folder / METRICS_FILE, "".join(json.dumps(row) + "\n" for row in rows).encode())
    (folder / TIMELINE_DIR).mkdir()
    for kept, path in timeline_files(run.folder).items():
        if kept <= step:
            _share_file(path, folder / TIMELINE_DIR / path.name)
    if with_events:
        copy_events(run.folder / LOGS_DIR, folder / LOGS_DIR, step)


def _share_file(source: Path, target: Path) -> None:
    """Put a file into a second folder without taking room for it, where the file system can."""
    try:
        # Such files are replaced and never written into, so neither run can change what the other has.
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
