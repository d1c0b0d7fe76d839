"""Tests, intervals, Holm and power against cases worked out by hand or by others, and against what must always hold."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from inkproof.diagnosis.significance import (
    MAX_SEEDS,
    _power,
    compare_networks,
    compare_seeds,
    holm,
    mean_interval,
    seeds_needed,
)

counts = st.lists(st.integers(8_000, 10_000), min_size=2, max_size=8)


def two_tails_of_t(t: float, freedom: float) -> float:
    """From Student's density, integrated."""
    scale = math.gamma((freedom + 1) / 2) / (math.sqrt(freedom * math.pi) * math.gamma(freedom / 2))
    inside, _ = quad(lambda at: scale * (1 + at**2 / freedom) ** (-(freedom + 1) / 2), -t, t)
    return float(1 - inside)


p_values = st.lists(st.floats(0, 1), min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("only_first", "only_second", "p_value"),
    # by hand: twice the tail of a fair coin, such as 2 × (C(10,0) + C(10,1)) / 2^10
    [(1, 9, 22 / 1024), (9, 1, 22 / 1024), (5, 5, 1.0), (0, 6, 2 / 64), (0, 1, 1.0)],
)
def test_mcnemar_is_the_tail_of_a_fair_coin(only_first: int, only_second: int, p_value: float) -> None:
    test = compare_networks(only_first, only_second, 1_000)

    assert test.p_value == pytest.approx(p_value)
    assert test.difference == pytest.approx((only_second - only_first) / 1_000)
    assert (test.only_first, test.only_second) == (only_first, only_second)


def test_networks_that_answer_alike_do_not_differ() -> None:
    test = compare_networks(0, 0, 10_000)

    assert (test.difference, test.low, test.high, test.p_value) == (0, 0, 0, 1)


@given(st.integers(0, 300), st.integers(0, 300))
def test_mcnemar_turns_with_the_order_and_its_interval_says_the_same(one: int, other: int) -> None:
    there, back = compare_networks(one, other, 10_000), compare_networks(other, one, 10_000)

    assert there.p_value == pytest.approx(back.p_value)
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low))
    assert there.low <= there.difference <= there.high
    assert (there.p_value > 0.05) == (there.low <= 0 <= there.high)


def test_welch_by_hand() -> None:
    # means 2 and 5; variances 1 and 4 of three each: t = 3 / sqrt(5/3), 25/9 / ((1/9 + 16/9) / 2) degrees of freedom
    test = compare_seeds([1, 2, 3], [3, 5, 7], 10, paired=False)

    assert test is not None
    assert (test.method, test.difference) == ("welch", pytest.approx(0.3))
    assert test.p_value == pytest.approx(
        two_tails_of_t(3 / math.sqrt(5 / 3), (25 / 9) / ((1 / 9 + 16 / 9) / 2)), abs=1e-6
    )
    assert test.low < 0 < test.high
    assert (test.low + test.high) / 2 == pytest.approx(0.3)


def test_the_paired_test_by_hand() -> None:
    # differences 1, 2, 3: t = 2 / (1 / sqrt(3)) = 3.4641 on 2 degrees of freedom; the border is 4.3027
    test = compare_seeds([10, 20, 30], [11, 22, 33], 100, paired=True)

    assert test is not None
    assert test.p_value == pytest.approx(1 - math.sqrt(6 / 7), abs=1e-6)  # closed form for 2 degrees of freedom
    assert (test.low, test.high) == pytest.approx(
        (0.02 - 0.0430265 / math.sqrt(3), 0.02 + 0.0430265 / math.sqrt(3)), abs=1e-6
    )


def test_pairs_find_what_the_spread_of_seeds_hides() -> None:
    first, second = [9_000, 9_100, 9_200], [9_010, 9_111, 9_209]

    paired, welch = (compare_seeds(first, second, 10_000, paired=paired) for paired in (True, False))

    assert paired is not None
    assert welch is not None
    assert paired.p_value < 0.01
    assert welch.p_value > 0.5


