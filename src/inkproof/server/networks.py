"""Which file answers for a run at a step, and a small store of loaded networks. Never loads Keras files or pickles."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from inkproof.errors import BrokenRunError, UnknownStepError
from inkproof.networks import STEP_KEY, Network
from inkproof.runs import NETWORK_FILE, NEWEST_FILE, TIMELINE_DIR, Run, timeline_files
from inkproof.server.by_file import Stamp, stamp_of
from inkproof.server.folding import fold_linear
from inkproof.server.memory import give_back

# The metadata are the last field but one of a network file, so that its end tells the step: a listing need not load it.
_STEP_AT_END = re.compile(re.escape(STEP_KEY.encode()) + rb"\x12[\x01-\x09](\d{1,9})")
_END_BYTES = 4_096


def timeline_steps(run: Run) -> list[int]:
    """Steps at which the run kept its network, ascending."""
    return list(timeline_files(run.folder))


def find_network(run: Run, step: int | None) -> Path:
    """The file that answers for a run.

    Args:
        run: The run.
        step: A step of its timeline; None is the newest network: the finished one, else the one that a running
            training publishes, else the last of the timeline.

    Raises:
        UnknownStepError: If the run did not keep its network at that step.
        BrokenRunError: If it has no network at all yet.
    """
    if step is not None:
        path = run.folder / TIMELINE_DIR / f"step-{step:06d}.onnx"
        if path.is_file():
            return path
        finished = run.folder / NETWORK_FILE
        if read_step(finished) == step:
            return finished
        kept = ", ".join(f"{kept:,}" for kept in timeline_steps(run)) or "none"
        raise UnknownStepError(
            f"The run '{run.name}' did not keep its network at step {step:,}.",
            f"It kept those of these steps: {kept}.",
            field="step",
        )
    for name in (NETWORK_FILE, NEWEST_FILE):
        if (run.folder / name).is_file():
            return run.folder / name
    if steps := timeline_steps(run):
        return run.folder / TIMELINE_DIR / f"step-{steps[-1]:06d}.onnx"
    raise BrokenRunError(
        f"The run '{run.name}' has no network yet.",
        "A training publishes its first within seconds; ask again then.",
        field="run",
    )


def read_step(path: Path) -> int | None:
    """The training step that a network file names at its end; None if there is no such file, or it names none."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _END_BYTES))
            found = _STEP_AT_END.findall(file.read())
    except OSError:
        return None
    return int(found[-1]) if found else None


def step_of(network: Network) -> int:
    """The training step of a loaded network; 0 if its file does not say."""
    text = network.metadata.get(STEP_KEY, "")
    return int(text) if re.fullmatch(r"\d{1,9}", text) else 0


@dataclass
class _Entry:
    stamp: Stamp
    network: Network


class NetworkStore:
    """Loaded networks, the least recently used dropped first. A file that was replaced is loaded anew.

    Args:
        capacity: How many networks to keep.
        max_bytes: How large the files of the networks kept may be together; one is kept however large it is.
    """

    def __init__(self, capacity: int = 8, max_bytes: int = 100_000_000) -> None:
        self._capacity, self._max_bytes = capacity, max_bytes
        self._entries: OrderedDict[Path, _Entry] = OrderedDict()
        self._lock = threading.Lock()
        self._loading: dict[Path, threading.Lock] = {}

    def __len__(self) -> int:
        """How many networks are loaded."""
        return len(self._entries)

    def get(self, path: Path) -> Network:
        """The network in a file, as the file is now. May be called from any thread.

        Raises:
            NetworkFileError: If the file is missing or broken, or is no network.
        """
        # Read before the content: if the file is replaced in between, the next call sees another stamp and loads it.
        stamp = stamp_of(path)
        if network := self._find(path, stamp):
            return network
        with self._lock:
            loading = self._loading.setdefault(path, threading.Lock())
        with loading:  # of those who want the same file at once, one loads it
            if network := self._find(path, stamp):
                return network
            # One thread a network: requests and parts of an edge map run side by side instead, and threads of
            # ONNX Runtime that wait for work burn the processor.
            network = Network.load(path, threads=1, prepare=fold_linear)
            give_back()
            with self._lock:
                self._entries[path] = _Entry(stamp, network)
                self._entries.move_to_end(path)
                self._drop_oldest()
                self._loading.pop(path, None)
        return network

    def _find(self, path: Path, stamp: Stamp) -> Network | None:
        with self._lock:
            entry = self._entries.get(path)
            if entry is None or entry.stamp != stamp:
                return None
            self._entries.move_to_end(path)
            return entry.network

    def _drop_oldest(self) -> None:
        while len(self._entries) > 1 and (
            len(self._entries) > self._capacity
            or sum(entry.stamp[2] for entry in self._entries.values()) > self._max_bytes
        ):
            self._entries.popitem(last=False)
