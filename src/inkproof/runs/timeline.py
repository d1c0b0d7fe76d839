"""The networks that a run kept on its way, as files."""

from __future__ import annotations

import re
from pathlib import Path

from inkproof.runs.record import TIMELINE_DIR

_STEP_FILE = re.compile(r"step-(\d{6,15})\.onnx")


def timeline_files(folder: Path) -> dict[int, Path]:
    """The network's files in a run's folder by the step at which each was kept, ascending.

    Other files among them, such as copies that somebody made, are passed over; no timeline is an empty one.
    """
    try:
        paths = list((folder / TIMELINE_DIR).iterdir())
    except OSError:
        return {}
    found = {int(match[1]): path for path in paths if (match := _STEP_FILE.fullmatch(path.name))}
    return dict(sorted(found.items()))
