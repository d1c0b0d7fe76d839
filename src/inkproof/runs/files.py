"""Files that a crash at any moment leaves whole, and the time that is written into them."""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
from datetime import datetime, timezone
from pathlib import Path


def replace_file(path: Path, content: bytes | memoryview) -> None:
    """Write a file so that a crash at any moment leaves either the old or the new one, whole."""
    # A checkpoint's thread and the training itself may write run.json at once.
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_native_id()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno is not None:
            # Who reads of it knows nothing of temporary files.
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise


def move_link(link: Path, target: Path) -> None:
    """Move a link to a folder elsewhere; one that is relative would lead elsewhere from its new place.

    Args:
        link: The link.
        target: Its new place, where an empty folder may lie.
    """
    folder = link.resolve()
    with contextlib.suppress(FileNotFoundError):
        target.rmdir()
    target.symlink_to(folder, target_is_directory=True)
    link.unlink()


def remove_folder(folder: Path) -> None:
    """Delete a folder with everything in it; of a link to one elsewhere the link alone."""
    if folder.is_symlink():
        folder.unlink()
    else:
        shutil.rmtree(folder)


def now() -> datetime:
    """The time now, in UTC."""
    return datetime.now(timezone.utc)
