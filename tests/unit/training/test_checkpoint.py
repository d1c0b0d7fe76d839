"""Checkpoints: read back as written, due by steps or seconds, and a clear word where one is damaged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from inkproof.config import load_recipe
from inkproof.errors import BrokenRunError
from inkproof.runs import CHECKPOINT_DIR, Run, create_run
from inkproof.training.checkpoint import STATE_FILE, Checkpointer, Place, read_checkpoint

pytestmark = pytest.mark.heavy

STATE = {
    "model/0/convolution/kernel": np.arange(6, dtype=np.float32).reshape(2, 3),
    "optimizer/0": np.int64(7),
    "random/0": np.array([1, 2**32 - 1], np.uint32),
}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return create_run(load_recipe("softmax"), tmp_path)


def save(run: Run, place: Place) -> Path:
    checkpoints = Checkpointer(run, every_steps=10, every_seconds=3600, step=0)
    checkpoints.save(place, STATE)
    checkpoints.wait()
    return run.folder / CHECKPOINT_DIR / STATE_FILE


@pytest.mark.parametrize("place", [Place(20, 1.25, 0.5), Place(20, 1.25, None)], ids=["measured", "not measured"])
def test_a_checkpoint_is_read_back_as_it_was_written(run: Run, place: Place) -> None:
    path = save(run, place)

    checkpoint = read_checkpoint(run)

    assert checkpoint is not None
    assert checkpoint[0] == place
    assert checkpoint[1].keys() == STATE.keys()
    for name, value in STATE.items():
        np.testing.assert_array_equal(checkpoint[1][name], value)
        assert checkpoint[1][name].dtype == value.dtype
    assert list(path.parent.iterdir()) == [path]
    assert run.record.step == 20


def test_a_run_without_a_checkpoint_has_none(run: Run) -> None:
    assert read_checkpoint(run) is None


def test_a_later_checkpoint_takes_the_place_of_the_one_before(run: Run) -> None:
    save(run, Place(10))
    save(run, Place(20))

    checkpoint = read_checkpoint(run)

    assert checkpoint is not None
    assert checkpoint[0].step == 20


def test_a_checkpoint_is_due_after_so_many_steps(run: Run) -> None:
    checkpoints = Checkpointer(run, every_steps=10, every_seconds=3600, step=5)

    assert [step for step in range(5, 20) if checkpoints.is_due(step)] == [15, 16, 17, 18, 19]
    checkpoints.save(Place(15), STATE)
    checkpoints.wait()
    assert [step for step in range(15, 30) if checkpoints.is_due(step)] == [25, 26, 27, 28, 29]


def test_a_checkpoint_is_due_after_so_many_seconds(run: Run) -> None:
    assert Checkpointer(run, every_steps=10, every_seconds=1e-9, step=0).is_due(1)
    assert not Checkpointer(run, every_steps=10, every_seconds=3600, step=0).is_due(1)


def test_what_went_wrong_in_the_background_is_raised_by_the_next(run: Run) -> None:
    (run.folder / CHECKPOINT_DIR).write_text("a file where the folder should be")
    checkpoints = Checkpointer(run, every_steps=10, every_seconds=3600, step=0)

    checkpoints.save(Place(10), STATE)

    with pytest.raises(FileExistsError, match="checkpoint"):
        checkpoints.save(Place(20), STATE)


@pytest.mark.parametrize(
    "harm",
    [
        lambda content: content[: len(content) // 2],
        lambda content: b"",
        lambda content: b"not a checkpoint at all",
        lambda content: content.replace(b"place.npy", b"plaza.npy"),
        lambda content: bytes(len(content)),
        lambda content: content[:200] + bytes([content[200] ^ 0xFF]) + content[201:],
    ],
    ids=["cut short", "empty", "text", "no place", "zeros", "flipped bits"],
)
def test_a_damaged_checkpoint_is_told_with_what_to_do(run: Run, harm: Callable[[bytes], bytes]) -> None:
    path = save(run, Place(20))
    content = path.read_bytes()
    harmed = harm(content)
    assert harmed != content
    path.write_bytes(harmed)

    with pytest.raises(BrokenRunError, match=r"^The checkpoint of the run 'softmax' is damaged: .+\.$") as caught:
        read_checkpoint(run)

    assert caught.value.hint == "Train again: `inkproof train softmax` with the settings of its config.toml."
