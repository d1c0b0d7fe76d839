"""Forks, trained: the beginning has the bits of the run that it was forked from, whatever happens on the way."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import inkproof
from inkproof.progress import Replay, Silent
from inkproof.runs import CHECKPOINT_DIR, LOGS_DIR, TIMELINE_DIR, Run
from inkproof.runs.events import event_files, read_events

if TYPE_CHECKING:
    from inkproof.api import TrainedRun

pytestmark = pytest.mark.heavy

SMALL = {"model__filters": 4, "model__hidden_units": 16, "batch_size": 20}


@pytest.fixture
def parents(tmp_path: Path, deep_run: TrainedRun, softmax_run: TrainedRun) -> Path:
    """A folder with copies of two finished runs: `deep` of 40 steps with Adam and dropout, `softmax` of 300."""
    for run in (deep_run, softmax_run):
        shutil.copytree(run.folder, tmp_path / run.name)
    return tmp_path


def without_seconds(run: Run) -> list[dict[str, float | None]]:
    return [{name: value for name, value in row.items() if name != "seconds"} for row in run.read_metrics()]


def sha256_of(run: Run) -> str:
    return str(run.record.figures["weights_sha256"])


def test_a_fork_that_changes_nothing_ends_with_the_weights_of_its_run(parents: Path, deep_run: TrainedRun) -> None:
    run = inkproof.fork("deep", step=20, runs_dir=parents)

    assert (run.name, run.status) == ("deep-from-20", "finished")
    assert run.record.figures == deep_run.record.figures
    assert without_seconds(run) == without_seconds(deep_run)
    assert timeline_of(run) == timeline_of(deep_run)


def test_a_fork_with_another_learning_rate_leaves_its_run_at_the_step_and_not_before(
    parents: Path, deep_run: TrainedRun
) -> None:
    run = inkproof.fork("deep", step=20, learning_rate=0.002, runs_dir=parents)

    assert sha256_of(run) != sha256_of(deep_run)
    before, after = without_seconds(run)[:5], without_seconds(run)[5:]
    assert before == without_seconds(deep_run)[:5]
    assert {row["learning_rate"] for row in before} == {deep_run.config.learning_rate}
    assert {row["learning_rate"] for row in after} == {0.002}
    # The step after the fork begins with the weights that both share.
    assert after[0]["step"] == 25


def test_more_steps_go_on_from_the_last_as_if_they_had_been_asked_for_at_once(tmp_path: Path) -> None:
    inkproof.train("tutorial", steps=20, runs_dir=tmp_path, tensorboard=False, **SMALL)
    at_once = inkproof.train("tutorial", steps=35, runs_dir=tmp_path, tensorboard=False, **SMALL)

    run = inkproof.fork("tutorial", steps=35, runs_dir=tmp_path)

    assert run.name == "tutorial-from-20"
    assert sha256_of(run) == sha256_of(at_once)
    assert run.record.parent is not None
    assert (run.record.parent.name, run.record.parent.step) == ("tutorial", 20)


def test_a_fork_of_a_fork_replays_each_beginning_with_its_own_settings(tmp_path: Path) -> None:
    small = {"model__filters": 2, "batch_size": 20, "tensorboard": False}
    inkproof.train("fast", steps=20, runs_dir=tmp_path, name="one", **small)
    otherwise = {"learning_rate": 0.001, "schedule": "constant", "batch_size": 30}
    two = inkproof.fork("one", step=10, name="two", runs_dir=tmp_path, **otherwise)

    three = inkproof.fork("two", step=15, name="three", runs_dir=tmp_path)

    assert sha256_of(three) == sha256_of(two)
    assert [beginning.last_step for beginning in three.config.beginnings] == [10, 15]
    assert [beginning.schedule for beginning in three.config.beginnings] == ["one_cycle", "constant"]
    assert [beginning.batch_size for beginning in three.config.beginnings] == [20, 30]


def test_a_fork_needs_its_run_no_more(parents: Path, deep_run: TrainedRun) -> None:
    from inkproof.api import train_queued
    from inkproof.runs import RunQueue, plan_fork

    queued = RunQueue(parents).enqueue_fork(plan_fork(Run(parents / "deep"), 20))
    Run(parents / "deep").delete()

    run = train_queued(queued.name, runs_dir=parents)

    assert run.record.figures == deep_run.record.figures
    assert without_seconds(run) == without_seconds(deep_run)
    assert run.record.num_resumes == 0
    assert run.record.versions


def test_event_files_of_a_fork_hold_each_measurement_once_and_its_own_settings(
    parents: Path, deep_run: TrainedRun
) -> None:
    run = inkproof.fork("deep", step=20, learning_rate=0.002, runs_dir=parents)

    events = [event for event, _ in read_events(run.folder / LOGS_DIR)]
    losses = [event.step for event in events for value in event.summary.value if value.tag == "loss"]
    assert losses == [row["step"] for row in deep_run.read_metrics()]
    settings = [v.tensor.string_val[0] for e in events for v in e.summary.value if v.tag.startswith("configuration")]
    assert len(settings) == 1
    assert b"learning_rate = 0.002" in settings[0]
    assert (run.folder / LOGS_DIR / "projector-000000.tsv").exists()


class Listening(Silent):
    """Keeps what it was told of replaying."""

    def __init__(self) -> None:
        self.told: list[Replay] = []
        self.messages: list[str | None] = []
        self.run: Run | None = None

    def begin(self, run: Run, first_step: int) -> None:
        self.run = run

    def replay(self, replay: Replay) -> None:
        assert self.run is not None
        self.told.append(replay)
        self.messages.append(self.run.record.message)


def test_replaying_is_told_with_whose_steps_and_how_long(parents: Path) -> None:
    reporter = Listening()

    run = inkproof.fork("softmax", step=25, runs_dir=parents, reporter=reporter)

    assert [(told.step, told.last_step, told.steps) for told in reporter.told] == [
        (0, 25, 300), (10, 25, 300), (20, 25, 300), (25, 25, 300),
    ]  # fmt: skip
    assert reporter.told[0].sentence == "replaying 25 steps of softmax"
    assert reporter.told[-1].sentence.startswith("replayed 25 steps of softmax in ")
    assert reporter.messages[1] == "Replaying 25 steps of softmax: at step 0."
    assert run.record.message is None
    assert run.record.timings_seconds["replay"] > 0


class StoppingInReplay(Listening):
    """Asks to stop while steps are replayed."""

    def replay(self, replay: Replay) -> None:
        if self.run is not None and replay.step == 10:
            (self.run.folder / ".stop").touch()


def test_a_fork_stopped_while_replaying_replays_again_when_resumed(parents: Path, deep_run: TrainedRun) -> None:
    run = inkproof.fork("deep", step=30, runs_dir=parents, reporter=StoppingInReplay())
    assert (run.status, run.record.message) == ("interrupted", None)
    assert not (run.folder / CHECKPOINT_DIR).exists()
    assert [row["step"] for row in run.read_metrics()] == list(range(0, 31, 5))

    run = inkproof.resume(run.name, runs_dir=parents)

    assert run.record.figures == deep_run.record.figures
    assert without_seconds(run) == without_seconds(deep_run)


KILLED = """
import os, signal, sys, inkproof
from inkproof.progress import Silent
what, runs_dir = sys.argv[1:]
class Deadly(Silent):
    def replay(self, replay):
        if what == "replay" and replay.step == 10:
            os.kill(os.getpid(), signal.SIGKILL)
    def advance(self, progress):
        if progress.step == 35:
            os.kill(os.getpid(), signal.SIGKILL)
