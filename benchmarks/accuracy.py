"""Accuracy of recipes on the 10,000 test images, mean ± sample standard deviation over seeds.

    python benchmarks/accuracy.py tutorial softmax --seeds 5     # 6 minutes
    python benchmarks/accuracy.py deep --seeds 1                 # 16 minutes
    python benchmarks/accuracy.py softmax --seeds 1 --steps 20 --results /tmp/x     # does it still work?

Results of recipes that were not asked for stay as they are in results/accuracy.json.
"""

from __future__ import annotations

import argparse
import json
import math
import tempfile
from pathlib import Path
from typing import Any

import inkproof
from results_file import RESULTS, summarise, write_results

# The steps that the tutorial speaks of; each recipe's own last step comes in addition.
STEPS = (200, 500, 1000, 2000)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipes", nargs="+")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    path = options.results / "accuracy.json"
    recipes: dict[str, Any] = json.loads(path.read_text("utf-8"))["recipes"] if path.exists() else {}
    for recipe in options.recipes:
        recipes[recipe] = measure(recipe, options.seeds, options.steps)
        write_results("accuracy", {"recipes": recipes}, options.results)


def measure(recipe: str, num_seeds: int, steps: int | None) -> dict[str, Any]:
    changes = {} if steps is None else {"steps": steps}
    by_step: dict[int, list[float]] = {}
    seconds, hashes = [], []
    for seed in range(num_seeds):
        with tempfile.TemporaryDirectory() as runs_dir:
            run = inkproof.train(recipe, runs_dir=runs_dir, seed=seed, **changes)
            metrics, record = run.metrics, run.record
        last = record.steps
        measured = zip(metrics["step"], metrics["test_accuracy"], strict=True)
        for step, accuracy in measured:
            if int(step) in (*STEPS, last) and not math.isnan(accuracy):
                by_step.setdefault(int(step), []).append(float(accuracy))
        seconds.append(record.timings_seconds["training"])
        hashes.append(record.figures["weights_sha256"])
    return {
        "num_test_images": record.figures["num_test_images"],
        "steps": last,
        "test_accuracy_by_step": {step: summarise(values) for step, values in sorted(by_step.items())},
        "training_seconds": summarise(seconds),
        "weights_sha256_by_seed": hashes,
        "data_sha256": record.data_sha256,
    }


if __name__ == "__main__":
    main()
