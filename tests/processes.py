"""Processes of tests that kill: found by what they hold or are called, and stopped in the middle of their work."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import psutil

from inkproof.runs import Run

DEADLINE_SECONDS = 180.0
_Found = TypeVar("_Found")


def wait_until(is_so: Callable[[], _Found], pause: float = 0.02) -> _Found:
    """What `is_so` gives once it gives something; a wait of minutes is a failure, however slow the machine.

    Args:
        is_so: Asked again and again, until it gives anything that counts as true.
        pause: Seconds between two times.
    """
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not (found := is_so()):
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(pause)
    return found


def holder_of(run: Run) -> psutil.Process | None:
    """The process that works on a run: the one that has its lock open."""
    lock = str(run.folder / ".lock")
    for process in psutil.process_iter(["open_files"]):
        if any(file.path == lock for file in process.info["open_files"] or ()):
            return process
    return None


def freeze(run: Run) -> psutil.Process | None:
    """Stop the process that trains a run where it is, so that it cannot end first; None if it has, or is not there."""
    holder = holder_of(run)
    if holder is None:
        return None
    try:
        holder.suspend()
    except psutil.NoSuchProcess:
        return None
    if run.status == "running" and holder_of(run) == holder:
        return holder
    holder.resume()
    return None
