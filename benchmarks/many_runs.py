"""The page's server over many runs: the list, the curves, and events to many listeners while many runs train.

python benchmarks/many_runs.py                                                        # 2 minutes
python benchmarks/many_runs.py --runs 5 --live 2 --listeners 2 --points 50 --seconds 2 --repeats 1    # does it work?

Runs are copies of one small training. Those that train are imitated: their folders held, rows appended to their
measurements. Servers, writers and listeners share the machine.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import selectors
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import psutil

import inkproof
from inkproof.runs import Run, open_run
from results_file import RESULTS, summarise, write_results
from server import ask, server

ROWS_A_SECOND = 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--live", type=int, default=50)
    parser.add_argument("--points", type=int, default=10_000)
    parser.add_argument("--listeners", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        inkproof.train("softmax", name="run-0", steps=50, runs_dir=folder)
        make_copies(folder, options.runs)
        live = [open_run(f"run-{number}", folder) for number in range(options.live)]
        figures = {
            "first_point": measure_first_point(folder, options.repeats),
            "list": measure_list(folder, options.runs, options.repeats),
            "curves": measure_curves(folder, live, options.points, options.repeats),
            "events": measure_events(folder, live, options.listeners, options.seconds),
        }
    write_results("many_runs", figures, options.results)


def make_copies(folder: Path, num_runs: int) -> None:
    """Runs of the same files; those that are written are of each its own."""
    for number in range(1, num_runs):
        copy = folder / f"run-{number}"
        shutil.copytree(folder / "run-0", copy, copy_function=os.link)
        for path in (copy / "run.json", copy / "metrics.jsonl"):
            content = path.read_bytes()
            path.unlink()
            path.write_bytes(content)
        (copy / ".lock").unlink()  # the same file would be one lock for all
        Run(copy).update(name=copy.name)


def measure_first_point(folder: Path, repeats: int) -> dict[str, Any]:
    """From the page's request for a training of `tutorial` to the first point of its curve, imports included."""
    seconds = []
    with server(folder) as (port, _):
        ask(port, "/api/health")
        for _ in range(min(5, repeats)):
            began = time.monotonic()
            name = json.loads(ask(port, "/api/trainings", b'{"recipe": "tutorial", "changes": {}}'))["name"]
            while not json.loads(ask(port, f"/api/runs/{name}/metrics"))["step"]:
                time.sleep(0.02)
            seconds.append(time.monotonic() - began)
            ask(port, f"/api/runs/{name}/stop", b"")
            while json.loads(ask(port, f"/api/runs/{name}"))["status"] == "running":
                time.sleep(0.2)
    return {"recipe": "tutorial", "seconds": summarise(seconds)}


def measure_list(folder: Path, num_runs: int, repeats: int) -> dict[str, Any]:
    """From the request to the last byte: the first of a server that has just started, and the later ones."""
    first, later, size = [], [], 0
    for _ in range(min(3, repeats)):
        with server(folder) as (port, _):
            ask(port, "/api/health")
            first.append(timed(lambda: ask(port, "/api/runs")))
            for _ in range(repeats):
                later.append(timed(lambda: ask(port, "/api/runs")))
            size = len(ask(port, "/api/runs"))
    return {
        "num_runs": num_runs,
        "bytes": size,
        "first_seconds": summarise(first),
        "later_seconds": summarise(later),
    }


def measure_curves(folder: Path, runs: list[Run], num_points: int, repeats: int) -> dict[str, Any]:
    """All measurements of several runs in one request."""
    for run in runs:
        rows = [row(number) for number in range(num_points)]
        (run.folder / "metrics.jsonl").write_text("".join(rows))
    found: dict[str, Any] = {"num_runs": len(runs), "num_points_each": num_points}
    path = "/api/metrics?" + "&".join(f"run={run.name}" for run in runs)
    for name, query in (("all", path), ("thinned_to_2000", f"{path}&points=2000")):
        with server(folder) as (port, _):
            ask(port, "/api/health")
            found[name] = {
                "first_seconds": timed(lambda port=port, query=query: ask(port, query)),
                "later_seconds": summarise(
                    [timed(lambda port=port, query=query: ask(port, query)) for _ in range(repeats)]
                ),
                "bytes": len(ask(port, query)),
            }
    return found


