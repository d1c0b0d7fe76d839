"""The Python interface: `inkproof.run_sweep("tutorial", {"learning_rate": "1e-5..1e-1:log"}, trials=12)`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inkproof import runs
from inkproof.sweep.record import Sweep, create_sweep, make_plan
from inkproof.sweep.table import Results

if TYPE_CHECKING:
    from inkproof.sweep.search import Watcher


def run_sweep(  # noqa: PLR0913 - what a sweep needs
    recipe: str,
    space: Mapping[str, str],
    *,
    name: str | None = None,
    runs_dir: str | Path = runs.DEFAULT_RUNS_DIR,
    ray_address: str | None = None,
    jobs: int | None = None,
    watcher: Watcher | None = None,
    **plan: Any,
) -> Results:
    """Search settings of a recipe, as `inkproof sweep` does; the same call goes on with a sweep.

    Args:
        recipe: Name of a recipe, such as `tutorial`.
        space: A text for each setting by dotted name: `1e-5..1e-1:log`, `16..256` or `linear,relu`.
        name: The sweep's name; the recipe's with `-sweep` by default.
        runs_dir: The folder of all runs.
        ray_address: A cluster of Ray to run on, such as `10.0.0.1:6379`; this machine alone by default.
        jobs: How many trainings at once; one for each processor by default.
        watcher: Who is told of its course; nobody by default.
        plan: `trials` (30), `seeds` of each (1), `final_seeds` (5), `stops_early` (True), and `changes`, settings that
            differ from the recipe in every trial, by dotted name.

    Returns:
        What it found: `results.best.settings`, `results.trials`.

    Raises:
        UnknownRecipeError: If there is no such recipe.
        SpaceError: If the space cannot be searched.
        ConfigError: If a setting is unknown, or a value is out of its limits.
        MissingExtraError: If Ray or Optuna is not installed.
        ClusterError: If the cluster cannot be reached, or runs other versions.
        SweepExistsError: If a sweep of that name searches something else.
        SweepBusyError: If another process carries it out.
        SweepError: If no trial came to its end.
    """
    changes = plan.pop("changes", None)
    made = create_sweep(Path(runs_dir), make_plan(recipe, dict(space), changes, **plan), name)
    return resume_sweep(made, watcher, ray_address=ray_address, jobs=jobs)


def resume_sweep(
    sweep: Sweep, watcher: Watcher | None = None, *, ray_address: str | None = None, jobs: int | None = None
) -> Results:
    """Go on with a sweep from wherever it stands; see `run_sweep`."""
    from inkproof.sweep.search import carry_out

    return carry_out(sweep, watcher, address=ray_address, jobs=jobs)
