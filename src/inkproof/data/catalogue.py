"""The catalogue of data sets, each as whole arrays in memory with its checksum verified.

Nothing here or downstream assumes 28×28 grey images or ten classes: another set is one more entry in
`_CATALOGUE`. A set of IDX files (Fashion-MNIST, KMNIST, EMNIST) needs only its folder and its names.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inkproof.data import idx
from inkproof.errors import DataFileError, UnknownDatasetError, UsageError

CHECKSUMS_NAME = "SHA256SUMS"
# Constant, and not the seed of a training: every run holds out the same images, so that runs with
# different seeds can be compared and no run has trained on what another validates on.
HOLD_OUT_SEED = 20_260_101


@dataclass(frozen=True, eq=False, repr=False)
class Split:
    """Images with their labels.

    Attributes:
        images: Shape (n, height, width, channels), uint8; for grey images 0 is paper and 255 is ink.
        labels: Shape (n,), int64; each the index of a class, from 0.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]

    def __repr__(self) -> str:
        """The sizes; the pixels would fill the screen."""
        return f"Split(images={self.images.shape}, labels={self.labels.shape})"

    def __len__(self) -> int:
        """The number of images."""
        return len(self.labels)


@dataclass(frozen=True, eq=False)
class Dataset:
    """A data set of the catalogue, whole and in memory.

    Attributes:
        name: Its name in the catalogue, such as `mnist`.
        title: Its name for people.
        classes: The name of each class; a label is an index into it.
        train: The images to learn from.
        test: The images to measure with. Never choose settings by them: see `hold_out`.
        sha256: One checksum for the whole set: of the lines `CHECKSUM  NAME`, sorted by name, of its files.
            For a folder with a sorted `SHA256SUMS` it is what `sha256sum SHA256SUMS` prints.
        notice: Authors, licence and source, in one or two sentences.
    """

    name: str
    title: str
    classes: tuple[str, ...]
    train: Split
    test: Split
    sha256: str
    notice: str

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """The shape of one image: height, width and channels (1 is grey, 3 is colour)."""
        height, width, channels = self.train.images.shape[1:]
        return height, width, channels

    def count_labels(self, split: Split) -> list[int]:
        """The number of images of each class in `split`, in the order of `classes`."""
        return [int(count) for count in np.bincount(split.labels, minlength=len(self.classes))]


@dataclass(frozen=True)
class IdxFiles:
    """Where the four files of a data set in IDX format are; the names are by default MNIST's and its relatives'."""

    folder: Path
    train_images: str = "train-images-idx3-ubyte.gz"
    train_labels: str = "train-labels-idx1-ubyte.gz"
    test_images: str = "t10k-images-idx3-ubyte.gz"
    test_labels: str = "t10k-labels-idx1-ubyte.gz"


def names() -> tuple[str, ...]:
    """The names that `load` knows, sorted.

    Example:
        >>> names()
        ('mnist',)
    """
    return tuple(sorted(_CATALOGUE))


def load(name: str) -> Dataset:
    """Load a data set of the catalogue, checking its files against their checksums.

    Args:
        name: Its name: one of `names()`.

    Returns:
        The data set. Its arrays are read-only.

    Raises:
        UnknownDatasetError: If the catalogue has no set of that name.
        DataFileError: If a file is missing, damaged or not what it says.

    Example:
        >>> mnist = load("mnist")
        >>> mnist.train.images.shape, len(mnist.classes)
        ((60000, 28, 28, 1), 10)
    """
    if name not in _CATALOGUE:
        near = difflib.get_close_matches(name.lower(), names(), n=1)
        meant = f" Did you mean '{near[0]}'?" if near else ""
        raise UnknownDatasetError(
            f"There is no data set '{name}' in the catalogue.{meant}",
            f"The catalogue holds: {', '.join(names())}.",
            field="name",
        )
    return _CATALOGUE[name]()


