"""A series of seeds: which runs it trains, counts or refuses, and what it says of their figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import inkproof
from inkproof.config import load_recipe
from inkproof.errors import ConfigError, RunBusyError, RunExistsError, RunNameError
from inkproof.progress import Progress, Silent
from inkproof.runs import Run, create_run
from inkproof.series import Series, measure_spread, plan_seeds

CHANGES = {"steps": 20, "tensorboard": False}


def put_run(runs_dir: Path, seed: int, accuracy: float | None = 0.9, **changes: Any) -> Run:
    """A run that is there before the series: finished with that accuracy, or merely begun."""
    run = create_run(load_recipe("softmax", {**CHANGES, "seed": seed, **changes}), runs_dir, f"softmax-seed-{seed}")
    if accuracy is not None:
        run.update(status="finished", figures={"test_accuracy": accuracy}, timings_seconds={"training": 2.0 + seed})
    return run


class Begun(Silent):
    """Notes which runs were begun and from which step."""

    def __init__(self) -> None:
        self.runs: list[tuple[str, int]] = []

    def begin(self, run: Run, first_step: int) -> None:
        self.runs.append((run.name, first_step))


@pytest.mark.heavy
def test_a_series_goes_on_with_what_is_missing(tmp_path: Path) -> None:
    # given: one finished run, and one whose process died before the first checkpoint
    put_run(tmp_path, 3)
    put_run(tmp_path, 4, None)
    begun = Begun()

    # when
    series = inkproof.train_seeds("softmax", seeds=3, seed=3, runs_dir=tmp_path, reporter=begun, **CHANGES)

    # then
    assert begun.runs == [("softmax-seed-4", 0), ("softmax-seed-5", 0)]
    assert [run.name for run in series.finished] == ["softmax-seed-3", "softmax-seed-4", "softmax-seed-5"]
    assert series.accuracy is not None
    assert series.accuracy.values[0] == 0.9
    assert series.accuracy.n == 3


@pytest.mark.heavy
def test_a_run_of_a_series_is_the_run_that_is_trained_alone(tmp_path: Path) -> None:
    series = inkproof.train_seeds("deep", seeds=2, runs_dir=tmp_path, steps=3, batch_size=20, model__filters=4,
                                  model__hidden_units=32)  # fmt: skip
    alone = inkproof.train("deep", seed=1, runs_dir=tmp_path, steps=3, batch_size=20, model__filters=4,
                           model__hidden_units=32)  # fmt: skip

    first, second = (run.record.figures["weights_sha256"] for run in series.runs)
    assert first != second == alone.record.figures["weights_sha256"]
    assert [run.network.metadata["inkproof.run"] for run in series.runs] == ["deep-seed-0", "deep-seed-1"]


@pytest.mark.heavy
def test_an_interrupted_run_ends_the_series(tmp_path: Path) -> None:
    # given: somebody who presses Ctrl-C in the second run
    import signal

    class Impatient(Begun):
        def advance(self, progress: Progress) -> None:
            if len(self.runs) == 2:
                signal.raise_signal(signal.SIGINT)

    # when
    series = inkproof.train_seeds("softmax", seeds=4, runs_dir=tmp_path, reporter=Impatient(), **CHANGES)

    # then
    assert [run.status for run in series.runs] == ["finished", "interrupted"]
    assert len(series.finished) == 1
    assert series.describe().endswith("(n = 1 seed)")
    assert not (tmp_path / "softmax-seed-2").exists()


def test_what_is_there_is_counted_without_training(tmp_path: Path) -> None:
    for seed, accuracy in enumerate((0.90, 0.92, 0.94)):
        put_run(tmp_path, seed, accuracy)

    series = inkproof.train_seeds("softmax", seeds=3, runs_dir=tmp_path, **CHANGES)

    assert series.describe() == (
        "test accuracy 92.00 ± 2.00 % (95 % interval of the mean 87.03 to 96.97 %), training 3.0 ± 1.0 s (n = 3 seeds)"
    )
    assert repr(series) == f"Series({series.describe()})"
    summary = series.as_dict()
    assert summary["test_accuracy"]["mean"] == pytest.approx(0.92)
    assert (summary["num_seeds"], summary["num_finished"]) == (3, 3)
    assert "<td>softmax-seed-2</td><td>finished</td><td>0.94</td>" in series._repr_html_()


def test_a_series_of_nothing_says_so(tmp_path: Path) -> None:
    series = Series([], 3)

    assert (series.accuracy, series.training_seconds) == (None, None)
    assert series.describe() == "none of 3 seeds is finished"
    assert series.as_dict()["test_accuracy"] is None


def test_held_out_images_are_what_the_series_is_judged_by(tmp_path: Path) -> None:
    run = put_run(tmp_path, 0, hold_out=5000)
    run.update(figures={"validation_accuracy": 0.8})

    series = inkproof.train_seeds("softmax", seeds=1, runs_dir=tmp_path, hold_out=5000, **CHANGES)

    assert series.describe() == "validation accuracy 80.00%, training 2.0 s (n = 1 seed)"


def test_a_run_of_other_settings_is_refused_before_any_is_trained(tmp_path: Path) -> None:
    put_run(tmp_path, 1, steps=30)

    with pytest.raises(
        RunExistsError, match=r"^The run 'softmax-seed-1' has other settings: steps is 30 there, 20 was asked for\.$"
    ) as caught:
        plan_seeds("softmax", 2, CHANGES, runs_dir=tmp_path)

    assert caught.value.hint == (
        "Give the series another name with `--name`, or delete the run: `inkproof runs delete softmax-seed-1`."
    )
    assert not (tmp_path / "softmax-seed-0").exists()


def test_a_run_that_somebody_works_on_is_refused(tmp_path: Path) -> None:
    run = put_run(tmp_path, 0, None)

    with run.hold(), pytest.raises(RunBusyError, match="'softmax-seed-0' is being worked on by another process"):
        plan_seeds("softmax", 1, CHANGES, runs_dir=tmp_path)


@pytest.mark.parametrize(
    ("seeds", "changes", "name", "error", "message"),
    [
        (0, {}, None, ConfigError, r"^A series of 0 seeds came; at least 1 was expected\.$"),
        (2, {"seed": 2**32 - 1}, None, ConfigError, "'seed' is 4294967296"),
        (1, {"step": 1}, None, ConfigError, "Did you mean 'steps'"),
        (1, {}, "a/b", RunNameError, "'a/b-seed-0' cannot be the name of a run"),
    ],
    ids=["no seeds", "beyond the last seed", "unknown setting", "name"],
)
def test_a_wrong_series_is_refused_at_once(
    tmp_path: Path, seeds: int, changes: dict[str, Any], name: str | None, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        plan_seeds("softmax", seeds, changes, name=name, runs_dir=tmp_path)


def test_the_interval_of_the_mean_is_students() -> None:
    spread = measure_spread([0.990, 0.991, 0.992, 0.993, 0.994])

    assert spread is not None
    # t(0.975, 4) = 2.776
    assert (spread.high - spread.mean) == pytest.approx(2.7764 * 0.0015811 / 5**0.5, rel=1e-3)
    assert measure_spread([]) is None
