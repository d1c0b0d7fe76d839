"""The listing of runs for whoever asks again and again: only what changed is read anew."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from pathlib import Path

from inkproof.runs.listing import Listed, list_one, runs_dir_error, sort_newest_first
from inkproof.runs.record import RECORD_FILE
from inkproof.runs.run import Run

# Of the folder, in which files come and go, and of its record.
_Stamp = tuple[int, int, int, int]


@dataclass(frozen=True)
class _Entry:
    stamp: _Stamp
    listed: Listed


class RunIndex:
    """All runs of a folder. May be asked from any thread.

    Args:
        runs_dir: The folder of all runs; it need not exist yet.
    """

    def __init__(self, runs_dir: Path) -> None:
        self.runs_dir = runs_dir
        self._entries: dict[str, _Entry] = {}
        self._lock = threading.Lock()

    def list(self) -> list[Listed]:
        """All runs as they are now, newest first, as `list_runs` gives them.

        The same object stands for a run as long as nothing in its folder and in its state has changed.

        Raises:
            RunsDirError: If `runs_dir` is no folder, or cannot be read.
        """
        try:
            folders = [entry for entry in os.scandir(self.runs_dir) if entry.name[0] != "." and entry.is_dir()]
        except FileNotFoundError:
            folders = []
        except OSError as error:
            raise runs_dir_error(self.runs_dir, error, is_writing=False) from error
        with self._lock:
            self._entries = {folder.name: self._look(folder.name, folder.path) for folder in folders}
            return sort_newest_first([entry.listed for entry in self._entries.values()])

    def _look(self, name: str, path: str) -> _Entry:
        known = self._entries.get(name)
        # Read before the content: if a file is replaced in between, the next look sees another stamp.
        stamp = _stamp(path)
        if known is None or known.stamp != stamp:
            return _Entry(stamp, list_one(Run(Path(path)) if known is None else known.listed.run))
        record = known.listed.record
        if record is None or record.status != "running":
            return known
        # Whether its process lives is not written anywhere.
        status = known.listed.run.status_of(record)
        return known if status == known.listed.status else _Entry(stamp, list_one(known.listed.run))


def _stamp(folder: str) -> _Stamp:
    try:
        # A Path for each of 1,000 runs would cost more than the calls themselves.
        changed_at = os.stat(folder).st_mtime_ns  # noqa: PTH116
        record = os.stat(f"{folder}{os.sep}{RECORD_FILE}")  # noqa: PTH116
    except OSError:
        return (0, 0, 0, 0)
    return changed_at, record.st_mtime_ns, record.st_ino, record.st_size
