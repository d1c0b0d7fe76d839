"""The proof suites: which test images are asked about, how they are changed, and what figures come of the answers.

A suite is a table of cells; a cell is one change of some test digits. Which digits, and every random number, are
fixed: two networks meet the same images to the byte. Asks no network itself; see `evaluation.py`.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkproof.data import Split
from inkproof.diagnosis import affine, corruptions, edges, metrics, shifts, strokes
from inkproof.errors import UsageError

SEED = 20_260_102
# Of the 10,000: plenty for a figure to within 1 or 2 points at each of so many places, in seconds instead of minutes.
NUM_SAMPLED = 1_000


@dataclass(frozen=True, eq=False)
class Cell:
    """One change of some test digits.

    Attributes:
        key: Its name within the suite.
        digits: Indices of the test images, shape (n,).
        make: Gives the changed images, shape (n, height, width) or with channels, uint8.
    """

    key: str
    digits: NDArray[np.int64]
    make: Callable[[], NDArray[np.uint8]]


@dataclass(frozen=True, eq=False)
class Answers:
    """What a network said to all cells of a suite.

    Attributes:
        cells: The cells, in order.
        given: For each cell what `Suite.keep` kept: the answered classes, shape (n,).
        labels: The label of every test image of the data set.
        num_classes: How many classes there are.
    """

    cells: list[Cell]
    given: dict[str, NDArray[Any]]
    labels: NDArray[np.int64]
    num_classes: int

    def right(self, keys: Iterable[str]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Whether each digit was read, and whether it was asked about, in these cells; shape (cells, all digits)."""
        wanted = set(keys)
        cells = [cell for cell in self.cells if cell.key in wanted]
        right = np.zeros((len(cells), len(self.labels)), dtype=bool)
        asked = np.zeros_like(right)
        for row, cell in enumerate(cells):
            right[row, cell.digits] = self.given[cell.key] == self.labels[cell.digits]
            asked[row, cell.digits] = True
        return right, asked

    def figure(self, keys: Iterable[str]) -> dict[str, Any]:
        """The share of right answers in these cells, as a dictionary."""
        return metrics.figure(*self.right(keys)).as_dict()


@dataclass(frozen=True)
class Suite:
    """A fixed set of test images with a protocol.

    Attributes:
        name: Its name on the command line and of its file.
        version: Raised whenever its images or its figures change; results of another version are measured anew.
        protocol: What is measured, in a sentence or two.
        plan: Gives the cells for the test images of a data set.
        summarise: Gives the figures: `score` (the one that counts), `parts` (by name), and what else there is.
        keep: What is kept of the probabilities of a cell; by default the answered classes.
        needs_grey: Whether it is defined for images of one channel alone.
    """

    name: str
    version: int
    protocol: str
    plan: Callable[[Split], list[Cell]]
    summarise: Callable[[Answers], dict[str, Any]]
    keep: Callable[[NDArray[np.float32]], NDArray[Any]]
    needs_grey: bool = True


def find_suite(name: str) -> Suite:
    """The suite of that name.

    Raises:
        UsageError: If there is none.

    Example:
        >>> find_suite("edges").version
        1
    """
    if name in SUITES:
        return SUITES[name]
    near = difflib.get_close_matches(name.lower(), SUITES, n=1)
    meant = f" Did you mean '{near[0]}'?" if near else ""
    raise UsageError(f"There is no suite '{name}'.{meant}", f"The suites are: {', '.join(SUITES)}.", field="suite")


def sample_digits(num_images: int, part: int = 0, size: int = NUM_SAMPLED) -> NDArray[np.int64]:
    """Which test images a cell is about, drawn once and for all.

    Args:
        num_images: How many there are.
        part: Cells with another part get other digits, in turn, until all were used.
        size: How many to draw, where there are as many.

    Returns:
        Indices, ascending, none twice.
    """
    # RandomState, not default_rng: only its numbers are promised to stay the same in every NumPy (NEP 19).
    order = np.random.RandomState(SEED).permutation(num_images)
    size = min(size, num_images)
    return np.sort(order[(part * size + np.arange(size)) % num_images]).astype(np.int64)


# ── the cells ──────────────────────────────────────────────────────────────────────────────────────


def _plan_clean(split: Split) -> list[Cell]:
    return [Cell("all", np.arange(len(split)), lambda: split.images)]


