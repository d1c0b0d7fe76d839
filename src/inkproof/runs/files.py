"""Files that a crash at any moment leaves whole, and the time that is written into them."""

from __future__ import annotations

import os
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
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def now() -> datetime:
    """The time now, in UTC."""
    return datetime.now(timezone.utc)
