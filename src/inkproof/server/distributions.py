"""How weights, biases and activations were distributed as a run learned, from what it logged. Loads no TensorFlow."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkproof.runs.events import event_files, read_events
from inkproof.server.training_schemas import Distribution

_NUM_BINS = 48
# More ridges than this run into each other.
_MAX_STEPS = 40
_OUTER_FRACTION = 0.001
_PLUGIN = "histograms"
_MAX_RUNS = 16

# A row for each bucket: left edge, right edge, count.
_Buckets = NDArray[np.float64]


def read_distributions(logs: Path) -> list[Distribution]:
    """The distributions in a folder of logs, by layer; kept until a file changes.

    Args:
        logs: The folder, which need not exist.
    """
    stamps = []
    for path in event_files(logs):
        status = path.stat()
        stamps.append((path.name, status.st_size, status.st_mtime_ns))
    return _read(logs, tuple(stamps))


@lru_cache(maxsize=_MAX_RUNS)
def _read(logs: Path, stamps: tuple[tuple[str, int, int], ...]) -> list[Distribution]:
    found: dict[str, dict[int, _Buckets]] = {}
    for event, _ in read_events(logs):
        for value in event.summary.value:
            if value.metadata.plugin_data.plugin_name == _PLUGIN or value.tag in found:
                buckets = _read_buckets(value.tensor)
                if buckets is not None:
                    found.setdefault(value.tag, {})[event.step] = buckets
    # Every layer has activations, and they are logged in the order of the layers; a pooling has nothing else.
    by_activations = sorted(found, key=lambda tag: not tag.endswith("/activations"))
    layers = list(dict.fromkeys(tag.rpartition("/")[0] for tag in by_activations))
    return [_describe(tag, found[tag]) for tag in sorted(found, key=lambda tag: layers.index(tag.rpartition("/")[0]))]


def _read_buckets(tensor: Any) -> _Buckets | None:
    """What TensorBoard calls a histogram: float64 [buckets, 3]; None if it is something else, or empty."""
    numbers = np.frombuffer(tensor.tensor_content, "<f8") if tensor.tensor_content else np.array(tensor.double_val)
    if numbers.size == 0 or numbers.size % 3 or not np.isfinite(numbers).all():
        return None
    buckets: _Buckets = numbers.reshape(-1, 3)
    return buckets if buckets[:, 2].sum() > 0 else None


def _describe(tag: str, by_step: dict[int, _Buckets]) -> Distribution:
    layer, _, kind = tag.rpartition("/")
    steps = _thin(sorted(by_step))
    chosen = [by_step[step] for step in steps]
    edges = _find_grid(chosen)
    means, spreads = zip(*map(_measure, chosen), strict=True)
    return Distribution(
        layer=layer,
        kind=kind,
        steps=steps,
        low=float(edges[0]),
        high=float(edges[-1]),
        # More digits than can be seen.
        shares=[np.round(_share_out(buckets, edges), 5).tolist() for buckets in chosen],
        mean=list(means),
        spread=list(spreads),
    )


def _thin(steps: Sequence[int]) -> list[int]:
    """At most so many, evenly, with the first and the last."""
    places = np.unique(np.linspace(0, len(steps) - 1, min(len(steps), _MAX_STEPS)).round().astype(int))
    return [steps[place] for place in places]


def _cumulate(buckets: _Buckets) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where the buckets end, and the share of values up to there."""
    places = np.append(buckets[0, 0], buckets[:, 1])
    shares = np.append(0.0, np.cumsum(buckets[:, 2]) / buckets[:, 2].sum())
    return places, shares


def _find_grid(every: Sequence[_Buckets]) -> NDArray[np.float64]:
    """Edges of bins around the values of all steps, but for a few far out that would make the rest a line."""
    ends = []
    for buckets in every:
        places, shares = _cumulate(buckets)
        ends.append(np.interp([_OUTER_FRACTION, 1 - _OUTER_FRACTION], shares, places))
    low, high = np.min(ends), np.max(ends)
    if low == high:
        margin = abs(low) / 2 or 0.5
        low, high = low - margin, high + margin
    return np.linspace(low, high, _NUM_BINS + 1)


def _share_out(buckets: _Buckets, edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """The share of the values in each bin; within a bucket they are taken to lie evenly."""
    places, shares = _cumulate(buckets)
    if places[0] == places[-1]:  # all values are equal
        alone = np.zeros(_NUM_BINS)
        alone[np.clip(np.searchsorted(edges, places[0], side="right") - 1, 0, _NUM_BINS - 1)] = 1.0
        return alone
    return np.diff(np.interp(edges, places, shares))


def _measure(buckets: _Buckets) -> tuple[float, float]:
    """Mean and standard deviation."""
    left, right, count = buckets.T
    middle, weight = (left + right) / 2, count / count.sum()
    mean = float(np.sum(weight * middle))
    variance = np.sum(weight * ((middle - mean) ** 2 + (right - left) ** 2 / 12))
    return mean, float(np.sqrt(variance))
