"""The proof that the two files of a finished run answer alike."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from inkproof.backend import keras
from inkproof.errors import ParityError
from inkproof.networks import Network

# Largest difference in any probability. Single precision and another order of sums give about 1e-6.
TOLERANCE = 1e-4
_BATCH_SIZE = 100


def prove_parity(keras_file: Path, network_file: Path, images: np.ndarray) -> dict[str, float | int | str]:
    """Compare the answers of both files on real images.

    Args:
        keras_file: The network as Keras saved it; it is read back from disk.
        network_file: The exported network.
        images: uint8 [n, height, width, channels], 0 = paper, 255 = ink.

    Returns:
        What `parity.json` holds: n, the largest difference of a probability, the number of differing answers,
        the tolerance, and both files' SHA-256.

    Raises:
        ParityError: If a probability differs by more than TOLERANCE, or an answer differs.
    """
    model = keras.saving.load_model(keras_file, compile=False)
    exported = Network.load(network_file).predict(images)
    original = np.concatenate(
        [
            keras.ops.convert_to_numpy(keras.ops.softmax(model(_as_ink(images[begin : begin + _BATCH_SIZE]))))
            for begin in range(0, len(images), _BATCH_SIZE)
        ]
    )
    largest = float(np.abs(exported - original).max())
    num_differing = int((exported.argmax(axis=1) != original.argmax(axis=1)).sum())
    # Written so that NaN is a difference too.
    if not largest <= TOLERANCE or num_differing:
        raise ParityError(
            f"The exported network differs from the trained one: by up to {largest:.2g} in a probability (at most "
            f"{TOLERANCE:g} was expected) and in {num_differing} of {len(images)} answers (none was expected).",
            f"Keep '{keras_file}'; report this with the run's config.toml and run.json.",
        )
    return {
        "num_images": len(images),
        "largest_difference": largest,
        "num_differing_answers": num_differing,
        "tolerance": TOLERANCE,
        "keras_sha256": hashlib.sha256(keras_file.read_bytes()).hexdigest(),
        "onnx_sha256": hashlib.sha256(network_file.read_bytes()).hexdigest(),
    }


def _as_ink(images: np.ndarray) -> np.ndarray:
    return images.astype(np.float32) / np.float32(255)
