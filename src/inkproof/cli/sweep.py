"""`inkproof sweep` and `inkproof sweeps`: search settings; list, show, resume, stop or delete what was searched."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from inkproof.cli.console import err, out
from inkproof.cli.options import Json, Quiet, RayAddress, RunsDir
from inkproof.cli.train import parse_setting
from inkproof.ray_cluster import check_extra
from inkproof.runs import DEFAULT_RUNS_DIR
from inkproof.sweep.record import Sweep, create_sweep, list_sweeps, make_plan
from inkproof.sweep.space import parse_space_flags

_EXIT_STATUS = {"finished": 0, "interrupted": 130}
Jobs = Annotated[
    int | None, typer.Option(min=1, metavar="N", help="Trainings at once; one for each processor by default.")
]
OwnRunsDir = Annotated[Path | None, typer.Option("--runs-dir", metavar="DIR", help="The folder of all runs.")]


def sweep(  # noqa: PLR0913 - one for each flag
    recipe: Annotated[str, typer.Argument(help="The recipe; `inkproof describe` lists them.")],
    space: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY=VALUES",
            help="A setting to search: KEY=LOW..HIGH, KEY=LOW..HIGH:log by orders of magnitude, or KEY=A,B,C.",
        ),
    ] = None,
    trials: Annotated[int, typer.Option(metavar="N", help="How many settings to try in all.")] = 30,
    seeds: Annotated[int, typer.Option(metavar="N", help="Train each trial by N seeds; its score is the mean.")] = 1,
    final_seeds: Annotated[
        int,
        typer.Option(
            metavar="N", help="Train the best setting and the recipe's own anew on all data by N seeds; 0: do not."
        ),
    ] = 5,
    stop_early: Annotated[
        bool, typer.Option("--stop-early/--no-stop-early", help="Leave trials that fall behind (ASHA).")
    ] = True,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="A setting that differs from the recipe in every trial."),
    ] = None,
    name: Annotated[str | None, typer.Option(help="The sweep's name; RECIPE-sweep by default.")] = None,
    jobs: Jobs = None,
    ray_address: RayAddress = None,
    runs_dir: RunsDir = DEFAULT_RUNS_DIR,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Search settings of a recipe: try many, choose by images held out, prove the best on the test images.

    Each trial is a run like any other. The same command goes on with a sweep that was stopped or killed, and with more
    --trials takes it further.
    """
    changes: dict[str, Any] = dict(parse_setting(text) for text in settings or [])
    numbers = {"trials": trials, "seeds": seeds, "final_seeds": final_seeds, "stops_early": stop_early}
    plan = make_plan(recipe, parse_space_flags(space or []), changes, **numbers)
    check_extra()
    made = create_sweep(runs_dir, plan, name)
    _carry_out(made, jobs, ray_address, as_json=as_json, quiet=quiet)


sweeps = typer.Typer(
    name="sweeps",
    help="List sweeps; show, resume, stop or delete one.",
    invoke_without_command=True,
    rich_markup_mode=None,
)
Name = Annotated[str, typer.Argument(metavar="SWEEP", help="The sweep's name.")]


@sweeps.callback()
def list_all(context: typer.Context, runs_dir: RunsDir = DEFAULT_RUNS_DIR, as_json: Json = False) -> None:
    """List sweeps, newest first."""
    context.obj = runs_dir
    if context.invoked_subcommand is not None:
        return
    from inkproof.cli.sweep_report import as_dict, print_list

    found = list_sweeps(runs_dir)
    if as_json:
        typer.echo(json.dumps([as_dict(each) for each in found], ensure_ascii=False, indent=2))
    elif not found:
        out.print(
            f"There are no sweeps in '{runs_dir}' yet. Make one with `inkproof sweep tutorial --space …`.",
            soft_wrap=True,
        )
    else:
        print_list(found)


@sweeps.command()
def show(
    context: typer.Context,
    name: Name,
    csv: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the table of trials as CSV.")] = None,
    pictures: Annotated[Path | None, typer.Option(metavar="DIR", help="Draw what was found into PNG files.")] = None,
    runs_dir: OwnRunsDir = None,
    as_json: Json = False,
) -> None:
    """Show what a sweep has found: its trials, which setting matters, and what the best is worth."""
    from inkproof.cli import sweep_report

    sweep = Sweep(runs_dir or context.obj, name)
    if csv or pictures:
        sweep_report.write_files(sweep, csv, pictures)
    if as_json:
        typer.echo(json.dumps(sweep_report.as_dict(sweep, with_trials=True), ensure_ascii=False, indent=2))
    else:
        sweep_report.print_sweep(sweep)
        sweep_report.print_failure(sweep)


@sweeps.command()
def resume(  # noqa: PLR0913 - one for each flag
    context: typer.Context,
    name: Name,
    trials: Annotated[int | None, typer.Option(min=1, metavar="N", help="Take it on to N trials in all.")] = None,
    jobs: Jobs = None,
    ray_address: RayAddress = None,
    runs_dir: OwnRunsDir = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Go on with a sweep that was stopped or killed, or try more settings."""
    check_extra()
    sweep = Sweep(runs_dir or context.obj, name)
    _ = sweep.record  # says if there is none
    if trials is not None:
        sweep.resize(trials)
    _carry_out(sweep, jobs, ray_address, as_json=as_json, quiet=quiet)


@sweeps.command()
def stop(context: typer.Context, name: Name, runs_dir: OwnRunsDir = None) -> None:
    """Stop a sweep, whoever carries it out; trainings at hand end with a checkpoint."""
    sweep = Sweep(runs_dir or context.obj, name)
    if sweep.status != "running":
        out.print(f"'{name}' is {sweep.status}: there was nothing to stop.", markup=False)
        return
    sweep.stop()
    out.print(f"'{name}' is stopped. Go on with `inkproof sweeps resume {name}`.", markup=False, soft_wrap=True)


@sweeps.command()
def delete(context: typer.Context, name: Name, runs_dir: OwnRunsDir = None) -> None:
    """Delete what is known of a sweep. Its runs stay."""
    sweep = Sweep(runs_dir or context.obj, name)
    sweep.delete()
    out.print(f"'{name}' is deleted; its runs are still there.", markup=False)


def _carry_out(sweep: Sweep, jobs: int | None, address: str | None, *, as_json: bool, quiet: bool) -> None:
    from inkproof.cli.sweep_progress import choose_watcher
    from inkproof.sweep.interface import resume_sweep

    if err.is_terminal and not (as_json or quiet):
        err.print("starting Ray …" if address is None else f"looking for Ray at {address} …", markup=False)
    resume_sweep(sweep, choose_watcher(as_json=as_json, quiet=quiet), ray_address=address, jobs=jobs)
    status = _EXIT_STATUS.get(sweep.record.status, 1)
    if status:
        raise typer.Exit(status)
