"""Pictures of a report as text: SVG and PNG in the page itself, without any outside part. Knows no language."""

from __future__ import annotations

import base64
import html
import io
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Viridis (Smith and van der Walt 2015) at even steps: perceptually even, and safe for the colour-blind.
_VIRIDIS = ("440154", "472d7b", "3b528b", "2c728e", "21918c", "28ae80", "5ec962", "addc30", "fde725")
# Okabe and Ito's colours, safe for the colour-blind; the shape says it again.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
_NUM_SHAPES = 4


def colour_of(share: float) -> str:
    """The colour of a share from 0 to 1 in the scale of all heat maps, as `#rrggbb`.

    Example:
        >>> colour_of(0.0), colour_of(1.0)
        ('#440154', '#fde725')
    """
    red, green, blue = _rgb(share)
    return f"#{red:02x}{green:02x}{blue:02x}"


def text_colour_on(share: float) -> str:
    """Black or white, whichever is read better on `colour_of(share)`."""
    red, green, blue = _rgb(share)
    return "#000" if 0.299 * red + 0.587 * green + 0.114 * blue > 128 else "#fff"


def png(pixels: NDArray[np.uint8], *, alt: str, scale: int = 1, css: str = "pixels") -> str:
    """An `<img>` with the picture inside, each pixel `scale` pixels wide on the page.

    Args:
        pixels: Shape (height, width) or (height, width, 3), uint8; a digit's ink comes out as it is stored.
        alt: What it shows, for those who do not see it.
        scale: How many pixels of the page a pixel is.
        css: Its class.
    """
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", optimize=True)
    data = base64.b64encode(buffer.getvalue()).decode()
    height, width = pixels.shape[0] * scale, pixels.shape[1] * scale
    return (
        f'<img class="{css}" width="{width}" height="{height}" alt="{html.escape(alt)}" '
        f'src="data:image/png;base64,{data}">'
    )


def heat_picture(shares: NDArray[np.float64]) -> NDArray[np.uint8]:
    """A map as a picture, one pixel a cell; NaN is light grey. Shape (rows, columns) to (rows, columns, 3)."""
    picture = np.full((*shares.shape, 3), 190, dtype=np.uint8)
    for row, column in np.argwhere(~np.isnan(shares)):
        picture[row, column] = _rgb(float(shares[row, column]))
    return picture


def shift_map(num_right: Sequence[Sequence[int]], n: Sequence[Sequence[int]], offsets: Sequence[int]) -> str:
    """A map of accuracy over offsets; a cell says its offset, share, interval and n when pointed at.

    Args:
        num_right: Right answers, rows down, columns to the right.
        n: Answers, the same shape; a cell without any stays empty.
        offsets: The offset of each row and of each column.
    """
    from inkproof.diagnosis.metrics import wilson

    cell, left, top = 12, 26, 6
    size = len(offsets) * cell
    parts = []
    for row, dy in enumerate(offsets):
        for column, dx in enumerate(offsets):
            right, asked = num_right[row][column], n[row][column]
            place = f'x="{left + column * cell}" y="{top + row * cell}" width="{cell}" height="{cell}"'
            if asked:
                low, high = wilson(right, asked)
                told = f"{dx:+d}, {dy:+d}: {right / asked:.1%} ({low * 100:.1f}–{high * 100:.1f}), n = {asked:,}"
                parts.append(f'<rect {place} fill="{colour_of(right / asked)}"><title>{told}</title></rect>')
    for index, offset in enumerate(offsets):
        if offset % 5 == 0:
            middle = index * cell + cell / 2
            parts.append(f'<text x="{left + middle}" y="{top + size + 14}" class="mid">{_signed(offset)}</text>')
            parts.append(f'<text x="{left - 4}" y="{top + middle + 4}" class="end">{_signed(offset)}</text>')
    frame = f'<rect x="{left}" y="{top}" width="{size}" height="{size}" class="frame"/>'
    return _svg(left + size + 6, top + size + 20, "".join([*parts, frame]), css="map")


