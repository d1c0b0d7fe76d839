"""The one door to Ray: this machine alone, or a cluster by its address, refused at once where it could not work.

Ray itself is loaded when somebody connects.
"""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from inkproof.errors import ClusterError, MissingExtraError

_EXTRA = {"ray": "Ray", "optuna": "Optuna"}
_CONNECT_SECONDS = 5.0
_ANSWER_SECONDS = 60.0
_TRY_SECONDS = 30.0
# What goes wrong otherwise is told by the second time.
_TRY = "import ray, sys; ray.init(address=sys.argv[1], log_to_driver=False)"
# Nothing large travels through Ray's own memory: networks and curves go by the run folders.
_OBJECT_STORE_BYTES = 100_000_000


@dataclass(frozen=True)
class Cluster:
    """What trainings can run on.

    Args:
        num_cpus: Processors over all machines.
    """

    num_cpus: float


def check_extra(*modules: str) -> None:
    """Refuse to begin what needs packages that are not installed.

    Args:
        modules: `ray`, `optuna`; both by default.

    Raises:
        MissingExtraError: If one is missing.
    """
    missing = [_EXTRA[module] for module in modules or _EXTRA if find_spec(module) is None]
    if missing:
        raise MissingExtraError(
            f"This needs {' and '.join(missing)}, which is not installed.",
            "Install it with `pip install 'inkproof[sweep]'`.",
        )


@contextlib.contextmanager
def connect(address: str | None = None, *, runs_dir: Path | None = None) -> Iterator[Cluster]:
    """Start Ray on this machine, or join a cluster; afterwards end the one, leave the other.

    Args:
        address: `HOST:PORT` of a cluster's head, as `ray start --head` prints it; this machine alone by default.
        runs_dir: A folder that every machine of the cluster must see.

    Raises:
        MissingExtraError: If Ray is not installed.
        ClusterError: If the cluster cannot be reached, runs other versions, or does not see the folder.
    """
    check_extra("ray")
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")  # else it warns of what it will do one day
    if address is None or address.startswith(("127.", "localhost:")):
        # As Ray does on desktop systems: it listens on loopback alone, and nobody else reaches it. On Linux it would
        # take 127.0.0.1 for the machine's address to others.
        os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
    import ray

    # Ray tells of a worker that died on stdout, whatever `log_to_driver` says; JSON for scripts goes there.
    ray._private.worker.print_to_stdstream = lambda *_, **__: None
    quiet = {"logging_level": logging.ERROR, "log_to_driver": False, "configure_logging": True}
    if address is None:
        num_cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        ray.init(
            address="local",  # by itself Ray would join whatever runs on this machine
            num_cpus=num_cpus,
            include_dashboard=False,
            object_store_memory=_OBJECT_STORE_BYTES,
            **quiet,
        )
    else:
        _check_address(address)
        _check_that_ray_answers(address)
        try:
            ray.init(address=address, **quiet)
        except (RuntimeError, ConnectionError, ValueError, ray.exceptions.RayError) as error:
            raise _refused(address, error) from error
    try:
        if address is not None:
            _check_nodes(address, [node for node in ray.nodes() if node["Alive"]], runs_dir)
        yield Cluster(float(ray.cluster_resources().get("CPU", 0.0)))
    finally:
        ray.shutdown()


def _check_address(address: str) -> None:
    """Try whether anybody listens: Ray itself would try for minutes."""
    host, colon, port = address.rpartition(":")
    if not colon or not host or not port.isdecimal() or "/" in host:
        raise ClusterError(
            f"The address '{address}' came; HOST:PORT was expected.",
            "`ray start --head` prints it on the cluster's first machine, such as 10.0.0.1:6379.",
            field="ray_address",
        )
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=_CONNECT_SECONDS):
            return
    except (OSError, OverflowError, UnicodeError) as error:
        raise ClusterError(
            f"No cluster of Ray answers at '{address}': {getattr(error, 'strerror', None) or error}.",
            "See with `ray status` on its first machine that it runs, and that this machine may reach the port.",
            field="ray_address",
        ) from error