inkproof.fork("deep", step=20, runs_dir=runs_dir, reporter=Deadly(), checkpoint_steps=5)
"""


@pytest.mark.parametrize("phase", ["replay", "own steps"])
def test_a_fork_killed_in_either_phase_ends_as_if_never_interrupted(
    parents: Path, deep_run: TrainedRun, phase: str
) -> None:
    subprocess.run([sys.executable, "-c", KILLED, phase, str(parents)], check=False, capture_output=True)
    run = inkproof.open_run("deep-from-20", runs_dir=parents)
    assert run.status == "interrupted"
    assert (run.folder / CHECKPOINT_DIR).exists() == (phase == "own steps")
    reporter = Listening()
    wait_for_another_second(run)

    run = inkproof.resume(run.name, runs_dir=parents, reporter=reporter)

    assert bool(reporter.told) == (phase == "replay")
    assert run.record.figures == deep_run.record.figures
    assert without_seconds(run) == without_seconds(deep_run)
    events = [event for event, _ in read_events(run.folder / LOGS_DIR)]
    losses = [event.step for event in events for value in event.summary.value if value.tag == "loss"]
    assert losses == [row["step"] for row in deep_run.read_metrics()]


def wait_for_another_second(run: Run) -> None:
    """Event files sort by the second in which they began and then by process; nobody else resumes as fast as this."""
    seconds = [int(path.name.split(".")[3]) for path in event_files(run.folder / LOGS_DIR)]
    while seconds and int(time.time()) == max(seconds):
        time.sleep(0.01)


def timeline_of(run: Run) -> dict[str, list[bytes]]:
    """The weights of each network on the way; their names and order within a file differ by process."""
    import onnx

    return {
        path.name: sorted(onnx.numpy_helper.to_array(value).tobytes() for value in onnx.load(path).graph.initializer)
        for path in (run.folder / TIMELINE_DIR).iterdir()
    }
