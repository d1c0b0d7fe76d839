"""Following a training by its folder: what a reporter is told is what the training would have told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from inkproof.config import load_recipe
from inkproof.progress import Progress, Silent
from inkproof.runs import METRICS_FILE, Run, create_run
from inkproof.training.following import Follower


class Listening(Silent):
    def __init__(self) -> None:
        self.begun: list[int] = []
        self.told: list[Progress] = []

    def begin(self, run: Run, first_step: int) -> None:
        self.begun.append(first_step)

    def advance(self, progress: Progress) -> None:
        self.told.append(progress)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return create_run(load_recipe("softmax", {"steps": 100, "batch_size": 10}), tmp_path, "one")


@pytest.fixture
def write(run: Run) -> Callable[..., None]:
    def append(*steps: int, end: str = "\n", **more: Any) -> None:
        with (run.folder / METRICS_FILE).open("a") as file:
            for step in steps:
                row = {"step": step, "seconds": step / 10, "loss": 0.5, "batch_accuracy": 0.9, **more}
                file.write(json.dumps(row) + end)

    return append


def test_nothing_is_told_before_the_training_has_begun(run: Run) -> None:
    listening = Listening()
    follower = Follower(run, listening)

    follower.look()

    assert listening.begun == []


def test_each_row_is_told_once_and_a_half_written_one_when_it_is_whole(run: Run, write: Callable[..., None]) -> None:
    listening = Listening()
    follower = Follower(run, listening)
    run.update(data_sha256="abc")

    write(0, test_accuracy=0.1)
    write(5)
    follower.look()
    write(10, end="")
    follower.look()
    with (run.folder / METRICS_FILE).open("a") as file:
        file.write("\n")
    follower.look()

    assert listening.begun == [0]
    assert [told.step for told in listening.told] == [0, 5, 10]
    assert [told.is_measured for told in listening.told] == [True, False, False]
    last = listening.told[-1]
    assert (last.accuracy, last.judged_by, last.steps) == (0.1, "test", 100)
    # Ten steps a second by the training's own clock, however fast the file is read.
    assert last.images_per_second == pytest.approx(100)
    assert last.seconds_left == pytest.approx(9)


def test_after_a_lost_worker_it_is_told_from_the_checkpoint_on(run: Run, write: Callable[..., None]) -> None:
    listening = Listening()
    follower = Follower(run, listening)
    run.update(data_sha256="abc")
    write(0, 5, 10, 15)
    follower.look()

    (run.folder / METRICS_FILE).unlink()
    write(0, 5, 10)
    run.update(num_resumes=1, step=10)
    follower.look()
    write(15, 20)
    follower.look()

    assert listening.begun == [0, 10]
    assert [told.step for told in listening.told] == [0, 5, 10, 15, 15, 20]


def test_a_resume_is_told_when_it_has_begun(run: Run, write: Callable[..., None]) -> None:
    run.update(data_sha256="abc", step=10)
    write(0, 5, 10)
    listening = Listening()
    follower = Follower(run, listening)

    follower.look()
    assert listening.begun == []
    run.update(num_resumes=1)
    follower.look()

    assert listening.begun == [10]
    assert listening.told == []
