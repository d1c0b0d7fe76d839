"""The runs of a trial as a worker finds them. They are trained in tests/e2e/test_sweep.py and test_sweep_results.py."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from inkproof.config import Config
from inkproof.errors import BrokenRunError
from inkproof.runs import Run
from inkproof.sweep.record import Sweep
from inkproof.sweep.table import read_results
from inkproof.sweep.tasks import TaskMaker
from inkproof.sweep.trial import Task, _last_accuracy, _open, _score, _train
from small_runs import make_run
from sweep_runs import add_trial, make_sweep


@pytest.fixture
def sweep(tmp_path: Path) -> Sweep:
    return make_sweep(tmp_path / "runs")


def open_first(sweep: Sweep) -> tuple[Task, Run]:
    """Trial 0 as a worker opens it."""
    task = TaskMaker(sweep, sweep.record.plan, 1).trial(0, sweep.record.plan.own_settings)
    ((name, config),) = task.configs.items()
    return task, _open(task, name, Config.from_toml(config))


def test_a_new_run_names_its_sweep_and_what_it_tries(sweep: Sweep) -> None:
    _, run = open_first(sweep)

    record = run.record
    assert record.trial is not None
    assert (record.trial.sweep, record.trial.role, record.trial.number) == ("search", "search", 0)
    assert record.trial.settings == {"learning_rate": 0.5, "batch_size": 100}
    assert (run.config.hold_out, run.config.steps, record.data_sha256) == (5_000, 100, None)
    assert record.versions["keras"]


def test_a_run_that_an_earlier_worker_left_is_opened_as_it_is(sweep: Sweep) -> None:
    before = add_trial(sweep, 0, 0.5, "interrupted").record

    assert open_first(sweep)[1].record == before


def test_a_folder_whose_worker_died_before_its_record_is_made_whole(sweep: Sweep) -> None:
    (sweep.runs_dir / "search-000").mkdir()

    _, run = open_first(sweep)

    assert (run.record.status, run.config.steps) == ("running", 100)


def test_a_run_of_somebody_else_is_not_touched(sweep: Sweep) -> None:
    before = make_run(sweep.runs_dir, "search-000").record

    with pytest.raises(BrokenRunError, match=r"^The run 'search-000' is no run of the sweep 'search'\.$") as raised:
        open_first(sweep)

    assert raised.value.hint == "Rename or delete it."
    assert Run(sweep.runs_dir / "search-000").record == before


def test_a_run_counts_for_the_accuracy_last_measured_and_for_nothing_where_it_ran_away(sweep: Sweep) -> None:
    run = add_trial(sweep, 0, None, "interrupted")
    assert (_last_accuracy(run), _score(run)) == (None, 0.0)

    rows = [
        {"step": 0, "validation_accuracy": 0.1},
        {"step": 50, "validation_accuracy": 0.8},
        {"step": 55, "loss": 1.0},
    ]
    (run.folder / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    assert (_last_accuracy(run), _score(run)) == (0.8, 0.8)

    run.update(status="diverged")
    assert (_last_accuracy(run), _score(run)) == (0.8, 0.0)


def test_a_run_whose_worker_died_before_it_said_its_score_is_not_lost(sweep: Sweep) -> None:
    # given
    run = add_trial(sweep, 0, None, "finished")
    (run.folder / "metrics.jsonl").write_text(json.dumps({"step": 100, "validation_accuracy": 0.9}) + "\n", "utf-8")
    before = read_results(sweep)
    task, opened = open_first(sweep)

    # when
    _train(task, sweep, opened, is_compared=True)

    # then: it was open, and is counted without being trained
    assert [row.is_open for row in before.trials] == [True]
    best = read_results(sweep).best
    assert best is not None
    assert (best.status, best.score) == ("finished", 0.9)
