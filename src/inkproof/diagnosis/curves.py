"""Curves of several runs as one: their mean and the band from the lowest to the highest. Draws nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inkproof.runs import Run

# A screen shows no more; a long training measures its loss thousands of times.
MAX_POINTS = 200


@dataclass(frozen=True)
class Curve:
    """One measurement over the steps; lists of one length, empty where nothing was measured.

    Attributes:
        step: Steps, ascending.
        mean: Mean over the runs.
        low: The lowest of them.
        high: The highest of them.
    """

    step: list[int]
    mean: list[float]
    low: list[float]
    high: list[float]


def draw_curves(runs: Sequence[Run]) -> dict[str, Curve]:
    """The curves of runs that measured at the same steps.

    Args:
        runs: One or more; a step that not all of them measured is passed over.

    Returns:
        `accuracy` (share of the test or held-out images read right) and `loss` (of the batch, in nats).
    """
    columns = [run.metrics for run in runs]
    judged = "validation_accuracy" if any("validation_accuracy" in metrics for metrics in columns) else "test_accuracy"
    return {name: _join(columns, key) for name, key in (("accuracy", judged), ("loss", "loss"))}


def _join(columns: Sequence[dict[str, NDArray[np.float64]]], name: str) -> Curve:
    by_step: list[dict[int, float]] = []
    for metrics in columns:
        if name not in metrics:
            return Curve([], [], [], [])
        measured = np.isfinite(metrics[name])
        # A resumed training may have measured a step twice, with the same result.
        by_step.append(dict(zip(metrics["step"][measured].astype(int), metrics[name][measured], strict=True)))
    steps = sorted(set.intersection(*map(set, by_step)))
    if len(steps) > MAX_POINTS:
        kept = np.linspace(0, len(steps) - 1, MAX_POINTS).round().astype(int)
        steps = [steps[index] for index in kept]
    values = np.array([[curve[step] for step in steps] for curve in by_step]).reshape(len(by_step), -1)  # (runs, steps)
    mean, low, high = (pick(axis=0).round(6).tolist() for pick in (values.mean, values.min, values.max))
    return Curve([int(step) for step in steps], mean, low, high)
