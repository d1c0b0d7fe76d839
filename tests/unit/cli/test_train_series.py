"""`inkproof train --seeds`: what it prints and how it ends, on runs that are there already."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from inkproof.cli import series_progress
from inkproof.cli.series_progress import Schedule, SeriesBar, SeriesLines
from inkproof.cli.train import train
from inkproof.config import load_recipe
from inkproof.errors import UsageError
from inkproof.progress import Progress
from inkproof.runs import Run, create_run
from inkproof.series import plan_seeds

app = typer.Typer()
app.command()(train)
runner = CliRunner()


def put_run(runs_dir: Path, seed: int, status: str = "finished") -> Run:
    run = create_run(load_recipe("softmax", {"seed": seed}), runs_dir, f"softmax-seed-{seed}")
    figures = {"test_accuracy": 0.91 + seed / 100, "num_test_images": 10_000} if status == "finished" else {}
    run.update(status=status, step=1000, figures=figures, timings_seconds={"training": 1.5})
    return run


@pytest.fixture
def runs_dir(tmp_path: Path) -> Path:
    for seed in range(2):
        put_run(tmp_path, seed)
    return tmp_path


def invoke(*arguments: Any) -> Any:
    return runner.invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)


def test_a_table_and_a_line_of_figures_end_a_series(runs_dir: Path) -> None:
    result = invoke("softmax", "--seeds", 2, "--runs-dir", runs_dir)

    assert result.exit_code == 0
    lines = [line.split() for line in result.stdout.splitlines()]
    assert ["softmax-seed-1", "92.00%", "1.5", "s"] in lines
    assert result.stdout.startswith("2 of 2 trained before: softmax-seed-0 to softmax-seed-1\n")
    assert "test accuracy 91.50 ± 0.71 % (95 % interval of the mean 85.15 to 97.85 %)" in result.stdout
    assert "training 1.5 ± 0.0 s (n = 2 seeds)" in result.stdout


def test_json_has_a_record_for_each_run_and_a_summary(runs_dir: Path) -> None:
    result = invoke("softmax", "--seeds", 2, "--runs-dir", runs_dir, "--json")

    first, second, summary = (json.loads(line) for line in result.stdout.splitlines())
    assert (first["event"], first["name"], second["figures"]["test_accuracy"]) == ("end", "softmax-seed-0", 0.92)
    assert (summary["event"], summary["num_finished"], summary["test_accuracy"]["n"]) == ("summary", 2, 2)


def test_quiet_prints_nothing(runs_dir: Path) -> None:
    result = invoke("softmax", "--seeds", 2, "--runs-dir", runs_dir, "--quiet")

    assert (result.exit_code, result.stdout) == (0, "")


def test_a_diverged_run_is_named_and_fails_the_command(runs_dir: Path) -> None:
    put_run(runs_dir, 2, "diverged")

    result = invoke("softmax", "--seeds", 3, "--runs-dir", runs_dir)

    assert result.exit_code == 1
    assert ["softmax-seed-2", "diverged", "1.5", "s"] in [line.split() for line in result.stdout.splitlines()]
    assert "(n = 2 seeds)" in result.stdout


def advance(step: int, seconds_left: float) -> Progress:
    return Progress(step, 1000, 0.5, 0.9, 0.91, "test", True, 1000.0, seconds_left)


def test_the_time_left_counts_the_seeds_to_come(runs_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # given: two of five are there, the first new one took 60 seconds and the second is half done after 20
    now = [0.0]
    monkeypatch.setattr(series_progress.time, "monotonic", lambda: now[0])
    schedule = Schedule(plan_seeds("softmax", 5, {}, runs_dir=runs_dir))
    assert schedule.place == "seed 3 of 5"
    now[0] = 60.0
    schedule.end()
    now[0] = 80.0

    # then: 20 for this one, and one more of 60 or 40
    assert schedule.place == "seed 4 of 5"
    assert schedule.seconds_left(20.0) == 20 + (60 + 40) / 2
    assert schedule.seconds_left(None) is None


def test_lines_say_which_seed_it_is(runs_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reporter = SeriesLines(plan_seeds("softmax", 4, {}, runs_dir=runs_dir))
    run = put_run(runs_dir, 2)

    reporter.begin(run, 0)
    reporter.advance(advance(500, 1.0))
    reporter.end(run)

    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("seed 3 of 4: softmax-seed-2: training to step 1,000")
    assert said[2] == "softmax-seed-2: 1,000 steps in 1.5 s; right on 93.00% of 10,000 test images."
    assert said[3].startswith("about 0:0")


def test_the_bar_shows_seed_run_and_time_left_in_all(
    runs_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # given: a terminal
    from rich.console import Console

    console = Console(force_terminal=True, width=120, highlight=False)
    monkeypatch.setattr("inkproof.cli.progress.out", console)
    reporter = SeriesBar(plan_seeds("softmax", 3, {}, runs_dir=runs_dir))
    run = put_run(runs_dir, 2)

    # when
    reporter.begin(run, 0)
    reporter.advance(advance(500, 65.0))
    reporter._bar.refresh()
    reporter.end(run)

    # then
    shown = capsys.readouterr().out
    assert "seed 3 of 3" in shown
    assert "1:05 left in all" in shown
    assert "step   500 of 1,000" in shown
    assert "softmax-seed-2: 1,000 steps in 1.5 s" in shown


def test_a_series_is_not_shared_by_workers(runs_dir: Path) -> None:
    with pytest.raises(UsageError, match=r"^--seeds and --workers came together; a series trains one run after"):
        invoke("softmax", "--seeds", 2, "--workers", 2, "--runs-dir", runs_dir)
