"""A fast recipe against the fastest known one in plain PyTorch, and the tutorial's own script; in turn, side by side.

    python benchmarks/fast.py --torch-python /path/to/venv/bin/python      # 5 rounds
    python benchmarks/fast.py --recipe softmax --repeats 1 --script-steps 5 --results /tmp/x      # still works?

The PyTorch peer needs a Python of its own: `python -m venv V && V/bin/pip install -r
benchmarks/peers/mnist_fast_pytorch/requirements.txt`; without one it is left out. Ours is the wall clock of the whole
training with all its logging and measuring, and of the whole command with imports, export and parity proof; the peers'
are their steps alone, and the whole process. The tutorial's script runs for a few steps only: the median of a step
times the 2,000 that it takes.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import time
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from inkproof.config import load_recipe
from inkproof.machine import describe_machine
from results_file import RESULTS, summarise, write_results
from speed import run_inkproof, run_peer

PEER = Path(__file__).parent / "peers" / "mnist_fast_pytorch" / "mnist.py"
TUTORIAL_STEPS = 2000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipe", default="fast")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--script-steps", type=int, default=200)
    parser.add_argument("--torch-python", help="a Python that has PyTorch; left out by default")
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    steps = load_recipe(options.recipe).steps
    ours, peers, scripts = [], [], []
    for number in range(options.repeats):
        ours.append(run_inkproof(options.recipe, steps, number))
        if options.torch_python:
            peers.append(run_pytorch(options.torch_python, number))
        scripts.append(run_peer(options.script_steps, number))
    inkproof = describe([{**row, "training_seconds": row["training"]} for row in ours])
    pytorch = describe(peers) if peers else None
    step_ms = summarise([row["median_step_ms"] for row in scripts])
    script_seconds = step_ms["median"] * TUTORIAL_STEPS / 1000
    write_results(
        "fast",
        {
            "recipe": options.recipe,
            "steps": steps,
            "inkproof": inkproof,
            "pytorch": pytorch and {**pytorch, "threads": peers[0]["threads"], "versions": peers[0]["versions"]},
            "tutorial_script": {
                "step_ms": step_ms,
                "num_steps_measured": options.script_steps,
                "training_seconds": script_seconds,
            },
            # How many times as long the peer takes, by the medians.
            "speedup_over_pytorch": ratio(pytorch, inkproof, "training_seconds"),
            "speedup_over_pytorch_whole_command": ratio(pytorch, inkproof, "process_seconds"),
            "speedup_over_tutorial_script": script_seconds / inkproof["training_seconds"]["median"],
        },
        options.results,
    )


def describe(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    names = ("training_seconds", "process_seconds", "test_accuracy", "peak_memory_mb")
    return {name: summarise([row[name] for row in rows]) for name in names}


def ratio(peer: dict[str, Any] | None, ours: dict[str, Any], name: str) -> float | None:
    return None if peer is None else peer[name]["median"] / ours[name]["median"]


def run_pytorch(python: str, seed: int) -> dict[str, Any]:
    data = resources.files("inkproof") / "data" / "mnist"
    threads = str(describe_machine()["cores"])
    # As installed: nothing that somebody set for this process may reach it.
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("OMP_", "MKL_", "TORCH_"))}
    begin = time.perf_counter()
    ended = subprocess.run(
        [python, str(PEER), "--data", str(data), "--seed", str(seed), "--threads", threads],
        check=True, capture_output=True, text=True, env=environment,
    )  # fmt: skip
    figures: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return {**figures, "process_seconds": time.perf_counter() - begin}


if __name__ == "__main__":
    main()