def measure_events(folder: Path, runs: list[Run], num_listeners: int, seconds: float) -> dict[str, Any]:
    """Processor time of the server, and how long a row takes from the file to each listener."""
    for run in runs:
        (run.folder / "metrics.jsonl").write_text(row(0))
        run.update(status="running", steps=10_000_000)
    with contextlib.ExitStack() as stack:
        for run in runs:
            stack.enter_context(run.hold())
        port, process = stack.enter_context(server(folder, "--jobs", "0"))
        ask(port, "/api/health")
        path = "/api/events?" + "&".join(f"run={run.name}" for run in runs)
        sockets = [stack.enter_context(contextlib.closing(listen(port, path))) for _ in range(num_listeners)]
        time.sleep(2.0)  # what is sent at first is not what is measured
        began, used = time.monotonic(), cpu_seconds(process)
        writer = threading.Thread(target=write_rows, args=(runs, began, seconds))
        writer.start()
        delays = follow(sockets, began, seconds)
        writer.join()
        used = cpu_seconds(process) - used
    return {
        "num_listeners": num_listeners,
        "num_runs_training": len(runs),
        "rows_a_second_each": ROWS_A_SECOND,
        "seconds": seconds,
        "server_cpu_fraction_of_one_core": round(used / seconds, 3),
        "num_rows_received": len(delays),
        "delay_seconds": {
            "median": round(statistics.median(delays), 3),
            "p99": round(sorted(delays)[int(len(delays) * 0.99)], 3),
        },
    }


def write_rows(runs: list[Run], began: float, seconds: float) -> None:
    """Append rows to each run; `seconds` of a row says when, so that a listener knows how late it hears of it."""
    for number in range(1, int(seconds * ROWS_A_SECOND) + 1):
        time.sleep(max(0.0, began + number / ROWS_A_SECOND - time.monotonic()))
        for run in runs:
            with (run.folder / "metrics.jsonl").open("a") as file:
                file.write(row(number, time.monotonic() - began))


def row(number: int, seconds: float = 0.0) -> str:
    measured = {"test_accuracy": 0.9} if number % 100 == 0 else {}
    values = {"step": 10 * number, "seconds": seconds, "loss": 1 / (1.3 + number), "batch_accuracy": 0.91, **measured}
    return json.dumps({**values, "learning_rate": 0.0001}) + "\n"


def listen(port: int, path: str) -> socket.socket:
    """A connection on which events come."""
    connection = socket.create_connection(("127.0.0.1", port))
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
    return connection


def follow(sockets: list[socket.socket], began: float, seconds: float) -> list[float]:
    """How late each row came to each listener."""
    delays: list[float] = []
    parts: dict[socket.socket, bytes] = dict.fromkeys(sockets, b"")
    with selectors.DefaultSelector() as selector:
        for each in sockets:
            selector.register(each, selectors.EVENT_READ)
        while (elapsed := time.monotonic() - began) < seconds + 2:
            for key, _ in selector.select(timeout=0.2):
                connection = key.fileobj
                *events, parts[connection] = (parts[connection] + connection.recv(1 << 20)).split(b"\n\n")
                for event in events:
                    if b"event: metrics" in event:
                        data = event[event.index(b"data: ") + 6 :].splitlines()[0]
                        delays += [elapsed - then for then in json.loads(data)["seconds"] if then]
    return delays


def cpu_seconds(process: subprocess.Popen[bytes]) -> float:
    """Processor time that a process has used."""
    times = psutil.Process(process.pid).cpu_times()
    return float(times.user + times.system)


def timed(action: Any) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


if __name__ == "__main__":
    try:
        main()
    except (http.client.HTTPException, subprocess.SubprocessError) as error:
        sys.exit(f"error: {error}")
