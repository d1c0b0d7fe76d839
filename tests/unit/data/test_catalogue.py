"""The catalogue: MNIST as it is, damaged copies of it, and the images held out."""

from __future__ import annotations

import gzip
import hashlib
import shutil
import struct
from pathlib import Path

import numpy as np
import pytest

from inkproof import data
from inkproof.data.catalogue import CHECKSUMS_NAME, Dataset, IdxFiles, Split, hold_out, load, load_idx, names
from inkproof.errors import DataFileError, UnknownDatasetError, UsageError

MNIST_FOLDER = Path(data.__file__).parent / "mnist"


@pytest.fixture(scope="module")
def mnist() -> Dataset:
    return load("mnist")


def write_small_set(folder: Path, *, num_labels: int = 6, label: int = 1, test_side: int = 5) -> None:
    """Six training and six test images, with checksums that hold."""
    files = {
        "train-images-idx3-ubyte.gz": struct.pack(">4I", 0x803, 6, 5, 5) + bytes(6 * 25),
        "train-labels-idx1-ubyte.gz": struct.pack(">2I", 0x801, num_labels) + bytes([label]) * num_labels,
        "t10k-images-idx3-ubyte.gz": struct.pack(">4I", 0x803, 6, test_side, test_side) + bytes(6 * test_side**2),
        "t10k-labels-idx1-ubyte.gz": struct.pack(">2I", 0x801, 6) + bytes(6),
    }
    for name, payload in files.items():
        (folder / name).write_bytes(gzip.compress(payload))
    write_checksums(folder)


def write_checksums(folder: Path) -> None:
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in sorted(folder.glob("*.gz"))]
    (folder / CHECKSUMS_NAME).write_text("".join(lines), encoding="utf-8")


def load_small_set(folder: Path) -> Dataset:
    return load_idx(IdxFiles(folder), name="small", title="Small", classes=("blank", "dot"), notice="None.")


def test_mnist_is_whole(mnist: Dataset) -> None:
    assert mnist.train.images.shape == (60_000, 28, 28, 1)
    assert mnist.test.images.shape == (10_000, 28, 28, 1)
    assert mnist.train.images.dtype == np.uint8
    assert mnist.train.labels.dtype == np.int64
    assert mnist.image_shape == (28, 28, 1)
    assert mnist.classes == tuple("0123456789")
    assert mnist.count_labels(mnist.train) == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert mnist.count_labels(mnist.test) == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert mnist.train.labels[:5].tolist() == [5, 0, 4, 1, 9]


def test_mnist_names_its_authors_and_licence(mnist: Dataset) -> None:
    for words in ("Yann LeCun", "Corinna Cortes", "Burges", "CC BY-SA 3.0"):
        assert words in mnist.notice


def test_the_checksum_of_a_set_is_the_checksum_of_its_checksums(mnist: Dataset) -> None:
    assert mnist.sha256 == hashlib.sha256((MNIST_FOLDER / CHECKSUMS_NAME).read_bytes()).hexdigest()


def test_the_arrays_cannot_be_written_to(mnist: Dataset) -> None:
    with pytest.raises(ValueError, match="read-only"):
        mnist.train.images[0] = 0
    with pytest.raises(ValueError, match="read-only"):
        mnist.train.labels[0] = 0


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("mnits", r"There is no data set 'mnits' in the catalogue\. Did you mean 'mnist'\?$"),
        ("MNIST", r"There is no data set 'MNIST' in the catalogue\. Did you mean 'mnist'\?$"),
        ("cats", r"There is no data set 'cats' in the catalogue\.$"),
    ],
    ids=["slip", "case", "far off"],
)
def test_load_rejects_an_unknown_name_and_suggests_a_near_one(name: str, message: str) -> None:
    with pytest.raises(UnknownDatasetError, match=message) as caught:
        load(name)

    assert caught.value.hint == "The catalogue holds: mnist."
    assert names() == ("mnist",)


