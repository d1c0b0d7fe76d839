"""Figures with their n and their interval, and what a table of answers says. Asks no network, draws nothing."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Z95 = 1.959963984540054  # two-sided 95 % of a normal distribution
_SMALLEST = 1e-7  # a probability of zero for the right class would make the log loss infinite
NUM_BINS = 15


@dataclass(frozen=True)
class Figure:
    """A share of right answers with what it rests on.

    Attributes:
        value: From 0 to 1; None where there was nothing to measure.
        n: How many answers it is the share of.
        low: Lower end of the 95 % interval; None where there was nothing.
        high: Upper end of it.
        num_digits: How many different test images those answers are about: fewer than `n` where each was shown
            several times.
    """

    value: float | None
    n: int
    low: float | None
    high: float | None
    num_digits: int

    def as_dict(self) -> dict[str, Any]:
        """The figure as it goes into JSON."""
        return asdict(self)


def wilson(num_right: float, n: float) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927), which stays within 0 and 1 and is honest near both.

    Args:
        num_right: How many were right, 0 to `n`.
        n: How many there were, more than 0; may be a fraction (an effective number).

    Returns:
        Lower and upper end.

    Example:
        >>> low, high = wilson(9, 10)
        >>> round(low, 4), round(high, 4)
        (0.5958, 0.9821)
    """
    share = num_right / n
    centre = share + Z95**2 / (2 * n)
    reach = Z95 * math.sqrt(share * (1 - share) / n + Z95**2 / (4 * n**2))
    scale = 1 + Z95**2 / n
    # Where all or none were right the end is exact, not the last bit of a float away from it.
    low = 0.0 if num_right == 0 else max(0.0, (centre - reach) / scale)
    high = 1.0 if num_right == n else min(1.0, (centre + reach) / scale)
    return low, high


def figure(right: NDArray[np.bool_], mask: NDArray[np.bool_] | None = None) -> Figure:
    """The share of right answers, whose interval knows that answers about one digit hang together.

    A digit shown in eight places is not eight digits: the interval is Wilson's for the effective number of
    answers, found from the spread between digits (Kish 1965, the ratio estimator of a cluster sample).

    Args:
        right: Whether each answer was right, shape (digits,) or (times, digits).
        mask: Which answers count, same shape; all by default.

    Returns:
        The figure; without any answer its value and interval are None.

    Example:
        >>> figure(np.array([True, True, False, True])).value
        0.75
    """
    right = np.atleast_2d(right)
    mask = np.ones(right.shape, dtype=bool) if mask is None else np.atleast_2d(mask)
    asked = mask.sum(axis=0).astype(np.float64)  # answers about each digit
    was_right = (right & mask).sum(axis=0).astype(np.float64)
    n, num_digits = int(asked.sum()), int((asked > 0).sum())
    if n == 0:
        return Figure(None, 0, None, None, 0)
    share = float(was_right.sum()) / n
    effective = float(n)
    if n > num_digits:
        effective = float(num_digits)  # where all or none were right no spread can tell: each digit counts once
        if 0 < share < 1 and num_digits > 1:
            spread = float(((was_right - share * asked) ** 2).sum()) * num_digits / (num_digits - 1) / n**2
            effective = min(float(n), share * (1 - share) / spread) if spread > 0 else float(n)
    low, high = wilson(share * effective, effective) if 0 < share < 1 else wilson(effective * round(share), effective)
    return Figure(_rounded(share), n, _rounded(low), _rounded(high), num_digits)


