"""`inkproof serve` as people start it: a process of its own, on a port of its own."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from inkproof.cli import serve as module
from small_runs import drawing, make_run, stroke

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def start(tmp_path: Path, port: int) -> Iterator[Start]:
    """Starts `inkproof COMMAND --port PORT …`; what is left at the end is ended."""
    started: list[subprocess.Popen[str]] = []

    def run(command: str = "serve", *options: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "inkproof",
                command,
                "--port",
                str(port),
                "--runs-dir",
                str(tmp_path / "runs"),
                *options,
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "COLUMNS": "80", "BROWSER": "true", "DISPLAY": "", "PYTHONIOENCODING": "utf-8"},
        )
        started.append(process)
        return process

    yield run
    for process in started:
        if process.poll() is None:
            process.terminate()
        try:
            process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def ask(port: int, path: str, body: Any = None, seconds: float = 60) -> dict[str, Any]:
    """Ask until somebody answers."""
    end = time.monotonic() + seconds
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            headers = {"content-type": "application/json"} if body else {}
            connection.request("POST" if body else "GET", path, json.dumps(body) if body else None, headers)
            answer: dict[str, Any] = json.loads(connection.getresponse().read())
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
        else:
            return answer
        finally:
            connection.close()


def test_serve_answers_and_ctrl_c_ends_it_with_nothing_left(start: Start, tmp_path: Path, port: int) -> None:
    make_run(tmp_path / "runs", "first")
    process = start("serve", "--no-open", "--no-tensorboard")

    body = {"drawings": [drawing(stroke((112, 40), (112, 180)))], "networks": [{"run": "first"}]}
    answer = ask(port, "/api/predict", body)
    libraries = Path(f"/proc/{process.pid}/maps")  # where the system tells
    loaded = libraries.read_text() if libraries.exists() else ""
    process.send_signal(signal.SIGINT)
    printed, errors = process.communicate(timeout=20)

    assert answer["inputs"][0]["answers"][0]["run"] == "first"
    assert "tensorflow" not in loaded
    assert process.returncode == 0
    assert f"http://127.0.0.1:{port}/" in printed
    assert errors == ""
    with pytest.raises(OSError, match="refused"), socket.create_connection(("127.0.0.1", port), timeout=1):
        pass


def test_started_twice_the_second_says_so_and_ends_well(start: Start, port: int) -> None:
    start("serve", "--no-open", "--no-tensorboard")
    ask(port, "/api/health")

    second = start("serve", "--no-open", "--no-tensorboard")
    printed, errors = second.communicate(timeout=60)

    assert (second.returncode, errors) == (0, "")
    assert f"Inkproof already runs at http://127.0.0.1:{port}/" in printed


@pytest.mark.parametrize("says", [b"", b"HTTP/1.0 200 OK\r\nServer: other\r\n\r\n{}"], ids=["nothing", "another page"])
def test_a_port_that_another_program_has_is_named(start: Start, port: int, says: bytes) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        process = start("serve", "--no-open")
        other.settimeout(60)
        connection, _ = other.accept()
        with connection:
            connection.recv(1000)
            connection.sendall(says)
        _, errors = process.communicate(timeout=60)

    assert process.returncode == 2
    assert f"error: Port {port} of 127.0.0.1 is taken by another program." in errors
    assert f"tip: Give another with --port, such as --port {port + 1}." in errors


def test_an_address_that_this_machine_does_not_have_is_an_error(start: Start) -> None:
    process = start("serve", "--no-open", "--host", "192.0.2.1")
    _, errors = process.communicate(timeout=60)

    assert process.returncode == 2
    assert "cannot be listened on" in errors


def test_opened_to_others_it_prints_the_owners_link_and_one_for_others_with_a_qr_code(start: Start, port: int) -> None:
    process = start("serve", "--no-open", "--no-tensorboard", "--host", "0.0.0.0")
    refused = ask(port, "/api/health")
    process.send_signal(signal.SIGTERM)
    printed, _ = process.communicate(timeout=20)

    assert refused["error"]["code"] == "token_required"
    owner_token, token = re.findall(r"\?token=(\S+)", printed)
    assert len(owner_token) >= 24
    assert len(token) >= 24
    assert owner_token != token
    assert printed.index("yours alone") < printed.index(token)
    assert "█" in printed or "▄" in printed


@pytest.mark.skipif(os.name != "posix", reason="read-only folders are another thing there")
def test_a_read_only_runs_folder_is_served_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from inkproof.server.app import make_state

    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write everywhere
    state = make_state(tmp_path, with_tensorboard=False)

    module._tell(module._Wish("127.0.0.1", 8420, tmp_path, False, False), state, None, None)

    assert "is read-only: its runs are shown, and nothing can be trained" in " ".join(capsys.readouterr().err.split())


def test_without_a_browser_the_address_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("webbrowser.open", lambda url: False)

    module._open("http://127.0.0.1:8420/")

    assert "No browser could be opened" in capsys.readouterr().out


@pytest.mark.heavy
def test_demo_trains_what_is_missing_and_its_training_ends_with_it(start: Start, tmp_path: Path, port: int) -> None:
    make_run(tmp_path / "runs", "softmax")
    process = start("demo", "--no-open", "--no-tensorboard")

    end = time.monotonic() + 120
    run: dict[str, Any] = {}
    while not run.get("can_answer") and time.monotonic() < end:
        time.sleep(0.2)
        run = ask(port, "/api/runs/tutorial")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)

    assert run["can_answer"]
    assert process.returncode == 0
    record = json.loads((tmp_path / "runs" / "tutorial" / "run.json").read_text())
    assert record["status"] == "interrupted"
    assert json.loads((tmp_path / "runs" / "softmax" / "run.json").read_text())["steps"] == 100