@given(counts, counts)
def test_welch_turns_with_the_order_and_does_not_know_the_unit(first: list[int], second: list[int]) -> None:
    there, back = (compare_seeds(*lists, 10_000, paired=False) for lists in ((first, second), (second, first)))
    scaled = compare_seeds([10 * count for count in first], [10 * count for count in second], 100_000, paired=False)

    if there is None:
        assert back is None
        assert len(set(first)) == len(set(second)) == 1
        return
    assert back is not None
    assert scaled is not None
    assert (back.difference, back.p_value) == pytest.approx((-there.difference, there.p_value), abs=1e-9)
    assert (scaled.difference, scaled.p_value) == pytest.approx((there.difference, there.p_value), abs=1e-9)
    assert (scaled.low, scaled.high) == pytest.approx((there.low, there.high), abs=1e-9)


@pytest.mark.parametrize("paired", [True, False])
def test_without_spread_there_is_nothing_to_judge_by(paired: bool) -> None:
    assert compare_seeds([9_000, 9_000], [9_100, 9_100], 10_000, paired=paired) is None


def test_differences_that_happen_to_be_equal_are_judged_by_the_spread_of_the_accuracies() -> None:
    equal, other = [9_000, 9_010], [9_100, 9_110]

    test = compare_seeds(equal, other, 10_000, paired=True)

    assert test == compare_seeds(equal, other, 10_000, paired=False)
    assert test is not None
    assert test.method == "welch"
    same = compare_seeds(equal, equal, 10_000, paired=True)
    assert same is not None
    assert (same.difference, same.p_value) == (0.0, 1.0)
    assert same.low < 0 < same.high


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.7]) == [0.7]
    assert holm([]) == []
    assert holm([0.6, 0.7]) == [1.0, 1.0]


@given(p_values)
def test_holm_keeps_the_order_and_lies_between_none_and_bonferroni(given_values: list[float]) -> None:
    adjusted = holm(given_values)

    for before, after in zip(given_values, adjusted, strict=True):
        assert before <= after <= min(1.0, before * len(given_values)) + 1e-12
    assert [adjusted[i] for i in sorted(range(len(adjusted)), key=lambda i: given_values[i])] == sorted(adjusted)


def test_the_mean_and_its_interval_by_hand() -> None:
    # mean 9,020 and standard deviation 20 of three; Student's border on 2 degrees of freedom is 4.3027
    mean, low, high, spread = mean_interval([9_000, 9_020, 9_040], 10_000)

    reach = 4.302653 * 0.002 / math.sqrt(3)
    assert (mean, low, high, spread) == pytest.approx((0.902, 0.902 - reach, 0.902 + reach, 0.002))
    assert mean_interval([10_000, 9_000], 10_000)[2] == 1.0


@pytest.mark.parametrize(
    ("variances", "num_seeds", "power"),
    # Cohen (1988), d = 0.5: 64 each for two samples, 34 for one
    [([1.0, 1.0], 64, 0.8015), ([1.0, 1.0], 63, 0.7952), ([1.0], 34, 0.8078), ([1.0], 33, 0.7954)],
)
def test_power_agrees_with_the_tables(variances: list[float], num_seeds: int, power: float) -> None:
    assert _power(0.5, variances, num_seeds, 0.05) == pytest.approx(power, abs=1e-4)


def test_seeds_needed_is_where_the_power_is_reached() -> None:
    # standard deviation 1 in both, means half of it apart: Cohen's 64
    first, second = [-1, 0, 1], [-0.5, 0.5, 1.5]

    assert seeds_needed(first, second, paired=False) == 64  # type: ignore[arg-type]


def test_a_stricter_level_and_a_smaller_difference_need_more_seeds() -> None:
    first, second, nearer = [9_000, 9_010, 9_020], [9_007, 9_017, 9_030], [9_003, 9_013, 9_026]

    needed = seeds_needed(first, second, paired=False)
    stricter = seeds_needed(first, second, paired=False, level=0.01)
    smaller = seeds_needed(first, nearer, paired=False)

    assert needed is not None
    assert stricter is not None
    assert smaller is not None
    assert 3 < needed < min(stricter, smaller)


def test_what_no_number_of_seeds_would_show_is_not_promised() -> None:
    assert seeds_needed([9_000, 9_100], [9_001, 9_099], paired=False) is None  # equal means
    assert seeds_needed([9_000, 9_100], [9_001, 9_100], paired=False) is None  # more than 1,000
    assert seeds_needed([9_000, 9_000], [9_001, 9_001], paired=False) is None  # no spread
    found = seeds_needed([9_000, 9_010], [9_500, 9_510], paired=False)
    assert found is not None
    assert 3 <= found <= MAX_SEEDS
