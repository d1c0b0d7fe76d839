"""The server: time to its first answer, memory, latency alone and under many pads, against Flask with Keras.

    inkproof train softmax --name softmax && inkproof train tutorial --name tutorial
    python benchmarks/server.py --runs-dir runs                                  # 4 minutes
    python benchmarks/server.py --runs-dir runs --quick --results /tmp/x         # does it still work?

With `--peer-python PYTHON`, of an environment with peers/flask_keras/requirements.txt, the peer is measured beside it.
The load is generated on the same machine, which takes a part of its cores.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import math
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

from results_file import RESULTS, summarise, write_results

HERE = Path(__file__).parent
RATE = 30  # answers a second that a pad asks for while somebody draws
MOST_P99_MS = 250.0
PADS = (5, 10, 15, 20, 30, 40, 60, 80, 100)
# A seven in two strokes, 45 points.
SEVEN = {
    "strokes": [
        {"points": [[60 + 4 * n, 60 + 0.2 * n, 0.5, 16 * n] for n in range(25)]},
        {"points": [[160 - 3 * n, 64 + 6 * n, 0.5, 400 + 16 * n] for n in range(20)]},
    ]
}
TWO = [{"run": "softmax"}, {"run": "tutorial"}]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs-dir", type=Path, default=Path("runs"))
    parser.add_argument("--peer-python")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    found: dict[str, Any] = {"start": measure_start(options.runs_dir, 2 if options.quick else 7)}
    with server(options.runs_dir) as (port, process):
        found["alone"] = measure_alone(port, "/api/predict", predict_body(TWO), 50 if options.quick else 1000)
        networks = four_networks(port)
        found["edge_map_four_networks"] = measure_edge_map(port, networks, 3 if options.quick else 30)
        found["resident_memory_mb_four_networks"] = resident_mb(process.pid)
    with server(options.runs_dir) as (port, _):
        found["load"] = measure_load(port, 1 if options.quick else 10, 2 if options.quick else 60)
    if options.peer_python:
        found["peer_flask_keras"] = measure_peer(options.peer_python, options.runs_dir, 20 if options.quick else 300)
        found["ratio_p50_peer_to_inkproof"] = round(found["peer_flask_keras"]["p50_ms"] / found["alone"]["p50_ms"], 1)
    write_results("server", found, options.results)


# ── what is measured ───────────────────────────────────────────────────────────────────────────────


def measure_start(runs_dir: Path, num_starts: int) -> dict[str, Any]:
    """From the command to the first answer of two networks, files in the cache of the system."""
    seconds = []
    for _ in range(num_starts):
        began = time.perf_counter()
        with server(runs_dir) as (port, _):
            ask(port, "/api/predict", predict_body(TWO))
            seconds.append(time.perf_counter() - began)
    return {"seconds_to_first_answer": summarise(seconds)}


def measure_alone(port: int, path: str, body: bytes, num_requests: int) -> dict[str, Any]:
    """One request after the other on one connection."""
    ask(port, path, body)
    connection = http.client.HTTPConnection("127.0.0.1", port)
    milliseconds = []
    for number in range(num_requests + 20):
        began = time.perf_counter()
        connection.request("POST", path, body, {"content-type": "application/json"})
        response = connection.getresponse()
        response.read()
        if number >= 20:  # the first ones load what later ones find
            milliseconds.append((time.perf_counter() - began) * 1000)
        if response.status != 200:
            raise RuntimeError(response.status)
    connection.close()
    return {"n": num_requests, **percentiles(milliseconds)}


def measure_edge_map(port: int, networks: list[dict[str, Any]], num_requests: int) -> dict[str, Any]:
    drawing = {"strokes": [{"points": [[112, 60 + 4 * n, 0.5, 16 * n] for n in range(26)]}]}
    body = json.dumps({"drawing": drawing, "networks": networks}).encode()
    maps = json.loads(ask(port, "/api/edge-map", body))["maps"]
    num_offsets = len(maps[0]["dx"]) * len(maps[0]["dy"])
    milliseconds = [json.loads(ask(port, "/api/edge-map", body))["milliseconds"] for _ in range(num_requests)]
    return {"n": num_requests, "networks": networks, "num_offsets_each": num_offsets, **percentiles(milliseconds)}


def measure_load(port: int, seconds: float, longest: float) -> dict[str, Any]:
    """More and more pads until the server no longer keeps up, then the last number that held, for a minute."""
    levels = []
    for num_pads in PADS:
        level = let_pads_draw(port, num_pads, seconds)
        levels.append(level)
        if not holds(level):
            break
    held = [level["num_pads"] for level in levels if holds(level)]
    minute = None
    while held and minute is None:  # what held for ten seconds need not hold for a minute
        level = let_pads_draw(port, held.pop(), longest)
        levels.append(level)
        minute = level if holds(level) else None
    return {"rate_per_pad": RATE, "levels": levels, "highest_that_holds": minute, "limit_p99_ms": MOST_P99_MS}


def measure_peer(python: str, runs_dir: Path, num_requests: int) -> dict[str, Any]:
    port = free_port()
    files = [str((runs_dir / name / "network.keras").absolute()) for name in ("softmax", "tutorial")]
    app = str(HERE / "peers" / "flask_keras" / "app.py")
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    began = time.perf_counter()
    process = subprocess.Popen(
        [python, app, str(port), *files], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
    )
    try:
        body = json.dumps([255] * 300 + [0] * 60 + [255] * 424).encode()
        ask(port, "/api/mnist", body)
        first = time.perf_counter() - began
        return {
            "seconds_to_first_answer": round(first, 2),
            **measure_alone(port, "/api/mnist", body, num_requests),
            "resident_memory_mb": resident_mb(process.pid),
        }
    finally:
        process.terminate()
        process.wait()


# ── how ────────────────────────────────────────────────────────────────────────────────────────────


@contextlib.contextmanager
def server(runs_dir: Path, *options: str) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    port = free_port()
    command = [sys.executable, "-m", "inkproof", "serve", "--no-open", "--no-tensorboard", "--port", str(port)]
    process = subprocess.Popen([*command, "--runs-dir", str(runs_dir), *options], stdout=subprocess.DEVNULL)
    try:
        yield port, process
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def let_pads_draw(port: int, num_pads: int, seconds: float) -> dict[str, Any]:
    command = [sys.executable, str(HERE / "pads.py"), str(port), str(num_pads), str(seconds), str(RATE)]
    ask(port, "/api/predict", predict_body(TWO))
    output = subprocess.run(command, input=predict_body(TWO), stdout=subprocess.PIPE, check=True).stdout
    level: dict[str, Any] = {"seconds": seconds, **json.loads(output)}
    return level


def holds(level: dict[str, Any]) -> bool:
    return bool(level["num_lost"] == 0 and level["p99_ms"] < MOST_P99_MS)


def four_networks(port: int) -> list[dict[str, Any]]:
    """Four networks of the size of `tutorial`: its newest and three of its timeline."""
    steps = json.loads(ask(port, "/api/runs/tutorial"))["timeline"]
    return [{"run": "tutorial"}, *({"run": "tutorial", "step": step} for step in steps[-4:-1])]


def predict_body(networks: list[dict[str, Any]]) -> bytes:
    return json.dumps({"drawings": [SEVEN], "networks": networks, "views": ["drawn"]}).encode()


def ask(port: int, path: str, body: bytes | None = None) -> bytes:
    """Ask until somebody listens."""
    end = time.monotonic() + 120
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            headers = {"content-type": "application/json"}
            connection.request("GET" if body is None else "POST", path, body, headers)
            response = connection.getresponse()
            content = response.read()
        except ConnectionError:
            if time.monotonic() > end:
                raise
            time.sleep(0.01)
        else:
            if response.status not in (200, 201):
                raise RuntimeError(content.decode())
            return content
        finally:
            connection.close()


def percentiles(milliseconds: list[float]) -> dict[str, float]:
    ordered = sorted(milliseconds)
    at = {p: ordered[min(len(ordered) - 1, math.floor(len(ordered) * p / 100))] for p in (50, 99)}
    return {"p50_ms": round(at[50], 2), "p99_ms": round(at[99], 2), "mean_ms": round(statistics.mean(ordered), 2)}


def resident_mb(pid: int) -> float:
    """Memory that the process holds now, in MB."""
    return round(psutil.Process(pid).memory_info().rss / 1e6, 1)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()
