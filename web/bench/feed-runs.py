"""Make run folders with many measurements and go on measuring, as trainings do: for curves.bench.ts.

    python feed-runs.py RUNS_DIR TRAINED_RUN NUM_RUNS NUM_ROWS

Prints `ready` when the folders are there, and ends with its standard input. The runs are held as trainings hold them.
"""

from __future__ import annotations

import contextlib
import json
import math
import random
import select
import shutil
import sys
from pathlib import Path
from typing import Any

from inkproof.runs import Run

STEP = 5
ROWS_A_SECOND = 2


def measure(run: int, row: int) -> str:
    """A line of metrics.jsonl: a loss that falls and jumps, an accuracy now and then."""
    chance = random.Random(run * 1_000_003 + row)
    share = 1 - math.exp(-row / (1500 + 40 * run))
    line: dict[str, Any] = {
        "step": row * STEP,
        "seconds": row * 0.2,
        "loss": 2.3 * (1 - share) + 0.05 + 0.01 * run + chance.uniform(0, 0.4) * (1.2 - share),
        "batch_accuracy": min(1.0, max(0.0, 0.1 + 0.88 * share + chance.uniform(-0.06, 0.06))),
        "learning_rate": 0.001 * (1 + run / 50),
    }
    if row % 100 == 0:
        line["test_accuracy"] = 0.1 + 0.88 * share
    return json.dumps(line) + "\n"


def main(runs_dir: Path, trained: Path, num_runs: int, num_rows: int) -> None:
    """Feed until nobody listens."""
    runs = []
    for number in range(num_runs):
        folder = runs_dir / f"run-{number:02}"
        folder.mkdir(parents=True)
        for name in ("run.json", "config.toml"):
            shutil.copy(trained / name, folder / name)
        lines = "".join(measure(number, row) for row in range(num_rows))
        (folder / "metrics.jsonl").write_text(lines, "utf-8")
        runs.append(Run(folder))
    with contextlib.ExitStack() as held:
        for run in runs:
            held.enter_context(run.hold())
            run.update(name=run.name, status="running", step=num_rows * STEP, steps=2 * num_rows * STEP)
        print("ready", flush=True)
        row = num_rows
        while not select.select([sys.stdin], [], [], 1 / ROWS_A_SECOND)[0]:
            for number, run in enumerate(runs):
                with (run.folder / "metrics.jsonl").open("a", encoding="utf-8") as file:
                    file.write(measure(number, row))
            row += 1


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
