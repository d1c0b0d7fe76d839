"""The child process that stands beside the server, with small programs in TensorBoard's place."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from inkproof.server import tensorboard as module
from inkproof.server.tensorboard import TensorBoard

LISTENS = """
import socket, sys
listener = socket.create_server(("127.0.0.1", int(sys.argv[sys.argv.index("--port") + 1])))
while True:
    listener.accept()[0].close()
"""


def wait_for(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_it_tells_its_address_once_it_answers_and_ends_with_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_CHILD", LISTENS)
    beside = TensorBoard(tmp_path)
    beside.start()
    wait_for(lambda: beside.url)

    assert beside.problem is None
    assert beside.pid is not None
    beside.stop()
    assert beside.pid is None


def test_if_it_dies_the_problem_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_CHILD", "raise SystemExit(3)")
    beside = TensorBoard(tmp_path)
    beside.start()
    wait_for(lambda: beside.problem)

    assert "ended by itself (exit status 3)" in str(beside.problem)
    assert beside.url is None
    beside.stop()


def test_if_it_is_missing_the_problem_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    beside = TensorBoard(tmp_path)
    beside.start()

    assert "pip install tensorboard" in str(beside.problem)
    beside.stop()


def test_the_child_ends_when_its_parent_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_CHILD", module._CHILD.partition("from tensorboard")[0] + LISTENS)
    beside = TensorBoard(tmp_path)
    beside.start()
    wait_for(lambda: beside.url)

    assert beside._process is not None
    assert beside._process.stdin is not None
    beside._process.stdin.close()  # as the system does when the parent is killed

    wait_for(lambda: beside.pid is None)
    wait_for(lambda: beside.problem)
    beside.stop()
