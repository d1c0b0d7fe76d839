"""Pictures of what a sweep has found, drawn by matplotlib: where the good settings lie, and which of them matter."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from inkproof.sweep.importance import Importance, find_importance
from inkproof.sweep.record import SweepPlan
from inkproof.sweep.space import Dimension, Value
from inkproof.sweep.table import Results, TrialRow

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# More lines than these are a grey area on any screen; the best and the newest are drawn.
_MAX_LINES = 1_000


def draw_pictures(name: str, results: Results, plan: SweepPlan, folder: Path) -> list[Path]:
    """Draw all pictures that the trials allow, as PNG files.

    Args:
        name: The sweep's name.
        results: What it has found.
        plan: What it searches.
        folder: Where the files go; made if it does not exist.

    Returns:
        The files: `accuracy-SETTING.png` for each setting, `parallel-coordinates.png`, and `importance.png` where there
        are enough trials.
    """
    rows = [row for row in results.trials if row.score is not None]
    figures: dict[str, Figure] = {}
    if rows:
        for dimension in plan.space:
            figures[f"accuracy-{dimension.name}"] = draw_scores(dimension, rows, results.best, name)
        figures["parallel-coordinates"] = draw_parallel(plan.space, rows, name)
    importance = find_importance(plan, results.trials)
    if importance is not None:
        figures["importance"] = draw_importance(importance, name)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for stem, figure in figures.items():
        paths.append(folder / f"{stem}.png")
        figure.savefig(paths[-1], dpi=144)
    return paths


def draw_scores(dimension: Dimension, rows: Sequence[TrialRow], best: TrialRow | None, name: str) -> Figure:
    """One setting against the validation accuracy, a mark for each trial, the recipe's own and the best named."""
    figure, axes = _figure(f"{name}: {dimension.name} and accuracy")
    places = {row.number: _place(dimension, row.settings[dimension.name]) for row in rows}
    kinds = (("finished", "o", "C0"), ("stopped early", "v", "0.6"), ("interrupted", "d", "C4"))
    for status, marker, colour in kinds:
        drawn = [row for row in rows if row.status == status]
        if drawn:
            axes.scatter(
                [places[row.number] for row in drawn],
                [100 * (row.score or 0.0) for row in drawn],
                marker=marker, color=colour, s=36, label=status, zorder=3,
            )  # fmt: skip
    own = next((row for row in rows if row.is_recipe), None)
    marks = [(own, "the recipe's own", "C1", 190)] + ([] if best is own else [(best, "best", "C2", 120)])
    for row, text, colour, size in marks:
        if row is not None and row.score is not None:
            label = f"{text}: {100 * row.score:.2f} %"
            at = (places[row.number], 100 * row.score)
            axes.scatter(*at, s=size, facecolors="none", edgecolors=colour, linewidths=2, zorder=4, label=label)
    _scale(axes, dimension)
    axes.set(xlabel=dimension.name, ylabel="accuracy on images held out (%)")
    _look_at_the_good(axes, [100 * (row.score or 0.0) for row in rows])
    axes.legend(frameon=False, fontsize=8, loc="best")
    return figure