@pytest.mark.parametrize("name", ["train-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"])
def test_a_bit_flip_in_any_file_is_found(tmp_path: Path, name: str) -> None:
    folder = Path(shutil.copytree(MNIST_FOLDER, tmp_path / "mnist"))
    contents = bytearray((folder / name).read_bytes())
    contents[len(contents) // 2] ^= 1
    (folder / name).write_bytes(contents)

    with pytest.raises(
        DataFileError, match=rf"{name}.*SHA-256 checksum is [0-9a-f]{{64}}, [0-9a-f]{{64}} was expected"
    ):
        load_idx(IdxFiles(folder), name="mnist", title="", classes=tuple("0123456789"), notice="")


def test_another_set_needs_only_its_folder_and_its_names(tmp_path: Path) -> None:
    write_small_set(tmp_path)

    dataset = load_small_set(tmp_path)

    assert dataset.image_shape == (5, 5, 1)
    assert dataset.count_labels(dataset.train) == [0, 6]


def test_a_wrong_number_of_labels_is_told(tmp_path: Path) -> None:
    write_small_set(tmp_path, num_labels=5)

    with pytest.raises(DataFileError, match=r"train-labels.* holds 5 labels; 6 were expected, one for each image"):
        load_small_set(tmp_path)


def test_a_label_without_a_class_is_told(tmp_path: Path) -> None:
    write_small_set(tmp_path, label=2)

    with pytest.raises(DataFileError, match=r"holds the label 2; 0 to 1 were expected"):
        load_small_set(tmp_path)


def test_test_images_of_another_size_are_told(tmp_path: Path) -> None:
    write_small_set(tmp_path, test_side=6)

    with pytest.raises(DataFileError, match=r"shape \(6, 6, 1\); \(5, 5, 1\) was expected"):
        load_small_set(tmp_path)


def test_missing_checksums_are_told(tmp_path: Path) -> None:
    with pytest.raises(DataFileError, match=r"SHA256SUMS' cannot be read: .*No such file"):
        load_small_set(tmp_path)


def test_a_file_without_a_checksum_is_told(tmp_path: Path) -> None:
    write_small_set(tmp_path)
    (tmp_path / CHECKSUMS_NAME).write_text("00  other.gz\n", encoding="utf-8")

    with pytest.raises(DataFileError, match=r"has no checksum for 'train-images.*it names other\.gz"):
        load_small_set(tmp_path)


def test_hold_out_keeps_the_same_images_apart_for_ever(mnist: Dataset) -> None:
    train, validation = hold_out(mnist)

    assert (len(train), len(validation)) == (55_000, 5_000)
    # Fixed on purpose: figures on the validation images are comparable only while these do not change.
    assert (
        hashlib.sha256(validation.images.tobytes()).hexdigest()
        == "bceda7c8f81d8ac288b8de337874afdb9b4bdbfa0cf8cec655aecf4bfba6d222"
    )


def test_hold_out_loses_and_doubles_nothing() -> None:
    images = np.arange(50, dtype=np.uint8).reshape(50, 1, 1, 1)
    split = Split(images, np.arange(50, dtype=np.int64))
    dataset = Dataset("count", "Count", tuple(map(str, range(50))), split, split, "", "")

    train, validation = hold_out(dataset, 7)

    assert len(validation) == 7
    assert sorted([*train.labels, *validation.labels]) == list(range(50))
    np.testing.assert_array_equal(train.images.ravel(), train.labels)
    assert set(hold_out(dataset, 3)[1].labels) < set(validation.labels)


@pytest.mark.parametrize("num_images", [0, -1, 60_000, 70_000])
def test_hold_out_rejects_impossible_numbers(mnist: Dataset, num_images: int) -> None:
    with pytest.raises(UsageError, match=rf"{num_images:,} images cannot be held out of the 60,000") as caught:
        hold_out(mnist, num_images)

    assert caught.value.hint == "Hold out between 1 and 59,999 images."
