"""Trainings that the server starts, as child processes one after the other. It follows them by their run folders.

Either may die without harming the other: a training goes on from its checkpoint next time.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from inkproof.errors import InkproofError
from inkproof.runs import Run, open_run

_POLL_SECONDS = 0.2
_STOP_SECONDS = 10.0  # a step, a checkpoint
_MAX_PROBLEM_CHARACTERS = 500


class Trainings:
    """Recipes to be trained in turn into runs of the same names.

    Args:
        runs_dir: The folder of all runs.
        recipes: Names of recipes; none for a server that trains nothing.
    """

    def __init__(self, runs_dir: Path, recipes: Sequence[str] = ()) -> None:
        self._runs_dir, self._recipes = runs_dir, tuple(recipes)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._process: subprocess.Popen[str] | None = None
        self._problem: str | None = None

    @property
    def problem(self) -> str | None:
        """Why a training did not go on, in a sentence; None while all is well."""
        return self._problem

    def start(self) -> None:
        """Start the first training, without waiting for anything."""
        if self._recipes:
            self._thread = threading.Thread(target=self._run, name="trainings", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the training at hand; it writes a checkpoint first, which takes up to ten seconds."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(_STOP_SECONDS + 5)

    def _run(self) -> None:
        for recipe in self._recipes:
            command = self._command(recipe)
            if command is None:
                continue
            if self._stop.is_set():
                return
            self._train(recipe, command)

    def _command(self, recipe: str) -> list[str] | None:
        """The command that makes or finishes the run; None if there is nothing to do, or somebody else does it."""
        where = ["--runs-dir", str(self._runs_dir), "--quiet"]
        python = [sys.executable, "-m", "inkproof"]
        run = self._find(recipe)
        if run is None:
            return [*python, "train", recipe, "--name", recipe, *where]
        try:
            while run.status == "running":  # of two servers on one folder the second waits for the first
                if self._stop.wait(1.0):
                    return None
            status = run.status
        except InkproofError as error:
            self._problem = error.message
            return None
        return [*python, "resume", recipe, *where] if status in ("interrupted", "failed") else None

    def _find(self, recipe: str) -> Run | None:
        try:
            return open_run(recipe, self._runs_dir)
        except InkproofError:
            return None

    def _train(self, recipe: str, command: list[str]) -> None:
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                errors="replace",
                start_new_session=True,  # Ctrl-C in the terminal is for the server, which then ends it in order
            )
        except OSError as error:
            self._problem = f"The training of '{recipe}' could not be started: {error.strerror}."
            return
        said: list[str] = []
        reader = threading.Thread(target=lambda: said.extend(_lines(process)), daemon=True)
        reader.start()
        while process.poll() is None and not self._stop.wait(_POLL_SECONDS):
            pass
        if process.poll() is None:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_STOP_SECONDS)
            process.kill()
        process.wait()
        reader.join(1.0)
        if process.stderr:
            process.stderr.close()
        if process.returncode != 0 and not self._stop.is_set():
            last = "\n".join(said[-8:])[-_MAX_PROBLEM_CHARACTERS:].strip()
            self._problem = f"The training of '{recipe}' ended with exit status {process.returncode}. {last}".strip()


def _lines(process: subprocess.Popen[str]) -> list[str]:
    """What the child says on its error stream, which must be read, or it waits for a reader."""
    kept: list[str] = []
    with contextlib.suppress(ValueError, OSError):
        for line in process.stderr or ():
            kept = [*kept[-19:], line.rstrip()]
    return kept
