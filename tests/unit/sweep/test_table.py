"""What the trials of a sweep came to, read from run folders made by hand."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from inkproof.runs import Trial, create_run
from inkproof.sweep.record import Sweep
from inkproof.sweep.table import read_results, write_csv
from small_runs import make_run
from sweep_runs import add_proof, add_trial, make_sweep


@pytest.fixture
def runs_dir(tmp_path: Path) -> Path:
    return tmp_path / "runs"


def add_seeds(sweep: Sweep, number: int, *runs: tuple[str, float | None]) -> None:
    """A trial of several seeds: status and score of each."""
    plan = sweep.record.plan
    for seed, (status, score) in enumerate(runs):
        trial = Trial(sweep=sweep.name, number=number, settings=plan.own_settings, score=score)
        name = f"{sweep.name}-{number:03d}-seed-{seed}"
        create_run(plan.config(seed=seed), sweep.runs_dir, name, status, trial=trial, step=seed)  # type: ignore[arg-type]


def test_a_sweep_without_runs_has_found_nothing(runs_dir: Path) -> None:
    sweep = make_sweep(runs_dir)
    make_run(runs_dir, "softmax")
    add_trial(make_sweep(runs_dir, "other"), 0, 0.9)

    results = read_results(sweep)

    assert (results.trials, results.best, results.best_runs, results.recipe_runs) == ([], None, [], [])


@pytest.mark.parametrize(
    ("status", "is_stopped_early", "expected", "is_open"),
    [
        ("queued", False, "waiting", True),
        ("interrupted", False, "interrupted", True),
        ("running", False, "interrupted", True),  # nobody holds its lock
        ("failed", False, "failed", True),
        ("finished", False, "finished", False),
        ("interrupted", True, "stopped early", False),
        ("diverged", False, "diverged", False),
    ],
)
def test_a_trial_has_the_status_of_its_run(
    runs_dir: Path, status: str, is_stopped_early: bool, expected: str, is_open: bool
) -> None:
    sweep = make_sweep(runs_dir)
    add_trial(sweep, 3, 0.5, status, is_stopped_early=is_stopped_early)

    (row,) = read_results(sweep).trials

    assert (row.number, row.status, row.is_open) == (3, expected, is_open)


def test_a_trial_that_somebody_trains_is_running_and_left_to_be_gone_on_with(runs_dir: Path) -> None:
    sweep = make_sweep(runs_dir)
    run = add_trial(sweep, 0, None, "running")

    with run.hold():
        (row,) = read_results(sweep).trials

    assert (row.status, row.is_open) == ("running", True)


def test_the_score_of_a_trial_is_the_mean_over_its_seeds(runs_dir: Path) -> None:
    sweep = make_sweep(runs_dir, seeds=3)
    add_seeds(sweep, 0, ("finished", 0.90), ("finished", 0.92), ("finished", 0.97))

    (row,) = read_results(sweep).trials

    assert row.score == pytest.approx(0.93)
    assert row.scores == [0.90, 0.92, 0.97]
    assert row.runs == [f"search-000-seed-{seed}" for seed in range(3)]
    assert (row.status, row.step, row.steps, row.is_recipe) == ("finished", 0, 100, True)


@pytest.mark.parametrize(
    ("runs", "status"),
    [
        ([("finished", 0.9)], "interrupted"),  # the other seeds are still to be begun
        ([("finished", 0.9), ("interrupted", 0.5)], "interrupted"),
        ([("finished", 0.9), ("finished", None)], "interrupted"),  # it has ended just now, and says its score next
        ([("finished", 0.9), ("diverged", None)], "diverged"),
        ([("failed", None), ("finished", 0.9)], "failed"),
    ],
)
def test_a_trial_is_finished_when_all_its_seeds_are(
    runs_dir: Path, runs: list[tuple[str, float | None]], status: str
) -> None:
    sweep = make_sweep(runs_dir, seeds=2)
    add_seeds(sweep, 0, *runs)

    results = read_results(sweep)

    assert [row.status for row in results.trials] == [status]
    assert results.best is None


def test_a_trial_that_diverged_has_no_score(runs_dir: Path) -> None:
    sweep = make_sweep(runs_dir)
    add_trial(sweep, 0, 0.98, "diverged").update(message="The loss is not a number.")

    (row,) = read_results(sweep).trials

    assert (row.score, row.message) == (None, "The loss is not a number.")


def test_the_best_is_finished_has_the_highest_score_and_of_equals_fewer_steps(runs_dir: Path) -> None:
    sweep = make_sweep(runs_dir, space={"steps": "10..100"})
    add_trial(sweep, 0, 0.91, steps=50)
    add_trial(sweep, 1, 0.93, steps=90)
    add_trial(sweep, 2, 0.93, steps=70)
    add_trial(sweep, 3, 0.93, steps=70)
    add_trial(sweep, 4, 0.99, "interrupted", is_stopped_early=True, steps=60)
    add_trial(sweep, 5, 0.99, "diverged", steps=60)

    best = read_results(sweep).best

    assert best is not None
    assert (best.number, best.steps) == (2, 70)


def test_trials_come_by_number_and_know_the_recipes_own(runs_dir: Path) -> None:
    sweep = make_sweep(runs_dir)
    for number, learning_rate in ((2, 0.2), (0, 0.5), (1, 0.1)):
        add_trial(sweep, number, 0.9, learning_rate=learning_rate)

    rows = read_results(sweep).trials

    assert [(row.number, row.settings["learning_rate"], row.is_recipe) for row in rows] == [
        (0, 0.5, True), (1, 0.1, False), (2, 0.2, False),
    ]  # fmt: skip


def test_proof_of_a_setting_that_is_no_longer_the_best_is_left_out(runs_dir: Path) -> None:
    sweep = make_sweep(runs_dir)
    add_trial(sweep, 0, 0.92)
    add_trial(sweep, 1, 0.95, learning_rate=0.2)
    add_proof(sweep, 1, [9_300, 9_310], [9_100, 9_110], learning_rate=0.2)
    before = read_results(sweep)

    add_trial(sweep, 2, 0.97, learning_rate=0.3)
    after = read_results(sweep)

    assert before.best_runs == ["search-best-seed-0", "search-best-seed-1"]
    assert (after.best_runs, after.recipe_runs) == ([], ["search-recipe-seed-0", "search-recipe-seed-1"])


def test_the_table_is_written_as_csv(runs_dir: Path) -> None:
    sweep = make_sweep(runs_dir)
    add_trial(sweep, 0, 0.9)
    add_trial(sweep, 1, None, "diverged", learning_rate=0.99)

    text = write_csv(read_results(sweep), sweep.record.plan)

    assert list(csv.reader(io.StringIO(text))) == [
        ["trial", "learning_rate", "batch_size", "status", "validation_accuracy", "step", "steps", "seconds", "runs"],
        ["0", "0.5", "100", "finished", "0.9", "100", "100", "0.5", "search-000"],
        ["1", "0.99", "100", "diverged", "", "40", "100", "0.5", "search-001"],
    ]
