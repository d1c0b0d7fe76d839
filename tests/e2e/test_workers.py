"""Two real workers of Ray train as one would: same batches, same files; one is killed, all are stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

import inkproof
from inkproof.config import load_recipe
from inkproof.errors import ClusterError
from inkproof.runs import CHECKPOINT_DIR, METRICS_FILE, Run, create_run
from processes import DEADLINE_SECONDS, wait_until

if TYPE_CHECKING:
    from inkproof.api import TrainedRun
    from inkproof.training.parallel import Carry

pytestmark = [
    pytest.mark.heavy,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # Ray warns of settings of its own
    pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system cannot kill so"),
]

FAST = {"steps": 40, "batch_size": 256, "model.filters": 4}


@pytest.fixture(scope="module")
def carry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Carry]:
    """Trains by two workers; Ray is started once for all tests."""
    from inkproof.training.parallel import start_workers

    with start_workers(2, None, tmp_path_factory.mktemp("runs")) as carry:
        yield carry


def train_by_two(carry: Carry, runs_dir: Path, recipe: str, changes: dict[str, Any]) -> TrainedRun:
    run = inkproof.TrainedRun(create_run(load_recipe(recipe, changes), runs_dir).folder)
    with run.hold():
        carry(run, None, False)
    return run


def column(run: Run, name: str) -> list[float | None]:
    return [row.get(name) for row in run.read_metrics()]


def test_two_workers_learn_from_the_batches_of_one(tmp_path: Path, carry: Carry, softmax_run: TrainedRun) -> None:
    run = train_by_two(carry, tmp_path, "softmax", {"steps": 300, "checkpoint_steps": 20})

    record = run.record
    assert (record.status, record.num_workers, record.num_resumes) == ("finished", 2, 0)
    assert column(run, "step") == column(softmax_run, "step")
    # Summed in another order, the same numbers round otherwise; nothing else differs.
    assert column(run, "loss") == pytest.approx(column(softmax_run, "loss"), rel=1e-3)
    assert record.figures["test_accuracy"] == pytest.approx(softmax_run.record.figures["test_accuracy"], abs=0.001)
    # The chief compares the weights of all at the end; here they were the same.
    assert len(str(record.figures["weights_sha256"])) == 64
    assert {path.name for path in run.folder.iterdir()} == {path.name for path in softmax_run.folder.iterdir()}


def test_two_workers_reach_the_accuracy_of_one_where_shares_are_normalised_apart(tmp_path: Path, carry: Carry) -> None:
    changes = {name.replace(".", "__"): value for name, value in FAST.items()}
    alone = [inkproof.train("fast", runs_dir=tmp_path / "one", seed=seed, **changes) for seed in range(3)]
    accuracies = [float(run.record.figures["test_accuracy"]) for run in alone]

    run = train_by_two(carry, tmp_path, "fast", FAST)

    spread = max(accuracies) - min(accuracies)
    assert min(accuracies) - spread <= run.record.figures["test_accuracy"] <= max(accuracies) + spread


def test_two_workers_diverge_as_one_would(tmp_path: Path, carry: Carry) -> None:
    away = {"steps": 200, "batch_size": 20, "optimizer": "sgd", "learning_rate": 1000.0}
    alone = inkproof.train("tutorial", runs_dir=tmp_path / "one", model__filters=4, model__hidden_units=16, **away)

    run = train_by_two(carry, tmp_path, "tutorial", {**away, "model.filters": 4, "model.hidden_units": 16})

    record = run.record
    assert (record.status, record.step, record.num_resumes) == ("diverged", alone.record.step, 0)
    assert record.message == alone.record.message
    assert "the weights ran away. Try a smaller learning rate, such as 100 instead of 1000." in str(record.message)
    assert column(run, "loss")[-1] is None
    wait_until(lambda: not find_workers(os.getpid()))  # Ray ends what it has started
    assert not run.is_busy()


def test_more_workers_than_processors_are_refused(carry: Carry) -> None:
    from inkproof.training.parallel import find_cpus_for_each

    assert find_cpus_for_each(1) >= 1
    with pytest.raises(
        ClusterError, match=r"^5000 workers came; \d+ of \d+ processors are free, and each worker needs"
    ):
        find_cpus_for_each(5000)


def test_a_lost_worker_is_replaced_and_ctrl_c_ends_all_with_a_checkpoint(
    tmp_path: Path, softmax_run: TrainedRun
) -> None:
    settings = ["--steps", "300", "--set", "checkpoint_steps=20"]
    command = [sys.executable, "-m", "inkproof", "train", "softmax", "--workers", "2", "--quiet", *settings]
    driver = subprocess.Popen([*command, "--runs-dir", str(tmp_path)], start_new_session=True)
    run = inkproof.TrainedRun(tmp_path / "softmax")
    try:
        wait_until(lambda: last_step(run) >= 40)
        find_workers(driver.pid)[1].kill()
        wait_until(lambda: run.record.num_resumes == 1 and last_step(run) >= 60)
        os.killpg(driver.pid, signal.SIGINT)  # as a terminal does, to every process

        assert driver.wait(DEADLINE_SECONDS) == 130
    finally:
        driver.kill()
        driver.wait()
    assert run.status == "interrupted"
    assert (run.folder / CHECKPOINT_DIR).is_dir()
    assert last_step(run) == run.record.step < 300

    inkproof.resume("softmax", runs_dir=tmp_path)

    record = run.record
    assert (record.status, record.num_resumes, record.num_workers) == ("finished", 2, 1)
    assert column(run, "step") == column(softmax_run, "step")
    assert column(run, "loss") == pytest.approx(column(softmax_run, "loss"), rel=1e-3)
    assert {path.name for path in run.folder.iterdir()} == {path.name for path in softmax_run.folder.iterdir()}


def last_step(run: Run) -> int:
    if not (run.folder / METRICS_FILE).exists():
        return -1
    return max((int(row["step"] or 0) for row in run.read_metrics()), default=-1)


def find_workers(pid: int) -> list[psutil.Process]:
    """Ray's processes that train, among the descendants of a process, the oldest first."""
    family = psutil.Process(pid).children(recursive=True)
    return [each for each in sorted(family, key=lambda each: each.pid) if is_training(each)]


def is_training(process: psutil.Process) -> bool:
    try:
        return "".join(process.cmdline()).startswith("ray::RayTrainWorker")
    except psutil.NoSuchProcess:
        return False
