"""What is dear to find out about a file, kept until the file is replaced."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Concatenate, Generic, ParamSpec, TypeVar

from inkproof.errors import NetworkFileError

Stamp = tuple[int, int, int]
_Value = TypeVar("_Value")
_More = ParamSpec("_More")


def stamp_of(path: Path) -> Stamp:
    """What changes whenever a network file is replaced.

    Raises:
        NetworkFileError: If there is no such file.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise NetworkFileError(f"The network file '{path}' cannot be read: {error.strerror}.") from error
    return status.st_mtime_ns, status.st_ino, status.st_size


class ByFile(Generic[_More, _Value]):
    """Values made from network files, the least recently used dropped first.

    Args:
        make: Makes the value of a file, one at a time.
        capacity: How many to keep.
    """

    def __init__(self, make: Callable[Concatenate[Path, _More], _Value], capacity: int) -> None:
        self._make, self._capacity = make, capacity
        self._kept: OrderedDict[Path, tuple[Stamp, _Value]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, path: Path, *more: _More.args, **named: _More.kwargs) -> _Value:
        """The value of a file as it is now, made by `make(path, ...)` where it is not known yet.

        Raises:
            NetworkFileError: If there is no such file.
        """
        with self._lock:
            stamp = stamp_of(path)
            known = self._kept.pop(path, None)
            value = known[1] if known is not None and known[0] == stamp else self._make(path, *more, **named)
            self._kept[path] = stamp, value
            if len(self._kept) > self._capacity:
                self._kept.popitem(last=False)
            return value
