"""Training images changed anew: what must stay as it is, and what must not."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
import scipy.ndimage

from inkproof.backend import keras  # noqa: F401 - first: TensorFlow reads its settings when it is loaded
from inkproof.data import Dataset
from inkproof.training.augmentation import Augmentation, Dice, Movement, move, sample

pytestmark = pytest.mark.heavy

KINDS: list[Literal["geometric", "full"]] = ["geometric", "full"]
STILL = Movement(turn=0, scale=(1, 1), stretch=0, shear=0, bend=0, thickness=0)


def ink_of(images: np.ndarray) -> np.ndarray:
    return images.astype(np.float32) / np.float32(255)


def augment(
    images: np.ndarray, kind: Literal["geometric", "full"] = "full", seed: int = 0, step: int = 1
) -> np.ndarray:
    numbers = np.arange(len(images), dtype=np.int32)
    return np.asarray(Augmentation(kind, images, seed)(ink_of(images), numbers, step).numpy())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [(28, 28, 1), (33, 20, 3), (8, 8, 1)], ids=["mnist", "colour", "tiny"])
def test_any_images_keep_their_shape_and_range(kind: Literal["geometric", "full"], shape: tuple[int, ...]) -> None:
    images = np.random.RandomState(0).randint(0, 256, (12, *shape), dtype=np.uint8)

    changed = augment(images, kind)

    assert changed.shape == images.shape
    assert changed.dtype == np.float32
    assert changed.min() >= 0
    assert changed.max() <= 1
    assert (changed != ink_of(images)).any(axis=(1, 2, 3)).all()


@pytest.mark.parametrize("kind", KINDS)
def test_the_change_is_a_function_of_seed_and_step(mnist: Dataset, kind: Literal["geometric", "full"]) -> None:
    images = mnist.train.images[:20]
    first = augment(images, kind, seed=3, step=7)

    np.testing.assert_array_equal(first, augment(images, kind, seed=3, step=7))
    assert (first != augment(images, kind, seed=3, step=8)).any(axis=(1, 2, 3)).all()
    assert (first != augment(images, kind, seed=4, step=7)).any(axis=(1, 2, 3)).all()


def test_images_of_a_batch_are_changed_differently(mnist: Dataset) -> None:
    changed = augment(np.repeat(mnist.train.images[:1], 30, axis=0), "geometric")

    assert len({image.tobytes() for image in changed}) == 30


def test_moved_digits_stay_whole_and_reach_every_edge(mnist: Dataset) -> None:
    # given: digits that are only moved
    images = mnist.train.images[:2000]
    augmentation = Augmentation("geometric", images, 0)
    augmentation._movement = STILL

    # when
    changed = augmentation(ink_of(images), np.arange(2000, dtype=np.int32), 1).numpy()

    # then: at most a pixel of the faint rim goes over the edge
    lost = 1 - changed.sum(axis=(1, 2, 3)) / ink_of(images).sum(axis=(1, 2, 3))
    assert lost.max() < 0.2
    assert np.median(lost) < 0.001
    is_inked = changed[..., 0] > 0.2
    at_edges = [is_inked[:, 0], is_inked[:, -1], is_inked[:, :, 0], is_inked[:, :, -1]]
    assert all(0.02 < edge.any(axis=1).mean() < 0.5 for edge in at_edges)


def test_without_any_movement_images_stay_near_their_place_or_move_whole(mnist: Dataset) -> None:
    image = mnist.train.images[:1]
    dice = Dice(0, 1, 1)
    box = np.array([[0, 0, 27, 27]], np.float32)  # as if ink filled the frame: there is no room to move

    moved = move(ink_of(image), box, STILL, dice).numpy()

    y, x = scipy.ndimage.center_of_mass(moved[0, ..., 0])
    before = scipy.ndimage.center_of_mass(ink_of(image)[0, ..., 0])
    assert abs(y - before[0]) < 2
    assert abs(x - before[1]) < 2


def test_sampling_between_pixels_is_bilinear_with_paper_outside() -> None:
    numbers = np.random.RandomState(0)
    images = numbers.rand(3, 7, 6, 2).astype(np.float32)
    rows, columns = (numbers.uniform(-3, 9, (3, 7, 6, 1)).astype(np.float32) for _ in range(2))

    found = sample(images, rows, columns).numpy()

    for number in range(3):
        places = [rows[number, ..., 0], columns[number, ..., 0]]
        for channel in range(2):
            wanted = scipy.ndimage.map_coordinates(
                images[number, ..., channel], places, order=1, mode="grid-constant", cval=0
            )
            np.testing.assert_allclose(found[number, ..., channel], wanted, atol=1e-5)


def test_smooth_noise_is_smooth_and_of_spread_one() -> None:
    noise = Dice(0, 1, 2000).smooth_field((28, 20), 6, 2).numpy()

    assert noise.shape == (2000, 28, 20, 2)
    np.testing.assert_allclose(noise.std(axis=0), 1, atol=0.1)
    assert np.abs(np.corrcoef(noise[..., 0].ravel(), noise[..., 1].ravel())[0, 1]) < 0.03
    assert np.abs(np.diff(noise, axis=1)).mean() < 0.3


@pytest.mark.parametrize("kind", KINDS)
def test_paper_without_ink_does_no_harm(kind: Literal["geometric", "full"]) -> None:
    assert np.isfinite(augment(np.zeros((6, 28, 28, 1), np.uint8), kind)).all()


def test_two_fifths_of_the_images_keep_their_light(mnist: Dataset) -> None:
    # Light that stays is that of the moved image alone: paper is exactly 0 in most of the frame.
    changed = augment(mnist.train.images[:1000], "full")

    assert 0.4 < ((changed == 0).mean(axis=(1, 2, 3)) > 0.5).mean() < 0.8
