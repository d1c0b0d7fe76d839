"""A reader of gzipped IDX files, the format of MNIST and its relatives.

Says what is wrong with a file as exactly as it can; knows nothing about what the images show.
The format: two zero bytes, a type byte (8 for uint8), the number of dimensions, then one big-endian
32-bit length for each dimension, then the values. Source: http://yann.lecun.com/exdb/mnist/.
"""

from __future__ import annotations

import hashlib
import math
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkproof.errors import DataFileError

IMAGES_MAGIC = 0x00000803  # uint8, three dimensions: number, height, width
LABELS_MAGIC = 0x00000801  # uint8, one dimension: number
_KINDS = {IMAGES_MAGIC: "IDX images", LABELS_MAGIC: "IDX labels"}
_GZIP = 31  # zlib's window bits that ask for a gzip header and check its CRC
_HINT = "Fetch the file again from where it came from; for a file of Inkproof itself, install the package again."


def read_images(path: Path, *, sha256: str | None = None) -> NDArray[np.uint8]:
    """Read the images of a gzipped IDX file.

    Args:
        path: The file, such as `train-images-idx3-ubyte.gz`.
        sha256: The checksum that the file must have (64 hexadecimal digits), or None to take any file.

    Returns:
        The images, shape (n, height, width, 1), uint8; 0 is paper, 255 is ink. The array is
        read-only. A file of no images gives an array with n = 0.

    Raises:
        DataFileError: If the file is missing, has another checksum, is cut short, has bytes left
            over or is not a file of IDX images.
    """
    images = _read(path, IMAGES_MAGIC, sha256)
    return images[..., np.newaxis]  # (n, height, width, 1)


def read_labels(path: Path, *, sha256: str | None = None) -> NDArray[np.uint8]:
    """Read the labels of a gzipped IDX file.

    Args:
        path: The file, such as `train-labels-idx1-ubyte.gz`.
        sha256: The checksum that the file must have (64 hexadecimal digits), or None to take any file.

    Returns:
        The labels, shape (n,), uint8, each the index of a class. The array is read-only.

    Raises:
        DataFileError: As for `read_images`.
    """
    return _read(path, LABELS_MAGIC, sha256)


def _read(path: Path, magic: int, sha256: str | None) -> NDArray[np.uint8]:
    try:
        packed = path.read_bytes()  # once: the checksum and the values come from the same bytes
    except FileNotFoundError:
        raise DataFileError(f"The data file '{path}' is missing; {_KINDS[magic]} were expected there.", _HINT) from None
    except OSError as error:
        raise DataFileError(f"The data file '{path}' cannot be read: {error.strerror}.", _HINT) from error
    if sha256 is not None:
        _check_sha256(path, packed, sha256)
    return _parse(path, _unpack(path, packed), magic)


def _check_sha256(path: Path, packed: bytes, expected: str) -> None:
    found = hashlib.sha256(packed).hexdigest()
    if found != expected:
        raise DataFileError(
            f"The data file '{path}' ({len(packed):,} bytes) is damaged: its SHA-256 checksum is {found}, "
            f"{expected} was expected.",
            _HINT,
        )


def _unpack(path: Path, packed: bytes) -> bytes:
    """The bytes inside the gzip file; an error that says how far it could be read."""
    unpacker = zlib.decompressobj(_GZIP)
    try:
        payload = unpacker.decompress(packed)
    except zlib.error as error:
        found = "its contents do not agree with its checksum" if packed[:2] == b"\x1f\x8b" else "it is not a gzip file"
        raise DataFileError(
            f"The data file '{path}' cannot be unpacked: {found} ({error}); a whole gzip file was expected.", _HINT
        ) from error
    if not unpacker.eof:
        raise DataFileError(
            f"The data file '{path}' is cut short: its {len(packed):,} bytes end in the middle of the gzip stream, "
            f"after {len(payload):,} unpacked bytes; a whole gzip file was expected.",
            _HINT,
        )
    if unpacker.unused_data:
        raise DataFileError(
            f"The data file '{path}' has {len(unpacker.unused_data):,} bytes left over after its gzip stream; "
            "none were expected.",
            _HINT,
        )
    return payload


def _parse(path: Path, payload: bytes, magic: int) -> NDArray[np.uint8]:
    num_dims = magic & 0xFF
    header_size = 4 + 4 * num_dims
    found_magic = int.from_bytes(payload[:4], "big")
    if len(payload) >= 4 and found_magic != magic:
        known = f" ({_KINDS[found_magic]})" if found_magic in _KINDS else ""
        raise DataFileError(
            f"The data file '{path}' begins with the number 0x{found_magic:08x}{known}; "
            f"0x{magic:08x} ({_KINDS[magic]}) was expected.",
            "Check that images and labels have not changed places, and that the file is an unsigned-byte IDX file.",
        )
    if len(payload) < header_size:
        raise DataFileError(
            f"The data file '{path}' is cut short: {len(payload)} unpacked bytes came, "
            f"at least the {header_size} of the header were expected.",
            _HINT,
        )
    shape: tuple[Any, ...] = struct.unpack(f">{num_dims}I", payload[4:header_size])
    num_expected, num_found = math.prod(shape), len(payload) - header_size
    if num_found != num_expected:
        what = "is cut short" if num_found < num_expected else "has bytes left over"
        raise DataFileError(
            f"The data file '{path}' {what}: {num_found:,} bytes of values were found, {num_expected:,} were expected "
            f"for the {' × '.join(f'{length:,}' for length in shape)} that its header names.",
            _HINT,
        )
    return np.frombuffer(payload, dtype=np.uint8, offset=header_size).reshape(shape)
