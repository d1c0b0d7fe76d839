"""Whole trainings on real MNIST: what a run folder holds at the end, whichever end that is."""

from __future__ import annotations

import math
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

import inkproof
from inkproof.data import Dataset
from inkproof.errors import TrainingError
from inkproof.networks import Network
from inkproof.progress import Progress, Silent
from inkproof.runs import CHECKPOINT_DIR, CONFIG_FILE, TIMELINE_DIR, list_runs

if TYPE_CHECKING:
    from inkproof.api import TrainedRun
    from inkproof.runs import Run

pytestmark = pytest.mark.heavy

SMALL = {"model__filters": 8, "model__hidden_units": 32}


def test_a_finished_run_holds_the_files_of_its_description_and_no_others(tutorial_run: TrainedRun) -> None:
    names = {path.name for path in tutorial_run.folder.iterdir() if not path.name.startswith(".")}

    assert names == {
        "config.toml", "run.json", "metrics.jsonl", "logs", "timeline", "network.keras", "network.onnx", "parity.json",
    }  # fmt: skip
    assert not list(tutorial_run.folder.rglob("*.tmp*"))


def test_a_finished_run_says_what_it_was_and_cost(tutorial_run: TrainedRun, mnist: Dataset) -> None:
    record = tutorial_run.record

    assert (record.status, record.step, record.steps) == ("finished", 60, 60)
    assert record.data_sha256 == mnist.sha256
    assert record.ended_at is not None
    assert record.ended_at > record.started_at
    assert {"loading", "steps", "accuracy", "tensorboard", "timeline", "export", "training"} <= set(
        record.timings_seconds
    )
    assert all(seconds >= 0 for seconds in record.timings_seconds.values())
    assert record.peak_memory_mb
    assert record.figures["num_parameters"] == 5 * 5 * 8 + 8 + 7 * 7 * 8 * 32 + 32 + 32 * 10 + 10
    assert record.figures["num_test_images"] == 10_000
    assert re.fullmatch("[0-9a-f]{64}", str(record.figures["weights_sha256"]))


def test_measurements_have_their_columns_at_every_fifth_step(tutorial_run: TrainedRun) -> None:
    rows = list(tutorial_run.read_metrics())

    assert [row["step"] for row in rows] == list(range(0, 61, 5))
    for row in rows:
        measured = ["test_accuracy"] if row["step"] in (0, 10, 20, 50, 60) else []
        assert list(row) == ["step", "seconds", "loss", "batch_accuracy", *measured, "learning_rate"]
    assert rows[-1]["test_accuracy"] == tutorial_run.record.figures["test_accuracy"]


def test_the_timeline_holds_the_network_of_each_step_with_the_accuracy_that_was_measured(
    softmax_run: TrainedRun, mnist: Dataset
) -> None:
    files = sorted((softmax_run.folder / TIMELINE_DIR).iterdir())

    assert [path.name for path in files] == [f"step-{step:06d}.onnx" for step in (0, 10, 20, 50, 100, 200, 300)]
    measured = {row["step"]: row["test_accuracy"] for row in softmax_run.read_metrics() if "test_accuracy" in row}
    for path in files:
        network = Network.load(path)
        step = int(network.metadata["inkproof.step"])
        assert path.name == f"step-{step:06d}.onnx"
        accuracy = (network.predict(mnist.test.images).argmax(axis=1) == mnist.test.labels).mean()
        # Half precision may turn an answer that was a near tie.
        assert accuracy == pytest.approx(measured[step], abs=0.002)


def test_the_keras_file_is_the_trained_network(tutorial_run: TrainedRun, mnist: Dataset) -> None:
    from inkproof.backend import keras

    model = keras.saving.load_model(tutorial_run.folder / "network.keras", compile=False)

    answers = model(mnist.test.images[:200].astype(np.float32) / 255).numpy().argmax(axis=1)
    np.testing.assert_array_equal(answers, tutorial_run.network.predict(mnist.test.images[:200]).argmax(axis=1))


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(tmp_path: Path, deep_run: TrainedRun) -> None:
    settings = {**SMALL, "model__filters": 4, "batch_size": 20, "steps": 40, "tensorboard": False}
    again = inkproof.train("deep", runs_dir=tmp_path, **settings)
    other = inkproof.train("deep", runs_dir=tmp_path, seed=1, **settings)

    assert again.record.figures == deep_run.record.figures
    assert other.record.figures["weights_sha256"] != deep_run.record.figures["weights_sha256"]


def test_images_held_out_are_measured_in_the_place_of_the_test_images(tmp_path: Path) -> None:
    run = inkproof.train("softmax", steps=20, hold_out=5000, runs_dir=tmp_path)

    assert "test_accuracy" not in run.metrics
    assert np.isfinite(run.metrics["validation_accuracy"]).tolist() == [True, False, True, False, True]
    assert {"validation_accuracy", "num_validation_images"} <= run.record.figures.keys()
    assert "test_accuracy" not in run.record.figures
    assert run.record.figures["num_validation_images"] == 5000
    # Shares of 5,000, whatever was measured.
    assert (run.metrics["validation_accuracy"][-1] * 5000) % 1 == pytest.approx(0, abs=1e-6)


