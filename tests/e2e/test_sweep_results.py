"""What a real sweep leaves behind, by the kind of its trials. Some are made by hand, so that few are trained."""

from __future__ import annotations

import json
import statistics
from pathlib import Path
from typing import Any

import pytest

from inkproof.errors import SweepError
from inkproof.runs import Run, Trial, create_run, list_runs
from inkproof.runs.events import read_events
from inkproof.sweep.interface import resume_sweep
from inkproof.sweep.record import Sweep, create_sweep, make_plan
from inkproof.sweep.search import Unwatched
from inkproof.sweep.table import Results, TrialRow

pytestmark = pytest.mark.heavy

# The tutorial's network, small enough to be learnt in a moment, by a rule that a large rate makes run away.
SMALL = {"model.filters": 8, "model.hidden_units": 32, "optimizer": "sgd", "batch_size": 20, "steps": 200}
SPACE = {"learning_rate": "1e-8..1000:log"}
NAME = "tutorial-sweep"


class Told(Unwatched):
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def begin(self, sweep: Sweep, num_cpus: float) -> None:
        self.said.append(f"begin {sweep.record.status}")

    def end(self, sweep: Sweep) -> None:
        self.said.append(f"end {sweep.record.status}")


def make(runs_dir: Path, **numbers: Any) -> Sweep:
    return create_sweep(runs_dir, make_plan("tutorial", SPACE, SMALL, final_seeds=0, **numbers))


def put(sweep: Sweep, number: int, learning_rate: float, status: Any = "queued", **facts: Any) -> Run:
    """A run of a trial's first seed; one that is queued is trained by the sweep."""
    plan = sweep.record.plan
    settings: dict[str, Any] = {"learning_rate": learning_rate}
    name = f"{sweep.name}-{number:03d}" + ("-seed-0" if plan.seeds > 1 else "")
    trial = Trial(sweep=sweep.name, number=number, settings=settings, score=facts.pop("score", None))
    return create_run(plan.config(settings), sweep.runs_dir, name, status, trial=trial, **facts)


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Sweep, Results]:
    """Trials 0 and 1 were finished before, 2 runs away, 3 learns, 4 does not; each by two seeds."""
    sweep = make(tmp_path_factory.mktemp("runs"), trials=5, seeds=2)
    for number in range(2):
        run = put(sweep, number, 0.001 + number / 1000, "finished", step=200, score=0.3)
        twin = run.record.model_copy(update={"name": f"{sweep.name}-{number:03d}-seed-1", "seed": 1})
        create_run(run.config.changed({"seed": 1}), sweep.runs_dir, twin.name, "finished", trial=twin.trial, step=200)
        lines = [json.dumps({"step": step, "validation_accuracy": 0.2}) for step in (50, 100, 200)]
        (run.folder / "metrics.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    put(sweep, 2, 1000.0)
    put(sweep, 3, 0.03)
    put(sweep, 4, 1e-8)
    return sweep, resume_sweep(sweep, jobs=1)


def row_of(swept: tuple[Sweep, Results], number: int) -> TrialRow:
    return swept[1].trials[number]


def test_every_trial_comes_to_an_end(swept: tuple[Sweep, Results]) -> None:
    sweep, results = swept

    assert [(row.number, row.status) for row in results.trials] == [
        (0, "finished"), (1, "finished"), (2, "diverged"), (3, "finished"), (4, "stopped early"),
    ]  # fmt: skip
    assert (sweep.record.status, sweep.record.stage, sweep.record.message) == ("finished", "proving", None)


def test_a_trial_that_runs_away_is_told_and_not_chosen(swept: tuple[Sweep, Results]) -> None:
    row = row_of(swept, 2)

    assert (row.score, row.runs) == (None, [f"{NAME}-002-seed-0"])  # its other seed need not try
    assert row.step < row.steps
    assert f" at step {row.step}: the weights ran away." in str(row.message)
    best = swept[1].best
    assert best is not None
    assert best.number == 3


def test_the_score_is_the_mean_of_the_seeds_on_images_held_out(swept: tuple[Sweep, Results]) -> None:
    row = row_of(swept, 3)

    records = [Run(swept[0].runs_dir / name).record for name in row.runs]

    assert [record.seed for record in records] == [0, 1]
    figures = [float(record.figures["validation_accuracy"]) for record in records]
    assert row.score == pytest.approx(statistics.fmean(figures))
    assert row.score is not None
    assert row.score > 0.5
    assert {record.figures["num_validation_images"] for record in records} == {5_000}
    assert all(record.trial and record.trial.settings == {"learning_rate": 0.03} for record in records)


def test_a_trial_that_falls_behind_is_left_with_a_checkpoint_and_a_reason(swept: tuple[Sweep, Results]) -> None:
    row = row_of(swept, 4)

    run = Run(swept[0].runs_dir / row.runs[0])

    assert row.runs == [f"{NAME}-004-seed-0"]
    assert 50 <= row.step < row.steps
    assert run.record.status == "interrupted"
    assert run.record.trial is not None
    assert run.record.trial.is_stopped_early
    assert row.message == (f"Left at step {row.step:,}: other trials of '{NAME}' were better after as many steps.")
    assert (run.folder / "checkpoint" / "state.npz").exists()


def test_tensorboard_knows_the_settings_of_each_trial(swept: tuple[Sweep, Results]) -> None:
    from tensorboard.plugins.hparams import metadata

    for number in (2, 3, 4):
        row = row_of(swept, number)
        events = read_events(swept[0].runs_dir / row.runs[0] / "logs")
        values = [value for event, _ in events for value in event.summary.value]
        (told,) = [value for value in values if value.tag == metadata.SESSION_START_INFO_TAG]
        start = metadata.parse_session_start_info_plugin_data(told.metadata.plugin_data.content)
        assert start.hparams["learning_rate"].number_value == pytest.approx(row.settings["learning_rate"])


def test_a_sweep_that_has_ended_goes_on_with_nothing(swept: tuple[Sweep, Results]) -> None:
    sweep, results = swept
    before = sweep.record

    assert resume_sweep(sweep) == results
    assert sweep.record == before
    assert len(list_runs(sweep.runs_dir)) == 8


def test_a_sweep_of_which_nothing_comes_fails_with_a_reason(tmp_path: Path) -> None:
    sweep = make(tmp_path, trials=1)
    put(sweep, 0, 1000.0, "diverged", message="The loss is not a number.")
    told = Told()

    message = (
        rf"^No trial of the sweep '{NAME}' came to its end \(1 begun\)\. The first said: The loss is not a number\.$"
    )
    with pytest.raises(SweepError, match=message):
        resume_sweep(sweep, told)

    assert told.said == ["begin running", "end failed"]
    assert str(sweep.record.message).startswith("No trial of the sweep")
