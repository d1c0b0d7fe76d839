"""What a sweep of the tutorial finds: twelve trials, then the best setting against the tutorial's own over five seeds.

    python benchmarks/search.py --runs-dir runs     # ten minutes; a sweep that is there is gone on with, or only read

Chosen by 5,000 training images held out; the test images are looked at once the choice is made.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from inkproof.api import compare
from inkproof.sweep.record import Sweep
from inkproof.sweep.table import read_results
from results_file import RESULTS, summarise, write_results

SWEEP = [
    "sweep", "tutorial", "--space", "learning_rate=1e-5..1e-1:log", "--space", "steps=100,500,2000",
    "--space", "model.hidden_activation=linear,relu", "--trials", "12",
]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs-dir", type=Path, default=Path("runs"))
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    command = [*SWEEP, "--runs-dir", str(options.runs_dir)]
    subprocess.run([sys.executable, "-m", "inkproof", *command], check=True)
    sweep = Sweep(options.runs_dir, "tutorial-sweep")
    results, record = read_results(sweep), sweep.record
    report = compare(*results.recipe_runs, *results.best_runs, runs_dir=options.runs_dir)

    def accuracies(names: list[str]) -> dict[str, Any]:
        files = [options.runs_dir / name / "run.json" for name in names]
        return summarise([json.loads(file.read_bytes())["figures"]["test_accuracy"] for file in files])

    write_results(
        "search",
        {
            "sweep": "inkproof " + " ".join(SWEEP),
            "seconds": record.seconds,
            "trials": [vars(row) for row in results.trials],
            "best": vars(results.best) if results.best else None,
            "best_test_accuracy": accuracies(results.best_runs),
            "recipe_test_accuracy": accuracies(results.recipe_runs),
            "verdict": report.verdict.en,
        },
        options.results,
    )


if __name__ == "__main__":
    main()
