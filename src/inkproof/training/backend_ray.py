"""How Ray Train's workers learn of each other, for TensorFlow's multi-worker strategy. Imported where Ray is."""

from __future__ import annotations

import os
import socket
from typing import Any

import ray
from ray.train.backend import Backend, BackendConfig

from inkproof.training.parallel import describe_cluster


class MultiWorkerConfig(BackendConfig):  # type: ignore[misc]
    """Tells each worker where all of them are, and nothing else."""

    @property
    def backend_cls(self) -> type[Backend]:
        """What does it."""
        return MultiWorker


class MultiWorker(Backend):  # type: ignore[misc]
    """Sets TF_CONFIG on each worker before it begins."""

    def on_start(self, worker_group: Any, backend_config: BackendConfig) -> None:
        """Ask each worker for an address, then tell all."""
        addresses = worker_group.execute(find_address)
        asked = [
            worker_group.execute_single_async(rank, set_cluster, describe_cluster(addresses, rank))
            for rank in range(len(worker_group))
        ]
        ray.get(asked)


def find_address() -> str:
    """A free port of this machine, as others reach it."""
    host = ray.util.get_node_ip_address()
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.bind((host, 0))
        port = probe.getsockname()[1]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def set_cluster(description: str) -> None:
    """Say it where TensorFlow looks for it."""
    os.environ["TF_CONFIG"] = description
