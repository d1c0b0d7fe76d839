"""A training by several processes, on this machine or a cluster: starts them, watches them, ends them.

Ray Train starts the workers, and starts them anew when one is lost; what they do stands in `workers.py`. This process
holds the run folder for them all and reads from it how far they are. It loads neither Keras nor TensorFlow.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from inkproof.config import Config
from inkproof.errors import ClusterError, InkproofError, RunsDirError, TrainingError, UsageError
from inkproof.ray_cluster import check_extra, connect
from inkproof.runs import CHIEF_LOCK_FILE, RAY_DIR, STOP_FILE, Run, now, replace_file
from inkproof.stopping import stop_signals

if TYPE_CHECKING:
    from ray.train import ScalingConfig

    from inkproof.progress import Reporter

Carry: TypeAlias = "Callable[[Run, Reporter | None, bool], None]"

# So often a group that lost a worker begins anew; a training that loses one each time must end some day.
MAX_LOSSES = 3
_LOOK_SECONDS = 0.2
# Who is asked to stop while no worker is there to hear it, for want of processors, waits no longer than that.
_STOP_PATIENCE_SECONDS = 20.0
_SETTINGS = {
    "RAY_TRAIN_HEALTH_CHECK_INTERVAL_S": "0.5",  # how soon an end or a loss is noticed; 2 s by default
    "RAY_TRAIN_METRICS_ENABLED": "0",
    "RAY_CHDIR_TO_TRIAL_DIR": "0",
}


class LostWorkerError(Exception):
    """Another worker is gone: the whole group must begin anew from the checkpoint. Never seen by a user."""


def check_workers(config: Config, num_workers: int) -> None:
    """Refuse a number of workers that cannot share a training, or a training that cannot be shared.

    Raises:
        UsageError: If it is so.
        MissingExtraError: If Ray is not installed.
    """
    if num_workers < 1:
        raise UsageError(
            f"{num_workers} workers came; at least 1 was expected.", "Leave `--workers` out for one.", field="workers"
        )
    if num_workers > config.batch_size:
        raise UsageError(
            f"{num_workers:,} workers came for batches of {config.batch_size:,} images: each worker needs an image.",
            f"Give at most {config.batch_size:,} workers, or a larger `--batch-size`.",
            field="workers",
        )
    if config.forked_at:
        raise UsageError(
            "The run is a fork, which replays its beginning: that is done by one process.",
            "Leave `--workers` out.",
            field="workers",
        )
    check_extra("ray")


@contextlib.contextmanager
def start_workers(num_workers: int, address: str | None, runs_dir: Path) -> Iterator[Carry]:
    """Connect to where the workers are to be, and give what carries out a training there.

    Args:
        num_workers: Processes that share the training.
        address: `HOST:PORT` of a cluster of Ray; this machine alone by default.
        runs_dir: The folder of all runs, which every machine must see.

    Raises:
        ClusterError: If the cluster cannot be reached, runs other versions or has too few free processors.
    """
    os.environ.update(_SETTINGS)
    with connect(address, runs_dir=runs_dir):
        num_cpus = find_cpus_for_each(num_workers)

        def carry(run: Run, reporter: Reporter | None, is_resume: bool) -> None:
            _Driver(run, num_workers, num_cpus).carry_out(reporter, is_resume)

        yield carry


def find_cpus_for_each(num_workers: int) -> int:
    """The most processors that each worker can have, all having as many."""
    import ray

    nodes = [int(node["Resources"].get("CPU", 0)) for node in ray.nodes() if node["Alive"]]
    free = int(ray.available_resources().get("CPU", 0))
    if free < num_workers:
        raise ClusterError(
            f"{num_workers} workers came; {free} of {sum(nodes)} processors are free, and each worker needs one.",
            "Give fewer `--workers`, or add a machine to the cluster: `ray start --address HOST:PORT`.",
            field="workers",
        )
    fitting = [each for each in range(1, free // num_workers + 1) if sum(cpus // each for cpus in nodes) >= num_workers]
    return max(fitting)


class _Driver:
    """Starts the workers of one run and follows them."""

    def __init__(self, run: Run, num_workers: int, num_cpus: int) -> None:
        self.run, self.num_workers, self.num_cpus = run, num_workers, num_cpus
        self.error: BaseException | None = None
        self.unheard_since: float | None = None

    def carry_out(self, reporter: Reporter | None, is_resume: bool) -> None:
        from inkproof.progress import Silent
        from inkproof.training.following import Follower

        reporter = reporter or Silent()
        self.run.check_is_open()
        shutil.rmtree(self.run.folder / RAY_DIR, ignore_errors=True)  # of one that was killed; Ray would go on from it
        self.run.update(status="running", ended_at=None, message=None)
        follower = Follower(self.run, reporter)
        trainer = threading.Thread(target=self._train, args=(is_resume,), daemon=True)
        try:
            with stop_signals() as stop:
                trainer.start()
                while trainer.is_alive() and not self._is_stop_unheard():
                    trainer.join(_LOOK_SECONDS)
                    if stop.is_set() and not self.run.is_asked_to_stop:
                        replace_file(self.run.folder / STOP_FILE, b"")  # the chief looks for it at each stride
                    follower.look()
        except KeyboardInterrupt:
            self.run.update(status="interrupted", ended_at=now())
            raise
        finally:
            shutil.rmtree(self.run.folder / RAY_DIR, ignore_errors=True)
        follower.look()
        if self.unheard_since is not None and trainer.is_alive():
            self.run.update(status="interrupted", ended_at=now())
        elif self.error is not None:
            self._fail(self.error)
        reporter.end(self.run)

    def _is_stop_unheard(self) -> bool:
        """Whether it was asked to stop long ago and there is no chief to do it."""
        if not self.run.is_asked_to_stop or (self.run.folder / CHIEF_LOCK_FILE).exists():
            self.unheard_since = None
            return False
        self.unheard_since = self.unheard_since or time.monotonic()
        return time.monotonic() - self.unheard_since > _STOP_PATIENCE_SECONDS

    def _train(self, is_resume: bool) -> None:
        """Let Ray Train carry it out. In a thread of its own, for Ray would take Ctrl-C for itself."""
        from ray.train import FailureConfig, RunConfig
        from ray.train.v2.api.config import LoggingConfig
        from ray.train.v2.api.data_parallel_trainer import DataParallelTrainer

        from inkproof.training.backend_ray import MultiWorkerConfig

        task = {
            "folder": str(self.run.folder.absolute()),
            "config": self.run.config.as_toml(),
            "num_threads": self.num_cpus,
            "is_resume": is_resume,
        }
        try:
            # Not its TensorflowTrainer: that loads TensorFlow in this process and in Ray's own, and asks for Keras 2.
            trainer = DataParallelTrainer(
                work,
                train_loop_config=task,
                backend_config=MultiWorkerConfig(),
                scaling_config=self._scaling(),
                run_config=RunConfig(
                    name="train",
                    storage_path=str(self.run.folder.absolute() / RAY_DIR),
                    failure_config=FailureConfig(max_failures=MAX_LOSSES),
                    logging_config=LoggingConfig(log_level="CRITICAL"),
                ),
            )
            self.error = trainer.fit().return_value
        except BaseException as error:
            self.error = error

    def _scaling(self) -> ScalingConfig:
        from ray.train import ScalingConfig

        # Spread over the machines, for what is to be shared is their memory.
        return ScalingConfig(
            num_workers=self.num_workers,
            resources_per_worker={"CPU": self.num_cpus},
            placement_strategy="SPREAD",
        )

    def _fail(self, error: BaseException) -> None:
        if not isinstance(error, InkproofError):
            lines = [line for line in str(error).splitlines() if line.strip()]
            error = TrainingError(
                f"The workers of the run '{self.run.name}' could not go on: {lines[-1] if lines else error!r}",
                f"Go on from the last checkpoint with `inkproof resume {self.run.name}`.",
            )
        if self.run.record.status == "running":
            self.run.update(status="failed", ended_at=now(), message=error.message)
        raise error


def work(task: dict[str, Any]) -> InkproofError | None:
    """What each worker process does.

    Args:
        task: The run's `folder`, its `config` as TOML, `num_threads`, and whether it `is_resume`.

    Returns:
        What went wrong where going on makes no sense, for the chief's is handed to whoever started it.

    Raises:
        LostWorkerError: If another worker is gone; Ray then starts all anew.
    """
    from ray.train import get_context

    os.environ["TF_NUM_INTRAOP_THREADS"] = os.environ["OMP_NUM_THREADS"] = str(task["num_threads"])
    from inkproof.training.train import train
    from inkproof.training.workers import Group, follow

    context = get_context()
    group = Group(context.get_world_rank(), context.get_world_size())
    try:
        if group.rank:
            follow(group, Config.from_toml(task["config"]))
            return None
        run = open_folder(Path(task["folder"]))
        has_begun = run.record.data_sha256 is not None  # and lost a worker since, or is resumed
        train(run, is_resume=task["is_resume"] or has_begun, group=group)
        group.dismiss()
    except LostWorkerError:
        raise
    except Exception as error:
        if group.rank == 0:
            group.dismiss(error)
        return error if isinstance(error, InkproofError) else TrainingError(f"{type(error).__name__}: {error}")
    return None


def open_folder(folder: Path) -> Run:
    """The run in a folder, as the chief sees it.

    Raises:
        RunsDirError: If it does not.
    """
    if not folder.is_dir():
        raise RunsDirError(
            f"The first worker, on {socket.gethostname()}, does not see the run folder '{folder}'.",
            "Give a folder that all machines share, at the same path: `--runs-dir`.",
            field="runs_dir",
        )
    return Run(folder)


def describe_cluster(addresses: list[str], rank: int) -> str:
    """What TensorFlow reads from TF_CONFIG: where all workers are, and which of them this one is."""
    return json.dumps({"cluster": {"worker": addresses}, "task": {"type": "worker", "index": rank}})