def load_idx(files: IdxFiles, *, name: str, title: str, classes: tuple[str, ...], notice: str) -> Dataset:
    """Load a data set of four gzipped IDX files from a folder that also holds their `SHA256SUMS`.

    Args:
        files: Where they are and how they are called.
        name: As in `Dataset`.
        title: As in `Dataset`.
        classes: As in `Dataset`; every label must be an index into it.
        notice: As in `Dataset`.

    Returns:
        The data set. Its arrays are read-only.

    Raises:
        DataFileError: If a file is missing, damaged or not what it says; if images and labels differ
            in number, training and test images in size; or if a label names no class.
    """
    folder = files.folder
    expected = _read_checksums(folder / CHECKSUMS_NAME)
    names_read = (files.train_images, files.train_labels, files.test_images, files.test_labels)
    for file_name in names_read:
        if file_name not in expected:
            raise DataFileError(
                f"The file '{folder / CHECKSUMS_NAME}' has no checksum for '{file_name}'; "
                f"it names {', '.join(sorted(expected)) or 'no file'}.",
                f"Write the checksums anew, in that folder: sha256sum *.gz > {CHECKSUMS_NAME}",
            )
    train = _read_split(folder, files.train_images, files.train_labels, expected, len(classes))
    test = _read_split(folder, files.test_images, files.test_labels, expected, len(classes))
    if train.images.shape[1:] != test.images.shape[1:]:
        raise DataFileError(
            f"The images of '{folder / files.test_images}' have the shape {test.images.shape[1:]}; "
            f"{train.images.shape[1:]} was expected, as in '{files.train_images}'.",
            "Check that both files belong to the same data set.",
        )
    lines = "".join(f"{expected[file_name]}  {file_name}\n" for file_name in sorted(names_read))
    sha256 = hashlib.sha256(lines.encode()).hexdigest()
    return Dataset(name, title, classes, train, test, sha256, notice)


def hold_out(dataset: Dataset, num_images: int = 5000) -> tuple[Split, Split]:
    """Split the training images into those to learn from and those to choose settings by.

    Which images are held out depends on the data set and the number alone, not on the seed of a
    training. A smaller validation set is part of every larger one.

    Args:
        dataset: The data set whose training images are split; it stays as it is.
        num_images: How many to hold out, from 1 to one less than there are training images.

    Returns:
        The remaining training images and the validation images: disjoint, together all training
        images, each in the order of the data set.

    Raises:
        UsageError: If `num_images` would leave one of the two parts empty.
    """
    num_train = len(dataset.train)
    if not 1 <= num_images < num_train:
        raise UsageError(
            f"{num_images:,} images cannot be held out of the {num_train:,} training images of '{dataset.name}'.",
            f"Hold out between 1 and {num_train - 1:,} images.",
            field="num_images",
        )
    # RandomState, not default_rng: only its numbers are promised to stay the same in every NumPy (NEP 19).
    order = np.random.RandomState(HOLD_OUT_SEED).permutation(num_train)
    held_out = np.zeros(num_train, dtype=bool)
    held_out[order[:num_images]] = True
    return _pick(dataset.train, ~held_out), _pick(dataset.train, held_out)


def _pick(split: Split, mask: NDArray[np.bool_]) -> Split:
    return Split(split.images[mask], split.labels[mask])


def _read_checksums(path: Path) -> dict[str, str]:
    """The lines of a file that `sha256sum` wrote: name → checksum."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataFileError(
            f"The checksums '{path}' cannot be read: {error}.",
            f"Put the data set's {CHECKSUMS_NAME} there; for a set of Inkproof itself, install the package again.",
        ) from error
    checksums = {}
    for line in lines:
        checksum, _, name = line.partition(" ")
        checksums[name.lstrip(" *")] = checksum.lower()
    return checksums


def _read_split(folder: Path, images_name: str, labels_name: str, expected: dict[str, str], num_classes: int) -> Split:
    images = idx.read_images(folder / images_name, sha256=expected[images_name])
    labels = idx.read_labels(folder / labels_name, sha256=expected[labels_name])
    if len(images) != len(labels):
        raise DataFileError(
            f"The data file '{folder / labels_name}' holds {len(labels):,} labels; {len(images):,} were expected, "
            f"one for each image of '{images_name}'.",
            "Check that both files belong to the same data set.",
        )
    if len(labels) and labels.max() >= num_classes:
        raise DataFileError(
            f"The data file '{folder / labels_name}' holds the label {labels.max()}; "
            f"0 to {num_classes - 1} were expected, one for each of {num_classes} classes.",
            "Check that the labels and the names of the classes belong together.",
        )
    wide_labels = labels.astype(np.int64)
    wide_labels.flags.writeable = False  # as the images are, which lie in the bytes of the file
    return Split(images, wide_labels)


def _load_mnist() -> Dataset:
    return load_idx(
        IdxFiles(Path(__file__).parent / "mnist"),
        name="mnist",
        title="MNIST handwritten digits",
        classes=tuple("0123456789"),
        notice="MNIST by Yann LeCun, Corinna Cortes and Christopher J. C. Burges, "
        "http://yann.lecun.com/exdb/mnist/, licence CC BY-SA 3.0.",
    )


_CATALOGUE: dict[str, Callable[[], Dataset]] = {"mnist": _load_mnist}
