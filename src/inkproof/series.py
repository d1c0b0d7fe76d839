"""A series: the same recipe trained by several seeds, one run each, and how far their figures spread.

A series has no record of its own: its runs are found by their names, which is why the same call goes on with it.
"""

from __future__ import annotations

import gc
import html
import math
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inkproof import runs
from inkproof.api import TrainedRun, resume, train_config
from inkproof.config import Config, load_recipe
from inkproof.errors import ConfigError, RunBusyError, RunExistsError

if TYPE_CHECKING:
    from inkproof.progress import Reporter

DEFAULT_NUM_SEEDS = 10


@dataclass(frozen=True)
class Spread:
    """A figure over several seeds.

    Attributes:
        mean: The mean.
        sd: The sample standard deviation, n - 1 below; None for a single value.
        n: How many values there are.
        low, high: The 95 % interval of the mean, by Student's t; None for a single value.
        values: The values, in the order of the seeds.
    """

    mean: float
    sd: float | None
    n: int
    low: float | None
    high: float | None
    values: tuple[float, ...]


@dataclass(frozen=True)
class PlannedRun:
    """One seed of a series: the configuration to train by, and the folder of its run, which need not be there yet."""

    folder: Path
    config: Config

    @property
    def run(self) -> TrainedRun | None:
        """The run, if it was begun."""
        return TrainedRun(self.folder) if self.folder.is_dir() else None

    @property
    def is_done(self) -> bool:
        """Whether there is nothing left to train: it is finished, or it diverged and would again."""
        run = self.run
        return run is not None and run.status in ("finished", "diverged")


@dataclass(frozen=True, eq=False, repr=False)
class Series:
    """The runs of a series, and the figures of those that are finished.

    Attributes:
        runs: In the order of the seeds; of an interrupted series those that were begun.
        num_seeds: How many seeds were asked for.
    """

    runs: list[TrainedRun]
    num_seeds: int

    @property
    def finished(self) -> list[TrainedRun]:
        """The runs that were trained to their end."""
        return [run for run in self.runs if run.status == "finished"]

    @property
    def judged_by(self) -> str:
        """`test`, or `validation` where training images were held out to judge by."""
        return "validation" if self.runs and self.runs[0].config.hold_out else "test"

    @property
    def accuracy(self) -> Spread | None:
        """The accuracy on all images of `judged_by`, 0..1; None if no run is finished."""
        return measure_spread([float(run.record.figures[f"{self.judged_by}_accuracy"]) for run in self.finished])

    @property
    def training_seconds(self) -> Spread | None:
        """Wall clock from the first step to the last, measuring and logging included; None if no run is finished."""
        return measure_spread([run.record.timings_seconds["training"] for run in self.finished])

    def as_dict(self) -> dict[str, Any]:
        """The series for scripts, ready for JSON: its runs by name and status, and its figures."""
        accuracy, seconds = self.accuracy, self.training_seconds
        return {
            "runs": [{"name": run.name, "seed": run.record.seed, "status": run.status} for run in self.runs],
            "num_seeds": self.num_seeds,
            "num_finished": len(self.finished),
            f"{self.judged_by}_accuracy": None if accuracy is None else asdict(accuracy),
            "training_seconds": None if seconds is None else asdict(seconds),
        }

    def __repr__(self) -> str:
        """How many of how many, and the figures."""
        return f"Series({self.describe()})"

    def describe(self) -> str:
        """The figures in a line: mean ± sample standard deviation, the mean's 95 % interval, n."""
        accuracy, seconds = self.accuracy, self.training_seconds
        if accuracy is None or seconds is None:
            return f"none of {self.num_seeds} seeds is finished"
        what = f"{self.judged_by} accuracy"
        if accuracy.sd is None or accuracy.low is None or accuracy.high is None or seconds.sd is None:
            return f"{what} {accuracy.mean:.2%}, training {seconds.mean:.1f} s (n = 1 seed)"
        return (
            f"{what} {accuracy.mean * 100:.2f} ± {accuracy.sd * 100:.2f} % "
            f"(95 % interval of the mean {accuracy.low * 100:.2f} to {accuracy.high * 100:.2f} %), "
            f"training {seconds.mean:.1f} ± {seconds.sd:.1f} s (n = {accuracy.n} seeds)"
        )

    def _repr_html_(self) -> str:
        """A table of the runs and the line of figures: what a notebook shows of a series."""
        rows = "".join(
            f"<tr><td>{html.escape(run.name)}</td><td>{run.status}</td>"
            f"<td>{run.record.figures.get(f'{self.judged_by}_accuracy', '–')}</td></tr>"
            for run in self.runs
        )
        head = f"<tr><th>run</th><th>status</th><th>{self.judged_by} accuracy</th></tr>"
        return f"<table>{head}{rows}</table><p>{html.escape(self.describe())}</p>"


