"""Two workers that share every batch against one process that is alone: accuracy, speed, memory, what starting costs.

    python benchmarks/workers.py                    # tutorial, 500 steps, 3 seeds
    python benchmarks/workers.py --recipe softmax --steps 5 --seeds 1 --results /tmp/x      # does it still work?

Both have the same processors: the one process as many threads as there are, each worker its part. On one machine two
workers so show what sharing costs, not what a second machine gives. Each seed is trained both ways, in turn.
"""

from __future__ import annotations

import argparse
import contextlib
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import psutil

from inkproof.runs import Run
from results_file import RESULTS, summarise, write_results

NUM_WORKERS = 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipe", default="tutorial")
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    alone, shared = [], []
    for seed in range(options.seeds):
        alone.append(measure(options.recipe, options.steps, seed))
        shared.append(measure(options.recipe, options.steps, seed, "--workers", str(NUM_WORKERS)))
    figures = {"one_process": describe(alone), "workers": describe(shared)}
    write_results(
        "workers",
        {
            "recipe": options.recipe,
            "steps": options.steps,
            "num_workers": NUM_WORKERS,
            **figures,
            # Images learnt from in a second, by the medians; the steps alone.
            "throughput_ratio": ratio(figures, "steps_seconds"),
            "accuracy_differences": [
                two["test_accuracy"] - one["test_accuracy"] for one, two in zip(alone, shared, strict=True)
            ],
        },
        options.results,
    )


def describe(rows: list[dict[str, float]]) -> dict[str, Any]:
    return {name: summarise([row[name] for row in rows]) for name in rows[0]}


def ratio(figures: dict[str, Any], name: str) -> float:
    one, two = (figures[who][name]["median"] for who in ("one_process", "workers"))
    return float(one / two)


def measure(recipe: str, steps: int, seed: int, *flags: str) -> dict[str, float]:
    """Train once by the command, and see how much memory its processes hold in all at their most."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "inkproof", "train", recipe, "--steps", str(steps), "--seed", str(seed)]
        began = time.perf_counter()
        process = subprocess.Popen([*command, "--quiet", "--runs-dir", folder, *flags])
        peaks: dict[str, float] = {"all": 0.0, "largest": 0.0}
        watching = threading.Thread(target=watch_memory, args=(psutil.Process(process.pid), peaks), daemon=True)
        watching.start()
        if process.wait():
            raise SystemExit(f"{' '.join(command)} failed")
        watching.join()
        record = Run(Path(folder) / recipe).record
    return {
        "test_accuracy": float(record.figures["test_accuracy"]),
        "steps_seconds": record.timings_seconds["steps"],
        "training_seconds": record.timings_seconds["training"],
        "process_seconds": time.perf_counter() - began,
        "peak_memory_all_processes_mb": peaks["all"],
        "peak_memory_largest_process_mb": peaks["largest"],
    }


def watch_memory(process: psutil.Process, peaks: dict[str, float]) -> None:
    """Look twice a second how much memory a process and its descendants hold, until it ends."""
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        with contextlib.suppress(psutil.NoSuchProcess):
            held = [memory_of(each) for each in (process, *process.children(recursive=True))]
            peaks["all"] = max(peaks["all"], sum(held))
            peaks["largest"] = max(peaks["largest"], *held)
        time.sleep(0.5)


def memory_of(process: psutil.Process) -> float:
    """What a process holds for itself alone and its part of what it shares, in MB."""
    try:
        return float(process.memory_full_info().pss / 1e6)
    except psutil.NoSuchProcess:
        return 0.0


if __name__ == "__main__":
    main()
