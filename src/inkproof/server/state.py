"""What all requests share: the runs folder, loaded networks, test sets, what stands beside the server."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, TypeVar

from fastapi import Depends, Request

from inkproof.errors import InkproofError
from inkproof.networks import Network
from inkproof.runs import Run, open_run
from inkproof.server.datasets import TestSets
from inkproof.server.networks import NetworkStore, find_network
from inkproof.server.schemas import NetworkChoice
from inkproof.server.tensorboard import TensorBoard
from inkproof.server.trainings import Trainings

_Result = TypeVar("_Result")
_MAX_KNOWN_RUNS = 1_000


def _num_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass
class ServerState:
    """What all requests share.

    Attributes:
        runs_dir: The folder of all runs; it need not exist yet.
        tensorboard: TensorBoard beside the server.
        trainings: The trainings that the demo starts, one after the other.
        networks: Loaded networks.
        test_sets: Loaded test sets.
    """

    runs_dir: Path
    tensorboard: TensorBoard
    trainings: Trainings
    networks: NetworkStore = field(default_factory=NetworkStore)
    test_sets: TestSets = field(default_factory=TestSets)
    _pool: ThreadPoolExecutor | None = None
    _runs: dict[str, Run] = field(default_factory=dict)

    def load(self, choice: NetworkChoice) -> Network:
        """The network that a request chose.

        Raises:
            RunError: If there is no such run, or none of its networks is of that step.
            NetworkFileError: If the file is broken.
        """
        return self.networks.get(find_network(self._open(choice.run), choice.step))

    def _open(self, name: str) -> Run:
        # A run keeps nothing but its folder and its lock, of which making the latter takes 0.1 ms.
        run = self._runs.get(name)
        if run is None or not run.folder.is_dir():
            run = open_run(name, self.runs_dir)
            if len(self._runs) >= _MAX_KNOWN_RUNS:
                self._runs.clear()
            self._runs[name] = run
        return run

    def run_all(self, calls: Sequence[Callable[[], _Result]]) -> Iterable[_Result]:
        """Carry out calls side by side, one on each core; their results in order."""
        if len(calls) == 1:
            return [calls[0]()]
        if self._pool is None:
            self._pool = ThreadPoolExecutor(_num_cores(), thread_name_prefix="answers")
        return self._pool.map(lambda call: call(), calls)

    def warm_up(self) -> None:
        """Load what the first questions need, while the browser still opens: ONNX Runtime, the test set of MNIST."""
        import onnxruntime  # noqa: F401

        with contextlib.suppress(InkproofError):  # who asks for it is told
            self.test_sets.get("mnist")

    def can_train(self) -> bool:
        """Whether runs can be made: the folder, or the one in which it would be made, can be written to."""
        folder = self.runs_dir.absolute()
        while not folder.exists():
            folder = folder.parent
        return os.access(folder, os.W_OK)

    def close(self) -> None:
        """End what stands beside the server."""
        self.trainings.stop()
        self.tensorboard.stop()
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)


async def _state_of(request: Request) -> ServerState:
    state: ServerState = request.app.state.inkproof
    return state


State = Annotated[ServerState, Depends(_state_of)]
