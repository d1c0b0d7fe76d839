"""A trained network, answered by ONNX Runtime. Loads neither Keras nor TensorFlow, and trains nothing.

The contract of a network file: one input `images`, uint8 [n, height, width, channels], 0 is paper and 255
is ink; one output `probabilities`, float32 [n, classes]. Preprocessing and softmax are inside. Its metadata
name the classes (`inkproof.classes`, a JSON list) and where it came from (`inkproof.recipe`, `inkproof.run`,
`inkproof.step`).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkproof.errors import ImageShapeError, NetworkFileError
from inkproof.runs import NETWORK_FILE, Run, open_run

INPUT_NAME, OUTPUT_NAME = "images", "probabilities"
CLASSES_KEY, RECIPE_KEY, RUN_KEY, STEP_KEY = (f"inkproof.{key}" for key in ("classes", "recipe", "run", "step"))

_CHUNK = 256  # images at a time: the first layer of `tutorial` then takes 51 MB however many there are
# A run, its name or its folder, or an ONNX file.
Given = str | Path | Run
_HINT = "Give the `network.onnx` of a finished run, or a file of its `timeline` folder."


class Network:
    """A trained network that answers for images.

    Make one with `Network.load`.

    Attributes:
        path: The file that it came from.
        image_shape: Height, width and channels of the images that it takes.
        classes: The name of each class, in the order of the probabilities.
        metadata: What the file says of itself, such as `inkproof.recipe`; keys and values are text.
    """

    def __init__(self, path: Path, session: Any) -> None:
        """Take an ONNX Runtime session that `load` made; NetworkFileError if it does not keep the contract."""
        self.path = path
        self._session = session
        self.metadata: dict[str, str] = dict(session.get_modelmeta().custom_metadata_map)
        self.image_shape = _check_input(path, session.get_inputs())
        num_classes = _check_output(path, session.get_outputs())
        self.classes = _read_classes(path, self.metadata.get(CLASSES_KEY), num_classes)

    @classmethod
    def load(
        cls, path: Path, *, threads: int | None = None, prepare: Callable[[bytes], bytes] | None = None
    ) -> Network:
        """Load a network file.

        Args:
            path: An ONNX file that keeps the contract at the head of this module.
            threads: How many threads one call of `predict` uses, at least 1; None takes one for each core.
            prepare: Changes the content of the file before it is run, such as to a cheaper network of the same
                answers; None runs it as it is.

        Returns:
            The network, ready to answer from any thread.

        Raises:
            NetworkFileError: If the file is missing or broken, or does not keep the contract.
        """
        import onnxruntime  # takes 0.1 to 0.3 s, which those who only name a Network should not pay

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4  # what goes wrong is told once, by the errors below
        if threads is not None:
            options.intra_op_num_threads = threads
        try:
            contents = path.read_bytes()
        except FileNotFoundError:
            raise NetworkFileError(f"There is no network file '{path}'; an ONNX file was expected.", _HINT) from None
        except OSError as error:
            raise NetworkFileError(f"The network file '{path}' cannot be read: {error.strerror}.", _HINT) from error
        try:
            ready = contents if prepare is None else prepare(contents)
            session = onnxruntime.InferenceSession(ready, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime's own errors have no common base below Exception
            raise NetworkFileError(
                f"The file '{path}' ({len(contents):,} bytes) is not a whole ONNX network: {_first_line(error)}", _HINT
            ) from error
        return cls(path, session)

    def predict(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """The probability of each class for each image.

        Args:
            images: Shape (n, height, width, channels), uint8, as `image_shape` says; 0 is paper, 255 is
                ink. With one channel also (n, height, width). Any n: memory stays bounded.

        Returns:
            Probabilities, shape (n, classes), float32; each row sums to one. No images give no rows.

        Raises:
            ImageShapeError: If `images` has another shape or dtype.
            NetworkFileError: If the network fails at the work.
        """
        images = self._check_images(images)
        probabilities = np.empty((len(images), len(self.classes)), dtype=np.float32)
        for start in range(0, len(images), _CHUNK):
            chunk = np.ascontiguousarray(images[start : start + _CHUNK])
            try:
                (answer,) = self._session.run([OUTPUT_NAME], {INPUT_NAME: chunk})
            except Exception as error:  # as above
                raise NetworkFileError(f"The network '{self.path}' failed: {_first_line(error)}", _HINT) from error
            if answer.shape != (len(chunk), len(self.classes)):
                raise NetworkFileError(
                    f"The network '{self.path}' gave probabilities of shape {answer.shape}; "
                    f"{(len(chunk), len(self.classes))} was expected.",
                    _HINT,
                )
            probabilities[start : start + _CHUNK] = answer
        return probabilities

    def _check_images(self, images: NDArray[Any]) -> NDArray[np.uint8]:
        if images.ndim == 3 and self.image_shape[2] == 1:
            images = images[..., np.newaxis]  # (n, height, width, 1)
        if images.ndim != 4 or images.shape[1:] != self.image_shape:
            expected = ", ".join(map(str, self.image_shape))
            raise ImageShapeError(
                f"Images of shape {images.shape} came; (n, {expected}) was expected.",
                "For a single image, pass image[np.newaxis].",
                field="images",
            )
        if images.dtype != np.uint8:
            raise ImageShapeError(
                f"Images of type {images.dtype} came; uint8 was expected, 0 for paper to 255 for ink.",
                "The network scales its input itself: give the pixels as they are.",
                field="images",
            )
        return images


def find_run(given: Given, runs_dir: Path) -> Run | None:
    """The run that is meant, None for a file.

    Args:
        given: A run; the name of one; a folder as a Path; or anything that ends in `.onnx` or is a file.
        runs_dir: The folder of all runs, for a name.

    Raises:
        UnknownRunError: If there is no such run.
    """
    if isinstance(given, Run):
        return given
    if str(given).endswith(".onnx") or Path(given).is_file():
        return None
    if isinstance(given, Path) and given.is_dir():
        return Run(given)
    return open_run(str(given), runs_dir)


def find_network(given: Given, runs_dir: Path) -> Path:
    """The finished network of a run, or the ONNX file itself; see `find_run`.

    Raises:
        UnknownRunError: If there is no such run.
        NetworkFileError: If the run is not finished. A file is not looked at.
    """
    run = find_run(given, runs_dir)
    if run is None:
        return Path(str(given))
    path = run.folder / NETWORK_FILE
    if not path.is_file():
        raise NetworkFileError(
            f"The run '{run.name}' has no finished network yet: '{path}' is not there.",
            f"Let its training end, or go on with it: inkproof resume {run.name}",
            field="run",
        )
    return path


def _check_input(path: Path, inputs: list[Any]) -> tuple[int, int, int]:
    """The image shape; an error if the inputs are others than one `images`, uint8 [n, h, w, c]."""
    if len(inputs) == 1 and inputs[0].name == INPUT_NAME and inputs[0].type == "tensor(uint8)":
        number, *sides = inputs[0].shape or [1]
        if len(sides) == 3 and all(isinstance(side, int) and side > 0 for side in sides) and not _is_fixed(number):
            return sides[0], sides[1], sides[2]
    raise NetworkFileError(
        f"The network '{path}' takes {_describe(inputs)}; "
        f"one input '{INPUT_NAME}' was expected, uint8 [n, height, width, channels] for any n.",
        _HINT,
    )


def _check_output(path: Path, outputs: list[Any]) -> int | None:
    """The number of classes, None where the file leaves it open; an error if there is no one `probabilities`."""
    if len(outputs) == 1 and outputs[0].name == OUTPUT_NAME and outputs[0].type == "tensor(float)":
        shape = outputs[0].shape
        if len(shape) == 2 and not _is_fixed(shape[0]):
            return shape[1] if _is_fixed(shape[1]) else None
    raise NetworkFileError(
        f"The network '{path}' gives {_describe(outputs)}; "
        f"one output '{OUTPUT_NAME}' was expected, float32 [n, classes] for any n.",
        _HINT,
    )


def _read_classes(path: Path, listed: str | None, num_classes: int | None) -> tuple[str, ...]:
    if listed is None:
        if num_classes is None:
            raise NetworkFileError(
                f"The network '{path}' says neither how many classes it has nor their names; "
                f"a fixed length or the metadata '{CLASSES_KEY}' was expected.",
                _HINT,
            )
        return tuple(str(index) for index in range(num_classes))
    try:
        names = json.loads(listed)
    except ValueError:
        names = None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise NetworkFileError(
            f"The network '{path}' has the metadata '{CLASSES_KEY}' = {listed[:80]!r}; "
            "a JSON list of names was expected.",
            _HINT,
        )
    if num_classes not in (None, len(names)):
        raise NetworkFileError(
            f"The network '{path}' names {len(names)} classes but gives {num_classes} probabilities; "
            "one name for each was expected.",
            _HINT,
        )
    return tuple(names)


def _is_fixed(length: Any) -> bool:
    return isinstance(length, int)


def _describe(values: list[Any]) -> str:
    """Inputs or outputs as text: `'images' uint8 [n, 28, 28, 1]`."""
    kinds = {"tensor(float)": "float32", "tensor(double)": "float64", "tensor(float16)": "float16"}
    parts = [
        f"'{value.name}' {kinds.get(value.type, value.type.removeprefix('tensor(').removesuffix(')'))} "
        f"[{', '.join(str(length) if _is_fixed(length) else 'n' for length in value.shape)}]"
        for value in values
    ]
    return " and ".join(parts) or "nothing"


def _first_line(error: Exception) -> str:
    """The part of ONNX Runtime's message that says what is wrong."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0].removeprefix("[ONNXRuntimeError] : ")
