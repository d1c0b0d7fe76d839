"""A sweep's record: what it searches, and how far it is. Its trials are runs like any others, which name the sweep.

Lies beside the runs in `.sweeps/NAME/`; without it they lose nothing but the sweep's name for what they were.
"""

from __future__ import annotations

import contextlib
import math
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock, Timeout
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from inkproof.config import Config, load_recipe
from inkproof.errors import (
    BrokenSweepError,
    ConfigError,
    RunsDirError,
    SpaceError,
    SweepBusyError,
    SweepExistsError,
    UnknownSweepError,
)
from inkproof.runs import RunIndex, Trial, check_name, now, replace_file
from inkproof.sweep.space import Dimension, Value, parse_space

SWEEPS_DIR = ".sweeps"
SWEEP_FILE = "sweep.json"
OUTPUT_FILE = "output.txt"
_LOCK_FILE, _STOP_FILE, _LEFT_DIR, _TUNE_DIR = ".lock", ".stop", "left", "tune"
DEFAULT_HOLD_OUT = 5_000
_STOP_POLL_SECONDS = 0.1
MAX_TRIALS = 10_000
_DIFFERENCES = {"changes": "fixed settings differ", "seeds": "seeds differ"}
_OPTIONS = ("trials", "seeds", "final_seeds", "stops_early")

SweepStatus = Literal["running", "finished", "interrupted", "failed"]


class SweepPlan(BaseModel):
    """What a sweep searches.

    Args:
        recipe: The recipe whose settings are searched.
        changes: Settings that differ from the recipe in every trial, by dotted name.
        space: The settings that are searched.
        trials: How many settings to try; as many as the space holds where it holds fewer.
        seeds: How many seeds each is trained by; a trial's score is the mean.
        final_seeds: How many seeds the best setting and the recipe's own are trained by at the end; 0 leaves it out.
        stops_early: Whether trials that fall behind are left (ASHA).
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    recipe: str
    changes: dict[str, Value] = {}
    space: tuple[Dimension, ...]
    trials: int = Field(30, ge=1, le=MAX_TRIALS)
    seeds: int = Field(1, ge=1, le=100)
    final_seeds: int = Field(5, ge=0, le=100)
    stops_early: bool = True

    def config(self, settings: dict[str, Value] | None = None, *, seed: int = 0, on_all_data: bool = False) -> Config:
        """The configuration of one training.

        Args:
            settings: Values by setting, those of a trial; the recipe's own by default.
            seed: Which of its seeds, from 0.
            on_all_data: Whether to learn from the held-out images too, and be judged by the test images.
        """
        base = load_recipe(self.recipe, self.changes)
        hold_out = 0 if on_all_data else base.hold_out or DEFAULT_HOLD_OUT
        return base.changed({**(settings or {}), "seed": base.seed + seed, "hold_out": hold_out})

    def settings_of(self, config: Config) -> dict[str, Value]:
        """The values that a configuration has for what is searched."""
        values = config.as_flat_dict()
        return {dimension.name: values[dimension.name] for dimension in self.space}

    @property
    def own_settings(self) -> dict[str, Value]:
        """The values that the recipe itself has for what is searched."""
        return self.settings_of(self.config())

    @property
    def holds_recipe(self) -> bool:
        """Whether the recipe's own setting lies in the space."""
        own = self.own_settings
        return all(dimension.holds(own[dimension.name]) for dimension in self.space)

    @property
    def num_settings(self) -> float:
        """How many settings the space holds; infinite where one is a range of real numbers."""
        return math.prod(dimension.num_values for dimension in self.space)

    @property
    def can_stop_early(self) -> bool:
        """Whether trials can be compared after as many steps: not where the rate at a step depends on all the steps."""
        searched = {dimension.name for dimension in self.space}
        is_comparable = self.config().schedule == "constant" or "steps" not in searched
        return self.stops_early and is_comparable and "schedule" not in searched


