"""The test images of data sets, kept without their training images: 8 MB for MNIST instead of 55."""

from __future__ import annotations

import threading

import numpy as np
from numpy.typing import NDArray

from inkproof import data
from inkproof.errors import UsageError
from inkproof.server.memory import give_back


class TestSet:
    """The test images of one data set.

    Args:
        name: Its name in the catalogue.
    """

    __test__ = False  # its name is no test's

    def __init__(self, name: str) -> None:
        dataset = data.load(name)
        self.name, self.sha256 = dataset.name, dataset.sha256
        self.classes = dataset.classes
        self.image_shape = dataset.image_shape
        self.images: NDArray[np.uint8] = dataset.test.images.copy()
        self.labels = dataset.test.labels

    @property
    def num_images(self) -> int:
        """How many test images there are."""
        return len(self.labels)

    def check_class(self, index: int | None, *, field: str) -> None:
        """Refuse an index that no class has; None is any class.

        Raises:
            UsageError: If there is no such class.
        """
        if index is not None and index >= len(self.classes):
            raise UsageError(
                f"The {field} {index} came; 0 to {len(self.classes) - 1} was expected.",
                f"The classes are: {', '.join(self.classes)}.",
                field=field,
            )

    def next_index(self, label: int | None, after: int) -> int:
        """The index of the next image of a class behind `after`, from the start again at the end.

        Raises:
            UsageError: If there is no such class, or no test image of it.
        """
        self.check_class(label, field="label")
        candidates = np.arange(len(self.labels)) if label is None else np.flatnonzero(self.labels == label)
        if not len(candidates):
            raise UsageError(f"There is no test image of the class {label}.", field="label")
        place = int(np.searchsorted(candidates, after, side="right"))
        return int(candidates[place % len(candidates)])


class TestSets:
    """Test sets by name, each loaded when it is first asked for."""

    __test__ = False

    def __init__(self) -> None:
        self._sets: dict[str, TestSet] = {}
        self._lock = threading.Lock()

    def get(self, name: str) -> TestSet:
        """The test images of a data set.

        Raises:
            UnknownDatasetError: If there is no such data set.
            DataFileError: If its files are damaged.
        """
        with self._lock:
            if name not in self._sets:
                self._sets[name] = TestSet(name)
                give_back()
            return self._sets[name]
