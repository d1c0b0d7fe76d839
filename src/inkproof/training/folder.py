"""What a training does to the files of its run besides writing them anew. Knows nothing of learning."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Any

from inkproof.backend import keras
from inkproof.runs import CHECKPOINT_DIR, LOGS_DIR, METRICS_FILE, Run, replace_file, timeline_files
from inkproof.runs.events import is_of_beginning


def forget_beyond(run: Run, step: int) -> None:
    """Drop what was written after the checkpoint: it will be written again, the same.

    Step 0 stands for no checkpoint, and drops everything but what a fork has from the run before it.
    """
    forked_at = run.config.forked_at
    limit = step or forked_at or -1
    rows: list[Any] = [row for row in run.read_metrics() if (row["step"] or 0) <= limit]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    replace_file(run.folder / METRICS_FILE, text.encode())
    for kept, path in timeline_files(run.folder).items():
        if kept > limit:
            path.unlink()
    if step == 0:
        for path in (run.folder / LOGS_DIR).glob("*"):
            if not is_of_beginning(path, forked_at):
                path.unlink()
    for leftover in run.folder.rglob(".*.tmp*"):
        leftover.unlink()


def replace_keras_file(path: Path, model: keras.Sequential) -> None:
    """Save a model so that a crash at any moment leaves either the old file or the new one, whole."""
    temporary = path.with_name(f".{path.name}.tmp.keras")
    model.save(temporary)
    with temporary.open("rb") as file:
        os.fsync(file.fileno())
    temporary.replace(path)


def remove_checkpoint(run: Run) -> None:
    """Delete the checkpoint of a run that needs none any more."""
    folder = run.folder / CHECKPOINT_DIR
    for path in folder.glob("*"):
        path.unlink()
    with contextlib.suppress(FileNotFoundError):
        folder.rmdir()