def log_loss(probabilities: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """Mean negative logarithm (nats) of the probability that the right class was given; 0 is best.

    Args:
        probabilities: Shape (n, classes), float32, each row sums to one; n at least 1.
        labels: Shape (n,), int64.

    Returns:
        The loss; a probability below 1e-7 counts as 1e-7, so that one answer costs at most 16.1.
    """
    given = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    return _rounded(float(-np.log(np.maximum(given, _SMALLEST)).mean()))


def confusion_matrix(answers: NDArray[Any], labels: NDArray[np.int64], num_classes: int) -> NDArray[np.int64]:
    """How often each class was taken for each: rows are the truth, columns the answers.

    Args:
        answers: The class that was answered, shape (n,), any integer.
        labels: The true class, shape (n,), int64.
        num_classes: How many classes there are.

    Returns:
        Counts, shape (num_classes, num_classes), int64.

    Example:
        >>> confusion_matrix(np.array([0, 1, 1]), np.array([0, 0, 1]), 2).tolist()
        [[1, 1], [0, 1]]
    """
    cells = labels * num_classes + answers.astype(np.int64)
    return np.bincount(cells, minlength=num_classes**2).reshape(num_classes, num_classes)


def per_class(confusion: NDArray[np.int64]) -> list[dict[str, Any]]:
    """Precision and recall of each class, each with its n and its interval.

    Precision: of the images answered as this class, the share that are of it. Recall: of the images of this
    class, the share that were answered so. A class that was never answered has no precision.

    Args:
        confusion: From `confusion_matrix`.

    Returns:
        One entry a class, with `class` (its index), `precision` and `recall` (each a Figure as a dictionary).
    """
    entries = []
    for index, row in enumerate(confusion):
        hits, truths, answered = int(row[index]), int(row.sum()), int(confusion[:, index].sum())
        precision, recall = _of_counts(hits, answered), _of_counts(hits, truths)
        entries.append({"class": index, "precision": precision.as_dict(), "recall": recall.as_dict()})
    return entries


def calibrate(probabilities: NDArray[np.float32], labels: NDArray[np.int64]) -> dict[str, Any]:
    """Whether a network is as often right as it says: the reliability diagram and its error.

    Confidence is the probability of the answer. The expected calibration error is the mean distance between
    confidence and share of right answers over 15 bins of equal width, weighted by their number (Naeini 2015).

    Args:
        probabilities: Shape (n, classes), float32; n at least 1.
        labels: Shape (n,), int64.

    Returns:
        `error`, 0 to 1; and `bins`, each with `low`, `high`, `confidence` (mean, None where empty) and
        `accuracy` (a Figure as a dictionary).
    """
    confidence = probabilities.max(axis=1).astype(np.float64)
    right = probabilities.argmax(axis=1) == labels
    which = np.minimum((confidence * NUM_BINS).astype(np.int64), NUM_BINS - 1)
    bins, error = [], 0.0
    for number in range(NUM_BINS):
        inside = which == number
        accuracy = figure(right[inside])
        mean = float(confidence[inside].mean()) if inside.any() else None
        if mean is not None and accuracy.value is not None:
            error += abs(mean - accuracy.value) * accuracy.n / len(labels)
        bins.append(
            {
                "low": _rounded(number / NUM_BINS),
                "high": _rounded((number + 1) / NUM_BINS),
                "confidence": None if mean is None else _rounded(mean),
                "accuracy": accuracy.as_dict(),
            }
        )
    return {"error": _rounded(error), "n": len(labels), "bins": bins}


def rank_mistakes(
    probabilities: NDArray[np.float32], labels: NDArray[np.int64], num_shown: int = 20
) -> list[dict[str, Any]]:
    """The wrong answers that were given with the most confidence, worst first.

    Args:
        probabilities: Shape (n, classes), float32.
        labels: Shape (n,), int64.
        num_shown: How many at most.

    Returns:
        For each: `index` (into the images), `label`, `answer` (indices of classes), `probability` of the
        answer and `probability_of_label`. Of equal confidence the earlier image comes first.
    """
    answers = probabilities.argmax(axis=1)
    confidence = probabilities.max(axis=1)
    wrong = np.flatnonzero(answers != labels)
    worst = wrong[np.argsort(-confidence[wrong], kind="stable")][:num_shown]
    return [
        {
            "index": int(index),
            "label": int(labels[index]),
            "answer": int(answers[index]),
            "probability": _rounded(float(confidence[index])),
            "probability_of_label": _rounded(float(probabilities[index, labels[index]])),
        }
        for index in worst
    ]


def _of_counts(num_right: int, n: int) -> Figure:
    if n == 0:
        return Figure(None, 0, None, None, 0)
    low, high = wilson(num_right, n)
    return Figure(_rounded(num_right / n), n, _rounded(low), _rounded(high), n)


def _rounded(value: float) -> float:
    # Six digits say more than any n here can prove, and differ between no two machines.
    return round(value, 6)
