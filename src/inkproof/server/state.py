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

from inkproof.errors import InkproofError, OwnerRequiredError, RunsDirError
from inkproof.networks import Network
from inkproof.runs import Listed, Run, list_one, open_run
from inkproof.server.comparing import Comparer
from inkproof.server.datasets import TestSets
from inkproof.server.evaluations import Evaluations
from inkproof.server.metrics import MetricsReader
from inkproof.server.networks import NetworkStore, find_network
from inkproof.server.proofs import Proofs
from inkproof.server.schemas import NetworkChoice, RunView
from inkproof.server.security import ROLE_KEY
from inkproof.server.stream import Stream
from inkproof.server.sweeps import Sweeps
from inkproof.server.tensorboard import TensorBoard
from inkproof.server.training_schemas import QueueView
from inkproof.server.trainings import Trainings
from inkproof.server.views import RunViewer

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
        trainings: The queue, being carried out.
        networks: Loaded networks.
        test_sets: Loaded test sets.
        metrics: Measurements of runs.
        viewer: Makes the API's view of runs.
        stream: What happens to runs, told to whoever listens.
        evaluations: The measurings that were asked for, one after the other.
        proofs: What was measured of runs.
        comparer: Compares runs.
        sweeps: Trainings that search settings.
    """

    runs_dir: Path
    tensorboard: TensorBoard
    trainings: Trainings
    networks: NetworkStore = field(default_factory=NetworkStore)
    test_sets: TestSets = field(default_factory=TestSets)
    metrics: MetricsReader = field(default_factory=MetricsReader)
    viewer: RunViewer = field(init=False)
    stream: Stream = field(init=False)
    evaluations: Evaluations = field(init=False)
    proofs: Proofs = field(init=False)
    comparer: Comparer = field(init=False)
    sweeps: Sweeps = field(init=False)
    _pool: ThreadPoolExecutor | None = None
    _runs: dict[str, Run] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make what is built on the other parts."""
        self.viewer = RunViewer(self.networks, self.test_sets)
        self.stream = Stream(self.trainings.index, self.metrics, self._view_for_stream, self.view_queue)
        self.evaluations = Evaluations(self.runs_dir)
        self.proofs = Proofs(self.test_sets)
        self.comparer = Comparer(self.test_sets)
        self.sweeps = Sweeps(self.trainings.index, self.comparer, ends_with_server=self.trainings.ends_with_server)

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

    def view_run(self, run: Run, tensorboard_url: str | None) -> RunView:
        """The API's view of one run as it is now."""
        return self.viewer.view(list_one(run), tensorboard_url)

    def view_queue(self, listed: Sequence[Listed] | None = None) -> QueueView:
        """The API's view of the queue; `listed` are all runs, where they have just been listed."""
        listed = self.trainings.index.list() if listed is None else listed
        return QueueView(
            jobs=self.trainings.jobs,
            running=self.trainings.running(listed),
            waiting=[run.name for run in self.trainings.queue.waiting(listed)],
            problem=self.trainings.problem,
        )

    def _view_for_stream(self, listed: Listed, is_local: bool) -> RunView:
        return self.viewer.view(listed, self.tensorboard.url if is_local else None)

    def run_all(self, calls: Sequence[Callable[[], _Result]]) -> Iterable[_Result]:
        """Carry out calls side by side, one on each core; their results in order."""
        if len(calls) == 1:
            return [calls[0]()]
        if self._pool is None:
            self._pool = ThreadPoolExecutor(_num_cores(), thread_name_prefix="answers")
        return self._pool.map(lambda call: call(), calls)

    def warm_up(self) -> None:
        """Load what the first questions need, while the browser still opens: ONNX Runtime, MNIST, the runs."""
        import onnxruntime  # noqa: F401

        with contextlib.suppress(InkproofError):  # who asks for it is told
            self.test_sets.get("mnist")
            self.viewer.view_all(self.trainings.index.list(), None)

    def can_train(self) -> bool:
        """Whether runs can be made: the folder, or the one in which it would be made, can be written to."""
        folder = self.runs_dir.absolute()
        while not folder.exists():
            folder = folder.parent
        return os.access(folder, os.W_OK)

    def close(self) -> None:
        """End what stands beside the server."""
        self.stream.close()
        self.trainings.stop()
        self.evaluations.stop()
        self.sweeps.close()
        self.tensorboard.stop()
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)


async def _state_of(request: Request) -> ServerState:
    state: ServerState = request.app.state.inkproof
    return state


State = Annotated[ServerState, Depends(_state_of)]


async def _require_owner(request: Request, state: State) -> None:
    if request.scope.get(ROLE_KEY) != "owner":
        raise OwnerRequiredError(
            "Only the owner of this server may change runs; a guest asked.",
            "The terminal of `inkproof serve` shows the owner's own link.",
        )
    if not state.can_train():
        raise RunsDirError(
            f"The folder of runs '{state.runs_dir}' cannot be written: it is read-only.",
            "Serve a folder that can be written to with `--runs-dir`.",
            field="runs_dir",
        )


# For every route that makes, changes or deletes a run.
OWNER_ONLY = Depends(_require_owner)
