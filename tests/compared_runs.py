"""Runs whose accuracies are known beforehand, to be compared: folders as a training leaves them, without a training."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import inkproof
from inkproof.config import load_recipe
from inkproof.data import load
from inkproof.runs import Run, create_run
from small_runs import write_network


def make_trained(
    runs_dir: Path,
    name: str,
    num_right: int,
    *,
    seed: int = 0,
    status: str = "finished",
    recipe: str = "softmax",
    facts: dict[str, Any] | None = None,
    **changes: Any,
) -> Run:
    """A finished run that read `num_right` of its images right, with three measurements."""
    settings = {key.replace("__", "."): value for key, value in changes.items()}
    config = load_recipe(recipe, {"steps": 100, "seed": seed, **settings})
    run = create_run(
        config, runs_dir, name,
        data_sha256=find_checksum(), versions={"inkproof": inkproof.__version__, "keras": "3"},
        machine={"processor": "A", "cores": 2},
    )  # fmt: skip
    n = config.hold_out or 10_000
    judged = "validation" if config.hold_out else "test"
    lines = [
        f'{{"step": {step}, "seconds": {step / 100}, "loss": {2.0 - step / 100 - seed / 10}, '
        f'"{judged}_accuracy": {num_right / n * step / 100}}}'
        for step in (0, 50, 100)
    ]
    (run.folder / "metrics.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    figures = {f"{judged}_accuracy": num_right / n, f"num_{judged}_images": n, "num_parameters": 7850}
    run.update(status=status, step=100, figures=figures, timings_seconds={"training": 2.0 + seed}, **(facts or {}))
    write_network(run.folder / "network.onnx", seed=num_right)
    return run


def make_group(runs_dir: Path, name: str, counts: list[int], *, first_seed: int = 0, **changes: Any) -> list[Run]:
    """One run for each count, with seeds that follow each other."""
    return [
        make_trained(runs_dir, f"{name}-{seed}", count, seed=seed, **changes)
        for seed, count in enumerate(counts, first_seed)
    ]


@cache
def find_checksum() -> str:
    """The checksum of MNIST, as a training writes it down."""
    return load("mnist").sha256
