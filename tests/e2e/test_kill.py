"""Real trainings, killed by SIGKILL at random moments and resumed: they end as if never interrupted."""

from __future__ import annotations

import contextlib
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import inkproof
from inkproof.errors import RunBusyError
from inkproof.runs import CHECKPOINT_DIR, METRICS_FILE, NEWEST_FILE, TIMELINE_DIR, Run

if TYPE_CHECKING:
    from inkproof.api import TrainedRun

pytestmark = [
    pytest.mark.heavy,
    pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system cannot kill so"),
]

# Trains or resumes, tells from which step it goes on, and waits at one if asked to, until its input is closed.
WORKER = """
import sys, inkproof
from inkproof.progress import Silent
what, recipe, runs_dir, changes, step_to_wait_at = sys.argv[1:]
class Telling(Silent):
    def begin(self, run, first_step):
        print(first_step, flush=True)
    def advance(self, progress):
        if progress.step >= int(step_to_wait_at):
            sys.stdin.read()
if what == "train":
    inkproof.train(recipe, runs_dir=runs_dir, reporter=Telling(), **eval(changes))
else:
    inkproof.resume(recipe, runs_dir=runs_dir, reporter=Telling())
"""
NEVER = sys.maxsize


class Worker:
    """A process that trains, as a user's would."""

    def __init__(self, runs_dir: Path, recipe: str, changes: dict[str, Any], wait_at: int = NEVER) -> None:
        self.folder = runs_dir / recipe
        what = "resume" if self.folder.exists() else "train"
        command = [sys.executable, "-c", WORKER, what, recipe, str(runs_dir), repr(changes), str(wait_at)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def wait_for_begin(self) -> int:
        """The step from which it goes on."""
        assert self.process.stdout is not None
        return int(self.process.stdout.readline())

    def wait_for(self, step: int) -> None:
        """Until that step is measured, or the process has ended."""
        while self.process.poll() is None and last_measured(self.folder) < step:
            time.sleep(0.002)

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


def last_measured(folder: Path) -> int:
    with contextlib.suppress(FileNotFoundError):
        return max((int(row["step"] or 0) for row in Run(folder).read_metrics()), default=-1)
    return -1


def checkpoint_step(folder: Path) -> int:
    from inkproof.training.checkpoint import read_checkpoint

    checkpoint = read_checkpoint(Run(folder))
    return checkpoint[0].step if checkpoint else 0


def rows_without_seconds(run: Run) -> list[dict[str, float | None]]:
    return [{name: value for name, value in row.items() if name != "seconds"} for row in run.read_metrics()]


def moments_to_kill(seed: int, steps: int, kills: int) -> Iterator[tuple[int, float]]:
    """Ever later steps, and a moment after each; the last one while the finished network is written."""
    numbers = random.Random(seed)
    yield from ((step, numbers.uniform(0, 0.05)) for step in sorted(numbers.sample(range(1, steps), kills - 1)))
    yield steps, numbers.uniform(0, 0.8)


@pytest.mark.parametrize(("name", "kills"), [("softmax", 3), ("deep", 2)])
def test_a_training_killed_at_random_moments_ends_as_if_never_interrupted(
    request: pytest.FixtureRequest, tmp_path: Path, name: str, kills: int
) -> None:
    undisturbed: TrainedRun = request.getfixturevalue(f"{name}_run")
    changed = {"steps", "checkpoint_steps", "batch_size", "model.filters", "model.hidden_units"}
    settings = undisturbed.config.as_flat_dict()
    changes = {key.replace(".", "__"): settings[key] for key in changed & settings.keys()}
    folder = tmp_path / name

    lost = []
    for step, delay in moments_to_kill(seed=kills, steps=settings["steps"], kills=kills):
        expected = checkpoint_step(folder) if folder.exists() else 0
        is_last = step == settings["steps"]
        # However late the kill comes, it comes before the end.
        wait_at = NEVER if is_last else min(step + 20, settings["steps"])
        worker = Worker(tmp_path, name, changes, wait_at)
        assert worker.wait_for_begin() == expected
        worker.wait_for(step)
        time.sleep(delay)
        worker.kill()
        if is_last and Run(folder).status == "finished":  # it was faster than the kill, and has put its checkpoint away
            break
        assert Run(folder).status == "interrupted"
        lost.append(last_measured(folder) - checkpoint_step(folder))
    run = inkproof.open_run(name, runs_dir=tmp_path)
    if run.status != "finished":
        inkproof.resume(name, runs_dir=tmp_path)

    # One checkpoint may be on its way to the disk while the next steps are done.
    assert max(lost, default=0) <= 2 * settings["checkpoint_steps"]
    assert run.status == "finished"
    assert run.record.num_resumes >= kills - 1
    assert run.record.figures == undisturbed.record.figures
    assert rows_without_seconds(run) == rows_without_seconds(undisturbed)
    assert timeline_of(run) == timeline_of(undisturbed)
    # A kill between the word `finished` and the clearing up leaves what nobody needs any more.
    left_over = {CHECKPOINT_DIR, NEWEST_FILE}
    assert {path.name for path in run.folder.iterdir()} - left_over == {
        path.name for path in undisturbed.folder.iterdir()
    }
    assert logged_steps(run) == [row["step"] for row in run.read_metrics()]


def timeline_of(run: Run) -> dict[str, list[bytes]]:
    """The weights of each network on the way; their names and order within a file differ by process."""
    import onnx

    return {
        path.name: sorted(onnx.numpy_helper.to_array(value).tobytes() for value in onnx.load(path).graph.initializer)
        for path in (run.folder / TIMELINE_DIR).iterdir()
    }


def logged_steps(run: Run) -> list[int]:
    from tensorboard.backend.event_processing.plugin_event_accumulator import EventAccumulator

    events = EventAccumulator(str(run.folder / "logs"), size_guidance={"tensors": 0}).Reload()
    return [entry.step for entry in events.Tensors("loss")]


def test_a_training_killed_before_its_first_step_begins_anew(tmp_path: Path, softmax_run: TrainedRun) -> None:
    worker = Worker(tmp_path, "softmax", {"steps": 300, "checkpoint_steps": 20})
    while not (tmp_path / "softmax" / "run.json").exists():
        time.sleep(0.005)
    # TensorFlow is being loaded now, and the run is held all the same.
    while not Run(tmp_path / "softmax").is_busy():
        time.sleep(0.005)
    worker.kill()
    assert Run(tmp_path / "softmax").status == "interrupted"
    assert not (tmp_path / "softmax" / METRICS_FILE).exists()

    run = inkproof.resume("softmax", runs_dir=tmp_path)

    assert run.record.figures == softmax_run.record.figures


def test_a_live_run_is_neither_resumed_nor_deleted_by_another_process(tmp_path: Path) -> None:
    worker = Worker(tmp_path, "softmax", {"steps": 1_000_000, "checkpoint_steps": 100})
    try:
        worker.wait_for_begin()
        worker.wait_for(20)
        run = inkproof.open_run("softmax", runs_dir=tmp_path)

        with pytest.raises(RunBusyError, match=r"^The run 'softmax' is being worked on by another process\.$"):
            inkproof.resume("softmax", runs_dir=tmp_path)
        with pytest.raises(RunBusyError, match=r"^The run 'softmax' is still being trained\.$"):
            run.delete()

        assert run.status == "running"
        assert run.record.num_resumes == 0
    finally:
        worker.kill()


def test_a_training_asked_to_stop_by_ctrl_c_or_sigterm_keeps_every_step_and_goes_on(
    tmp_path: Path, tutorial_run: TrainedRun
) -> None:
    changes = {"steps": 60, "checkpoint_steps": 1000, "model__filters": 8, "model__hidden_units": 32}
    run = Run(tmp_path / "tutorial")

    for number, step in ((signal.SIGINT, 5), (signal.SIGTERM, 25)):
        worker = Worker(tmp_path, "tutorial", changes, wait_at=step)
        worker.wait_for_begin()
        worker.wait_for(step)
        worker.process.send_signal(number)
        worker.process.communicate(timeout=120)

        assert worker.process.returncode == 0
        record = run.record
        assert record.status == "interrupted"
        assert record.ended_at is not None
        # No checkpoint was due: this one was written because it was asked to stop.
        assert step <= record.step < 60
        assert record.step == last_measured(run.folder) == checkpoint_step(run.folder)

    inkproof.resume("tutorial", runs_dir=tmp_path)

    assert run.record.status == "finished"
    assert run.record.figures == tutorial_run.record.figures
    assert rows_without_seconds(run) == rows_without_seconds(tutorial_run)
