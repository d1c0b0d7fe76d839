"""Measurements of runs as columns, read once: what a file has gained is read alone the next time."""

from __future__ import annotations

import math
import threading
from array import array
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic_core import from_json

from inkproof.runs import METRICS_FILE, Run, is_measurement, is_number
from inkproof.server.training_schemas import MetricRows

COLUMNS = ("step", "seconds", "loss", "batch_accuracy", "test_accuracy", "validation_accuracy", "learning_rate")
_ACCURACIES = ("test_accuracy", "validation_accuracy")
_TYPES = {"step": "q"}
_MAX_FILES = 200


@dataclass
class _File:
    """What is known of one file of measurements."""

    inode: int = 0
    offset: int = 0
    num_rows: int = 0
    generation: int = 0  # how often it was begun anew, as a resume does
    columns: dict[str, array[Any]] = field(
        default_factory=lambda: {name: array(_TYPES.get(name, "d")) for name in COLUMNS}
    )


class MetricsReader:
    """Reads the measurements of runs; keeps those of 200 runs. May be asked from any thread."""

    def __init__(self) -> None:
        self._files: OrderedDict[Path, _File] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, run: Run, first_row: int = 0, generation: int = 0) -> tuple[MetricRows, int]:
        """The measurements from a row on, NaN where there is none, and the generation of the file.

        Args:
            run: The run; one without measurements has no rows.
            first_row: The first row wanted.
            generation: What the last call said. If the file was begun anew since, or never read, all rows are given.
        """
        with self._lock:
            path = run.folder / METRICS_FILE
            file = self._files.setdefault(path, _File())
            self._files.move_to_end(path)
            if len(self._files) > _MAX_FILES:
                self._files.popitem(last=False)
            _read_on(file, path)
            first = min(first_row, file.num_rows) if generation == file.generation else 0
            columns: dict[str, Any] = {name: values[first:].tolist() for name, values in file.columns.items()}
            rows = MetricRows.model_construct(run=run.name, first_row=first, num_rows=file.num_rows, **columns)
            return rows, file.generation


def thin(rows: MetricRows, num_points: int) -> MetricRows:
    """About so many rows, evenly spread, with every row in which an accuracy was measured, and the last one."""
    num_rows = len(rows.step)
    if num_rows <= num_points:
        return rows
    kept = {*range(0, num_rows, -(-num_rows // num_points)), num_rows - 1}
    for name in _ACCURACIES:
        kept |= {index for index, value in enumerate(getattr(rows, name)) if not math.isnan(value)}
    order = sorted(kept)
    return rows.model_copy(update={name: [getattr(rows, name)[index] for index in order] for name in COLUMNS})


def _read_on(file: _File, path: Path) -> None:
    """Read what the file has gained; all of it if it is another file than before."""
    try:
        with path.open("rb") as opened:
            status = path.stat()
            if status.st_ino != file.inode or status.st_size < file.offset:
                file.__init__(inode=status.st_ino, generation=file.generation + 1)  # type: ignore[misc]
            if status.st_size == file.offset:
                return
            opened.seek(file.offset)
            content = opened.read()
    except OSError:
        if file.offset:
            file.__init__(generation=file.generation + 1)  # type: ignore[misc]
        return
    whole, newline, _ = content.rpartition(b"\n")  # the last line may be half written
    file.offset += len(whole) + len(newline)
    rows = [row for row in _parse(whole) if is_measurement(row)]
    file.num_rows += len(rows)
    for name, values in file.columns.items():
        values.extend(_column(rows, name, values.typecode))


def _column(rows: list[dict[str, Any]], name: str, typecode: str) -> array[Any]:
    """One number of each row; NaN, which is null in JSON, where there is none."""
    values = [row.get(name, math.nan) for row in rows]
    try:
        return array(typecode, values)
    except (TypeError, OverflowError):  # not finite, and so null in the file, or damaged
        return array(typecode, [value if is_number(value) else math.nan for value in values])


def _parse(content: bytes) -> list[Any]:
    lines = [line for line in content.split(b"\n") if line]
    try:
        rows: list[Any] = from_json(b"[" + b",".join(lines) + b"]")  # at once: three times as fast as line by line
    except ValueError:
        rows = [row for line in lines if (row := _parse_line(line)) is not None]
    return rows


def _parse_line(line: bytes) -> Any:
    try:
        return from_json(line)
    except ValueError:  # cut short by a crash
        return None
