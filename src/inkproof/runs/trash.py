"""Deleted runs, kept for a while so that they can be brought back."""

from __future__ import annotations

import contextlib
import itertools
import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from inkproof.errors import BrokenRunError, UnknownRunError, UnknownTrashError
from inkproof.runs.files import now, remove_folder
from inkproof.runs.record import LOGS_DIR, is_name
from inkproof.runs.run import Run

TRASH_DIR = ".trash"
KEPT = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)
# TensorBoard looks into every folder for files with this in their names, and would show deleted runs.
_HIDDEN = ("tfevents", "tf-events")
# Hexadecimal microseconds since 1970: short, for a name may be nearly as long as a file system takes.
_ID = re.compile(r"([0-9a-f]{13})-(\w[\w.-]*)")


@dataclass(frozen=True)
class Trashed:
    """A deleted run.

    Args:
        id: Its name in the trash.
        name: The name that it had as a run.
        deleted_at: When it was deleted.
    """

    id: str
    name: str
    deleted_at: datetime

    @property
    def kept_until(self) -> datetime:
        """When it goes for good, the next time that anything is deleted or a server starts."""
        return self.deleted_at + KEPT


class Trash:
    """The trash of a folder of runs: `.trash` inside it.

    Args:
        runs_dir: The folder of all runs.
    """

    def __init__(self, runs_dir: Path) -> None:
        self._runs_dir, self._folder = runs_dir, runs_dir / TRASH_DIR

    def put(self, run: Run) -> Trashed:
        """Delete a run, for the time being.

        Raises:
            RunBusyError: If a process is at work in it.
        """
        run.check_is_idle()
        self.empty()
        self._folder.mkdir(exist_ok=True)
        name, deleted_at = run.name, now()
        trashed = Trashed(f"{(deleted_at - _EPOCH) // _MICROSECOND:013x}-{name}", name, deleted_at)
        run.move(self._folder / trashed.id)
        _rename_logs(run, *_HIDDEN)
        return trashed

    def list(self) -> list[Trashed]:
        """What can be brought back, the last deleted first."""
        try:
            names = [path.name for path in self._folder.iterdir()]
        except OSError:
            return []
        found = [trashed for name in names if (trashed := _read_id(name))]
        return sorted(found, key=lambda trashed: trashed.id, reverse=True)

    def restore(self, trash_id: str) -> Run:
        """Bring a run back under its old name, with a number behind it if that is taken meanwhile.

        Args:
            trash_id: Its `id`; the name that it had means the last deleted of that name.

        Raises:
            UnknownTrashError: If it is not there, or no more.
        """
        trashed = next((one for one in self.list() if trash_id in (one.id, one.name)), None)
        if trashed is None:
            known = ", ".join(one.name for one in self.list()[:5])
            raise UnknownTrashError(
                f"There is no deleted run '{trash_id}'.",
                f"Those that can be brought back: {known}." if known else "Deleted runs are kept for one day.",
                field="id",
            )
        run, target = Run(self._folder / trashed.id), self._take_name(trashed.name)
        try:
            run.move(target)
        except BaseException as error:
            with contextlib.suppress(OSError):
                target.rmdir()
            if isinstance(error, UnknownRunError):  # somebody else was faster
                raise UnknownTrashError(
                    f"The deleted run '{trashed.name}' is not in the trash any more.",
                    "`inkproof runs` shows whether it is back; deleted runs are kept for one day.",
                    field="id",
                ) from None
            raise
        _rename_logs(run, *reversed(_HIDDEN))
        if run.name != trashed.name:
            with contextlib.suppress(BrokenRunError, OSError):  # what counts is the folder's name
                run.update(name=run.name)
        return run

    def _take_name(self, name: str) -> Path:
        """An empty folder of that name, with a number behind it if it is taken."""
        suffix = ""
        for number in itertools.count(2):
            stem = name
            while not is_name(stem + suffix):
                stem = stem[:-1]
            with contextlib.suppress(FileExistsError):
                (self._runs_dir / (stem + suffix)).mkdir()
                break
            suffix = f"-{number}"
        return self._runs_dir / (stem + suffix)

    def empty(self, *, older_than: timedelta = KEPT) -> int:
        """Delete for good what was put here longer ago; how many runs that were."""
        limit, num_deleted = now() - older_than, 0
        for trashed in self.list():
            if trashed.deleted_at <= limit:
                with contextlib.suppress(OSError):
                    remove_folder(self._folder / trashed.id)
                num_deleted += 1
        return num_deleted


def _rename_logs(run: Run, old: str, new: str) -> None:
    for path in (run.folder / LOGS_DIR).glob(f"*{old}*"):
        path.rename(path.with_name(path.name.replace(old, new)))


def _read_id(name: str) -> Trashed | None:
    match = _ID.fullmatch(name)
    return Trashed(name, match[2], _EPOCH + int(match[1], 16) * _MICROSECOND) if match else None
