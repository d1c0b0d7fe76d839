"""`inkproof train` and `inkproof resume`: carry out a training and show it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from inkproof.cli.console import err
from inkproof.cli.options import Json, Quiet, RunsDir
from inkproof.config import load_recipe, setting_field
from inkproof.errors import ConfigError
from inkproof.runs import DEFAULT_RUNS_DIR, Run

_EXIT_STATUS = {"finished": 0, "interrupted": 130}


def _help(setting: str) -> str:
    return str(setting_field(setting).description)


def train(  # noqa: PLR0913 - one for each flag
    recipe: Annotated[str, typer.Argument(help="The recipe; `inkproof describe` lists them.")],
    steps: Annotated[str | None, typer.Option(metavar="N", help=_help("steps"))] = None,
    learning_rate: Annotated[str | None, typer.Option(metavar="RATE", help=_help("learning_rate"))] = None,
    batch_size: Annotated[str | None, typer.Option(metavar="N", help=_help("batch_size"))] = None,
    seed: Annotated[str | None, typer.Option(metavar="N", help=_help("seed"))] = None,
    name: Annotated[str | None, typer.Option(help="The run's name; the recipe's, numbered, by default.")] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Any other setting, such as model.hidden_activation=relu."),
    ] = None,
    runs_dir: RunsDir = DEFAULT_RUNS_DIR,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Train a network by a recipe.

    Everything about the training is kept in one new folder, the run.
    """
    flags = {"steps": steps, "learning_rate": learning_rate, "batch_size": batch_size, "seed": seed}
    changes: dict[str, Any] = {key: value for key, value in flags.items() if value is not None}
    config = load_recipe(recipe, {**changes, **dict(_parse_setting(text) for text in settings or [])})
    from inkproof.api import train_config

    with _loading(quiet or as_json):
        from inkproof.cli.progress import choose_reporter
    reporter = choose_reporter(as_json=as_json, quiet=quiet)
    _end(train_config(config, name=name, runs_dir=runs_dir, reporter=reporter))


def resume(
    run: Annotated[str, typer.Argument(help="The run's name.")],
    runs_dir: RunsDir = DEFAULT_RUNS_DIR,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Go on with a run from its last checkpoint.

    It ends with the same weights as if it had never stopped.
    """
    from inkproof import api

    api.open_run(run, runs_dir=runs_dir)  # a wrong name is told before anything heavy is loaded
    with _loading(quiet or as_json):
        from inkproof.cli.progress import choose_reporter
    reporter = choose_reporter(as_json=as_json, quiet=quiet)
    _end(api.resume(run, runs_dir=runs_dir, reporter=reporter))


def _parse_setting(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise ConfigError(
            f"'--set {text}' came, KEY=VALUE was expected.",
            "Write for example `--set model.hidden_activation=relu`.",
            field="set",
        )
    return key.strip(), value.strip()


@contextlib.contextmanager
def _loading(silent: bool) -> Iterator[None]:
    """Say that Keras is being loaded, which takes three seconds, where somebody is looking."""
    is_watched = err.is_terminal and not silent
    if is_watched:
        err.print("loading Keras …", end="\r")
    yield
    if is_watched:
        err.print(" " * len("loading Keras …"), end="\r")


def _end(run: Run) -> None:
    """End the process as the training ended: 0 finished, 130 interrupted, 1 anything else."""
    status = _EXIT_STATUS.get(run.record.status, 1)
    if status:
        raise typer.Exit(status)
