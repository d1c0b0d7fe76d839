"""Sweeps whose results are known beforehand: records and run folders as a sweep leaves them, without a training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from compared_runs import make_trained
from inkproof.runs import Run, Trial, create_run
from inkproof.sweep.record import Sweep, create_sweep, make_plan

SPACE = {"learning_rate": "0.01..1:log", "batch_size": "20..200"}


def make_sweep(
    runs_dir: Path, name: str = "search", space: dict[str, str] | None = None, status: str = "finished", **numbers: Any
) -> Sweep:
    """A sweep of softmax without trials, as its process leaves it."""
    space = space or SPACE
    changes = {} if "steps" in space else {"steps": 100}
    plan = make_plan("softmax", space, changes, **{"trials": 8, "final_seeds": 2, **numbers})
    sweep = create_sweep(runs_dir, plan, name)
    sweep.update(status=status)
    return sweep


def add_trial(
    sweep: Sweep, number: int, score: float | None, status: Any = "finished", *, is_stopped_early: bool = False,
    **settings: Any,
) -> Run:  # fmt: skip
    """A trial of one seed; `settings` differ from the recipe's own."""
    plan = sweep.record.plan
    values = {**plan.own_settings, **settings}
    trial = Trial(
        sweep=sweep.name, number=number, settings=values, score=score, is_stopped_early=is_stopped_early
    )  # fmt: skip
    step = 100 if status == "finished" else 40
    facts: dict[str, Any] = {"trial": trial, "step": step, "timings_seconds": {"training": 0.5}}
    if score is not None:
        facts["figures"] = {"validation_accuracy": score, "num_validation_images": 5_000}
    return create_run(plan.config(values), sweep.runs_dir, f"{sweep.name}-{number:03d}", status, **facts)


def add_proof(sweep: Sweep, best: int, counts_best: list[int], counts_recipe: list[int], **settings: Any) -> None:
    """Runs of the best trial's settings and of the recipe's own on all data, with so many right answers."""
    own = sweep.record.plan.own_settings
    for role, number, counts, changes in (("best", best, counts_best, settings), ("recipe", None, counts_recipe, {})):
        for seed, count in enumerate(counts):
            trial = Trial(sweep=sweep.name, role=role, number=number, settings={**own, **changes})
            make_trained(
                sweep.runs_dir, f"{sweep.name}-{role}-seed-{seed}", count, seed=seed, facts={"trial": trial}, **changes
            )
