"""The reader of IDX files: what it reads, and how it refuses what it cannot read."""

from __future__ import annotations

import gzip
import hashlib
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkproof.data.idx import IMAGES_MAGIC, LABELS_MAGIC, read_images, read_labels
from inkproof.errors import DataFileError


def pack_images(images: np.ndarray) -> bytes:
    return struct.pack(">4I", IMAGES_MAGIC, *images.shape) + images.tobytes()


def pack_labels(labels: np.ndarray) -> bytes:
    return struct.pack(">2I", LABELS_MAGIC, len(labels)) + labels.tobytes()


def write_gzip(path: Path, payload: bytes) -> Path:
    path.write_bytes(gzip.compress(payload, compresslevel=1, mtime=0))
    return path


IMAGES = np.arange(3 * 4 * 5, dtype=np.uint8).reshape(3, 4, 5)
GZIPPED = gzip.compress(pack_images(IMAGES), mtime=0)


@pytest.mark.parametrize("shape", [(3, 28, 28), (2, 32, 16), (0, 28, 28)], ids=["square", "oblong", "empty"])
def test_read_images_gives_the_images_with_one_channel(tmp_path: Path, shape: tuple[int, int, int]) -> None:
    written = np.random.RandomState(0).randint(0, 256, shape, dtype=np.uint8)
    path = write_gzip(tmp_path / "images.gz", pack_images(written))

    images = read_images(path)

    assert images.dtype == np.uint8
    np.testing.assert_array_equal(images, written[..., np.newaxis])


def test_read_labels_gives_the_labels(tmp_path: Path) -> None:
    path = write_gzip(tmp_path / "labels.gz", pack_labels(np.array([3, 1, 255], dtype=np.uint8)))

    labels = read_labels(path)

    assert labels.dtype == np.uint8
    assert labels.tolist() == [3, 1, 255]


def test_read_images_takes_a_file_with_the_right_checksum(tmp_path: Path) -> None:
    path = tmp_path / "images.gz"
    path.write_bytes(GZIPPED)

    assert len(read_images(path, sha256=hashlib.sha256(GZIPPED).hexdigest())) == 3


def test_a_bit_flip_is_told_with_the_checksum_found_and_the_one_expected(tmp_path: Path) -> None:
    path = tmp_path / "images.gz"
    flipped = bytearray(GZIPPED)
    flipped[20] ^= 0x10
    path.write_bytes(flipped)
    found, expected = hashlib.sha256(flipped).hexdigest(), hashlib.sha256(GZIPPED).hexdigest()

    with pytest.raises(DataFileError, match=rf"images\.gz.*is damaged.*is {found}, {expected} was expected") as caught:
        read_images(path, sha256=expected)

    assert "Fetch the file again" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("contents", "message"),
    [
        (GZIPPED[:-12], r"cut short: its \d+ bytes end in the middle of the gzip stream, after \d+ unpacked bytes"),
        (b"", r"cut short: its 0 bytes end in the middle"),
        (GZIPPED + b"more", r"4 bytes left over after its gzip stream; none were expected"),
        (b"<html>not found</html>", r"it is not a gzip file .* a whole gzip file was expected"),
        (GZIPPED[:-6] + b"\x00\x00" + GZIPPED[-4:], r"do not agree with its checksum"),
        (gzip.compress(pack_images(IMAGES)[:-7]), r"cut short: 53 bytes of values were found, 60 were expected"),
        (gzip.compress(pack_images(IMAGES) + b"xx"), r"left over: 62 bytes .* 60 were expected for the 3 × 4 × 5"),
        (gzip.compress(pack_images(IMAGES)[:10]), r"10 unpacked bytes came, at least the 16 of the header"),
        (gzip.compress(b"\x00\x00"), r"2 unpacked bytes came, at least the 16 of the header"),
        (
            gzip.compress(pack_labels(np.zeros(9, np.uint8))),
            r"0x00000801 \(IDX labels\); 0x00000803 \(IDX images\) was expected",
        ),
        (gzip.compress(b"\x00\x00\x0d\x03" + bytes(12)), r"begins with the number 0x00000d03; 0x00000803"),
    ],
    ids=[
        "truncated gzip", "empty file", "bytes after the gzip stream", "no gzip", "wrong CRC", "truncated payload",
        "trailing bytes", "truncated header", "truncated magic", "labels for images", "float values",
    ],
)  # fmt: skip
def test_read_images_names_file_found_and_expected(tmp_path: Path, contents: bytes, message: str) -> None:
    path = tmp_path / "broken.gz"
    path.write_bytes(contents)

    with pytest.raises(DataFileError, match=rf"broken\.gz.*{message}") as caught:
        read_images(path)

    assert caught.value.hint


def test_read_labels_rejects_images(tmp_path: Path) -> None:
    path = tmp_path / "images.gz"
    path.write_bytes(GZIPPED)

    with pytest.raises(DataFileError, match=r"\(IDX images\); 0x00000801 \(IDX labels\) was expected"):
        read_labels(path)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataFileError, match=r"nothing\.gz' is missing; IDX images were expected"):
        read_images(tmp_path / "nothing.gz")


def test_a_folder_in_place_of_a_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataFileError, match="cannot be read: Is a directory"):
        read_images(tmp_path)


@settings(max_examples=200)
@given(position=st.integers(0, len(GZIPPED) - 1), bit=st.integers(0, 7), kept=st.integers(0, len(GZIPPED)))
def test_no_damage_is_read_in_silence(
    tmp_path_factory: pytest.TempPathFactory, position: int, bit: int, kept: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.gz"
    damaged = bytearray(GZIPPED)
    damaged[position] ^= 1 << bit
    path.write_bytes(damaged[:kept])

    with pytest.raises(DataFileError, match=r"damaged\.gz' .*is damaged"):
        read_images(path, sha256=hashlib.sha256(GZIPPED).hexdigest())


@settings(max_examples=200)
@given(payload=st.binary(max_size=64))
def test_any_payload_is_read_or_refused_by_name(tmp_path_factory: pytest.TempPathFactory, payload: bytes) -> None:
    path = write_gzip(tmp_path_factory.getbasetemp() / "any.gz", struct.pack(">I", LABELS_MAGIC) + payload)

    num_named = int.from_bytes(payload[:4], "big") if len(payload) >= 4 else None
    if num_named == len(payload) - 4:
        assert read_labels(path).tobytes() == payload[4:]
    else:
        with pytest.raises(DataFileError, match=r"any\.gz"):
            read_labels(path)
