"""Training time of recipes on an otherwise idle machine; of long ones from their first 1,000 steps.

    python benchmarks/times.py softmax tutorial deep fast robust best       # 5 minutes
    python benchmarks/times.py softmax --steps 5 --repeats 1 --results /tmp/x     # does it still work?

The wall clock of those steps, with all logging and measuring, times the steps of the recipe. It overstates a little,
for early steps are measured more often than late ones. Accuracy needs the whole training, but no idle machine; this way
both can be had in a day. The READMEs take the time of a recipe from here where there is one.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from inkproof.config import load_recipe
from results_file import RESULTS, summarise, write_results
from speed import run_inkproof


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipes", nargs="+")
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    path = options.results / "times.json"
    recipes: dict[str, Any] = json.loads(path.read_text("utf-8"))["recipes"] if path.exists() else {}
    for recipe in options.recipes:
        steps = load_recipe(recipe).steps
        measured_steps = min(options.steps, steps)
        rows = [run_inkproof(recipe, measured_steps, number) for number in range(options.repeats)]
        step_ms = summarise([row["step_ms"] for row in rows])
        recipes[recipe] = {
            "measured_steps": measured_steps,
            "step_ms": step_ms,
            "steps": steps,
            "training_seconds": step_ms["median"] * steps / 1000,
            "peak_memory_mb": max(row["peak_memory_mb"] for row in rows),
        }
        write_results("times", {"recipes": recipes}, options.results)


if __name__ == "__main__":
    main()
