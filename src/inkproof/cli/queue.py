"""`inkproof queue`: runs that wait to be trained, their order, and carrying them out without a server."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated

import typer

from inkproof.cli.console import out
from inkproof.cli.options import Json, Quiet, RunsDir
from inkproof.cli.train import end_as, load_reporter, parse_setting
from inkproof.config import load_recipe
from inkproof.errors import TrainingError, UsageError
from inkproof.runs import DEFAULT_RUNS_DIR, RunIndex, RunQueue, open_run

queue = typer.Typer(
    name="queue", help="List runs that wait, add one, train them.", invoke_without_command=True, rich_markup_mode=None
)
OwnRunsDir = Annotated[Path | None, typer.Option("--runs-dir", metavar="DIR", help="The folder of all runs.")]
_POLL_SECONDS = 0.3


@queue.callback()
def list_waiting(context: typer.Context, runs_dir: RunsDir = DEFAULT_RUNS_DIR, as_json: Json = False) -> None:
    """List runs that wait to be trained, the next one first."""
    context.obj = runs_dir
    if context.invoked_subcommand is not None:
        return
    waiting = RunQueue(runs_dir).waiting()
    if as_json:
        typer.echo(json.dumps([run.name for run in waiting], ensure_ascii=False, indent=2))
    elif not waiting:
        out.print(f"No run waits in '{runs_dir}'. Add one with `inkproof queue add tutorial`.", soft_wrap=True)
    else:
        for number, run in enumerate(waiting, 1):
            record = run.record
            start = f" from step {record.step:,}" if record.step else ""
            out.print(f"{number:>3}  {run.name}  {record.recipe}{start}, {record.steps:,} steps", markup=False)
        out.print("\n`inkproof serve` trains them while it runs, `inkproof queue work` without a page.")


@queue.command()
def add(
    context: typer.Context,
    recipe: Annotated[str, typer.Argument(help="The recipe; `inkproof describe` lists them.")],
    name: Annotated[str | None, typer.Option(help="The run's name; the recipe's, numbered, by default.")] = None,
    note: Annotated[str | None, typer.Option(help="Words about the run.")] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Any setting, such as steps=500.")
    ] = None,
    runs_dir: OwnRunsDir = None,
) -> None:
    """Let a new run wait behind all others."""
    waiting = RunQueue(runs_dir or context.obj)
    run = waiting.enqueue(load_recipe(recipe, dict(parse_setting(text) for text in settings or [])), name, note)
    names = [other.name for other in waiting.waiting()]
    place = f" as number {names.index(run.name) + 1}" if run.name in names else ""
    out.print(f"'{run.name}' waits{place}.", markup=False)


@queue.command()
def move(
    context: typer.Context,
    run: Annotated[str, typer.Argument(help="A run that waits.")],
    place: Annotated[int, typer.Argument(min=1, help="Its new place; 1 is the next one.")],
    runs_dir: OwnRunsDir = None,
) -> None:
    """Give a run that waits another place."""
    folder = runs_dir or context.obj
    opened = open_run(run, folder)
    waiting = RunQueue(folder)
    if opened.status != "queued":
        raise UsageError(
            f"'{run}' does not wait: it is {opened.status}.", "`inkproof queue` lists the runs that wait.", field="run"
        )
    names = [other.name for other in waiting.waiting() if other.name != run]
    waiting.reorder([*names[: place - 1], run, *names[place - 1 :]])
    list_waiting(context, folder)


@queue.command()
def train(
    context: typer.Context,
    run: Annotated[str, typer.Argument(help="A run that waits.")],
    runs_dir: OwnRunsDir = None,
    quiet: Quiet = False,
) -> None:
    """Train one run that waits now, whatever its place."""
    from inkproof import api

    folder = runs_dir or context.obj
    api.open_run(run, runs_dir=folder)
    reporter = load_reporter(as_json=False, quiet=quiet)
    end_as(api.train_queued(run, runs_dir=folder, reporter=reporter))


@queue.command()
def work(
    context: typer.Context,
    jobs: Annotated[int, typer.Option(metavar="N", min=1, max=64, help="Trainings at once.")] = 1,
    runs_dir: OwnRunsDir = None,
) -> None:
    """Train what waits until nothing does. Ctrl-C ends it; trainings at hand go on."""
    from inkproof.server.trainings import Trainings

    trainings = Trainings(RunIndex(runs_dir or context.obj), jobs=jobs)
    trainings.start()
    problem = None
    try:
        while trainings.is_busy():
            problem = trainings.problem or problem
            time.sleep(_POLL_SECONDS)
    finally:
        trainings.stop()
    if problem:
        raise TrainingError(problem, "`inkproof runs` shows what became of each.")
