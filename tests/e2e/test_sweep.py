"""Real sweeps on real workers of Ray; driver, worker and node are killed. Nothing is lost, and nothing done twice."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from inkproof.runs import Run, list_runs
from inkproof.sweep.record import Sweep
from inkproof.sweep.table import TrialRow, read_results
from processes import DEADLINE_SECONDS, freeze, wait_until

pytestmark = [
    pytest.mark.heavy,
    pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system cannot kill so"),
]

NAME = "softmax-sweep"
# Long enough to be hit in the middle.
SEARCH = ["sweep", "softmax", "--space", "learning_rate=0.01..1:log", "--no-stop-early", "--set", "steps=3000"]


class Driver:
    """`inkproof sweep` as a user starts it."""

    def __init__(self, runs_dir: Path, trials: int, *options: str) -> None:
        command = [sys.executable, "-m", "inkproof", *SEARCH, "--trials", str(trials), "--runs-dir", str(runs_dir)]
        self.process = subprocess.Popen([*command, *options], start_new_session=True)

    def end(self, number: int) -> int:
        """Send a signal and wait for the exit status."""
        self.process.send_signal(number)
        return self.process.wait(DEADLINE_SECONDS)


@pytest.fixture
def drive() -> Iterator[Callable[..., Driver]]:
    drivers: list[Driver] = []

    def start(*arguments: Any) -> Driver:
        drivers.append(Driver(*arguments))
        return drivers[-1]

    yield start
    for driver in drivers:
        if driver.process.poll() is None:
            driver.process.kill()
            driver.process.wait()


def rows(runs_dir: Path) -> list[TrialRow]:
    return read_results(Sweep(runs_dir, NAME)).trials if (runs_dir / ".sweeps" / NAME / "sweep.json").exists() else []


def running(runs_dir: Path, beyond: int) -> list[Run]:
    """Runs that are being trained and have a checkpoint beyond a step."""
    listed = list_runs(runs_dir)
    return [entry.run for entry in listed if entry.status == "running" and entry.record and entry.record.step > beyond]


def catch(runs_dir: Path) -> tuple[Run, psutil.Process]:
    """A run in the middle of its training, and its worker, stopped there."""

    def caught() -> tuple[Run, psutil.Process] | None:
        for run in running(runs_dir, beyond=300):
            if worker := freeze(run):
                return run, worker
        return None

    return wait_until(caught)


def num_trainings(run: Run) -> int:
    """How often a run was trained from its first step on."""
    return sum(row["step"] == 0 for row in run.read_metrics())


def test_a_sweep_goes_on_whoever_is_killed_and_does_nothing_twice(tmp_path: Path, drive: Callable[..., Driver]) -> None:
    # A worker is killed: its trial goes on from its checkpoint, and the sweep knows nothing of it.
    first = drive(tmp_path, 3, "--final-seeds", "1", "--quiet")
    victim, worker = catch(tmp_path)
    worker.kill()
    wait_until(lambda: victim.record.num_resumes == 1)

    # Ctrl-C ends the sweep, and each training at hand with a checkpoint.
    wait_until(lambda: len(rows(tmp_path)) >= 2)
    assert first.end(signal.SIGINT) == 130
    assert Sweep(tmp_path, NAME).status == "interrupted"
    assert all(row.status in ("finished", "interrupted") for row in rows(tmp_path))

    # The same command goes on; killed without a word, it goes on once more.
    second = drive(tmp_path, 3, "--final-seeds", "1", "--quiet")
    _, worker = catch(tmp_path)
    second.end(signal.SIGKILL)
    worker.resume()
    wait_until(lambda: not running(tmp_path, beyond=0))
    assert Sweep(tmp_path, NAME).status == "interrupted"
    finished = {row.number: row for row in rows(tmp_path) if row.status == "finished"}

    last = drive(tmp_path, 3, "--final-seeds", "1", "--quiet")
    assert last.process.wait(DEADLINE_SECONDS) == 0
    results = read_results(Sweep(tmp_path, NAME))
    assert [(row.number, row.status) for row in results.trials] == [(number, "finished") for number in range(3)]
    assert results.trials[0].is_recipe
    assert all(results.trials[number].seconds == row.seconds for number, row in finished.items())
    names = [entry.run.name for entry in list_runs(tmp_path)]
    assert len(names) == 3 + len(results.best_runs) + len(results.recipe_runs)
    assert len(results.recipe_runs) == 1
    assert {num_trainings(Run(tmp_path / name)) for name in names} == {1}
    assert not (Sweep(tmp_path, NAME).folder / "tune").exists()


def raylet_of(node: Any) -> psutil.Process:
    """The process of Ray whose children are a node's workers."""
    return psutil.Process(node.all_processes["raylet"][0].process.pid)


def test_a_sweep_on_a_cluster_outlives_a_node(tmp_path: Path, drive: Callable[..., Driver]) -> None:
    ray_cluster = pytest.importorskip("ray.cluster_utils")
    quick = {"health_check_period_ms": 500, "health_check_timeout_ms": 500, "health_check_failure_threshold": 4}
    cluster = ray_cluster.Cluster(
        initialize_head=True,
        head_node_args={"num_cpus": 0, "node_ip_address": "127.0.0.1", "_system_config": quick},
    )
    try:
        nodes = [cluster.add_node(num_cpus=1, node_ip_address="127.0.0.1") for _ in range(2)]
        driver = drive(tmp_path, 3, "--final-seeds", "0", "--quiet", "--ray-address", cluster.address)
        _, worker = catch(tmp_path)
        lost = next(node for node in nodes if raylet_of(node) in worker.parents())
        cluster.remove_node(lost, allow_graceful=False)
        worker.kill()  # a machine that is gone takes along what ran on it
        assert driver.process.wait(DEADLINE_SECONDS) == 0
    finally:
        cluster.shutdown()
    found = rows(tmp_path)
    assert [(row.number, row.status) for row in found] == [(number, "finished") for number in range(3)]
    runs = [Run(tmp_path / row.runs[0]) for row in found]
    assert {num_trainings(run) for run in runs} == {1}
    assert sum(run.record.num_resumes for run in runs) == 1
