"""Event files as TensorBoard keeps them, read and copied without loading TensorFlow.

A file is a row of records: length (uint64), its checksum, the content, its checksum; the content is an `Event`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from inkproof.runs.files import replace_file

# Beside the file that the training itself writes; by its name it is the first that TensorBoard reads.
BEGINNING_FILE = "events.out.tfevents.0.beginning"
_HEADER = struct.Struct("<QI")
_CHECKSUM_BYTES = 4
# What is written once for each training: its settings, the graph, the first images.
_ONCE = ("configuration", "_hparams_", "input/", "keras")


def read_events(folder: Path) -> list[tuple[Any, bytes]]:
    """All events of a folder of logs, the oldest first: each as an `Event` and as the record in its file.

    What a resumed training logged before and will log again is left out, as TensorBoard does; so are a record that a
    crash cut short and what lies behind a damaged one. No folder holds no events.
    """
    from google.protobuf.message import DecodeError
    from tensorboard.compat.proto.event_pb2 import Event, SessionLog

    events: list[tuple[Any, bytes]] = []
    for path in event_files(folder):
        for record in _read_records(path.read_bytes()):
            try:
                event = Event.FromString(record[_HEADER.size : -_CHECKSUM_BYTES])
            except DecodeError:
                break
            if event.session_log.status == SessionLog.START and event.step:
                events = [entry for entry in events if entry[0].step < event.step]
            events.append((event, record))
    return events


def event_files(folder: Path) -> list[Path]:
    """The event files of a folder of logs, in the order in which TensorBoard reads them."""
    return sorted(folder.glob("events.out.tfevents.*"))


def copy_events(source: Path, target: Path, step: int) -> None:
    """Copy what was logged up to a step, but for what each training writes for itself.

    Args:
        source: A folder of logs, which need not exist.
        target: The folder of logs of a new run.
        step: The last step to copy.
    """
    kept = [record for event, record in read_events(source) if _is_measurement(event) and event.step <= step]
    if not kept:
        return
    target.mkdir()
    replace_file(target / BEGINNING_FILE, b"".join(kept))
    for table in source.glob("projector-*[0-9].tsv"):
        if int(table.stem.removeprefix("projector-")) <= step:
            replace_file(target / table.name, table.read_bytes())


def is_of_beginning(path: Path, step: int) -> bool:
    """Whether a file of logs is one that `copy_events` makes for a fork at `step`."""
    number = path.stem.removeprefix("projector-")
    return path.name == BEGINNING_FILE or (path.suffix == ".tsv" and number.isdecimal() and int(number) <= step)


def _read_records(content: bytes) -> Iterator[bytes]:
    place = 0
    while place + _HEADER.size <= len(content):
        length, _ = _HEADER.unpack_from(content, place)
        end = place + _HEADER.size + length + _CHECKSUM_BYTES
        if end > len(content):
            return
        yield content[place:end]
        place = end


def _is_measurement(event: Any) -> bool:
    if event.HasField("file_version"):
        return True
    return event.HasField("summary") and not any(value.tag.startswith(_ONCE) for value in event.summary.value)