def train_seeds(
    recipe: str = "tutorial",
    *,
    seeds: int = DEFAULT_NUM_SEEDS,
    name: str | None = None,
    runs_dir: str | Path = runs.DEFAULT_RUNS_DIR,
    reporter: Reporter | None = None,
    **changes: Any,
) -> Series:
    """Train a network by a recipe once for each of several seeds.

    The runs are called `NAME-seed-0`, `NAME-seed-1` and so on. Those that are there already with the same settings
    are counted and not trained again, and one that was interrupted goes on: the same call carries on with a series.

    Args:
        recipe: Name of a recipe, such as `tutorial`.
        seeds: How many seeds, at least 1; the first is the setting `seed`, 0 by default.
        name: What the names of the runs begin with; the recipe's name by default.
        runs_dir: The folder of all runs.
        reporter: Who is told of each advance of each run; nobody by default.
        changes: Settings that differ from the recipe, as for `inkproof.train`.

    Returns:
        The series; it may be interrupted, and runs of it may be diverged, see `Series.runs`.

    Raises:
        UnknownRecipeError: If there is no such recipe.
        ConfigError: If a setting is unknown, or a value is out of its limits.
        RunNameError: If the name cannot be a run's name.
        RunExistsError: If a run of that name has other settings.
        RunBusyError: If another process is at work in one of the runs.
    """
    changes = {key.replace("__", "."): value for key, value in changes.items()}
    return train_planned(plan_seeds(recipe, seeds, changes, name=name, runs_dir=Path(runs_dir)), reporter)


def plan_seeds(
    recipe: str,
    seeds: int,
    changes: dict[str, Any],
    *,
    name: str | None = None,
    runs_dir: Path = runs.DEFAULT_RUNS_DIR,
) -> list[PlannedRun]:
    """Look at what a series would train, and refuse at once what would only fail on the way; see `train_seeds`."""
    if seeds < 1:
        raise ConfigError(f"A series of {seeds} seeds came; at least 1 was expected.", field="seeds")
    first = load_recipe(recipe, changes).seed
    planned = []
    for seed in range(first, first + seeds):
        run_name = f"{name or recipe}-seed-{seed}"
        runs.check_name(run_name)
        planned.append(PlannedRun(runs_dir / run_name, load_recipe(recipe, {**changes, "seed": seed})))
    for each in planned:
        _check_is_same(each)
    return planned


def train_planned(planned: Sequence[PlannedRun], reporter: Reporter | None = None) -> Series:
    """Carry out a plan, seed by seed in this process; a run that is interrupted ends the series."""
    trained: list[TrainedRun] = []
    for each in planned:
        run = each.run
        if run is None or not each.is_done:
            sweep_up()
            name, runs_dir = each.folder.name, each.folder.parent
            if run is None:
                run = train_config(each.config, name=name, runs_dir=runs_dir, reporter=reporter)
            else:
                run = resume(name, runs_dir=runs_dir, reporter=reporter)
        trained.append(run)
        if run.status == "interrupted":
            break
    return Series(trained, len(planned))


def measure_spread(values: Sequence[float]) -> Spread | None:
    """Mean, sample standard deviation and the mean's 95 % interval by Student's t; None without values.

    >>> spread = measure_spread([1.0, 2.0, 3.0])
    >>> spread.mean, spread.sd, round(spread.low, 4), round(spread.high, 4)
    (2.0, 1.0, -0.4841, 4.4841)
    """
    if not values:
        return None
    mean, n = statistics.fmean(values), len(values)
    if n == 1:
        return Spread(mean, None, n, None, None, tuple(values))
    from scipy.stats import t

    sd = statistics.stdev(values)
    margin = float(t.ppf(0.975, n - 1)) * sd / math.sqrt(n)
    return Spread(mean, sd, n, mean - margin, mean + margin, tuple(values))


def _check_is_same(planned: PlannedRun) -> None:
    """Refuse a run of that name which is another's, or which somebody is at work on."""
    run = planned.run
    if run is None:
        return
    there, wanted = run.config.as_flat_dict(), planned.config.as_flat_dict()
    for key in {**wanted, **there}:
        if there.get(key) != wanted.get(key):
            raise RunExistsError(
                f"The run '{run.name}' has other settings: {key} is {there.get(key)} there, "
                f"{wanted.get(key)} was asked for.",
                f"Give the series another name with `--name`, or delete the run: `inkproof runs delete {run.name}`.",
                field="name",
            )
    if run.is_busy():
        raise RunBusyError(
            f"The run '{run.name}' is being worked on by another process.",
            "Wait until it ends, or stop it; `inkproof runs` shows its step.",
        )


def sweep_up() -> None:
    """Forget the trainings before: Keras counts names on, and graphs hang in cycles.

    Ten of `tutorial` then live in the memory of two, 1.5 GB (see also `training/optimizers.py`).
    """
    from inkproof.backend import keras

    keras.utils.clear_session()
    gc.collect()
