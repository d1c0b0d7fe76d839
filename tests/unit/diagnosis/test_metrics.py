"""Figures, intervals and tables against cases worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from inkproof.diagnosis.metrics import (
    calibrate,
    confusion_matrix,
    figure,
    log_loss,
    per_class,
    rank_mistakes,
    wilson,
)


@pytest.mark.parametrize(
    ("num_right", "n", "low", "high"),
    # from R: binom::binom.wilson(x, n)
    [(9, 10, 0.59585, 0.98213), (0, 10, 0.0, 0.27753), (10, 10, 0.72247, 1.0), (9680, 10_000, 0.96437, 0.97127)],
)
def test_wilson_agrees_with_the_textbook(num_right: int, n: int, low: float, high: float) -> None:
    assert wilson(num_right, n) == pytest.approx((low, high), abs=2e-5)


def test_a_figure_of_single_answers_is_wilsons() -> None:
    measured = figure(np.arange(10) < 9)

    assert (measured.value, measured.n, measured.num_digits) == (0.9, 10, 10)
    assert (measured.low, measured.high) == pytest.approx(wilson(9, 10), abs=1e-6)


def test_the_same_digit_asked_twice_is_not_two_digits() -> None:
    once = np.arange(100) < 80

    twice = figure(np.stack([once, once]))

    single = figure(once)
    assert (twice.value, twice.n, twice.num_digits) == (0.8, 200, 100)
    # the same knowledge, but for the one degree of freedom that the mean takes
    assert twice.high is not None
    assert single.high is not None
    assert twice.high == pytest.approx(single.high, abs=1e-3)
    assert twice.high >= single.high


def test_answers_that_do_not_hang_together_count_each() -> None:
    # every digit is right once of two times: nothing differs between digits
    right = np.array([[True] * 50, [False] * 50])

    measured = figure(right)

    assert (measured.low, measured.high) == pytest.approx(wilson(50, 100), abs=1e-6)


def test_where_all_were_right_each_digit_counts_once() -> None:
    assert figure(np.ones((8, 10), dtype=bool)).low == pytest.approx(wilson(10, 10)[0], abs=1e-6)


def test_masked_answers_do_not_count() -> None:
    measured = figure(np.array([[True, False], [False, False]]), np.array([[True, True], [False, False]]))

    assert (measured.value, measured.n, measured.num_digits) == (0.5, 2, 2)


def test_nothing_measured_has_no_value() -> None:
    assert figure(np.ones((2, 3), dtype=bool), np.zeros((2, 3), dtype=bool)).as_dict() == {
        "value": None, "n": 0, "low": None, "high": None, "num_digits": 0,
    }  # fmt: skip


def test_log_loss_is_the_mean_surprise_and_never_infinite() -> None:
    probabilities = np.array([[0.5, 0.5], [1.0, 0.0]], dtype=np.float32)

    assert log_loss(probabilities, np.array([0, 0])) == pytest.approx(math.log(2) / 2, abs=1e-6)
    assert log_loss(probabilities, np.array([1, 1])) == pytest.approx((math.log(2) + 7 * math.log(10)) / 2, abs=1e-4)


def test_rows_of_the_confusion_matrix_are_the_truth() -> None:
    matrix = confusion_matrix(np.array([1, 1, 2, 0]), np.array([1, 0, 0, 0]), 3)

    assert matrix.tolist() == [[1, 1, 1], [0, 1, 0], [0, 0, 0]]


def test_precision_and_recall_by_hand() -> None:
    first, second, third = per_class(np.array([[1, 1, 1], [0, 1, 0], [0, 0, 0]]))

    assert (first["precision"]["value"], first["recall"]["value"]) == (1.0, pytest.approx(1 / 3, abs=1e-6))
    assert (second["precision"]["value"], second["precision"]["n"]) == (0.5, 2)
    # answered once, wrongly; there was none to find
    assert (third["precision"]["value"], third["recall"]["value"], third["recall"]["n"]) == (0.0, None, 0)


def test_calibration_error_by_hand() -> None:
    # says 0.8 and is right half of the time, says 1.0 and is right
    probabilities = np.array([[0.8, 0.2], [0.8, 0.2], [1.0, 0.0], [1.0, 0.0]], dtype=np.float32)

    found = calibrate(probabilities, np.array([0, 1, 0, 0]))

    assert found["error"] == pytest.approx(0.15, abs=1e-6)
    filled = [entry for entry in found["bins"] if entry["accuracy"]["n"]]
    assert [(entry["accuracy"]["value"], entry["accuracy"]["n"]) for entry in filled] == [(0.5, 2), (1.0, 2)]
    assert filled[1]["high"] == 1.0


def test_the_most_confident_mistake_comes_first() -> None:
    probabilities = np.array([[0.6, 0.4], [0.9, 0.1], [0.9, 0.1], [0.2, 0.8]], dtype=np.float32)

    worst = rank_mistakes(probabilities, np.array([1, 1, 1, 1]), num_shown=2)

    assert [entry["index"] for entry in worst] == [1, 2]
    assert worst[0] == {
        "index": 1, "label": 1, "answer": 0, "probability": 0.9, "probability_of_label": 0.1,
    }  # fmt: skip