def _check_that_ray_answers(address: str) -> None:
    """Try to join in a child process: where another program listens, Ray tries for minutes, then ends the process."""
    try:
        command = [sys.executable, "-c", _TRY, address]
        tried = subprocess.run(command, timeout=_TRY_SECONDS, capture_output=True, check=False)
    except subprocess.TimeoutExpired as error:
        raise ClusterError(
            f"Something listens at '{address}', but no cluster of Ray answers there within {_TRY_SECONDS:.0f} seconds.",
            "`ray start --head` prints the cluster's address on its first machine, such as 10.0.0.1:6379.",
            field="ray_address",
        ) from error
    if tried.returncode and b"InvalidAuthToken" in tried.stderr + tried.stdout:  # Ray says it twenty times a try
        raise ClusterError(
            f"The cluster at '{address}' asks for a token, which is missing here or is another one.",
            "Set RAY_AUTH_MODE=token, and copy ~/.ray/auth_token from the cluster's first machine.",
            field="ray_address",
        )


def _refused(address: str, error: Exception) -> ClusterError:
    text = " ".join(str(error).split())
    if "ersion mismatch" in text:
        import platform

        import ray

        return ClusterError(
            f"The cluster at '{address}' runs other versions than this machine, which has Ray {ray.__version__} and "
            f"Python {platform.python_version()}: {text}",
            "Install the same versions on every machine: `pip install -c constraints.txt 'inkproof[sweep]'`.",
            field="ray_address",
        )
    return ClusterError(
        f"The cluster at '{address}' refused: {text}",
        "See with `ray status` on its first machine that it runs. If it was begun with a token, set RAY_AUTH_MODE=token"
        " here, and copy its ~/.ray/auth_token.",
        field="ray_address",
    )


def _check_nodes(address: str, nodes: list[dict[str, Any]], runs_dir: Path | None) -> None:
    """Ask each machine for its versions, and whether it sees the folder of runs."""
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    mark = None
    if runs_dir is not None:
        runs_dir.mkdir(parents=True, exist_ok=True)
        mark = runs_dir.absolute() / f".seen-{secrets.token_hex(8)}"
        mark.touch()
    try:
        look = ray.remote(num_cpus=0, max_retries=0)(_look)
        for node in nodes:
            where = node["NodeManagerAddress"]
            strategy = NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
            try:
                asked = look.options(scheduling_strategy=strategy).remote(str(mark) if mark else None)
                version, is_seen = ray.get(asked, timeout=_ANSWER_SECONDS)
            except Exception as error:
                raise ClusterError(
                    f"The machine {where} of the cluster at '{address}' cannot run inkproof: {_last_line(error)}",
                    "Install it there: `pip install -c constraints.txt 'inkproof[sweep]'`.",
                    field="ray_address",
                ) from error
            if version != (own := _look(None)[0]):
                raise ClusterError(
                    f"The machine {where} of the cluster has inkproof {version}; {own} was expected, as here.",
                    "Install the same version on every machine.",
                    field="ray_address",
                )
            if not is_seen:
                raise ClusterError(
                    f"The machine {where} of the cluster does not see the folder of runs '{runs_dir}'.",
                    "Give a folder that all machines share, at the same path: `--runs-dir`.",
                    field="runs_dir",
                )
    finally:
        if mark is not None:
            mark.unlink(missing_ok=True)


def _look(mark: str | None) -> tuple[str, bool]:
    """Carried out on a machine of the cluster."""
    return metadata.version("inkproof"), mark is None or Path(mark).exists()


def _last_line(error: Exception) -> str:
    lines = [line for line in str(error).strip().splitlines() if line.strip()]
    return lines[-1].strip() if lines else type(error).__name__
