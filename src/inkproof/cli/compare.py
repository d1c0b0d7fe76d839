"""`inkproof compare`: which setting is better, and whether these runs can show it. Only asks and prints."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from inkproof.cli.console import err, out
from inkproof.cli.find import find_runs
from inkproof.cli.options import Json, RunsDir
from inkproof.runs import DEFAULT_RUNS_DIR

if TYPE_CHECKING:
    from rich.table import Table

    from inkproof.diagnosis.compare import Group, Report

_COSTS = {"seconds": "seconds", "images seen": "images_seen", "parameters": "num_parameters"}


def compare(
    runs: Annotated[
        list[str], typer.Argument(metavar="RUN...", help="Runs by name, or patterns such as 'softmax*' in quotes.")
    ],
    runs_dir: RunsDir = DEFAULT_RUNS_DIR,
    as_json: Json = False,
) -> None:
    """Compare runs: what differs, how well they read, what it cost, and what that proves.

    Runs that differ by nothing but their seed are one group. The group of the first run is what the others are
    compared with; with several others, the verdicts are corrected for that (Holm).

    Of settings something is claimed from two seeds each on; of one run each, the two networks alone are compared.
    """
    from inkproof.diagnosis.answers import AnswerBook
    from inkproof.diagnosis.compare import compare as carry_out

    found = find_runs(runs, runs_dir)
    with err.status("reading runs") as status:
        report = carry_out(
            found,
            lambda judged_on: AnswerBook(judged_on, tell=lambda name: status.update(f"{name} answers {judged_on}")),
        )
    if as_json:
        typer.echo(json.dumps(report.as_dict(), ensure_ascii=False, indent=2))
    else:
        _print(report)


def _print(report: Report) -> None:
    if len(report.comparisons) != 1:
        out.print(report.verdict.en, markup=False, soft_wrap=True)
    for comparison in report.comparisons:
        out.print(comparison.text.en, markup=False, soft_wrap=True)
    if report.settings:
        out.print(_settings_table(report))
    out.print(_groups_table(report.groups))
    out.print(
        f"Right answers in per cent, of {report.judged_on}. Interval of 95 %: over seeds; of a single run, and where "
        "seeds make no difference, over images." + _equal_costs(report.groups),
        markup=False,
        soft_wrap=True,
    )
    for remark in report.remarks:
        out.print(remark.en, markup=False, soft_wrap=True)


def _settings_table(report: Report) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    from inkproof.diagnosis.verdict_words import format_value, name_setting

    labels = [group.label for group in report.groups]
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    if len(labels) <= len(report.settings):
        table.add_column("setting", no_wrap=True)
        for label in labels:
            table.add_column(Text(label), justify="right")
        for name, values in report.settings.items():
            table.add_row(Text(name_setting(name).en), *(Text(format_value(value)) for value in values))
    else:
        table.add_column("")
        for name in report.settings:
            table.add_column(Text(name_setting(name).en), justify="right")
        for label, row in zip(labels, zip(*report.settings.values(), strict=True), strict=True):
            table.add_row(Text(label), *(Text(format_value(value)) for value in row))
    return table


def _groups_table(groups: list[Group]) -> Table:
    # Of the cost, what is the same for all is said below the table.
    differing = [name for name in _COSTS if len(set(_costs(groups, name))) > 1]
    unlimited = out.options.update(max_width=1_000)
    while True:
        table = _draw_groups(groups, {name: _costs(groups, name) for name in differing})
        # A terminal that is too narrow for a column of costs is shown none rather than half of it.
        if not differing or out.measure(table, options=unlimited).minimum <= out.width:
            return table
        differing.pop()


def _draw_groups(groups: list[Group], costs: dict[str, list[str]]) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)  # fits 80 columns
    table.add_column("", min_width=16)
    for column in ("seeds", "accuracy", "interval", *costs):
        table.add_column(column, justify="right", no_wrap=True)
    for index, group in enumerate(groups):
        table.add_row(
            Text(group.label),
            str(len(group.runs)),
            f"{group.mean * 100:.2f}",
            f"{group.low * 100:.2f}–{group.high * 100:.2f}",
            *(values[index] for values in costs.values()),
        )
    return table


def _costs(groups: list[Group], name: str) -> list[str]:
    values = [getattr(group, _COSTS[name]) for group in groups]
    return ["–" if value is None else f"{value:,.1f}" if name == "seconds" else f"{value:,}" for value in values]


def _equal_costs(groups: list[Group]) -> str:
    equal = [f"{name} {_costs(groups, name)[0]}" for name in _COSTS if len(set(_costs(groups, name))) == 1]
    return f" The same for all: {', '.join(equal)}." if equal and len(groups) > 1 else ""
