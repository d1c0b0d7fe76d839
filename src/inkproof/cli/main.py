"""The command `inkproof`: which commands there are, and how an error ends. Each command has a file of its own."""

from __future__ import annotations

import io
import sys
from typing import Annotated

import typer

from inkproof import __version__
from inkproof.cli import console
from inkproof.cli.compare import compare
from inkproof.cli.data import data
from inkproof.cli.describe import describe
from inkproof.cli.evaluate import evaluate
from inkproof.cli.fork import fork
from inkproof.cli.predict import predict
from inkproof.cli.queue import queue
from inkproof.cli.runs import runs
from inkproof.cli.serve import demo, serve
from inkproof.cli.sweep import sweep, sweeps
from inkproof.cli.train import resume, stop, train
from inkproof.errors import InkproofError, explain_storage

app = typer.Typer(
    help="Train small image classifiers in seconds, watch them learn, and prove them on what people really draw.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: boxes of lines take 60 ms to load and draw, and are read out by screen readers
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (train, sweep, fork, resume, stop, serve, demo, describe, predict, evaluate, compare, data):
    app.command()(command)
app.add_typer(runs)
app.add_typer(queue)
app.add_typer(sweeps)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"inkproof {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None: ...


def main() -> None:
    """Run the command line and end the process: status 2 for wrong usage, 1 for failure, 130 for Ctrl-C."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a sign shows '?' for it; a bar is no reason to fail.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        app(prog_name="inkproof")
    except InkproofError as error:
        console.print_error(error)
        sys.exit(error.exit_status)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # `inkproof runs | head` is no error; nothing may be written to the closed pipe at exit either.
        sys.stdout = None
        sys.exit(141)
    except OSError as error:
        explained = explain_storage(error)
        if explained is None:
            raise
        console.print_error(explained)
        sys.exit(explained.exit_status)
