"""Checkpoints: what a resume needs, in one file that is always whole."""

from __future__ import annotations

import io
import json
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from inkproof.errors import BrokenRunError
from inkproof.runs import CHECKPOINT_DIR, Run, replace_file

STATE_FILE = "state.npz"
_PLACE = "place"


@dataclass(frozen=True)
class Place:
    """Where a training stands.

    Args:
        step: Steps done.
        seconds: Wall clock spent training until then.
        accuracy: The accuracy last measured, 0..1, or None.
    """

    step: int = 0
    seconds: float = 0.0
    accuracy: float | None = None


class Checkpointer:
    """Writes checkpoints in the background while training goes on.

    Args:
        run: The run folder.
        every_steps: A checkpoint is due after so many steps.
        every_seconds: A checkpoint is due after so many seconds.
        step: The step from which to count.
    """

    def __init__(self, run: Run, *, every_steps: int, every_seconds: float, step: int) -> None:
        self._run = run
        self._every_steps, self._every_seconds = every_steps, every_seconds
        self._last_step, self._last_time = step, time.monotonic()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="checkpoint")
        self._writing: Future[None] | None = None

    def is_due(self, step: int) -> bool:
        """Whether the last one lies too far back, in steps or in seconds."""
        return step - self._last_step >= self._every_steps or time.monotonic() - self._last_time >= self._every_seconds

    def save(self, place: Place, state: dict[str, np.ndarray]) -> None:
        """Begin to write a checkpoint; `state` must be a copy. An error of the one before is raised here."""
        self.wait()
        self._last_step, self._last_time = place.step, time.monotonic()
        self._writing = self._thread.submit(self._write, place, state)

    def wait(self) -> None:
        """Wait until the last checkpoint is on disk; raise what went wrong with it."""
        if self._writing is not None:
            writing, self._writing = self._writing, None
            writing.result()

    def _write(self, place: Place, state: dict[str, np.ndarray]) -> None:
        folder = self._run.folder / CHECKPOINT_DIR
        folder.mkdir(exist_ok=True)
        buffer = io.BytesIO()
        np.savez(buffer, **state, **{_PLACE: np.array(json.dumps(asdict(place)))})  # type: ignore[arg-type]
        replace_file(folder / STATE_FILE, buffer.getbuffer())
        self._run.update(step=place.step)


def read_checkpoint(run: Run) -> tuple[Place, dict[str, np.ndarray]] | None:
    """The checkpoint of a run, or None if it has none yet.

    Raises:
        BrokenRunError: If the file is damaged.
    """
    path: Path = run.folder / CHECKPOINT_DIR / STATE_FILE
    try:
        # Opened here, for NumPy leaves a file open that is no archive.
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            state = {name: file[name] for name in file.files}
        place = Place(**json.loads(str(state.pop(_PLACE))))
    except FileNotFoundError:
        return None
    except Exception as error:  # NumPy and zipfile raise a dozen kinds for a damaged file
        raise BrokenRunError(
            f"The checkpoint of the run '{run.name}' is damaged: {error}.",
            f"Train again: `inkproof train {run.record.recipe}` with the settings of its config.toml.",
        ) from error
    return place, state
