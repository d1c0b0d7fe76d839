"""What a sweep trains, and by which names: a task for each trial, and those that prove its result."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from inkproof.config import Config
from inkproof.errors import BrokenRunError, SweepExistsError
from inkproof.runs import RECORD_FILE, RunIndex
from inkproof.sweep.record import Sweep, SweepPlan
from inkproof.sweep.table import Results, TrialRow
from inkproof.sweep.trial import Role, Task

# The names that TaskMaker gives, behind the sweep's own.
_NAMES = r"-(\d{3,}(-seed-\d+)?|(best-\d{3,}|recipe)-seed-\d+)"


@dataclass(frozen=True)
class TaskMaker:
    """Makes the tasks of a sweep; travels with the search, for Ray Tune writes it down.

    Args:
        sweep: The sweep.
        plan: Its plan.
        num_threads: Threads for each training.
    """

    sweep: Sweep
    plan: SweepPlan
    num_threads: int

    def trial(self, number: int, settings: dict[str, Any]) -> Task:
        """The task of a trial: a run for each seed."""
        stem = f"{self.sweep.name}-{number:03d}"
        names = [stem] if self.plan.seeds == 1 else [f"{stem}-seed-{seed}" for seed in range(self.plan.seeds)]
        configs = [self.plan.config(settings, seed=seed) for seed in range(self.plan.seeds)]
        return self._make("search", number, settings, dict(zip(names, configs, strict=True)))

    def proof(self, best: TrialRow | None, seed: int) -> Task:
        """The task that trains the best setting, or without one the recipe's own, on all data."""
        role: Role = "recipe" if best is None else "best"
        settings = self.plan.own_settings if best is None else best.settings
        stem = role if best is None else f"{role}-{best.number:03d}"
        config = self.plan.config(settings, seed=seed, on_all_data=True)
        number = None if best is None else best.number
        return self._make(role, number, settings, {f"{self.sweep.name}-{stem}-seed-{seed}": config})

    def _make(self, role: Role, number: int | None, settings: dict[str, Any], configs: dict[str, Config]) -> Task:
        return Task(
            runs_dir=str(self.sweep.runs_dir.absolute()),
            sweep=self.sweep.name,
            role=role,
            number=number,
            settings=settings,
            configs={name: config.as_toml() for name, config in configs.items()},
            steps=next(iter(configs.values())).steps,
            num_threads=self.num_threads,
        )


def list_proofs(make: TaskMaker, results: Results) -> list[Task]:
    """The trainings that prove a result; the settings take turns, so that a comparison can be made early."""
    compared = [None] if results.best is None or results.best.is_recipe else [results.best, None]
    return [make.proof(best, seed) for seed in range(make.plan.final_seeds) for best in compared]


def is_done(task: Task, results: Results) -> bool:
    """Whether a training that proves a result is there."""
    return {*results.best_runs, *results.recipe_runs}.issuperset(task.configs)


def list_missing(sweep: Sweep, results: Results) -> list[str]:
    """What is still to be trained, by name; nothing for a sweep that has come to its end."""
    plan = sweep.record.plan
    missing = [str(row.number) for row in results.trials if row.is_open]
    missing += [str(number) for number in range(len(results.trials), plan.trials)]
    proofs = list_proofs(TaskMaker(sweep, plan, 1), results)
    return missing + [name for task in proofs if not is_done(task, results) for name in task.configs]


def check_names(sweep: Sweep) -> None:
    """Refuse to begin where a run stands in the way, which each worker would only find out by itself.

    Raises:
        SweepExistsError: If a run that is none of the sweep's has a name that a trial may get.
        BrokenRunError: If one of its runs is damaged.
    """
    names = re.compile(re.escape(sweep.name) + _NAMES)
    for entry in RunIndex(sweep.runs_dir).list():
        name = entry.run.name
        if not names.fullmatch(name):
            continue
        if entry.record is None:
            if (entry.run.folder / RECORD_FILE).exists():  # without one, a worker died before it wrote it
                raise BrokenRunError(
                    f"The run '{name}' of the sweep '{sweep.name}' is damaged: {entry.problem}",
                    f"Take it away, and another trial takes its place: `inkproof runs delete {name}`.",
                )
        elif entry.record.trial is None or entry.record.trial.sweep != sweep.name:
            raise SweepExistsError(
                f"The run '{name}' is none of the sweep '{sweep.name}', but has a name that its trials get.",
                f"Give the sweep another name, or rename the run: `inkproof runs rename {name} NEW`.",
                field="name",
            )
