"""Accuracy of recipes on the 10,000 test images and in proof suites, mean ± sample standard deviation over seeds.

    python benchmarks/accuracy.py tutorial softmax --seeds 5
    python benchmarks/accuracy.py best --seeds 5 --runs-dir /data/runs    # trained elsewhere before: only judged
    python benchmarks/accuracy.py softmax --seeds 1 --steps 20 --results /tmp/x --runs-dir /tmp/x/runs  # still works?

Runs are those of `inkproof train RECIPE --seeds N`, in `runs/` by default: what is there already is neither trained
nor judged again, so the same command goes on with a benchmark that was interrupted. Results of recipes that were not
asked for stay as they are in results/accuracy.json. `python scripts/results.py` carries the figures into the READMEs
and into the recipes' headers.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import inkproof
from inkproof.api import TrainedRun
from results_file import RESULTS, describe_command, summarise, write_results

# The steps that the tutorial speaks of; each recipe's own last step comes in addition.
STEPS = (200, 500, 1000, 2000)
SUITES = ("edges", "corruptions")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipes", nargs="+")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--steps", type=int, help="other than the recipe's, to see that it still works")
    parser.add_argument("--suites", nargs="*", default=SUITES, help="which proof suites to measure; edges corruptions")
    parser.add_argument("--suite-seeds", type=int, help="measure the suites on the first so many seeds; all by default")
    parser.add_argument("--runs-dir", type=Path, default=Path("runs"))
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    path = options.results / "accuracy.json"
    recipes: dict[str, Any] = json.loads(path.read_text("utf-8"))["recipes"] if path.exists() else {}
    for recipe in options.recipes:
        changes = {} if options.steps is None else {"steps": options.steps}
        series = inkproof.train_seeds(recipe, seeds=options.seeds, runs_dir=options.runs_dir, **changes)
        if len(series.finished) < options.seeds:
            sys.exit(
                f"error: {recipe}: {len(series.finished)} of {options.seeds} seeds finished.\n  tip: run it again."
            )
        judged = series.runs[: options.suite_seeds]
        recipes[recipe] = {
            **describe_runs(series.runs),
            "command": describe_command(),
            **measure(series.runs),
            "suites": measure_suites(judged, options.suites) if options.suites else {},
        }
        write_results("accuracy", {"recipes": recipes}, options.results)


def describe_runs(runs: Sequence[TrainedRun]) -> dict[str, Any]:
    """What the runs were trained with: they may be older than this process, and from another machine."""
    records = [run.record for run in runs]
    settings = runs[0].config.as_flat_dict()
    del settings["seed"]
    return {
        "date": max(record.started_at for record in records).strftime("%Y-%m-%d"),
        "commits": sorted({record.git_commit or "unknown" for record in records}),
        "machines": [*{json.dumps(record.machine): record.machine for record in records}.values()],
        "versions": [*{json.dumps(record.versions): record.versions for record in records}.values()],
        "data_sha256": records[0].data_sha256,
        "settings": settings,
        "seeds": [record.seed for record in records],
    }


def measure(runs: Sequence[TrainedRun]) -> dict[str, Any]:
    by_step: dict[int, list[float]] = {}
    last = runs[0].record.steps
    for run in runs:
        metrics = run.metrics
        for step, accuracy in zip(metrics["step"], metrics["test_accuracy"], strict=True):
            if int(step) in (*STEPS, last) and not math.isnan(accuracy):
                by_step.setdefault(int(step), []).append(float(accuracy))
    # What the finished network reaches; a recipe may finish with averaged weights, so not what was measured on the way.
    by_step[last] = [float(run.record.figures["test_accuracy"]) for run in runs]
    return {
        "num_test_images": runs[0].record.figures["num_test_images"],
        "steps": last,
        "test_accuracy_by_step": {step: summarise(values) for step, values in sorted(by_step.items())},
        "training_seconds": summarise([run.record.timings_seconds["training"] for run in runs]),
        "weights_sha256_by_seed": [run.record.figures["weights_sha256"] for run in runs],
    }


def measure_suites(runs: Sequence[TrainedRun], suites: Sequence[str]) -> dict[str, Any]:
    """The score of each suite; one network after the other, so that an interruption costs one suite of one network."""
    networks = [inkproof.evaluate(run, suites)["networks"][0] for run in runs]
    scores = {name: [network["suites"][name]["score"] for network in networks] for name in suites}
    return {
        name: {
            **summarise([score["value"] for score in scores[name]]),
            "version": networks[0]["suites"][name]["version"],
            "num_answers": scores[name][0]["n"],
        }
        for name in suites
    }


if __name__ == "__main__":
    main()
