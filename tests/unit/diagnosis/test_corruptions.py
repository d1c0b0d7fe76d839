"""Corruptions: fixed to the byte, worse by severity, and each what its name says."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from inkproof.data import Dataset
from inkproof.diagnosis.corruptions import KINDS, SEVERITIES, corrupt, outline


@pytest.fixture(scope="module")
def digits(mnist: Dataset) -> np.ndarray:
    return mnist.test.images[:60, :, :, 0]


def test_there_are_the_fifteen_kinds_of_mnist_c() -> None:
    assert len(KINDS) == 15


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_repeats_to_the_byte_and_keeps_shape_and_type(digits: np.ndarray, kind: str) -> None:
    for severity in SEVERITIES:
        spoilt = corrupt(digits, kind, severity, seed=7)

        assert spoilt.shape == digits.shape
        assert spoilt.dtype == np.uint8
        assert np.array_equal(spoilt, corrupt(digits.copy(), kind, severity, seed=7))
        assert not np.array_equal(spoilt, digits)


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"scale", "brightness", "stripe", "canny_edges"}))
def test_another_seed_spoils_otherwise(digits: np.ndarray, kind: str) -> None:
    assert not np.array_equal(corrupt(digits, kind, 3, 1), corrupt(digits, kind, 3, 2))


# Not fog, which hides a digit by its contrast, nor outlines, which are far from the digit at any severity.
@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"fog", "canny_edges"}))
def test_the_worst_severity_is_further_from_the_digit_than_the_slightest(digits: np.ndarray, kind: str) -> None:
    def distance(severity: int) -> float:
        return float(np.abs(corrupt(digits, kind, severity, 3).astype(float) - digits).mean())

    assert distance(5) > distance(1)


def test_the_bytes_are_those_that_were_looked_at(digits: np.ndarray) -> None:
    # Kinds that are whole numbers and chance alone, whatever the version of NumPy or SciPy.
    contents = b"".join(corrupt(digits, kind, 3, 1).tobytes() for kind in ("impulse_noise", "translate", "stripe"))

    assert hashlib.sha256(contents).hexdigest() == "390ca52c45fc05ff9bc1ea080dc891bdf250b7bd4d6e3619a09788c2ca95fd23"


def test_blank_paper_stays_free_of_ink_where_only_ink_is_spoilt() -> None:
    blank = np.zeros((2, 28, 28), dtype=np.uint8)

    for kind in ("shot_noise", "glass_blur", "motion_blur", "shear", "scale", "rotate", "translate", "canny_edges"):
        assert not corrupt(blank, kind, 5, 1).any()


def test_impulse_noise_hits_as_many_pixels_as_it_says() -> None:
    grey = np.full((50, 28, 28), 128, dtype=np.uint8)

    spoilt = corrupt(grey, "impulse_noise", 4, 1)

    assert (spoilt != 128).mean() == pytest.approx(0.17, abs=0.01)
    assert set(np.unique(spoilt)) == {0, 128, 255}


def test_stripe_exchanges_ink_and_paper_in_the_margins() -> None:
    spoilt = corrupt(np.zeros((1, 2, 28), dtype=np.uint8), "stripe", 3, 0)

    assert spoilt[0, 0].tolist() == [255] * 7 + [0] * 14 + [255] * 7


def test_brightness_lifts_paper_and_saturates_ink() -> None:
    spoilt = corrupt(np.array([[[0, 100, 255]]], dtype=np.uint8), "brightness", 2, 0)

    assert spoilt.tolist() == [[[51, 151, 255]]]


def test_the_outline_of_a_square_runs_around_it() -> None:
    square = np.zeros((2, 16, 16))
    square[:, 5:11, 5:11] = 1

    edges = outline(square, 1.0)

    assert not edges[:, 7:9, 7:9].any()
    assert not edges[:, :3].any()
    for row in edges[0, 6:10]:  # the left and the right side, each drawn once
        assert row.sum() == 2
