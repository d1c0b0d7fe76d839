"""The sample sheet: one picture that shows what a data set looks like. Draws, and decides nothing."""

from __future__ import annotations

import math
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from inkproof.errors import UsageError

if TYPE_CHECKING:
    from inkproof.data.catalogue import Dataset

EXAMPLES_PER_CLASS = 10
ROWS_PER_BLOCK = 26  # more classes than this stand in several blocks side by side
PICTURE_FORMATS = (".png", ".pdf", ".svg")

_GAP = 0.12  # between images, as a share of an image's side
_ROW_INCHES = 0.46
_QUIET, _DARK, _LINE = "#6b7280", "#111827", "#e5e7eb"


def draw_sample_sheet(dataset: Dataset, path: Path) -> None:
    """Draw the first ten training images of each class, with the class's name and count, into a picture file.

    Grey images are drawn as dark ink on white paper; colour images as they are.

    Args:
        dataset: The data set; any number of classes, grey or colour.
        path: The file to write, ending in .png, .pdf or .svg; one that is there is replaced.

    Raises:
        UsageError: If the name ends otherwise, or the file cannot be written.
    """
    if path.suffix.lower() not in PICTURE_FORMATS:
        raise UsageError(
            f"A picture cannot be written as '{path}'; a name ending in {', '.join(PICTURE_FORMATS)} was expected.",
            f"Try '{path.with_suffix('.png')}'.",
            field="picture",
        )
    figure = _draw(dataset)
    try:
        figure.savefig(path, dpi=150, facecolor="white")
    except OSError as error:
        raise UsageError(
            f"The picture '{path}' cannot be written: {error.strerror}.",
            "Choose a file in a folder that exists and that you may write to.",
            field="picture",
        ) from error


def _draw(dataset: Dataset) -> Any:
    from matplotlib.figure import Figure  # takes 0.3 s to import; the figure needs no pyplot and so keeps no state

    num_blocks = math.ceil(len(dataset.classes) / ROWS_PER_BLOCK)
    rows = math.ceil(len(dataset.classes) / num_blocks)
    label_inches = 0.35 + 0.11 * max(len(name) for name in dataset.classes)
    count_inches, top_inches, bottom_inches, margin = 0.7, 0.95, 0.6, 0.3
    mosaic_inches = EXAMPLES_PER_CLASS * _ROW_INCHES
    block_inches = label_inches + mosaic_inches + count_inches
    width = max(block_inches * num_blocks + 2 * margin, 6.0)
    height = rows * _ROW_INCHES + top_inches + bottom_inches

    figure = Figure(figsize=(width, height))
    train_counts = dataset.count_labels(dataset.train)
    for block in range(num_blocks):
        indices = range(block * rows, min((block + 1) * rows, len(dataset.classes)))
        left = margin + block * block_inches + label_inches
        size = (mosaic_inches / width, len(indices) * _ROW_INCHES / height)
        bottom = 1 - top_inches / height - size[1]
        axes = figure.add_axes((left / width, bottom, *size))
        _draw_block(axes, dataset, indices, train_counts)

    x, dims = margin / width, " × ".join(str(side) for side in dataset.image_shape[:2])
    figure.text(x, 1 - 0.42 / height, dataset.title, fontsize=15, fontweight="bold", color=_DARK)
    kind = "colour" if dataset.image_shape[2] == 3 else "grey"
    subtitle = (
        f"{len(dataset.train):,} training and {len(dataset.test):,} test images, {dims}, {kind}; "
        f"{len(dataset.classes)} classes.\n"
        f"The first {EXAMPLES_PER_CLASS} training images of each class, and how many it has."
    )
    figure.text(x, 1 - 0.5 / height, subtitle, fontsize=8.5, color=_QUIET, va="top", linespacing=1.4)
    notice = textwrap.fill(dataset.notice, int((width - 2 * margin) * 15))  # 15 letters of 7 points to the inch
    figure.text(x, 0.42 / height, notice, fontsize=7, color=_QUIET, va="top", linespacing=1.4)
    return figure


def _draw_block(axes: Any, dataset: Dataset, indices: range, train_counts: list[int]) -> None:
    """One column of classes: a row of images for each, its name to the left, its count to the right."""
    mosaic = np.concatenate([_row_of(dataset, index) for index in indices])
    num_rows = len(indices)
    axes.imshow(
        mosaic, extent=(0, EXAMPLES_PER_CLASS, num_rows, 0), cmap="gray", vmin=0, vmax=255, interpolation="nearest",
        aspect="auto",
    )  # fmt: skip
    axes.set_axis_off()
    for row, index in enumerate(indices):
        middle = row + 0.5
        axes.text(
            -0.25, middle, dataset.classes[index], ha="right", va="center", fontsize=11, fontweight="bold", color=_DARK
        )
        axes.text(
            EXAMPLES_PER_CLASS + 1.2, middle, f"{train_counts[index]:,}", ha="right", va="center", fontsize=8.5,
            color=_QUIET,
        )  # fmt: skip
        if row:
            axes.plot((0, EXAMPLES_PER_CLASS), (row, row), color=_LINE, linewidth=0.5, clip_on=False)


def _row_of(dataset: Dataset, index: int) -> NDArray[np.uint8]:
    """A class's first images side by side on white, each with a margin; fewer images leave white."""
    height, width, channels = dataset.image_shape
    images = dataset.train.images[np.flatnonzero(dataset.train.labels == index)[:EXAMPLES_PER_CLASS]]
    if channels == 1:
        images = 255 - images  # paper white, ink dark, as on paper
    gap = max(1, round(_GAP * max(height, width) / 2))
    side = max(height, width) + 2 * gap  # square cells, so that the sheet's rows stay even
    row = np.full((side, EXAMPLES_PER_CLASS * side, channels), 255, dtype=np.uint8)
    top, left = (side - height) // 2, (side - width) // 2
    for column, image in enumerate(images):
        row[top : top + height, column * side + left : column * side + left + width] = image
    return row if channels == 3 else row[..., 0]