def _plan_edges(split: Split) -> list[Cell]:
    grey, every = split.images[..., 0], np.arange(len(split))
    return [Cell(name, every, lambda name=name: edges.push_to_edge(grey, name)) for name in edges.PLACEMENTS]  # type: ignore[misc]


def _plan_shifts(split: Split) -> list[Cell]:
    digits = sample_digits(len(split), size=shifts.NUM_DIGITS)
    grey = split.images[digits, :, :, 0]
    return [
        Cell(f"{dx},{dy}", digits, lambda dx=dx, dy=dy: shifts.shift(grey, dx, dy))  # type: ignore[misc]
        for dy in shifts.OFFSETS
        for dx in shifts.OFFSETS
    ]


def _plan_affine(split: Split) -> list[Cell]:
    digits, every = sample_digits(len(split)), np.arange(len(split))
    grey = split.images[digits, :, :, 0]
    cells = [Cell("plain", digits, lambda: grey)]
    for name, places, change in _AFFINE:
        cells += [
            Cell(f"{name} {at}", digits, lambda at=at, change=change: change(grey, at))  # type: ignore[misc]
            for at in places
        ]
    return [*cells, Cell("mixed", every, lambda: affine.mix(split.images[..., 0], SEED))]


def _plan_corruptions(split: Split) -> list[Cell]:
    cells = []
    for number, (kind, severity) in enumerate(_CORRUPTIONS):
        digits = sample_digits(len(split), part=number)

        def make(
            digits: NDArray[np.int64] = digits, kind: str = kind, severity: int = severity, number: int = number
        ) -> NDArray[np.uint8]:
            return corruptions.corrupt(split.images[digits, :, :, 0], kind, severity, SEED + number)

        cells.append(Cell(f"{kind} {severity}", digits, make))
    return cells


def _plan_strokes(split: Split) -> list[Cell]:
    digits = sample_digits(len(split))

    @cache
    def traced() -> strokes.Redrawn:  # a second or two: when the first cell is made, and once
        return strokes.trace(split.images[digits, :, :, 0])

    cells = [
        Cell(f"thickness {at}", digits, lambda at=at: traced().thicken(at))  # type: ignore[misc]
        for at in strokes.THICKNESSES
    ]
    cells += [Cell(f"pen {at}", digits, lambda at=at: traced().redraw(at)) for at in strokes.PEN_WIDTHS]  # type: ignore[misc]
    cells += [Cell(f"gaps {at}", digits, lambda at=at: traced().cut(at, SEED)) for at in strokes.GAPS]  # type: ignore[misc]
    return cells


# ── the figures ────────────────────────────────────────────────────────────────────────────────────


def _summarise_clean(answers: Answers) -> dict[str, Any]:
    probabilities, labels = answers.given["all"], answers.labels
    classes = probabilities.argmax(axis=1)
    confusion = metrics.confusion_matrix(classes, labels, answers.num_classes)
    score = metrics.figure(classes == labels).as_dict()
    return {
        "score": score,
        "parts": {"accuracy": score},
        "log_loss": {"value": metrics.log_loss(probabilities, labels), "n": len(labels)},
        "calibration": metrics.calibrate(probabilities, labels),
        "per_class": metrics.per_class(confusion),
        "confusion": confusion.tolist(),
        "mistakes": metrics.rank_mistakes(probabilities, labels),
    }


def _summarise_edges(answers: Answers) -> dict[str, Any]:
    right, asked = answers.right(edges.PLACEMENTS)
    return {
        "score": metrics.figure(right, asked).as_dict(),
        "parts": {name: answers.figure([name]) for name in edges.PLACEMENTS},
        "per_class": [
            {"class": index, **metrics.figure(right, asked & (answers.labels == index)).as_dict()}
            for index in range(answers.num_classes)
        ],
    }


def _summarise_shifts(answers: Answers) -> dict[str, Any]:
    digits = answers.cells[0].digits
    # What a digit's ink would lose is known from where it lies: the cell at rest holds the digits as they are.
    at_rest = next(cell for cell in answers.cells if cell.key == "0,0").make()
    whole = np.stack([shifts.stays_whole(at_rest, dx, dy) for dy in shifts.OFFSETS for dx in shifts.OFFSETS])
    right = np.stack([answers.given[cell.key] == answers.labels[digits] for cell in answers.cells])
    return shifts.summarise_shifts(right, whole, answers.labels[digits], answers.num_classes)


