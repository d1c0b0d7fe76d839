"""`inkproof runs`: the table of runs, one run in full, its name, its note, its deletion."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inkproof.cli.console import out
from inkproof.cli.options import Json, RunsDir
from inkproof.runs import (
    DEFAULT_RUNS_DIR,
    Listed,
    RunQueue,
    RunRecord,
    Trash,
    arrange_families,
    list_runs,
    open_run,
    strip_controls,
)

if TYPE_CHECKING:
    from rich.table import Table

runs = typer.Typer(
    name="runs",
    help="List runs; show, rename, annotate, delete or restore one.",
    invoke_without_command=True,
    rich_markup_mode=None,
)
# A terminal shows so many; drawing 1,000 rows would take a second.
_NUM_SHOWN = 50
# `runs show NAME --runs-dir DIR` is as good as `runs --runs-dir DIR show NAME`.
OwnRunsDir = Annotated[Path | None, typer.Option("--runs-dir", metavar="DIR", help="The folder of all runs.")]
_STYLES = {
    "finished": "green",
    "running": "cyan",
    "queued": "blue",
    "interrupted": "yellow",
    "diverged": "red",
    "failed": "red",
    "broken": "red",
}
# Narrower than this, the columns that can be had from `runs show` give way to the name.
_NARROW = 76


@runs.callback()
def list_all(
    context: typer.Context,
    runs_dir: RunsDir = DEFAULT_RUNS_DIR,
    every: Annotated[bool, typer.Option("--all", help=f"List all runs, not the {_NUM_SHOWN} newest alone.")] = False,
    as_json: Json = False,
) -> None:
    """List runs, newest first, forks below the run that they begin as."""
    context.obj = runs_dir
    if context.invoked_subcommand is not None:
        return
    listed = list_runs(runs_dir)
    if as_json:
        typer.echo(json.dumps([_as_dict(entry) for entry in listed], ensure_ascii=False, indent=2))
    elif not listed:
        out.print(f"There are no runs in '{runs_dir}' yet. Make one with `inkproof train tutorial`.", soft_wrap=True)
    else:
        shown = listed if every else listed[:_NUM_SHOWN]
        out.print(_table(shown))
        for entry in shown:
            if entry.problem:
                out.print(strip_controls(f"{entry.run.name}: {entry.problem}"), markup=False, soft_wrap=True)
        if any(entry.record and "validation_accuracy" in entry.record.figures for entry in shown):
            out.print("* on training images that were held out, not on the test images")
        if len(shown) < len(listed):
            out.print(f"{len(listed) - len(shown):,} older runs are left out; `inkproof runs --all` lists them too.")


@runs.command()
def show(
    context: typer.Context,
    run: Annotated[str, typer.Argument(help="The run's name.")],
    runs_dir: OwnRunsDir = None,
    as_json: Json = False,
) -> None:
    """Show everything that is known of a run."""
    opened = open_run(run, runs_dir or context.obj)
    record = opened.record
    facts = {**record.model_dump(mode="json", exclude_none=True), "status": opened.status_of(record)}
    if opened.note:
        facts["note"] = opened.note
    if as_json:
        typer.echo(json.dumps(facts, ensure_ascii=False, indent=2))
        return
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    for name, value in facts.items():
        rows = value.items() if isinstance(value, dict) else [("", value)]
        for number, (key, inner) in enumerate(rows):
            label = name.replace("_", " ") if number == 0 else ""
            text = strip_controls(f"{key}  {inner}" if key else str(inner))
            table.add_row(Text(label, style="bold"), Text(text, overflow="fold"))
    table.add_row(Text("folder", style="bold"), Text(str(opened.folder)))
    out.print(table)


@runs.command()
def rename(
    context: typer.Context,
    run: Annotated[str, typer.Argument(help="The run's name.")],
    name: Annotated[str, typer.Argument(help="Its new name.")],
    runs_dir: OwnRunsDir = None,
) -> None:
    """Give a run, and so its folder, another name."""
    folder = runs_dir or context.obj
    RunQueue(folder).rename(open_run(run, folder), name)
    out.print(f"'{run}' is now '{name}'.", markup=False)


@runs.command()
def note(
    context: typer.Context,
    run: Annotated[str, typer.Argument(help="The run's name.")],
    text: Annotated[
        str | None, typer.Argument(help="The note; '' takes it away. Without it, the note is shown.")
    ] = None,
    runs_dir: OwnRunsDir = None,
) -> None:
    """Keep words about a run, or show them."""
    opened = open_run(run, runs_dir or context.obj)
    if text is None:
        typer.echo(opened.note or "")
    else:
        opened.write_note(text)


@runs.command()
def delete(
    context: typer.Context,
    run: Annotated[str, typer.Argument(help="The run's name.")],
    runs_dir: OwnRunsDir = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    for_good: Annotated[bool, typer.Option("--for-good", help="At once, so that it cannot be brought back.")] = False,
) -> None:
    """Delete a run folder with everything in it; asks first.

    For a day it can be brought back with `inkproof runs restore`.
    """
    folder = runs_dir or context.obj
    opened = open_run(run, folder)
    if not yes and not typer.confirm(f"Delete '{opened.folder}' with everything in it?"):
        raise typer.Exit(1)
    if for_good:
        opened.delete()
        out.print(f"'{run}' is deleted.", markup=False)
    else:
        Trash(folder).put(opened)
        text = f"'{run}' is deleted. For a day, `inkproof runs restore {run}` brings it back."
        out.print(text, markup=False, soft_wrap=True)


@runs.command()
def restore(
    context: typer.Context,
    run: Annotated[str | None, typer.Argument(help="The name that it had; without one, all are listed.")] = None,
    runs_dir: OwnRunsDir = None,
) -> None:
    """Bring back a deleted run, or list those that can be."""
    trash = Trash(runs_dir or context.obj)
    if run is not None:
        out.print(f"'{trash.restore(run).name}' is back.", markup=False)
        return
    deleted = trash.list()
    if not deleted:
        out.print("No run can be brought back. Deleted runs are kept for one day.")
    for trashed in deleted:
        out.print(f"{trashed.name}  deleted {_ago(trashed.deleted_at)}", markup=False)


def _as_dict(entry: Listed) -> dict[str, Any]:
    record = {} if entry.record is None else entry.record.model_dump(mode="json")
    return {**record, "name": entry.run.name, "status": entry.status, "problem": entry.problem}


def _table(listed: list[Listed]) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)  # fits 80 columns
    # Of a long name nothing is cut: it is what the next command needs.
    table.add_column("run", overflow="fold", min_width=12)
    left_out = ("recipe", "seed", "time") if out.width < _NARROW else ()
    columns = [column for column in ("recipe", "status", "step", "accuracy", "seed", "time", "started")
               if column not in left_out]  # fmt: skip
    for column in columns:
        table.add_column(column, justify="left" if column in ("recipe", "status") else "right", no_wrap=True)
    for entry, generation in arrange_families(listed):
        record = entry.record
        own_name = strip_controls(entry.run.name)
        name = Text(f"{'  ' * (generation - 1)}└ {own_name}" if generation else own_name)
        facts = {"status": Text(entry.status, style=_STYLES[entry.status])}
        if record is not None:
            facts |= {fact: Text(text) for fact, text in _facts(record).items()}
        table.add_row(name, *(facts.get(column, "") for column in columns))
    return table


def _facts(record: RunRecord) -> dict[str, str]:
    seconds = record.timings_seconds.get("training")
    return {
        "recipe": record.recipe,
        "step": f"{record.step:,}" if record.step == record.steps else f"{record.step:,}/{record.steps:,}",
        "accuracy": _accuracy(record.figures),
        "seed": str(record.seed),
        "time": "" if seconds is None else f"{seconds:,.1f} s",
        "started": _ago(record.started_at),
    }


def _accuracy(figures: dict[str, Any]) -> str:
    for name, mark in (("test_accuracy", ""), ("validation_accuracy", " *")):
        if name in figures:
            return f"{figures[name]:.2%}{mark}"
    return ""


def _ago(then: datetime) -> str:
    minutes = int((datetime.now(timezone.utc) - then).total_seconds() / 60)
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{minutes} min ago"
    if minutes < 60 * 24:
        return f"{minutes // 60} h ago"
    return then.astimezone().strftime("%Y-%m-%d")
