"""`inkproof evaluate`: judge networks by the proof suites. Only asks, prints, and passes or fails."""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inkproof.cli.console import err, out, print_error
from inkproof.cli.options import Json, Quiet, RunsDir
from inkproof.errors import EvaluationError, UsageError
from inkproof.runs import DEFAULT_RUNS_DIR

if TYPE_CHECKING:
    from inkproof.diagnosis.evaluation import Advance
    from inkproof.diagnosis.suites import Suite

_PROGRESS_SECONDS = 0.25


@dataclass(frozen=True)
class _Gate:
    """One `--fail-under`: a suite, or one part of it, and what it must reach."""

    suite: str
    part: str | None
    minimum: float

    def __str__(self) -> str:
        """As it was written, without the number."""
        return self.suite if self.part is None else f"{self.suite}.{self.part}"


def evaluate(  # noqa: PLR0913 - one for each flag
    runs: Annotated[list[str], typer.Argument(metavar="RUN...", help="Runs by name, or .onnx files.")],
    suite: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="clean, edges, shifts, affine, corruptions or strokes; may be given again. All by default.",
        ),
    ] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE.html", help="Write a report: one file, for any browser.")
    ] = None,
    fail_under: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SUITE=SHARE",
            help="Exit with 1 if a network scores less, such as edges=0.99 or corruptions.fog=0.5; may be given again.",
        ),
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Measure anew what was measured before.")] = False,
    runs_dir: RunsDir = DEFAULT_RUNS_DIR,
    progress_json: Annotated[
        bool, typer.Option("--progress-json", help="Tell programs of the progress: JSON lines on standard error.")
    ] = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Judge networks by the proof suites.

    On all test images: as they are, at the edges, moved, turned, spoilt, by other pens.

    Every network meets the same images. Results are kept in the run's folder `evaluation`; an evaluation that was
    interrupted goes on where it stopped.
    """
    gates = [_read_gate(text) for text in fail_under or ()]
    if report is not None:
        _check_report(report)
    from inkproof.data import load
    from inkproof.diagnosis import evaluation, subjects
    from inkproof.diagnosis.suites import SUITES, find_suite

    for gate in gates:
        find_suite(gate.suite)
    names = list(dict.fromkeys(suite or SUITES))
    missing = [gate.suite for gate in gates if gate.suite not in names]
    if missing:
        raise UsageError(
            f"--fail-under names the suite '{missing[0]}', but only {', '.join(names)} are measured.",
            f"Add --suite {missing[0]}.",
        )
    suites = [find_suite(name) for name in names]
    opened = subjects.open_subjects(runs, runs_dir)
    dataset = load(subjects.find_dataset(runs, runs_dir))
    with _show_progress(quiet=quiet, as_json=progress_json) as advance:
        result = evaluation.evaluate(opened, dataset, suites, advance=advance, again=again)
    result["command"] = _describe_command()
    result["gates"] = [_judge(gate, network) for gate in gates for network in result["networks"]]
    if report is not None:
        _write_report(report, result)
    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False, indent=2))
    elif not quiet:
        _print_table(result, suites, report)
    failed = [gate for gate in result["gates"] if not gate["passed"]]
    for gate in failed:
        print_error(EvaluationError(_describe_failure(gate)))
    if failed:
        raise typer.Exit(1)


def _read_gate(text: str) -> _Gate:
    where, _, share = text.partition("=")
    suite, _, part = where.strip().partition(".")
    try:
        minimum = float(share)
    except ValueError:
        minimum = -1.0
    if not 0 <= minimum <= 1:
        raise UsageError(
            f"--fail-under got '{text}'; SUITE=SHARE was expected, with a share from 0 to 1.",
            "For 99 % at the edges write --fail-under edges=0.99.",
            field="fail_under",
        )
    return _Gate(suite, part or None, minimum)


def _check_report(path: Path) -> None:
    """Refuse at once what would otherwise fail after a minute of work."""
    if path.is_dir() or not path.parent.is_dir():
        what = "is a folder" if path.is_dir() else f"lies in '{path.parent}', which is no folder"
        raise UsageError(
            f"The report '{path}' cannot be written: it {what}.", "Give a file, such as report.html.", field="report"
        )


@contextlib.contextmanager
def _show_progress(*, quiet: bool, as_json: bool) -> Iterator[Advance | None]:
    """A bar with the time left on stderr, so that stdout stays JSON; nothing where nobody watches."""
    if as_json:
        yield _tell_progress()
        return
    if quiet or not err.is_terminal:
        yield None
        return
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(bar_width=None), TaskProgressColumn())
    with Progress(*columns, TimeRemainingColumn(), console=err, expand=True, transient=True) as bar:
        task = bar.add_task("getting ready", total=None)

        def advance(suite: str, done: int, total: int) -> None:
            bar.update(task, description=f"{suite:<11}", completed=done, total=total)

        yield advance


def _tell_progress() -> Advance:
    told_at = -1.0

    def advance(suite: str, done: int, total: int) -> None:
        nonlocal told_at
        if time.monotonic() - told_at < _PROGRESS_SECONDS and done < total:
            return
        told_at = time.monotonic()
        with contextlib.suppress(OSError):  # whoever watched may be gone; what is measured is kept all the same
            print(json.dumps({"suite": suite, "done": done, "total": total}), file=sys.stderr, flush=True)

    return advance


def _judge(gate: _Gate, network: dict[str, Any]) -> dict[str, Any]:
    from inkproof.diagnosis.evaluation import lookup

    figure = lookup(network["suites"][gate.suite], gate.part)
    passed = figure["value"] is not None and figure["value"] >= gate.minimum
    return {"network": network["name"], **asdict(gate), "figure": figure, "passed": passed}


def _describe_failure(gate: dict[str, Any]) -> str:
    figure, where = gate["figure"], gate["suite"] + (f".{gate['part']}" if gate["part"] else "")
    if figure["value"] is None:
        return f"The network '{gate['network']}' has no figure for {where}; at least {gate['minimum']:g} was asked for."
    return (
        f"The network '{gate['network']}' reaches {figure['value']:.4f} in {where} "
        f"(95 % interval {figure['low']:.4f} to {figure['high']:.4f}, n = {figure['n']:,}); "
        f"at least {gate['minimum']:g} was asked for."
    )


def _write_report(path: Path, result: dict[str, Any]) -> None:
    from inkproof.data import load
    from inkproof.diagnosis.report import render_report
    from inkproof.runs import replace_file

    html = render_report(result, load(result["dataset"]["name"]))
    try:
        replace_file(path, html.encode())
    except OSError as error:
        raise EvaluationError(
            f"The report '{path}' cannot be written: {error.strerror}.",
            "What was measured is kept for runs; give another file and evaluate again.",
        ) from error


def _print_table(result: dict[str, Any], suites: list[Suite], report: Path | None) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("suite")
    table.add_column("answers", justify="right")
    for network in result["networks"]:
        table.add_column(Text(network["name"]), justify="right")
    for suite in suites:
        figures = [network["suites"][suite.name]["score"] for network in result["networks"]]
        table.add_row(suite.name, f"{figures[0]['n']:,}", *(_cell(figure) for figure in figures))
    out.print(table)
    out.print("Right answers in per cent, with the 95 % interval.", soft_wrap=True)
    if report is not None:
        out.print(f"The report is '{report}'.", soft_wrap=True, markup=False)
    else:
        out.print("Where and why it fails: add --report report.html.", soft_wrap=True)


def _cell(figure: dict[str, Any]) -> str:
    if figure["value"] is None:
        return "–"
    return f"{figure['value'] * 100:.2f}  ({figure['low'] * 100:.1f}–{figure['high'] * 100:.1f})"


def _describe_command() -> str:
    import shlex

    return shlex.join(["inkproof", *sys.argv[1:]])
