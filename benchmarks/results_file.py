"""Where a benchmark's figures go: one JSON file each in results/, with machine, versions, commit and command."""

from __future__ import annotations

import json
import shlex
import statistics
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from inkproof.machine import describe_machine, describe_versions, find_git_commit

RESULTS = Path(__file__).parent / "results"


def write_results(name: str, figures: dict[str, Any], folder: Path = RESULTS) -> Path:
    """Write `results/NAME.json` and print the figures."""
    result = {
        "benchmark": name,
        "command": describe_command(),
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%d"),
        "commit": find_git_commit(),
        "machine": describe_machine(),
        "versions": describe_versions(),
        **figures,
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(json.dumps(result, indent=2) + "\n", "utf-8")
    print(json.dumps(figures, indent=2))
    return path


def describe_command() -> str:
    """The command line of this process, as somebody else would give it."""
    return "python " + shlex.join([f"benchmarks/{Path(sys.argv[0]).name}", *sys.argv[1:]])


def summarise(values: list[float]) -> dict[str, Any]:
    """Median, mean, sample standard deviation, n, and the values themselves."""
    return {
        "median": statistics.median(values),
        "mean": statistics.fmean(values),
        "sd": statistics.stdev(values) if len(values) > 1 else None,
        "n": len(values),
        "values": values,
    }
