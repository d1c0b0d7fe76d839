"""`inkproof compare`: the verdict, the tables, JSON, patterns, and what is refused; and the same from Python."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

import inkproof
from compared_runs import make_group
from inkproof.cli.compare import compare
from inkproof.cli.console import out
from inkproof.errors import UnknownRunError, UsageError

app = typer.Typer()
app.command()(compare)


@pytest.fixture
def runs_dir(tmp_path: Path) -> Path:
    make_group(tmp_path, "slow", [9_000, 9_012, 9_021, 9_006])
    make_group(tmp_path, "fast", [9_060, 9_075, 9_079, 9_068], steps=200)
    return tmp_path


def invoke(*arguments: Any) -> Any:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)


def test_the_verdict_comes_first_and_figures_below(runs_dir: Path) -> None:
    result = invoke("slow-*", "fast-*", "--runs-dir", runs_dir)

    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "steps 100 → 200 (×2): better by 0.61 ± 0.04 points (95 %; 4 seeds each, the same ones)."
    rows = [line.split() for line in lines if line.strip().startswith("steps ")]
    assert rows[1:3] == [["steps", "100", "100"], ["steps", "200", "200"]]
    assert ["steps", "200", "4", "90.70", "90.57–90.84", "20,000"] in rows
    assert "The same for all: seconds 3.5, parameters 7,850." in lines[-1]


def test_a_broken_run_among_others_is_left_out_and_named(runs_dir: Path) -> None:
    (runs_dir / "slow-2" / "run.json").write_text("{")

    result = invoke("slow-*", "fast-*", "--runs-dir", runs_dir)

    assert "better by 0.65 ± 0.14 points (95 %; 3 and 4 seeds)" in result.stdout
    assert result.stdout.splitlines()[-1] == (
        "‘slow-2’ is left out: its folder is no whole run; `inkproof runs show slow-2` says why."
    )


@pytest.mark.parametrize(("columns", "has_images"), [(80, True), (60, False)])
def test_no_column_is_cut_by_a_narrow_terminal(
    runs_dir: Path, monkeypatch: pytest.MonkeyPatch, columns: int, has_images: bool
) -> None:
    make_group(runs_dir, "third", [9_061, 9_075], steps=300)
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr(out, "_width", columns)

    lines = invoke("slow-*", "fast-*", "third-*", "--runs-dir", runs_dir).stdout.splitlines()

    rows = [line.split() for line in lines]
    assert ["seeds", "accuracy", "interval", "seconds", *(["images", "seen"] if has_images else [])] in rows
    assert ["steps", "300", "2", "90.68", "89.79–91.57", "2.5", *(["30,000"] if has_images else [])] in rows


def test_with_many_groups_a_headline_counts_them(runs_dir: Path) -> None:
    make_group(runs_dir, "third", [9_061, 9_075, 9_079, 9_068], steps=300)

    result = invoke("slow-*", "fast-*", "third-*", "--runs-dir", runs_dir)

    assert result.stdout.startswith("Compared with ‘steps 100’: 2 better.\n")


def test_json_is_the_whole_comparison(runs_dir: Path) -> None:
    result = invoke("slow-*", "fast-0", "fast-1", "--runs-dir", runs_dir, "--json")

    found = json.loads(result.stdout)
    assert [[run["name"] for run in group["runs"]] for group in found["groups"]] == [
        ["slow-0", "slow-1", "slow-2", "slow-3"],
        ["fast-0", "fast-1"],
    ]
    assert found["comparisons"][0]["method"] == "welch"


def test_a_pattern_without_a_run_is_refused(runs_dir: Path) -> None:
    with pytest.raises(UnknownRunError, match=r"No run in '.*' matches 'x\*'"):
        invoke("x*", "--runs-dir", runs_dir)


def test_a_single_run_is_no_comparison(runs_dir: Path) -> None:
    with pytest.raises(UsageError, match="Two or more different finished runs are needed to compare"):
        invoke("slow-0", "slow-0", "--runs-dir", runs_dir)


def test_python_says_the_same(runs_dir: Path) -> None:
    names = [f"{name}-{seed}" for name in ("slow", "fast") for seed in range(4)]

    report = inkproof.compare(*names, runs_dir=runs_dir)

    assert str(report) == "steps 100 → 200 (×2): better by 0.61 ± 0.04 points (95 %; 4 seeds each, the same ones)."
