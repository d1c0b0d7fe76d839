"""What a run folder is called, which files it holds, and what `run.json` says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from inkproof.errors import BrokenRunError, RunNameError

DEFAULT_RUNS_DIR = Path("runs")
CONFIG_FILE = "config.toml"
RECORD_FILE = "run.json"
METRICS_FILE = "metrics.jsonl"
PARITY_FILE = "parity.json"
NETWORK_FILE = "network.onnx"
KERAS_FILE = "network.keras"
# The weights of a training that is under way, replaced about once a second.
NEWEST_FILE = "newest.onnx"
LOGS_DIR = "logs"
TIMELINE_DIR = "timeline"
CHECKPOINT_DIR = "checkpoint"
LOCK_FILE = ".lock"
# Held by the one of several workers that writes: it may outlive whoever started it by seconds.
CHIEF_LOCK_FILE = ".chief.lock"
# What Ray Train writes while several workers train; nothing that a resume needs.
RAY_DIR = ".ray"
# Words of a person about the run. A file of its own, for run.json belongs to whoever trains.
NOTE_FILE = "note.txt"
# Asks the training at work in the folder to stop.
STOP_FILE = ".stop"
# What a training that a server started has printed.
OUTPUT_FILE = "output.txt"

# One folder name that every file system takes: word characters of any script, dots and dashes inside.
_NAME = re.compile(r"\w[\w.-]{0,79}(?<!\.)")
# A file system counts bytes, up to 255; Chinese characters take three, rare ones four. The trash adds 14.
_MAX_NAME_BYTES = 240

# Whatever a file counts is below it: a damaged one must not send anybody over a million million steps.
MAX_COUNT = 10**15
_FORMAT = 1

Status = Literal["queued", "running", "finished", "interrupted", "diverged", "failed"]


_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def strip_controls(text: str) -> str:
    r"""Text without what steers a terminal: a run from elsewhere may say anything.

    Example:
        >>> strip_controls("a\x1b[31mb\n\tc")
        'a[31mb\n\tc'
    """
    return _CONTROLS.sub("", text)


_Text = Annotated[str, AfterValidator(strip_controls)]


class Parent(BaseModel):
    """The run from which a fork was made.

    Args:
        name: Its name at that time.
        step: The step at which the fork leaves it.
        started_at: When its training began, by which it is known again under another name.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    name: _Text
    step: int
    started_at: AwareDatetime


class Trial(BaseModel):
    """The place of a run in a sweep.

    Args:
        sweep: The sweep's name.
        role: `search` for a setting that is tried; `best` and `recipe` for the setting that won, and the recipe's own,
            trained anew on all data.
        number: Which trial it belongs to, from 0; None where it belongs to none.
        settings: The values that it has of what is searched, by dotted name.
        score: The accuracy last measured on the images held out, 0..1; None before the first.
        is_stopped_early: Whether it was left, for others were better after as many steps.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    sweep: str
    role: Literal["search", "best", "recipe"] = "search"
    number: int | None = None
    settings: dict[str, bool | int | float | str] = {}
    score: float | None = None
    is_stopped_early: bool = False


def _check_figures(figures: dict[str, Any]) -> dict[str, Any]:
    """Refuse figures that cannot be: whoever counts and draws with them need not ask again."""
    for name, value in figures.items():
        if name.endswith("_accuracy") and not (isinstance(value, int | float) and 0 <= value <= 1):
            raise ValueError(f"{name} is {value!r}; a share from 0 to 1 was expected")
        if name.startswith("num_") and not (isinstance(value, int) and 0 <= value <= MAX_COUNT):
            raise ValueError(f"{name} is {value!r}; a count was expected")
    return figures


_Count = Annotated[int, Field(ge=0, le=MAX_COUNT)]
_Figures = Annotated[dict[str, float | int | str], AfterValidator(_check_figures)]


class RunRecord(BaseModel):
    """What `run.json` holds: the facts of one training."""

    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)

    format: Literal[1] = 1
    name: _Text
    recipe: _Text
    model: _Text
    dataset: _Text
    status: Status
    step: _Count = 0
    steps: _Count
    seed: int
    parent: Parent | None = None
    trial: Trial | None = None
    started_at: AwareDatetime
    ended_at: AwareDatetime | None = None
    num_resumes: int = 0
    num_workers: int = 1
    data_sha256: str | None = None
    versions: dict[str, str] = {}
    git_commit: str | None = None
    machine: dict[str, str | int | float] = {}
    timings_seconds: dict[str, float] = {}
    peak_memory_mb: float | None = None
    figures: _Figures = {}
    message: _Text | None = None


def read_record(folder: Path) -> RunRecord:
    """What the `run.json` in a folder says.

    Raises:
        BrokenRunError: If it is missing or cannot be read.
    """
    path = folder / RECORD_FILE
    try:
        return RunRecord.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise BrokenRunError(
            f"The folder '{folder}' is not a whole run: it has no {RECORD_FILE}.",
            "A run is copied with everything in its folder; if this is none, it can lie elsewhere.",
        ) from None
    except OSError as error:
        reason = f"The {RECORD_FILE} of the run '{folder.name}' cannot be read: {error.strerror}."
        raise BrokenRunError(reason) from error
    except ValidationError as error:
        raise _explain(error, path) from error


def _explain(error: ValidationError, path: Path) -> BrokenRunError:
    """What is wrong with a record: it is of a later version, or damaged."""
    try:
        written = json.loads(path.read_bytes())["format"]
    except (OSError, ValueError, KeyError, TypeError):
        written = None
    name = path.parent.name
    if isinstance(written, int) and written > _FORMAT:
        return BrokenRunError(
            f"The run '{name}' was written by a newer version of inkproof: its {RECORD_FILE} has format {written}, "
            f"this version reads {_FORMAT}.",
            "Update inkproof with `pip install --upgrade inkproof`; the run itself is whole.",
        )
    first = error.errors()[0]
    where = ".".join(map(str, first["loc"])) or "the file"
    return BrokenRunError(
        f"The {RECORD_FILE} of the run '{name}' is damaged: {where}: {first['msg'].removeprefix('Value error, ')}.",
        f"Restore the file, or delete the run with `inkproof runs delete {name}`.",
    )


def is_name(name: str) -> bool:
    """Whether this can be a run's name."""
    return _NAME.fullmatch(name) is not None and len(name.encode()) <= _MAX_NAME_BYTES


def suggest_name(name: str) -> str:
    """A name for a run that is as much like another text as can be.

    Example:
        >>> suggest_name("softmax (copy)"), suggest_name("...")
        ('softmax-copy', 'run')
    """
    text = re.sub(r"[^\w.-]+", "-", name).strip("-.")[:80].encode()[:_MAX_NAME_BYTES].decode(errors="ignore")
    return text.strip("-.") or "run"


def check_name(name: str) -> None:
    """Refuse what cannot be a run's name.

    Raises:
        RunNameError: If it is empty, too long, or holds anything but letters, digits, `_`, `-` and inner dots.
    """
    if not is_name(name):
        raise RunNameError(
            f"'{name}' cannot be the name of a run: up to 80 letters, digits, '_', '-' and inner dots were expected.",
            "A run's name is the name of its folder, without the path; `--runs-dir` says where it lies.",
            field="name",
        )