class SweepRecord(BaseModel):
    """What `sweep.json` holds."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    format: Literal[1] = 1
    name: str
    plan: SweepPlan
    status: SweepStatus = "running"
    stage: Literal["searching", "proving"] = "searching"
    started_at: AwareDatetime
    resumed_at: AwareDatetime | None = None
    ended_at: AwareDatetime | None = None
    seconds: float = 0.0
    num_resumes: int = 0
    num_cpus: float | None = None
    message: str | None = None


def make_plan(recipe: str, space: dict[str, str], changes: dict[str, Any] | None = None, **numbers: Any) -> SweepPlan:
    """Read and check what a sweep is to search; `numbers` are further fields of SweepPlan.

    Raises:
        UnknownRecipeError: If there is no such recipe.
        SpaceError: If the space cannot be searched.
        ConfigError: If a setting is unknown, or a value is out of its limits.
    """
    config = load_recipe(recipe, changes or {})
    values = config.as_flat_dict()
    for name in numbers.keys() - set(_OPTIONS):
        raise ConfigError(f"A sweep has no option '{name}'.", f"Its options are: {', '.join(_OPTIONS)}.", field=name)
    for name in space:
        if name in (changes or {}):
            raise SpaceError(
                f"The setting '{name}' is fixed and searched at once.",
                f"Leave out `--set {name}=…` or `--space {name}=…`.",
                field=f"space.{name}",
            )
    fixed = {name: values[name] for name in changes or {}}
    return _check_plan({"recipe": recipe, "changes": fixed, "space": parse_space(space, config), **numbers})


def _check_plan(fields: dict[str, Any]) -> SweepPlan:
    try:
        plan = SweepPlan(**fields)
        # By the same seeds a setting comes to the same result: nothing is tried twice.
        return plan.model_copy(update={"trials": int(min(plan.trials, plan.num_settings))})
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0])
        message = first["msg"][0].lower() + first["msg"][1:]
        raise ConfigError(f"'{field}' is {first['input']!r}, but {message}.", field=field) from error


class Sweep:
    """One sweep: `.sweeps/NAME/` in a folder of runs.

    Args:
        runs_dir: The folder of all runs.
        name: The sweep's name.
    """

    def __init__(self, runs_dir: Path, name: str) -> None:
        check_name(name)
        self.runs_dir, self.name = runs_dir, name
        self.folder = runs_dir / SWEEPS_DIR / name
        self._lock = FileLock(self.folder / _LOCK_FILE)

    def __reduce__(self) -> tuple[Any, ...]:
        """Travels to other processes without its lock."""
        return Sweep, (self.runs_dir, self.name)

    @property
    def record(self) -> SweepRecord:
        """What `sweep.json` says now.

        Raises:
            UnknownSweepError: If there is no such sweep.
            BrokenSweepError: If it cannot be read.
        """
        try:
            return SweepRecord.model_validate_json((self.folder / SWEEP_FILE).read_bytes())
        except (FileNotFoundError, NotADirectoryError):
            known = ", ".join(sweep.name for sweep in list_sweeps(self.runs_dir)[:5])
            hint = f"The newest are: {known}." if known else "There are no sweeps yet; `inkproof sweep` makes one."
            raise UnknownSweepError(
                f"There is no sweep '{self.name}' in '{self.runs_dir}'.", hint, field="sweep"
            ) from None
        except (OSError, ValidationError) as error:
            raise BrokenSweepError(
                f"The record of the sweep '{self.name}' cannot be read: {self.folder / SWEEP_FILE}.",
                "Its trials are whole runs all the same; `inkproof sweeps delete` takes the record away.",
            ) from error

    @property
    def status(self) -> SweepStatus:
        """The status now: a sweep whose process died without a word is `interrupted`."""
        record = self.record
        return "interrupted" if record.status == "running" and not self.is_busy() else record.status

    @property
    def tune_dir(self) -> Path:
        """Where Ray Tune keeps what it needs while the sweep is carried out."""
        return self.folder / _TUNE_DIR

    def update(self, **changes: Any) -> SweepRecord:
        """Write `sweep.json` anew with some facts changed."""
        record = self.record.model_copy(update=changes)
        replace_file(self.folder / SWEEP_FILE, record.model_dump_json(indent=2).encode() + b"\n")
        return record

    def resize(self, trials: int, final_seeds: int | None = None) -> None:
        """Change how many settings are tried in all, and by how many seeds the result is proved.

        Args:
            trials: As many as are begun, or more.
            final_seeds: As many as before by default.

        Raises:
            ConfigError: If there are more trials already, or a number is out of its limits.
            SweepBusyError: If a process carries the sweep out.
        """
        plan = self.record.plan
        sizes = {"trials": trials, "final_seeds": plan.final_seeds if final_seeds is None else final_seeds}
        changed = _check_plan({**dict(plan), **sizes})
        if changed == plan:
            return
        with self.hold():
            num_begun = _count_trials(self)
            if trials < num_begun:
                raise ConfigError(
                    f"{trials:,} trials came, but {num_begun:,} are begun; as many or more were expected.",
                    f"Ask for {num_begun:,} or more, or give a new sweep another name.",
                    field="trials",
                )
            self.update(plan=changed)

    def is_busy(self) -> bool:
        """Whether a process (this one too) carries the sweep out."""
        if self._lock.is_locked:
            return True
        try:
            with FileLock(self.folder / _LOCK_FILE, timeout=0):
                return False
        except Timeout:
            return True
        except OSError:  # a folder that cannot be written to has nobody at work in it
            return False

    @contextlib.contextmanager
    def hold(self) -> Iterator[None]:
        """Keep every other process from carrying out the sweep.

        Raises:
            SweepBusyError: If one does.
        """
        try:
            self._lock.acquire(timeout=2.0)  # longer than a listing looks at it
        except Timeout as error:
            raise SweepBusyError(
                f"The sweep '{self.name}' is being carried out by another process.",
                f"Watch it with `inkproof sweeps show {self.name}`, or stop it: `inkproof sweeps stop {self.name}`.",
            ) from error
        try:
            yield
        finally:
            self._lock.release()

    def ask_to_stop(self) -> None:
        """Ask whoever carries the sweep out to end it; trainings at hand end with a checkpoint."""
        replace_file(self.folder / _STOP_FILE, b"")

    def stop(self) -> None:
        """Ask it to end, and wait until it has."""
        if self.is_busy():
            self.ask_to_stop()
        while self.is_busy():
            time.sleep(_STOP_POLL_SECONDS)

    @property
    def is_asked_to_stop(self) -> bool:
        """Whether somebody asked it to end."""
        return (self.folder / _STOP_FILE).exists()

    def leave(self, run_name: str) -> None:
        """Let a run be left by whoever trains it: others are better."""
        (self.folder / _LEFT_DIR).mkdir(exist_ok=True)
        (self.folder / _LEFT_DIR / run_name).touch()

    def is_left(self, run_name: str) -> bool:
        """Whether a run is to be left, or was."""
        return (self.folder / _LEFT_DIR / run_name).exists()

    def forget_stop(self) -> None:
        """Begin anew."""
        (self.folder / _STOP_FILE).unlink(missing_ok=True)

    def delete(self) -> None:
        """Take the record away; the runs stay.

        Raises:
            UnknownSweepError: If there is no such sweep.
            SweepBusyError: If the sweep is being carried out.
        """
        if not self.folder.is_dir():
            _ = self.record  # says that there is none; a lock would make the folder
        with self.hold():
            shutil.rmtree(self.folder)


def create_sweep(runs_dir: Path, plan: SweepPlan, name: str | None = None) -> Sweep:
    """Make a sweep, or open the one of that name that searches the same, which may then get more trials.

    Args:
        runs_dir: The folder of all runs.
        plan: What to search.
        name: The sweep's name; the recipe's with `-sweep` by default.

    Raises:
        RunNameError: If the name cannot be a folder's name.
        SweepExistsError: If a sweep of that name searches something else, or runs of one that was deleted are left.
        ConfigError: If the sweep of that name has begun more trials already.
        SweepBusyError: If its size is to change while a process carries it out.
        RunsDirError: If the folder of runs cannot be written.
    """
    sweep = Sweep(runs_dir, name or f"{plan.recipe}-sweep")
    try:
        there = sweep.record
    except UnknownSweepError:
        _check_no_runs_are_left(sweep)
        try:
            sweep.folder.mkdir(parents=True, exist_ok=True)
            record = SweepRecord(name=sweep.name, plan=plan, started_at=now())
            replace_file(sweep.folder / SWEEP_FILE, record.model_dump_json(indent=2).encode() + b"\n")
        except OSError as error:
            raise RunsDirError(
                f"The folder of runs '{runs_dir}' cannot be written: {error.strerror}.",
                "Give another folder with `--runs-dir`.",
                field="runs_dir",
            ) from error
        return sweep
    same = {"trials", "final_seeds"}
    old, new = there.plan.model_dump(exclude=same), plan.model_dump(exclude=same)
    if old != new:
        differing = next(_DIFFERENCES.get(key, f"{key} differs") for key in new if old[key] != new[key])
        raise SweepExistsError(
            f"The sweep '{sweep.name}' in '{runs_dir}' searches something else: its {differing}.",
            f"Give the new one a name with `--name`, or go on with the old: `inkproof sweeps resume {sweep.name}`.",
            field="name",
        )
    sweep.resize(plan.trials, plan.final_seeds)
    return sweep


def _list_runs_of(sweep: Sweep) -> list[tuple[str, Trial]]:
    """The runs that name a sweep, and what they say of it."""
    trials = ((entry.run.name, entry.record.trial) for entry in RunIndex(sweep.runs_dir).list() if entry.record)
    return [(name, trial) for name, trial in trials if trial and trial.sweep == sweep.name]


def _count_trials(sweep: Sweep) -> int:
    """How many trials are begun."""
    return len({trial.number for _, trial in _list_runs_of(sweep) if trial.role == "search"})


def _check_no_runs_are_left(sweep: Sweep) -> None:
    """Runs of a deleted sweep would be taken for trials of a new one of its name."""
    left = next((name for name, _ in _list_runs_of(sweep)), None)
    if left is not None:
        raise SweepExistsError(
            f"Runs of an earlier sweep '{sweep.name}' are still in '{sweep.runs_dir}', such as '{left}'.",
            "Give the new one a name with `--name`, or delete those runs: `inkproof runs delete`.",
            field="name",
        )


def list_sweeps(runs_dir: Path) -> list[Sweep]:
    """All sweeps of a folder of runs, the newest first; a damaged one is left out."""
    found: list[tuple[Any, Sweep]] = []
    with contextlib.suppress(OSError):
        for folder in (runs_dir / SWEEPS_DIR).iterdir():
            with contextlib.suppress(Exception):
                sweep = Sweep(runs_dir, folder.name)
                found.append((sweep.record.started_at, sweep))
    return [sweep for _, sweep in sorted(found, key=lambda item: item[0], reverse=True)]
