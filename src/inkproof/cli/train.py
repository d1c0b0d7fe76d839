"""`inkproof train` and `inkproof resume`: carry out a training and show it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inkproof.cli.console import err, out
from inkproof.cli.options import Json, Quiet, RayAddress, RunsDir, Workers
from inkproof.config import load_recipe, setting_field
from inkproof.errors import ConfigError, UsageError
from inkproof.runs import DEFAULT_RUNS_DIR, Run

if TYPE_CHECKING:
    from inkproof.progress import Reporter
    from inkproof.series import PlannedRun

_EXIT_STATUS = {"finished": 0, "interrupted": 130}


def help_of(setting: str) -> str:
    """The help of a flag that is a setting."""
    return str(setting_field(setting).description)


def train(  # noqa: PLR0913 - one for each flag
    recipe: Annotated[str, typer.Argument(help="The recipe; `inkproof describe` lists them.")],
    steps: Annotated[str | None, typer.Option(metavar="N", help=help_of("steps"))] = None,
    learning_rate: Annotated[str | None, typer.Option(metavar="RATE", help=help_of("learning_rate"))] = None,
    batch_size: Annotated[str | None, typer.Option(metavar="N", help=help_of("batch_size"))] = None,
    seed: Annotated[str | None, typer.Option(metavar="N", help=help_of("seed"))] = None,
    seeds: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Train by N seeds, a run each, and say how far they spread.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="The run's name; the recipe's, numbered, by default.")] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Any other setting, such as model.hidden_activation=relu."),
    ] = None,
    workers: Workers = None,
    ray_address: RayAddress = None,
    runs_dir: RunsDir = DEFAULT_RUNS_DIR,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Train a network by a recipe.

    Everything about the training is kept in one new folder, the run. With --seeds there is one for each seed, named
    NAME-seed-0 and so on; runs that are there already are counted, so the same command goes on with a series.
    """
    flags = {"steps": steps, "learning_rate": learning_rate, "batch_size": batch_size, "seed": seed}
    changes: dict[str, Any] = {key: value for key, value in flags.items() if value is not None}
    changes |= dict(parse_setting(text) for text in settings or [])
    if seeds is not None:
        if workers is not None:
            raise UsageError(
                "--seeds and --workers came together; a series trains one run after the other by this process.",
                "Give one of them; a shell's loop over --seed goes with --workers.",
                field="workers",
            )
        from inkproof.series import plan_seeds

        planned = plan_seeds(recipe, seeds, changes, name=name, runs_dir=runs_dir)
        _train_planned(planned, quiet=quiet, as_json=as_json)
        return
    config = load_recipe(recipe, changes)
    from inkproof.api import train_config

    reporter = load_reporter(as_json=as_json, quiet=quiet, workers=workers)
    _say_start_of(workers, quiet or as_json)
    run = train_config(
        config, name=name, runs_dir=runs_dir, reporter=reporter, workers=workers, ray_address=ray_address
    )
    end_as(run)


def _train_planned(planned: list[PlannedRun], *, quiet: bool, as_json: bool) -> None:
    """Train a series and end as its worst run did."""
    from inkproof.cli import series_progress
    from inkproof.series import train_planned

    if not all(each.is_done for each in planned):
        with _loading(quiet or as_json):
            import inkproof.backend  # noqa: F401 - takes three seconds, before there is a bar to draw
    reporter = series_progress.choose_series_reporter(planned, as_json=as_json, quiet=quiet)
    series = train_planned(planned, reporter)
    if as_json:
        series_progress.print_series_json(series)
    elif not quiet:
        series_progress.print_series(series)
    end_as(*series.runs)


def resume(
    run: Annotated[str, typer.Argument(help="The run's name.")],
    workers: Workers = None,
    ray_address: RayAddress = None,
    runs_dir: RunsDir = DEFAULT_RUNS_DIR,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Go on with a run from its last checkpoint.

    It ends with the same weights as if it had never stopped; with --workers up to rounding, whatever their number.
    """
    from inkproof import api

    api.open_run(run, runs_dir=runs_dir)  # a wrong name is told before anything heavy is loaded
    reporter = load_reporter(as_json=as_json, quiet=quiet, workers=workers)
    _say_start_of(workers, quiet or as_json)
    end_as(api.resume(run, runs_dir=runs_dir, reporter=reporter, workers=workers, ray_address=ray_address))


def stop(
    run: Annotated[str, typer.Argument(help="The run's name.")],
    runs_dir: RunsDir = DEFAULT_RUNS_DIR,
    quiet: Quiet = False,
) -> None:
    """Stop a training, whoever started it, or take a run out of the queue.

    It ends after the step at hand with a checkpoint, and can be resumed.
    """
    from inkproof.runs import open_run

    opened = open_run(run, runs_dir)
    before = opened.status
    opened.stop()
    record = opened.record
    if quiet:
        return
    if before not in ("running", "queued"):
        out.print(f"'{run}' is {before}: there was nothing to stop.", markup=False)
    elif record.status == "interrupted":
        text = f"'{run}' is stopped at step {record.step:,}. Go on with `inkproof resume {run}`."
        out.print(text, markup=False, soft_wrap=True)
    else:
        out.print(f"'{run}' has ended meanwhile: {record.status}.", markup=False)


def parse_setting(text: str) -> tuple[str, str]:
    """A setting as `--set` takes it, KEY=VALUE.

    Raises:
        ConfigError: If it is not of that form.
    """
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise ConfigError(
            f"'--set {text}' came, KEY=VALUE was expected.",
            "Write for example `--set model.hidden_activation=relu`.",
            field="set",
        )
    return key.strip(), value.strip()


def load_reporter(*, as_json: bool, quiet: bool, workers: int | None = None) -> Reporter:
    """Who shows a training, as `choose_reporter` says; loads Keras, with a word to whoever waits, if it trains here."""
    from inkproof.cli.progress import choose_reporter

    if workers in (None, 1):
        with _loading(quiet or as_json):
            import inkproof.backend  # noqa: F401
    return choose_reporter(as_json=as_json, quiet=quiet)


@contextlib.contextmanager
def _loading(silent: bool) -> Iterator[None]:
    """Say that Keras is being loaded, which takes three seconds, where somebody is looking."""
    is_watched = err.is_terminal and not silent
    if is_watched:
        err.print("loading Keras …", end="\r")
    yield
    if is_watched:
        err.print(" " * len("loading Keras …"), end="\r")


def _say_start_of(workers: int | None, silent: bool) -> None:
    """Say that workers are being started, which takes ten seconds and more, where somebody is looking."""
    if workers is not None and err.is_terminal and not silent:
        err.print(f"starting {workers} workers …")


def end_as(*runs: Run) -> None:
    """End the process as the trainings ended: 0 finished, 130 interrupted, 1 anything else."""
    status = max(_EXIT_STATUS.get(run.record.status, 1) for run in runs)
    if status:
        raise typer.Exit(status)
