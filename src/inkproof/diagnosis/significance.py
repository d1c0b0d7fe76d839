"""Tests, intervals and power for comparing accuracies. Numbers alone: knows no runs and says no words.

Accuracies come as counts of right answers, so that differences of equal accuracies are exactly zero. Every test is
SciPy's; the correction is Holm's (1979).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

LEVEL = 0.05
POWER = 0.8
# Beyond it the answer is "far too many": a thousand trainings each for a difference that small.
MAX_SEEDS = 1_000

Method = Literal["paired", "welch", "mcnemar"]


@dataclass(frozen=True)
class Test:
    """What a test says of a difference, second minus first.

    Attributes:
        method: `paired` (Student's t of the differences), `welch`, or `mcnemar` (exact).
        difference: The difference of the shares of right answers, -1 to 1.
        low: Lower end of its 95 % interval.
        high: Upper end of it.
        p_value: How often so large a difference comes by chance where there is none, 0 to 1, two-sided.
        only_first: Images that only the first of two networks read right; None for settings.
        only_second: Images that only the second read right.
    """

    __test__ = False  # its name is no test's

    method: Method
    difference: float
    low: float
    high: float
    p_value: float
    only_first: int | None = None
    only_second: int | None = None


def compare_networks(only_first: int, only_second: int, num_images: int) -> Test:
    """McNemar's exact test (McNemar 1947) of two networks that answered the same images.

    The claim is about these two networks and images like these, not about the settings they were trained with.

    Args:
        only_first: Images that only the first network read right.
        only_second: Images that only the second read right.
        num_images: How many images both answered, at least 1.

    Returns:
        The test. Its interval is Clopper and Pearson's of the share among the images on which they differ, so that
        it leaves out zero exactly where the test finds a difference.

    Example:
        >>> compare_networks(5, 15, 100).difference
        0.1
    """
    differing = only_first + only_second
    if differing == 0:
        return Test("mcnemar", 0.0, 0.0, 0.0, 1.0, 0, 0)
    result = stats.binomtest(only_second, differing, 0.5)
    share = result.proportion_ci(1 - LEVEL, method="exact")
    low, high = ((2 * end - 1) * differing / num_images for end in (share.low, share.high))
    difference = (only_second - only_first) / num_images
    return Test("mcnemar", difference, float(low), float(high), float(result.pvalue), only_first, only_second)


def compare_seeds(first: Sequence[int], second: Sequence[int], num_images: int, *, paired: bool) -> Test | None:
    """Whether the mean over seeds differs between two settings.

    Args:
        first: Right answers of each training of the first setting, at least two.
        second: The same of the second setting.
        num_images: How many images all of them answered.
        paired: Whether both lists go through the same seeds in the same order; then the differences are tested
            (Student's t), otherwise the means, without supposing equal spreads (Welch 1947). Where the differences
            happen to be all the same number and the accuracies are not, the means are tested, too.

    Returns:
        The test; None where the seeds make no difference at all, so that there is no spread to judge by.
    """
    one, other = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if not (np.ptp(one) or np.ptp(other)):
        return None
    paired = paired and bool(np.ptp(other - one))
    varying = [other - one] if paired else [one, other]
    # SciPy warns of lost digits where one list is all one number, unless that number is zero.
    constant = next((values[0] for values in varying if not np.ptp(values)), 0.0)
    one, other = one - constant, other - constant
    # Of the differences, rather than `ttest_rel`: it is the same test.
    result = stats.ttest_1samp(other - one, 0.0) if paired else stats.ttest_ind(other, one, equal_var=False)
    interval = result.confidence_interval(1 - LEVEL)
    return Test(
        "paired" if paired else "welch",
        float(other.mean() - one.mean()) / num_images,
        float(interval.low) / num_images,
        float(interval.high) / num_images,
        float(result.pvalue),
    )


def mean_interval(counts: Sequence[int], num_images: int) -> tuple[float, float, float, float | None]:
    """Mean accuracy over seeds, its 95 % interval (Student's t) and the standard deviation between seeds.

    Args:
        counts: Right answers of each training, at least two.
        num_images: How many images each of them answered.

    Returns:
        Mean, lower end, upper end, sample standard deviation; shares of right answers.
    """
    values = np.asarray(counts, dtype=np.float64) / num_images
    mean, spread = float(values.mean()), float(np.ptp(values) and values.std(ddof=1))
    reach = float(stats.t.ppf(1 - LEVEL / 2, len(values) - 1)) * spread / len(values) ** 0.5
    return mean, max(0.0, mean - reach), min(1.0, mean + reach), spread


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values that hold for several comparisons together (Holm 1979), in the order given.

    Args:
        p_values: One for each comparison, 0 to 1.

    Returns:
        The adjusted values: none smaller than its original, none above 1.

    Example:
        >>> holm([0.01, 0.04, 0.03])
        [0.03, 0.06, 0.06]
    """
    order = sorted(range(len(p_values)), key=lambda index: p_values[index])
    adjusted, least = [0.0] * len(p_values), 0.0
    for rank, index in enumerate(order):
        least = max(least, min(1.0, p_values[index] * (len(order) - rank)))
        adjusted[index] = least
    return adjusted


def seeds_needed(
    first: Sequence[int], second: Sequence[int], *, paired: bool, level: float = LEVEL, power: float = POWER
) -> int | None:
    """How many seeds each it takes to show a difference as large as the one seen, with the spread seen.

    A plan and no promise: both the difference and the spread are themselves estimates from few runs.

    Args:
        first: Right answers of each training of the first setting, at least two.
        second: The same of the second setting.
        paired: As in `compare_seeds`.
        level: Two-sided level of the test that is planned.
        power: How often such an experiment should find the difference.

    Returns:
        Seeds of each setting, at least one more than the smaller of both has, at most `MAX_SEEDS`; None where that
        would not do, or no difference was seen, or no spread.
    """
    one, other = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    difference = abs(float(other.mean() - one.mean()))
    spreads = [(other - one).std(ddof=1)] if paired else [one.std(ddof=1), other.std(ddof=1)]
    variances = [float(spread) ** 2 for spread in spreads]
    if not difference or not sum(variances):
        return None
    low, high = min(len(one), len(other)) + 1, MAX_SEEDS
    if _power(difference, variances, high, level) < power:
        return None
    while low < high:
        middle = (low + high) // 2
        if _power(difference, variances, middle, level) >= power:
            high = middle
        else:
            low = middle + 1
    return high


def _power(difference: float, variances: Sequence[float], num_seeds: int, level: float) -> float:
    """How often a t-test finds the difference, with `num_seeds` of each and one variance for each list."""
    total = sum(variances)
    # Welch and Satterthwaite's degrees of freedom; for one list, of differences, they are n - 1.
    freedom = total**2 / sum(variance**2 for variance in variances) * (num_seeds - 1)
    shift = difference / (total / num_seeds) ** 0.5
    if shift > 20:  # SciPy's non-central t gives out before; the power is 1 to the last digit
        return 1.0
    # To find it the wrong way round is not to show it.
    return float(stats.nct.sf(stats.t.ppf(1 - level / 2, freedom), freedom, shift))