def draw_parallel(space: Sequence[Dimension], rows: Sequence[TrialRow], name: str) -> Figure:
    """A line for each trial through an axis for each setting, coloured by its accuracy; the best are on top."""
    from matplotlib import colormaps
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    shown = sorted(sorted(rows, key=lambda row: -(row.score or 0.0))[:_MAX_LINES], key=lambda row: row.score or 0.0)
    scores = [100 * (row.score or 0.0) for row in shown]
    low, high = _limits(scores)
    scale, colours = (
        Normalize(low, high, clip=True),
        colormaps["viridis_r"],
    )  # the best darkest: on white, yellow would be lost
    figure, axes = _figure(f"{name}: {len(shown):,} of {len(rows):,} trials")
    for row, score in zip(shown, scores, strict=True):
        heights = [_fraction(dimension, row.settings[dimension.name]) for dimension in space]
        ends = [*heights, min(max((score - low) / (high - low), 0.0), 1.0)]
        axes.plot(range(len(ends)), ends, color=colours(float(scale(score))), linewidth=1.4, alpha=0.8)
    names = [*(dimension.name for dimension in space), "accuracy (%)"]
    axes.set(xlim=(-0.15, len(names) - 0.85), ylim=(-0.04, 1.04), yticks=[])
    axes.set_xticks(range(len(names)), names)
    for number, dimension in enumerate(space):
        axes.axvline(number, color="0.5", linewidth=0.8)
        for height, text in _ticks(dimension):
            box = {"facecolor": "white", "alpha": 0.8, "edgecolor": "none", "pad": 1}
            axes.text(number + 0.02, height, text, fontsize=8, va="center", color="0.25", bbox=box)
    axes.axvline(len(space), color="0.5", linewidth=0.8)
    axes.spines[:].set_visible(False)
    figure.colorbar(
        ScalarMappable(scale, colours), ax=axes, pad=0.02, label="accuracy on images held out (%)", extend="min"
    )
    return figure


def draw_importance(importance: Importance, name: str) -> Figure:
    """A bar for each setting: how much it decided which trials are the best."""
    figure, axes = _figure(f"{name}: which setting matters")
    names = list(importance.shares)[::-1]
    bars = axes.barh(names, [importance.shares[each] for each in names], color="C0")
    axes.bar_label(bars, fmt="%.2f", padding=3, fontsize=8)
    what = (
        f"share in what sets the best {importance.num_best} apart from all {importance.num_trials} trials (PED-ANOVA)"
    )
    axes.set(xlim=(0, 1.08), xlabel=what)
    return figure


def _figure(title: str) -> tuple[Figure, Axes]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.5, 4.2), layout="constrained")
    axes = figure.subplots()
    axes.set_title(title, fontsize=11, loc="left")
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _scale(axes: Axes, dimension: Dimension) -> None:
    if dimension.choices is not None:
        axes.set_xticks(range(len(dimension.choices)), [str(choice) for choice in dimension.choices])
        axes.set_xlim(-0.5, len(dimension.choices) - 0.5)
    elif dimension.is_log:
        axes.set_xscale("log")
    axes.grid(alpha=0.25)


def _place(dimension: Dimension, value: Value) -> float:
    return float(dimension.choices.index(value)) if dimension.choices is not None else float(value)


def _fraction(dimension: Dimension, value: Value) -> float:
    """How far a value lies up the axis of its setting, 0..1."""
    if dimension.choices is not None:
        return dimension.choices.index(value) / max(len(dimension.choices) - 1, 1)
    low, high = (float(end) for end in dimension.ends)
    if dimension.is_log:
        return (math.log(float(value)) - math.log(low)) / (math.log(high) - math.log(low))
    return (float(value) - low) / (high - low)


def _ticks(dimension: Dimension) -> list[tuple[float, str]]:
    if dimension.choices is not None:
        return [(_fraction(dimension, choice), str(choice)) for choice in dimension.choices]
    low, high = (float(end) for end in dimension.ends)
    middle = math.sqrt(low * high) if dimension.is_log else (low + high) / 2
    return [(_fraction(dimension, value), f"{value:.3g}") for value in (low, middle, high)]


def _limits(scores: Sequence[float]) -> tuple[float, float]:
    """From the median, with room below, to the best: what ran away would press the rest together."""
    ordered = sorted(scores)
    high = ordered[-1]
    low = ordered[(len(ordered) - 1) // 2]
    low = max(ordered[0], low - 2 * (high - low))
    return (low, high) if high > low else (low - 1, high + 1)


def _look_at_the_good(axes: Axes, scores: Sequence[float]) -> None:
    low, high = _limits(scores)
    room = (high - low) * 0.08
    axes.set_ylim(low - room, high + room)
    num_below = sum(score < low - room for score in scores)
    if num_below:
        axes.text(0.01, 0.02, f"{num_below} below the picture", transform=axes.transAxes, fontsize=8, color="0.35")
