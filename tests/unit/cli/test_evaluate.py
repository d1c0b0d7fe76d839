"""`inkproof evaluate`: the table, JSON, gates, the report, and what is refused at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from inkproof.cli.evaluate import evaluate
from inkproof.errors import NetworkFileError, UnknownRunError, UsageError
from networks_by_hand import write_constant
from small_runs import make_run

app = typer.Typer()
app.command()(evaluate)
runner = CliRunner()


@pytest.fixture
def three(tmp_path: Path) -> Path:
    return write_constant(tmp_path / "three.onnx")


def invoke(*arguments: Any) -> Any:
    return runner.invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)


def test_the_table_shows_score_interval_and_n(three: Path) -> None:
    result = invoke(three, "--suite", "clean")

    assert result.exit_code == 0
    (row,) = [line.split() for line in result.stdout.splitlines() if "clean" in line]
    assert row == ["clean", "10,000", "10.10", "(9.5–10.7)"]
    assert "95 % interval" in result.stdout


def test_json_holds_every_figure_and_the_gates(three: Path) -> None:
    result = invoke(three, "--suite", "clean", "--json", "--fail-under", "clean=0.1")

    assert result.exit_code == 0
    found = json.loads(result.stdout)
    (network,) = found["networks"]
    assert network["name"] == "three"
    assert network["suites"]["clean"]["score"]["value"] == 0.101
    (gate,) = found["gates"]
    assert (gate["suite"], gate["part"], gate["minimum"], gate["passed"]) == ("clean", None, 0.1, True)
    assert found["dataset"]["num_images"] == 10_000


def test_progress_is_told_to_programs_line_by_line(three: Path) -> None:
    result = invoke(three, "--suite", "clean", "--quiet", "--progress-json")

    lines = [json.loads(line) for line in result.stderr.splitlines()]
    assert [(line["suite"], line["done"], line["total"]) for line in lines] == [
        ("clean", 0, 10_000),
        ("clean", 10_000, 10_000),
    ]


def test_a_network_below_the_gate_fails_with_its_figure(three: Path) -> None:
    result = invoke(three, "--suite", "clean", "--fail-under", "clean=0.99")

    assert result.exit_code == 1
    assert "The network 'three' reaches 0.1010 in clean (95 % interval 0.0952 to 0.1071, n = 10,000)" in result.stderr
    assert "at least 0.99 was asked for" in result.stderr


def test_a_run_keeps_its_results_and_is_named_by_its_name(tmp_path: Path) -> None:
    run = make_run(tmp_path, "first")

    result = invoke("first", "--runs-dir", tmp_path, "--suite", "clean", "--quiet")

    assert (result.exit_code, result.stdout) == (0, "")
    kept = json.loads((run.folder / "evaluation" / "clean.json").read_text("utf-8"))
    assert kept["score"]["n"] == 10_000


def test_two_networks_stand_side_by_side_in_the_report(three: Path, tmp_path: Path) -> None:
    other = write_constant(tmp_path / "other" / "three.onnx", answer=7)
    report = tmp_path / "report.html"

    result = invoke(three, other, "--suite", "clean", "--report", report)

    assert result.exit_code == 0
    assert "three (2)" in result.stdout
    page = report.read_text("utf-8")
    assert page.startswith("<!doctype html>")
    assert "three (2)" in page


@pytest.mark.parametrize("text", ["edges", "edges=", "edges=99", "edges=-1", "edges=high", "edges=nan"])
def test_a_gate_that_is_none_is_refused(three: Path, text: str) -> None:
    with pytest.raises(UsageError, match=f"--fail-under got '{text}'; SUITE=SHARE was expected"):
        invoke(three, "--fail-under", text)


def test_a_gate_on_a_suite_that_is_not_measured_is_refused(three: Path) -> None:
    with pytest.raises(UsageError, match="--fail-under names the suite 'edges', but only clean are measured"):
        invoke(three, "--suite", "clean", "--fail-under", "edges=0.5")


def test_a_gate_on_an_unknown_part_is_told(three: Path) -> None:
    with pytest.raises(UsageError, match="The suite 'clean' has no part 'fog'"):
        invoke(three, "--suite", "clean", "--fail-under", "clean.fog=0.5")


def test_an_unknown_suite_is_told(three: Path) -> None:
    with pytest.raises(UsageError, match=r"There is no suite 'corruption'\. Did you mean 'corruptions'\?"):
        invoke(three, "--suite", "corruption")


def test_a_report_that_cannot_be_is_refused_before_the_work(three: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="which is no folder"):
        invoke(three, "--report", tmp_path / "nowhere" / "report.html")
    with pytest.raises(UsageError, match="it is a folder"):
        invoke(three, "--report", tmp_path)


def test_an_unknown_run_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnknownRunError, match="There is no run 'nothing'"):
        invoke("nothing", "--runs-dir", tmp_path)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(NetworkFileError, match="There is no network file"):
        invoke(tmp_path / "none.onnx")


def test_a_run_without_a_finished_network_is_told(tmp_path: Path) -> None:
    (tmp_path / "first").mkdir()

    with pytest.raises(NetworkFileError, match="The run 'first' has no finished network yet"):
        invoke("first", "--runs-dir", tmp_path)