def _summarise_affine(answers: Answers) -> dict[str, Any]:
    parts = {"mixed": answers.figure(["mixed"])}
    curves = {}
    for name, places, _ in _AFFINE:
        neutral = 1.0 if name == "scale" else 0.0
        parts[name] = answers.figure(f"{name} {at}" for at in places)
        keys = {neutral: "plain", **{float(at): f"{name} {at}" for at in places}}
        curves[name] = [{"at": at, **answers.figure([keys[at]])} for at in sorted(keys)]
    return {"score": parts["mixed"], "parts": parts, "curves": curves}


def _summarise_corruptions(answers: Answers) -> dict[str, Any]:
    cells = [f"{kind} {severity}" for kind, severity in _CORRUPTIONS]
    severities = corruptions.SEVERITIES
    return {
        "score": answers.figure(cells),
        "parts": {kind: answers.figure(f"{kind} {s}" for s in severities) for kind in corruptions.KINDS},
        "severities": {kind: [answers.figure([f"{kind} {s}"]) for s in severities] for kind in corruptions.KINDS},
    }


def _summarise_strokes(answers: Answers) -> dict[str, Any]:
    parts, curves = {}, {}
    for name in ("thickness", "pen", "gaps"):
        keys = [cell.key for cell in answers.cells if cell.key.startswith(f"{name} ")]
        parts[name] = answers.figure(keys)
        curves[name] = [{"at": float(key.partition(" ")[2]), **answers.figure([key])} for key in keys]
    curves["gaps"] = [{"at": 0.0, **answers.figure(["thickness 0.0"])}, *curves["gaps"]]
    score = answers.figure(cell.key for cell in answers.cells)
    return {"score": score, "parts": parts, "curves": curves}


def _keep_classes(probabilities: NDArray[np.float32]) -> NDArray[Any]:
    classes: NDArray[Any] = probabilities.argmax(axis=1).astype(np.uint16)
    return classes


def _keep_all(probabilities: NDArray[np.float32]) -> NDArray[Any]:
    return probabilities


_AFFINE: tuple[tuple[str, tuple[float, ...], Callable[[NDArray[np.uint8], float], NDArray[np.uint8]]], ...] = (
    ("turn", affine.TURNS, affine.turn),
    ("scale", affine.SCALES, affine.scale),
    ("shear", affine.SHEARS, affine.shear),
)
_CORRUPTIONS = [(kind, severity) for kind in corruptions.KINDS for severity in corruptions.SEVERITIES]

SUITES: dict[str, Suite] = {
    suite.name: suite
    for suite in (
        Suite(
            "clean",
            1,
            "All test images as they are.",
            _plan_clean,
            _summarise_clean,
            _keep_all,
            needs_grey=False,
        ),
        Suite(
            "edges",
            1,
            "Every test digit moved, uncut, until its ink touches each edge and corner of the frame: 8 placements.",
            _plan_edges,
            _summarise_edges,
            _keep_classes,
        ),
        Suite(
            "shifts",
            2,
            f"{shifts.NUM_DIGITS:,} test digits (fixed, drawn at random) at every offset of up to 10 pixels in both "
            "directions, 441 places. The score counts the digits that stay whole at each.",
            _plan_shifts,
            _summarise_shifts,
            _keep_classes,
        ),
        Suite(
            "affine",
            1,
            f"{NUM_SAMPLED:,} test digits (fixed, drawn at random) turned, scaled and sheared, one at a time; and "
            "every test digit with all three mixed within affNIST's limits, anywhere in the frame, which is the score.",
            _plan_affine,
            _summarise_affine,
            _keep_classes,
        ),
        Suite(
            "corruptions",
            1,
            "The fifteen kinds of MNIST-C, written anew, in five severities; for each of the 75 a tenth of the test "
            f"digits (at most {NUM_SAMPLED:,}), in turn. The score is the mean of all.",
            _plan_corruptions,
            _summarise_corruptions,
            _keep_classes,
        ),
        Suite(
            "strokes",
            1,
            f"{NUM_SAMPLED:,} test digits (fixed, drawn at random) drawn anew: thicker and thinner, by round pens of "
            "one width, and with three gaps. The score is the mean of all.",
            _plan_strokes,
            _summarise_strokes,
            _keep_classes,
        ),
    )
}
