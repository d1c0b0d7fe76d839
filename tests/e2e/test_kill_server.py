"""A real server that trains, killed by SIGKILL while it does: trainings go on, and the queue with the next server."""

from __future__ import annotations

import contextlib
import http.client
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from inkproof.runs import Run, list_runs
from processes import freeze, wait_until

pytestmark = [
    pytest.mark.heavy,
    pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system cannot kill so"),
]

# Seconds of training, so that there is time to kill something.
LONG = {"steps": 1_000_000, "checkpoint_steps": 500, "tensorboard": False}
SHORT = {"steps": 30, "tensorboard": False}


class Server:
    """`inkproof serve` in a process of its own."""

    def __init__(self, runs_dir: Path, *options: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        command = [sys.executable, "-m", "inkproof", "serve", "--no-open", "--no-tensorboard", "--port", str(self.port)]
        self.process = subprocess.Popen(
            [*command, "--runs-dir", str(runs_dir), *options], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        wait_until(self.is_up)

    def is_up(self) -> bool:
        with contextlib.suppress(OSError):
            self.ask("GET", "/api/health")
            return True
        return False

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            headers = {"content-type": "application/json"}
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()

    def add(self, name: str, changes: dict[str, Any]) -> None:
        answer = self.ask("POST", "/api/trainings", {"recipe": "softmax", "name": name, "changes": changes})
        assert answer["status"] in ("queued", "running")

    def kill(self) -> None:
        if self.process.returncode is None:
            self.process.kill()
            self.process.communicate()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts servers; what is left at the end, trainings too, is ended."""
    servers: list[Server] = []

    def start(*options: str) -> Server:
        servers.append(Server(tmp_path, *options))
        return servers[-1]

    yield start
    for server in servers:
        server.kill()
    for listed in list_runs(tmp_path):
        if listed.status == "running":
            listed.run.stop()


def has_learned(run: Run) -> bool:
    return any((row["step"] or 0) > 100 for row in run.read_metrics())


def test_a_killed_server_harms_no_training_and_loses_nothing_of_the_queue(
    tmp_path: Path, serve: Callable[..., Server]
) -> None:
    # given: one run that trains, three that wait in an order of their own
    runs = {name: Run(tmp_path / name) for name in ("long", "a", "b", "c")}
    server = serve()
    server.add("long", LONG)
    for name in ("a", "b", "c"):
        server.add(name, SHORT)
    server.ask("PUT", "/api/queue", {"waiting": ["c", "a", "b"]})
    wait_until(lambda: has_learned(runs["long"]))

    # when
    server.kill()
    last = max(int(row["step"] or 0) for row in runs["long"].read_metrics())
    wait_until(lambda: max(int(row["step"] or 0) for row in runs["long"].read_metrics()) > last)
    assert runs["long"].status == "running"
    two = [serve(), serve()]  # on one folder, side by side

    # then: the new servers know of the training, and start nothing beside it
    time.sleep(1.5)
    queue = two[0].ask("GET", "/api/queue")
    assert (queue["running"], queue["waiting"]) == (["long"], ["c", "a", "b"])

    # when: it is stopped through the one that may not be the one to start the next
    stopping = two[1].ask("POST", "/api/runs/long/stop")
    assert stopping["is_stopping"] or stopping["status"] == "interrupted"
    wait_until(lambda: all(runs[name].status == "finished" for name in ("a", "b", "c")))

    # then: all were trained, once, in their order
    records = {name: run.record for name, run in runs.items()}
    assert records["long"].status == "interrupted"
    assert records["long"].step > last
    assert all(record.num_resumes == 0 for record in records.values())
    begun = sorted(("a", "b", "c"), key=lambda name: records[name].started_at)
    assert begun == ["c", "a", "b"]
    for name in begun:
        steps = [row["step"] for row in runs[name].read_metrics()]
        assert steps == sorted(set(steps))
    ends = [records[name].ended_at for name in begun[:-1]]
    assert all(end and end <= records[name].started_at for end, name in zip(ends, begun[1:], strict=True))


def test_a_killed_training_shows_as_interrupted_and_a_request_finishes_it(
    tmp_path: Path, serve: Callable[..., Server]
) -> None:
    server = serve()
    server.add("softmax", {"steps": 5_000, "checkpoint_steps": 100, "tensorboard": False})
    run = Run(tmp_path / "softmax")
    wait_until(lambda: has_learned(run))

    wait_until(lambda: freeze(run)).kill()
    wait_until(lambda: not run.is_busy())
    assert server.ask("GET", "/api/runs/softmax")["status"] == "interrupted"
    wait_until(lambda: server.ask("GET", "/api/queue")["problem"])

    assert server.ask("POST", "/api/runs/softmax/resume")["status"] in ("queued", "running")
    wait_until(lambda: run.status == "finished")

    assert run.record.num_resumes == 1
    assert server.ask("GET", "/api/queue") == {"jobs": 1, "running": [], "waiting": [], "problem": None}


def test_so_many_trainings_at_once_as_was_said(tmp_path: Path, serve: Callable[..., Server]) -> None:
    server = serve("--jobs", "2")
    for name in ("a", "b", "c"):
        server.add(name, LONG)
    wait_until(lambda: has_learned(Run(tmp_path / "a")) and has_learned(Run(tmp_path / "b")))

    queue = server.ask("GET", "/api/queue")
    assert (queue["running"], queue["waiting"]) == (["a", "b"], ["c"])

    server.ask("POST", "/api/runs/a/stop")
    wait_until(lambda: Run(tmp_path / "c").status == "running")
    assert Run(tmp_path / "a").status == "interrupted"


def test_ctrl_c_ends_the_server_and_its_stream_at_once_and_leaves_the_training(
    tmp_path: Path, serve: Callable[..., Server]
) -> None:
    server = serve()
    server.add("a", LONG)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request("GET", "/api/events?run=a")
    events = connection.getresponse()
    told = ""
    while "event: metrics" not in told:
        told += events.readline().decode()
    assert told.startswith("event: reset\ndata: {}\nid: ")

    server.process.send_signal(signal.SIGINT)
    _, errors = server.process.communicate(timeout=20)

    assert (server.process.returncode, errors) == (0, b"")
    events.read()  # to its end
    connection.close()
    assert Run(tmp_path / "a").status == "running"


def test_what_cannot_even_begin_is_marked_as_failed_and_not_tried_again(
    tmp_path: Path, serve: Callable[..., Server]
) -> None:
    server = serve("--jobs", "1")
    server.add("long", LONG)
    server.add("harmed", SHORT)
    (tmp_path / "harmed" / "config.toml").write_text("steps = 'many'")
    server.ask("POST", "/api/runs/long/stop")

    wait_until(lambda: Run(tmp_path / "harmed").status == "failed")

    assert "config.toml" in (Run(tmp_path / "harmed").record.message or "")
    wait_until(lambda: "config.toml" in (server.ask("GET", "/api/queue")["problem"] or ""))
