"""`inkproof fork`: begin as a run did, and go on with other settings."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from inkproof.cli.console import out
from inkproof.cli.options import Json, Quiet, RunsDir
from inkproof.cli.train import end_as, help_of, load_reporter, parse_setting
from inkproof.runs import DEFAULT_RUNS_DIR, RunQueue, open_run, plan_fork


def fork(  # noqa: PLR0913 - one for each flag
    run: Annotated[str, typer.Argument(help="The run to begin as.")],
    step: Annotated[
        int | None, typer.Option(metavar="N", help="The step at which to leave it; its last one by default.")
    ] = None,
    steps: Annotated[
        str | None, typer.Option(metavar="N", help="Steps in all, those before the fork included.")
    ] = None,
    learning_rate: Annotated[str | None, typer.Option(metavar="RATE", help=help_of("learning_rate"))] = None,
    name: Annotated[str | None, typer.Option(help="The new run's name; RECIPE-from-STEP by default.")] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Another setting, such as schedule=constant.")
    ] = None,
    wait: Annotated[
        bool, typer.Option("--queue", help="Let it wait behind the others, instead of training it now.")
    ] = False,
    runs_dir: RunsDir = DEFAULT_RUNS_DIR,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Begin as a run did, up to a step, and go on from there with other settings.

    The steps before are replayed, which on the same machine gives the same bits. What can be changed: learning_rate,
    steps, batch_size, schedule, label_smoothing, augmentation, and how often a checkpoint is written.
    """
    flags = {"steps": steps, "learning_rate": learning_rate}
    changes: dict[str, Any] = {key: value for key, value in flags.items() if value is not None}
    changes |= dict(parse_setting(text) for text in settings or [])
    planned = plan_fork(open_run(run, runs_dir), step, changes)
    if wait:
        queued = RunQueue(runs_dir).enqueue_fork(planned, name)
        if not quiet:
            out.print(f"'{queued.name}' waits.", markup=False)
        return
    from inkproof.api import train_fork

    reporter = load_reporter(as_json=as_json, quiet=quiet)
    end_as(train_fork(planned, name=name, reporter=reporter))
