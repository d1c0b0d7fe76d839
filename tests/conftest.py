"""Runs that several tests read and none changes. Keras is loaded only by the tests that ask for it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from inkproof.data import Dataset, load

if TYPE_CHECKING:
    from inkproof.api import TrainedRun

# Properties are tried with the same examples each time and whatever time they take, so that no test fails by chance;
# `pytest --hypothesis-profile search` tries others, and many more.
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("search", max_examples=2000, deadline=None)
settings.load_profile("same")

# The tutorial's network with an eighth of its filters: the same layers, learnt in a moment.
SMALL_TUTORIAL = {"model__filters": 8, "model__hidden_units": 32}
SMALL_DEEP = {"model__filters": 4, "model__hidden_units": 32, "batch_size": 20}


@pytest.fixture(scope="session")
def mnist() -> Dataset:
    return load("mnist")


@pytest.fixture(scope="session")
def shared_runs_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="session")
def tutorial_run(shared_runs_dir: Path) -> TrainedRun:
    """A finished run of 60 steps; read it, or copy it with `copy_of`."""
    import inkproof

    return inkproof.train("tutorial", runs_dir=shared_runs_dir, steps=60, checkpoint_steps=10, **SMALL_TUTORIAL)


@pytest.fixture(scope="session")
def softmax_run(shared_runs_dir: Path) -> TrainedRun:
    """A finished run of 300 steps."""
    import inkproof

    return inkproof.train("softmax", runs_dir=shared_runs_dir, steps=300, checkpoint_steps=20)


@pytest.fixture(scope="session")
def deep_run(shared_runs_dir: Path) -> TrainedRun:
    """A finished run of 40 steps, with dropout."""
    import inkproof

    return inkproof.train("deep", runs_dir=shared_runs_dir, steps=40, checkpoint_steps=10, **SMALL_DEEP)


@pytest.fixture
def copy_of(tmp_path: Path) -> Callable[[TrainedRun], TrainedRun]:
    """Copies a run's folder, as a user may, so that a test can harm it."""
    from inkproof.api import TrainedRun

    def copy(run: TrainedRun) -> TrainedRun:
        return TrainedRun(Path(shutil.copytree(run.folder, tmp_path / run.name)))

    return copy
