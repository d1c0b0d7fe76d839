"""TensorBoard beside the server: started as a child process, watched, ended with it. Never imports TensorBoard."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

_START_SECONDS = 90.0  # it imports TensorFlow; beside a training on two cores that takes long
_POLL_SECONDS = 0.3
# The child ends when this process does, even if it is killed: then its standard input ends.
_CHILD = """
import os, sys, threading
def leave():
    sys.stdin.buffer.read()
    os._exit(0)
threading.Thread(target=leave, daemon=True).start()
from tensorboard.main import run_main
sys.argv[0] = "tensorboard"
run_main()
"""


class TensorBoard:
    """A TensorBoard on the runs folder.

    Args:
        runs_dir: The folder of all runs.
        note: What to say if there is none on purpose; None to start one.
    """

    def __init__(self, runs_dir: Path, note: str | None = None) -> None:
        self._runs_dir = runs_dir
        self._process: subprocess.Popen[bytes] | None = None
        self._url: str | None = None
        self._problem = note
        self._is_wanted = note is None
        self._stop = threading.Event()
        self._watcher: threading.Thread | None = None

    @property
    def url(self) -> str | None:
        """Its address, with a slash at the end; None while it starts and where there is none."""
        return self._url

    @property
    def problem(self) -> str | None:
        """Why there is none, in a sentence; None while all is well."""
        return self._problem

    @property
    def pid(self) -> int | None:
        """The child's process id, while there is one."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self) -> None:
        """Start it, without waiting until it answers."""
        if not self._is_wanted:
            return
        if importlib.util.find_spec("tensorboard") is None:
            self._problem = "TensorBoard is not installed: pip install tensorboard."
            return
        self._watcher = threading.Thread(target=self._run, name="tensorboard", daemon=True)
        self._watcher.start()

    def stop(self) -> None:
        """End it, within a moment."""
        self._stop.set()
        if self._watcher is not None:
            self._watcher.join(5.0)  # it may just be starting the child
        process = self._process
        if process is not None:
            if process.stdin:
                process.stdin.close()  # at which it leaves at once; asked by a signal it would take a second
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(1.0)
            process.kill()
            process.wait()

    def _run(self) -> None:
        port = _free_port()
        command = [sys.executable, "-c", _CHILD, "--logdir", str(self._runs_dir), "--host", "127.0.0.1"]
        try:
            self._process = process = subprocess.Popen(
                [*command, "--port", str(port)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
                start_new_session=True,  # Ctrl-C in the terminal is for the server, which then ends it
            )
        except OSError as error:
            self._problem = f"TensorBoard could not be started: {error.strerror}."
            return
        with contextlib.suppress(OSError, AttributeError):
            os.setpriority(os.PRIO_PROCESS, process.pid, 10)  # its long start must not slow the first answers
        began = time.monotonic()
        while not self._stop.wait(_POLL_SECONDS):
            if process.poll() is not None:
                self._url = None
                self._problem = (
                    f"TensorBoard ended by itself (exit status {process.returncode}). Run "
                    f"`tensorboard --logdir {self._runs_dir}` to see why."
                )
                break
            if self._url is None and _answers(port):
                self._url = f"http://127.0.0.1:{port}/"
                self._problem = None
            elif self._url is None and time.monotonic() - began > _START_SECONDS:
                self._problem = f"TensorBoard has not answered for {_START_SECONDS:.0f} seconds."
        if process.stdin:
            process.stdin.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=0.2):
        return True
    return False
