"""What a sweep has found, in a terminal, to a script, and as files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from inkproof.cli.console import err, out
from inkproof.cli.progress import clock
from inkproof.errors import SweepError
from inkproof.runs import Run
from inkproof.sweep.record import Sweep
from inkproof.sweep.table import Results, TrialRow, read_results, write_csv

_NUM_SHOWN = 20
_STYLES = {"finished": "green", "running": "cyan", "interrupted": "yellow", "diverged": "red", "failed": "red"}


def describe_trial(row: TrialRow) -> str:
    """A trial in a line: `trial 3: learning_rate=0.001, steps=500 · 96.40 % · 5.2 s`."""
    score = "" if row.score is None else f" · {row.score:.2%}"
    status = "" if row.status == "finished" else f" · {row.status} at step {row.step:,}"
    own = " · the recipe's own setting" if row.is_recipe else ""
    return f"trial {row.number}: {describe_settings(row.settings)}{score}{status} · {row.seconds:.1f} s{own}"


def describe_settings(settings: dict[str, Any]) -> str:
    """Values by setting in a line."""
    return ", ".join(f"{name}={_value(value)}" for name, value in settings.items())


def num_proofs(sweep: Sweep, results: Results) -> int:
    """How many trainings prove a sweep's result."""
    is_own = results.best is not None and results.best.is_recipe
    return sweep.record.plan.final_seeds * (1 if is_own else 2)


def as_dict(sweep: Sweep, *, with_trials: bool = False) -> dict[str, Any]:
    """A sweep for scripts, ready for JSON."""
    results, record = read_results(sweep), sweep.record
    facts = {**record.model_dump(mode="json"), "status": sweep.status, "num_trials": len(results.trials)}
    facts["best"] = None if results.best is None else vars(results.best)
    if with_trials:
        facts |= {"trials": [vars(row) for row in results.trials], "proof": _proof(sweep, results)}
    return facts


def print_list(sweeps: Sequence[Sweep]) -> None:
    """A table of sweeps."""
    table = _table("sweep", "recipe", "status", "trials", "best", "setting")
    for sweep in sweeps:
        record, results, status = sweep.record, read_results(sweep), sweep.status
        best = results.best
        table.add_row(
            Text(sweep.name),
            record.plan.recipe,
            Text(status, style=_STYLES.get(status, "")),
            f"{len(results.trials):,} of {record.plan.trials:,}",
            "–" if best is None or best.score is None else f"{best.score:.2%}",
            Text("" if best is None else describe_settings(best.settings), overflow="fold"),
        )
    out.print(table)


def print_sweep(sweep: Sweep, results: Results | None = None) -> None:
    """What a sweep has found: the best trials, and what the best setting is worth."""
    results = results or read_results(sweep)
    record, status = sweep.record, sweep.status
    names = [dimension.name for dimension in record.plan.space]
    table = _table("trial", *(name.removeprefix("model.") for name in names), "accuracy", "step", "training", "status")
    by_score = sorted(results.trials, key=lambda row: (row.status != "finished", -(row.score or 0.0), row.number))
    for row in by_score[:_NUM_SHOWN]:
        table.add_row(
            f"{row.number}{'*' if row.is_recipe else ' '}",
            *(_value(row.settings[name]) for name in names),
            "–" if row.score is None else f"{row.score:.2%}",
            f"{row.step:,}",
            f"{row.seconds:.1f} s",
            Text(row.status, style=_STYLES.get(row.status, "")),
        )
    out.print(table)
    if len(by_score) > _NUM_SHOWN:
        out.print(
            f"{len(by_score) - _NUM_SHOWN:,} more are in the CSV: `inkproof sweeps show {sweep.name} --csv FILE`."
        )
    if any(row.is_recipe for row in results.trials):
        out.print("* the recipe's own setting")
    for line in _sentences(sweep, results, status):
        out.print(line, markup=False, soft_wrap=True)


def print_failure(sweep: Sweep) -> None:
    """Why a sweep failed, if it did; whoever carries it out is told by the error itself."""
    record = sweep.record
    if sweep.status == "failed":
        message = str(record.message).rstrip(".")
        text = f"It failed: {message}. Try again with `inkproof sweeps resume {sweep.name}`."
        out.print(text, markup=False, soft_wrap=True)