def line_chart(
    lines: Sequence[Sequence[dict[str, Any]]], *, low: float | None = None, width: int = 420, height: int = 240
) -> str:
    """Shares over a quantity, one line a network, each point with its interval.

    Args:
        lines: For each network its points: `at`, `value`, `low`, `high`, `n`; points without a value are left out.
        low: Where the upright axis begins, 0 to 1; by default below the lowest interval, at a whole tenth.
        width: Of the chart, in pixels.
        height: Of it.
    """
    places = sorted({point["at"] for line in lines for point in line})
    if low is None:
        lowest = min((p["low"] for line in lines for p in line if p["value"] is not None), default=0.0)
        low = max(0.0, math.floor(min(lowest, 0.9) * 10) / 10)
    base = float(low)
    left, right, top, bottom = 44, 12, 10, 24
    first, last = places[0], places[-1]

    def to_x(at: float) -> float:
        return float(round(left + (at - first) / ((last - first) or 1) * (width - left - right), 1))

    def to_y(share: float) -> float:
        return float(round(top + (1 - share) / (1 - base) * (height - top - bottom), 1))

    parts = []
    step = 0.2 if base < 0.5 else 0.1 if base < 0.8 else 0.05
    for tick in np.arange(1.0, base - 1e-9, -step):
        y = to_y(float(tick))
        parts.append(f'<line x1="{left}" x2="{width - right}" y1="{y}" y2="{y}" class="grid"/>')
        parts.append(f'<text x="{left - 6}" y="{y + 4}" class="end">{tick * 100:.0f} %</text>')
    shown = -math.inf
    for at in places:
        if to_x(at) - shown >= 30:
            shown = to_x(at)
            parts.append(f'<text x="{shown}" y="{height - 6}" class="mid">{_signed(at)}</text>')
    for index, line in enumerate(lines):
        points = [point for point in line if point["value"] is not None]
        # side by side, so that one interval does not hide another
        aside = (index - (len(lines) - 1) / 2) * 3
        colour = COLOURS[index % len(COLOURS)]
        path = " ".join(f"{to_x(p['at']) + aside:.1f},{to_y(p['value'])}" for p in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" class="line"/>')
        for p in points:
            x, y = to_x(p["at"]) + aside, to_y(p["value"])
            told = f"{_signed(p['at'])}: {p['value']:.1%} ({p['low'] * 100:.1f}–{p['high'] * 100:.1f}), n = {p['n']:,}"
            whisker = f'<line x1="{x}" x2="{x}" y1="{to_y(p["low"])}" y2="{to_y(p["high"])}" stroke="{colour}"/>'
            parts.append(f"<g><title>{told}</title>{whisker}{marker(index, x, y)}</g>")
    return _svg(width, height, "".join(parts))


def reliability_diagram(bins: Sequence[dict[str, Any]], index: int) -> str:
    """How often a network is right when it is so sure: points on the diagonal say what they mean.

    Args:
        bins: From `metrics.calibrate`.
        index: The number of the network, for its colour.
    """
    size, left, top = 220, 44, 10
    parts = []
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        x, y = left + tick * size, top + (1 - tick) * size
        parts.append(f'<line x1="{left}" x2="{left + size}" y1="{y}" y2="{y}" class="grid"/>')
        parts.append(f'<text x="{left - 6}" y="{y + 4}" class="end">{tick * 100:.0f} %</text>')
        parts.append(f'<text x="{x}" y="{top + size + 16}" class="mid">{tick * 100:.0f}</text>')
    parts.append(f'<line x1="{left}" y1="{top + size}" x2="{left + size}" y2="{top}" class="diagonal"/>')
    colour = COLOURS[index % len(COLOURS)]
    for entry in bins:
        accuracy = entry["accuracy"]
        if not accuracy["n"]:
            continue
        x = round(left + entry["confidence"] * size, 1)
        y, low, high = (round(top + (1 - accuracy[key]) * size, 1) for key in ("value", "low", "high"))
        told = (
            f"{entry['confidence']:.1%} → {accuracy['value']:.1%} "
            f"({accuracy['low'] * 100:.1f}–{accuracy['high'] * 100:.1f}), n = {accuracy['n']:,}"
        )
        whisker = f'<line x1="{x}" x2="{x}" y1="{low}" y2="{high}" stroke="{colour}"/>'
        parts.append(f"<g><title>{told}</title>{whisker}{marker(index, x, y)}</g>")
    return _svg(left + size + 12, top + size + 22, "".join(parts))


def marker(index: int, x: float, y: float) -> str:
    """The sign of a network: its own colour and shape."""
    colour, shape = COLOURS[index % len(COLOURS)], index % _NUM_SHAPES
    if shape == 0:
        return f'<circle cx="{x}" cy="{y}" r="3.5" fill="{colour}"/>'
    if shape == 1:
        return f'<rect x="{x - 3.3:.1f}" y="{y - 3.3:.1f}" width="6.6" height="6.6" fill="{colour}"/>'
    if shape == 2:
        return f'<path d="M{x} {y - 4.4:.1f}l4.4 7.6h-8.8z" fill="{colour}"/>'
    return f'<path d="M{x} {y - 4.8:.1f}l4.8 4.8l-4.8 4.8l-4.8-4.8z" fill="{colour}"/>'


def sign(index: int) -> str:
    """The sign of a network beside its name."""
    return (
        f'<svg class="sign" width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">{marker(index, 6, 6)}</svg>'
    )


def scale_legend() -> str:
    """The scale of all heat maps, from 0 to 100 %."""
    stops = "".join(f"<i style='background:{colour_of(share)}'></i>" for share in np.linspace(0, 1, 21))
    return f'<p class="scale"><span>0 %</span><b>{stops}</b><span>100 %</span></p>'


def _svg(width: float, height: float, body: str, css: str = "chart") -> str:
    return (
        f'<svg class="{css}" viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}" role="img">'
        f"{body}</svg>"
    )


def _signed(value: float) -> str:
    return f"{value:g}".replace("-", "−")


def _rgb(share: float) -> tuple[int, int, int]:
    place = min(max(share, 0.0), 1.0) * (len(_VIRIDIS) - 1)
    below = min(int(place), len(_VIRIDIS) - 2)
    mixed = [
        round(int(_VIRIDIS[below][i : i + 2], 16) * (1 - place + below)
              + int(_VIRIDIS[below + 1][i : i + 2], 16) * (place - below))
        for i in (0, 2, 4)
    ]  # fmt: skip
    return mixed[0], mixed[1], mixed[2]