def test_a_run_that_diverges_says_at_which_step_what_ran_away_and_what_to_try(tmp_path: Path) -> None:
    run = inkproof.train("tutorial", steps=200, optimizer="sgd", learning_rate=1000, runs_dir=tmp_path, **SMALL)

    record = run.record
    assert record.status == "diverged"
    assert 0 < record.step < 200
    assert record.message is not None
    assert re.fullmatch(
        rf"The loss is (not a number|infinite) at step {record.step}: the weights ran away\. "
        r"Try a smaller learning rate, such as 100 instead of 1000\.",
        record.message,
    )
    assert record.ended_at is not None
    assert run.metrics["step"][-1] == record.step
    assert math.isnan(run.metrics["loss"][-1])
    assert run.plot().axes
    assert "<td>diverged</td>" in run._repr_html_()
    assert [listed.status for listed in list_runs(tmp_path)] == ["diverged"]
    assert not (run.folder / "network.onnx").exists()


def test_the_learning_rate_that_the_tutorial_invites_to_ends_readable(tmp_path: Path, mnist: Dataset) -> None:
    run = inkproof.train("tutorial", learning_rate=0.1, steps=100, runs_dir=tmp_path)

    assert run.record.status in ("finished", "diverged")
    assert run.plot().axes
    if run.record.status == "finished":
        probabilities = run.network.predict(mnist.test.images[:100])
        assert np.isfinite(probabilities).all()
        # Bad learning is shown as it is.
        assert run.metrics["loss"].max() > 2.5


class Listening(Silent):
    """Keeps what it was told."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.progress: list[Progress] = []

    def begin(self, run: Run, first_step: int) -> None:
        self.calls.append(f"begin {run.name} {first_step}")

    def advance(self, progress: Progress) -> None:
        self.progress.append(progress)

    def end(self, run: Run) -> None:
        self.calls.append(f"end {run.record.status}")


def test_a_reporter_is_told_of_begin_each_advance_and_end(tmp_path: Path) -> None:
    reporter = Listening()

    run = inkproof.train("softmax", steps=20, runs_dir=tmp_path, reporter=reporter)

    assert reporter.calls == ["begin softmax 0", "end finished"]
    assert [progress.step for progress in reporter.progress] == [0, 5, 10, 15, 20]
    assert [progress.is_measured for progress in reporter.progress] == [True, False, True, False, True]
    assert [progress.loss for progress in reporter.progress] == pytest.approx(run.metrics["loss"].tolist())
    last = reporter.progress[-1]
    assert last.accuracy == run.record.figures["test_accuracy"]
    assert last.images_per_second
    assert last.seconds_left == 0


class Failing(Silent):
    """A watcher with a fault of its own."""

    def advance(self, progress: Progress) -> None:
        if progress.step == 15:
            raise RuntimeError("the watcher fell over")


def test_a_training_that_fails_says_why_and_goes_on_when_resumed(tmp_path: Path, softmax_run: TrainedRun) -> None:
    with pytest.raises(RuntimeError, match="the watcher fell over"):
        inkproof.train("softmax", steps=300, checkpoint_steps=10, runs_dir=tmp_path, reporter=Failing())
    record = inkproof.open_run("softmax", runs_dir=tmp_path).record
    assert (record.status, record.message) == ("failed", "RuntimeError: the watcher fell over")

    run = inkproof.resume("softmax", runs_dir=tmp_path)

    assert (run.record.status, run.record.message, run.record.num_resumes) == ("finished", None, 1)
    assert run.record.figures == softmax_run.record.figures


def test_a_checkpoint_that_does_not_fit_the_configuration_is_told(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="the watcher fell over"):
        inkproof.train("tutorial", steps=20, checkpoint_steps=5, runs_dir=tmp_path, reporter=Failing(), **SMALL)
    run = inkproof.open_run("tutorial", runs_dir=tmp_path)
    assert (run.folder / CHECKPOINT_DIR).exists()
    path = run.folder / CONFIG_FILE
    path.write_text(path.read_text().replace("filters = 8", "filters = 9"))

    with pytest.raises(TrainingError, match=r"^The checkpoint of the run 'tutorial' does not fit its configuration: "):
        inkproof.resume("tutorial", runs_dir=tmp_path)

    assert run.record.status == "failed"


FULL_DISK = """
import os, sys
from pathlib import Path
import inkproof
from inkproof.errors import TrainingError

folder = Path(sys.argv[1])
for free_kb in (8, 120, 310):  # full before the first step, during the steps, under the event files
    available_kb = os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize // 1024
    (folder / "filler").write_bytes(bytes((available_kb - free_kb) * 1024))
    try:
        inkproof.train("softmax", steps=60, checkpoint_steps=10, runs_dir=folder / "runs")
        sys.exit("the disk was not full")
    except TrainingError as error:
        print(error, error.hint)
        told = inkproof.open_run("softmax", runs_dir=folder / "runs").record.message
        assert told in (None, error.message), told  # None where even that could not be written
    (folder / "filler").unlink()
    run = inkproof.resume("softmax", runs_dir=folder / "runs")
    assert run.status == "finished", run.record
    run.delete()
"""


def test_a_full_disk_is_named_and_the_run_goes_on_once_there_is_space(tmp_path: Path) -> None:
    mount = f"mount -t tmpfs -o size=8m none '{tmp_path}' 2>/dev/null || exit 77"
    # A file system of its own, in a namespace of its own: nothing outside of this process sees it.
    script = f"{mount}; exec '{sys.executable}' -c \"$1\" '{tmp_path}'"
    try:
        result = subprocess.run(
            ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, "sh", FULL_DISK],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    except FileNotFoundError:
        pytest.skip("unshare is not installed")
    if result.returncode == 77 or "unshare" in result.stderr:
        pytest.skip("this system makes no file systems for users")

    assert result.returncode == 0, result.stderr
    runs = tmp_path / "runs"
    sentence = (
        f"There is no space left on the disk that holds '{runs / 'softmax'}'. "
        "Free some, then go on from the last checkpoint with `inkproof resume softmax`.\n"
    )
    assert result.stdout == 3 * sentence
