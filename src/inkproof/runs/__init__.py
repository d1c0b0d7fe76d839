"""The run folder: its files, its lock, its listing. There is no other record of runs.

Knows nothing of training; loads neither NumPy nor Keras when imported.
"""

from __future__ import annotations

from inkproof.runs.family import arrange_families
from inkproof.runs.files import now, replace_file
from inkproof.runs.fork import Fork, plan_fork
from inkproof.runs.index import RunIndex
from inkproof.runs.listing import Listed, create_run, list_one, list_runs, open_run, write_run
from inkproof.runs.measurements import is_measurement, is_number, parse_row
from inkproof.runs.queue import RunQueue
from inkproof.runs.record import (
    CHECKPOINT_DIR,
    CHIEF_LOCK_FILE,
    CONFIG_FILE,
    DEFAULT_RUNS_DIR,
    KERAS_FILE,
    LOCK_FILE,
    LOGS_DIR,
    METRICS_FILE,
    NETWORK_FILE,
    NEWEST_FILE,
    NOTE_FILE,
    OUTPUT_FILE,
    PARITY_FILE,
    RAY_DIR,
    RECORD_FILE,
    STOP_FILE,
    TIMELINE_DIR,
    Parent,
    RunRecord,
    Status,
    Trial,
    check_name,
    strip_controls,
)
from inkproof.runs.run import Run, check_note, gone_error
from inkproof.runs.timeline import timeline_files
from inkproof.runs.trash import Trash, Trashed

__all__ = [
    "CHECKPOINT_DIR",
    "CHIEF_LOCK_FILE",
    "CONFIG_FILE",
    "DEFAULT_RUNS_DIR",
    "KERAS_FILE",
    "LOCK_FILE",
    "LOGS_DIR",
    "METRICS_FILE",
    "NETWORK_FILE",
    "NEWEST_FILE",
    "NOTE_FILE",
    "OUTPUT_FILE",
    "PARITY_FILE",
    "RAY_DIR",
    "RECORD_FILE",
    "STOP_FILE",
    "TIMELINE_DIR",
    "Fork",
    "Listed",
    "Parent",
    "Run",
    "RunIndex",
    "RunQueue",
    "RunRecord",
    "Status",
    "Trash",
    "Trashed",
    "Trial",
    "arrange_families",
    "check_name",
    "check_note",
    "create_run",
    "gone_error",
    "is_measurement",
    "is_number",
    "list_one",
    "list_runs",
    "now",
    "open_run",
    "parse_row",
    "plan_fork",
    "replace_file",
    "strip_controls",
    "timeline_files",
    "write_run",
]
