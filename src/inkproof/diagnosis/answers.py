"""What finished runs answer to the images they are judged by, kept beside their evaluation. Judges nothing."""

from __future__ import annotations

import contextlib
import hashlib
import io
import threading
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from inkproof.data import Split, hold_out, load
from inkproof.diagnosis.evaluation import EVALUATION_DIR
from inkproof.errors import DataFileError
from inkproof.networks import Network
from inkproof.runs import NETWORK_FILE, Run, replace_file


@dataclass(frozen=True)
class JudgedOn:
    """Which images runs are judged by.

    Attributes:
        dataset: Name of the data set.
        sha256: Its checksum; None where a run does not tell.
        set: The test images, or training images that were held out.
        num_images: How many there are.
    """

    dataset: str
    sha256: str | None
    set: Literal["test", "validation"]
    num_images: int

    def __str__(self) -> str:
        """Such as `the 10,000 test images of mnist`."""
        kind = "test images" if self.set == "test" else "held-out training images"
        return f"the {self.num_images:,} {kind} of {self.dataset}"


# Changes when a network's file is replaced.
Stamp = tuple[Path, JudgedOn, int, int]


@dataclass(frozen=True, eq=False)
class RunAnswers:
    """A network's answers to the images that its run is judged by.

    Attributes:
        classes: Index of the most probable class, shape (n,), uint16.
        confidence: Its probability, shape (n,), float32.
    """

    classes: NDArray[np.uint16]
    confidence: NDArray[np.float32]


def load_judged(judged_on: JudgedOn) -> Split:
    """The images that runs are judged by, with their labels.

    Raises:
        UnknownDatasetError: If there is no such data set here.
        DataFileError: If the data set here is another than the runs had.
    """
    dataset = load(judged_on.dataset)
    if judged_on.sha256 not in (None, dataset.sha256):
        raise DataFileError(
            f"The runs learned from another '{judged_on.dataset}' than is here: its checksum was "
            f"{judged_on.sha256[:12]}…, here it is {dataset.sha256[:12]}….",
            "Compare them where their data set is.",
        )
    return dataset.test if judged_on.set == "test" else hold_out(dataset, judged_on.num_images)[1]


def read_answers(run: Run, judged_on: JudgedOn) -> RunAnswers | None:
    """The answers that `answer` kept of this very network; None if there are none."""
    try:
        with np.load(_path(run, judged_on), allow_pickle=False) as kept:
            if str(kept["key"]) == _key(run, judged_on):
                return RunAnswers(kept["classes"], kept["confidence"])
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        pass  # missing or damaged: it is answered anew
    return None


def answer(run: Run, judged_on: JudgedOn, images: NDArray[np.uint8]) -> RunAnswers:
    """Ask a run's finished network about all images, and keep the answers beside its evaluation.

    Args:
        run: A finished run.
        judged_on: Which images they are.
        images: Shape (n, height, width, channels), uint8; what `load_judged` gives.

    Raises:
        NetworkFileError: If the run has no whole network, or it takes other images.
        ImageShapeError: If it takes other images.
    """
    probabilities = Network.load(run.folder / NETWORK_FILE).predict(images)
    answers = RunAnswers(probabilities.argmax(axis=1).astype(np.uint16), probabilities.max(axis=1))
    content = io.BytesIO()
    key = np.array(_key(run, judged_on))
    np.savez_compressed(content, key=key, classes=answers.classes, confidence=answers.confidence)
    # A folder that cannot be written to is compared all the same, only more slowly.
    with contextlib.suppress(OSError):
        _path(run, judged_on).parent.mkdir(exist_ok=True)
        replace_file(_path(run, judged_on), content.getvalue())
    return answers


class AnswerBook:
    """Answers of runs, from what they keep or by asking their networks; the images are loaded when first needed.

    Args:
        judged_on: Which images all of them answer.
        load: Loads these images.
        seconds: After so many seconds `get_in_time` asks no network any more; None asks them all.
        tell: Told the name of each run whose network is asked.
        known: Answers that are in memory already, by the network's file and its time and size; it grows.
        asking: Held while a network is asked, so that of many who want the same answers one asks.
    """

    def __init__(
        self,
        judged_on: JudgedOn,
        *,
        load: Callable[[JudgedOn], Split] = load_judged,
        seconds: float | None = None,
        tell: Callable[[str], None] | None = None,
        known: dict[Stamp, RunAnswers] | None = None,
        asking: threading.Lock | None = None,
    ) -> None:
        self.judged_on = judged_on
        self._load, self._tell = load, tell
        self._end = None if seconds is None else time.monotonic() + seconds
        self._known: dict[Stamp, RunAnswers] = {} if known is None else known
        self._asking = threading.Lock() if asking is None else asking

    @cached_property
    def split(self) -> Split:
        """The images and their labels."""
        return self._load(self.judged_on)

    def get(self, run: Run) -> RunAnswers:
        """The answers of a run.

        Raises:
            NetworkFileError: If the run has no whole network, or it fails.
            ImageShapeError: If it takes other images.
        """
        found = self._find(run)
        if found is not None:
            return found
        with self._asking:
            return self._ask(run)

    def get_in_time(self, run: Run) -> RunAnswers | None:
        """The same; None where the network was not asked yet and the time is up."""
        found = self._find(run)
        if found is not None or self._end is None:
            return found or self.get(run)
        seconds_left = self._end - time.monotonic()
        if seconds_left <= 0 or not self._asking.acquire(timeout=seconds_left):
            return None
        try:
            return self._ask(run)
        finally:
            self._asking.release()

    def _ask(self, run: Run) -> RunAnswers:
        found = self._find(run)  # somebody else may have asked meanwhile
        if found is None:
            if self._tell is not None:
                self._tell(run.name)
            found = self._known[_stamp(run, self.judged_on)] = answer(run, self.judged_on, self.split.images)
        return found

    def _find(self, run: Run) -> RunAnswers | None:
        stamp = _stamp(run, self.judged_on)
        found = self._known.get(stamp) or read_answers(run, self.judged_on)
        if found is not None:
            self._known[stamp] = found
        return found


def _stamp(run: Run, judged_on: JudgedOn) -> Stamp:
    try:
        status = (run.folder / NETWORK_FILE).stat()
    except OSError:  # who asks the network is told
        return run.folder, judged_on, 0, 0
    return run.folder, judged_on, status.st_mtime_ns, status.st_size


def _path(run: Run, judged_on: JudgedOn) -> Path:
    name = "test" if judged_on.set == "test" else f"validation-{judged_on.num_images}"
    return run.folder / EVALUATION_DIR / f"answers-{name}.npz"


def _key(run: Run, judged_on: JudgedOn) -> str:
    """What the answers belong to: the network and the images, by checksum."""
    network = hashlib.sha256((run.folder / NETWORK_FILE).read_bytes()).hexdigest()
    return f"1 {network} {judged_on.sha256} {judged_on.set} {judged_on.num_images}"