def write_files(sweep: Sweep, csv: Path | None, pictures: Path | None) -> None:
    """Write the table as CSV, and the pictures as PNG files; say so on stderr, for stdout may be JSON.

    Raises:
        SweepError: If a file cannot be written.
    """
    results, plan = read_results(sweep), sweep.record.plan
    written = []
    try:
        if csv is not None:
            csv.write_text(write_csv(results, plan), "utf-8")
            written.append(csv)
        if pictures is not None:
            from inkproof.sweep.pictures import draw_pictures

            written += draw_pictures(sweep.name, results, plan, pictures)
    except OSError as error:
        raise SweepError(
            f"'{error.filename}' cannot be written: {error.strerror}.", "Give another file or folder."
        ) from error
    for path in written:
        err.print(f"wrote {path}", markup=False, soft_wrap=True)


def _sentences(sweep: Sweep, results: Results, status: str) -> list[str]:
    plan, best = sweep.record.plan, results.best
    said = [f"{len(results.trials):,} of {plan.trials:,} trials in {clock(sweep.record.seconds)}."]
    if best is not None and best.score is not None:
        said.append(
            f"Best on the images held out: trial {best.number}, {describe_settings(best.settings)}, {best.score:.2%}."
        )
        own = next((row for row in results.trials if row.is_recipe and row.status == "finished"), None)
        if best.is_recipe:
            said.append("Nothing was better than the recipe's own setting.")
        elif own is None and not plan.holds_recipe:
            said.append("The recipe's own setting lies outside of the space, and was no trial.")
        elif own is not None and own.score is not None:
            said.append(f"The recipe's own setting: {own.score:.2%}, {(best.score - own.score) * 100:.2f} points less.")
    proof = _proof(sweep, results)
    if best is not None and best.is_recipe and results.recipe_runs:
        said.append(f"Trained anew on all data, on the test images: {_say_accuracy(sweep, results.recipe_runs)}.")
    if proof is not None:
        said.append(f"Trained anew on all data, on the test images: {proof['verdict']}")
        said.append(f"More: `inkproof compare '{sweep.name}-recipe-*' '{sweep.name}-best-*'`.")
    if status == "interrupted":
        said.append(f"It is interrupted. Go on with `inkproof sweeps resume {sweep.name}`.")
    return said


def _say_accuracy(sweep: Sweep, names: Sequence[str]) -> str:
    """The accuracy of runs of one setting on the test images, as `inkproof train --seeds` says it."""
    from inkproof.series import measure_spread

    spread = measure_spread([float(Run(sweep.runs_dir / name).record.figures["test_accuracy"]) for name in names])
    assert spread is not None
    if spread.sd is None or spread.low is None or spread.high is None:
        return f"{spread.mean:.2%} (n = 1 seed)"
    low, high = spread.low * 100, spread.high * 100
    return (
        f"{spread.mean * 100:.2f} ± {spread.sd * 100:.2f} % "
        f"(95 % interval of the mean {low:.2f} to {high:.2f} %, n = {spread.n} seeds)"
    )


def _proof(sweep: Sweep, results: Results) -> dict[str, Any] | None:
    """What the best setting is worth against the recipe's own, on the test images; None before both are trained."""
    if not results.best_runs or not results.recipe_runs:
        return None
    from inkproof.api import compare

    report = compare(*results.recipe_runs, *results.best_runs, runs_dir=sweep.runs_dir)
    return {"recipe_runs": results.recipe_runs, "best_runs": results.best_runs, "verdict": report.verdict.en}


def _table(*columns: str) -> Table:
    from rich.box import SIMPLE_HEAD

    table = Table(box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for column in columns:
        is_number = column in ("trial", "trials", "best", "accuracy", "step", "training")
        # A name that is cut short cannot be typed; in a narrow terminal it goes on in the next line.
        justify: Any = "right" if is_number else "left"
        table.add_column(column, justify=justify, no_wrap=column == "status", overflow="fold")
    return table


def _value(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
