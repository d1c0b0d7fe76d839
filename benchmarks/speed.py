"""Speed of `inkproof train tutorial` against the tutorial's own script, side by side, one after the other.

    python benchmarks/speed.py                     # the README's figures: 3 pairs of whole trainings, 11 minutes
    python benchmarks/speed.py --steps 5 --repeats 1 --results /tmp/x     # does it still work?

Ours is the wall clock of the whole training (all logging, measuring on the 10,000 test images, snapshots and
checkpoints) over the number of steps; the peer's is its steps alone, without any of that.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from importlib import resources
from pathlib import Path
from typing import Any

from results_file import RESULTS, summarise, write_results

PEER = Path(__file__).parent / "peers" / "tutorial_tf1" / "mnist.py"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()

    peers, ours, bare = [], [], []
    for number in range(options.repeats):
        peers.append(run_peer(options.steps, number))
        ours.append(run_inkproof("tutorial", options.steps, number))
        bare.append(run_inkproof("tutorial", options.steps, number, "--set", "tensorboard=false"))
    softmax = [run_inkproof("softmax", min(options.steps, 1000), number) for number in range(options.repeats)]

    def column(rows: list[dict[str, Any]], key: str) -> dict[str, Any]:
        return summarise([row[key] for row in rows])

    peer_step, our_step = column(peers, "mean_step_ms"), column(ours, "step_ms")
    write_results(
        "speed",
        {
            "steps": options.steps,
            "peer_step_ms": peer_step,
            "inkproof_step_ms": our_step,
            "speedup_per_step": peer_step["median"] / our_step["median"],
            "inkproof_step_ms_without_tensorboard": column(bare, "step_ms"),
            "tensorboard_cost_fraction": our_step["median"] / column(bare, "step_ms")["median"] - 1,
            "inkproof_parts_seconds": ours[-1]["timings"],
            "peer_process_seconds": column(peers, "process_seconds"),
            "inkproof_process_seconds": column(ours, "process_seconds"),
            "speedup_whole_command": column(peers, "process_seconds")["median"]
            / column(ours, "process_seconds")["median"],
            "peer_start_seconds": column(peers, "start_seconds"),
            "inkproof_start_fraction": 1
            - sum(row["training"] for row in ours) / sum(row["process_seconds"] for row in ours),
            "peer_peak_memory_mb": column(peers, "peak_memory_mb"),
            "inkproof_peak_memory_mb": column(ours, "peak_memory_mb"),
            "inkproof_run_folder_mb": column(ours, "folder_mb"),
            "softmax_training_seconds": column(softmax, "training"),
            "peer_test_accuracy": [row["test_accuracy"] for row in peers],
        },
        options.results,
    )


def run_peer(steps: int, seed: int) -> dict[str, Any]:
    data = resources.files("inkproof") / "data" / "mnist"
    measured = [str(step) for step in (200, 500, 1000, 2000) if step <= steps]
    arguments = ["--data", str(data), "--steps", str(steps), "--seed", str(seed), "--measure", *measured]
    begin = time.perf_counter()
    # As installed: nothing that this project sets may reach it.
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("TF_", "KERAS_"))}
    ended = subprocess.run(
        [sys.executable, str(PEER), *arguments], check=True, capture_output=True, text=True, env=environment
    )
    figures: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return {**figures, "process_seconds": time.perf_counter() - begin}


def run_inkproof(recipe: str, steps: int, seed: int, *flags: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as runs_dir:
        command = [sys.executable, "-m", "inkproof", "train", recipe, "--steps", str(steps), "--seed", str(seed)]
        begin = time.perf_counter()
        ended = subprocess.run(
            [*command, "--runs-dir", runs_dir, "--json", *flags], check=True, capture_output=True, text=True
        )
        seconds = time.perf_counter() - begin
        record = json.loads(ended.stdout.splitlines()[-1])
        size = sum(path.stat().st_size for path in Path(runs_dir).rglob("*") if path.is_file())
    training = record["timings_seconds"]["training"]
    return {
        "step_ms": training / steps * 1000,
        "training": training,
        "timings": record["timings_seconds"],
        "process_seconds": seconds,
        "test_accuracy": record["figures"]["test_accuracy"],
        "peak_memory_mb": record["peak_memory_mb"],
        "folder_mb": size / 1e6,
    }


if __name__ == "__main__":
    main()
