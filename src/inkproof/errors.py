"""Every error that a user can meet. Holds no logic beyond carrying its text.

InkproofError
├── UsageError                  the request cannot be carried out as it was put (exit status 2)
│   ├── ConfigError             an unknown setting, a value out of its limits
│   ├── SpaceError              a space of settings that cannot be searched
│   ├── UnknownRecipeError      no such recipe
│   ├── UnknownDatasetError     no such data set in the catalogue
│   ├── RunNameError            a name that cannot be the name of a run folder
│   ├── NoteError               a note about a run that is too long
│   ├── RunsDirError            a folder of runs that is no folder, or cannot be read or written
│   ├── ForkError               a fork at a step that its run never reached, or of what a fork cannot change
│   ├── OwnerRequiredError      a guest of the server asked for what only its owner may do
│   └── PortError               an address or a port that cannot be listened on
├── DataFileError               a data file is missing, cut short, or not what it says
├── ImageError                  an image that cannot be answered
│   ├── ImageFileError          not an image, broken, or too large
│   ├── ImageShapeError         an array of the wrong shape or type
│   └── BlankImageError         an image without ink
├── NetworkFileError            not a network, or not one that takes images and gives probabilities
├── RunError                    something about a run folder
│   ├── UnknownRunError         no such run
│   ├── UnknownStepError        the run did not keep its network at that step
│   ├── RunExistsError          the name is taken
│   ├── RunBusyError            another process is at work in it
│   ├── UnknownTrashError       nothing of that name in the trash
│   ├── QueueFullError          more runs are waiting than the queue takes
│   ├── BrokenRunError          a folder that is half-written, foreign or damaged
│   └── NotResumableError       a run that has nothing left to do, or would only fail again
├── SweepError                  something about a sweep
│   ├── UnknownSweepError       no such sweep
│   ├── SweepExistsError        a sweep of that name searches something else
│   ├── SweepBusyError          another process is at work on it
│   └── BrokenSweepError        a record that is missing or damaged
├── StorageError                a file or a folder that the system does not let be read or written
├── TrainingError               a training that could not go on
├── EvaluationError             results of the proof suites that cannot be kept
├── ParityError                 an exported network answers otherwise than the trained one
├── ClusterError                a cluster of Ray that cannot be reached, or not used
└── MissingExtraError           an optional part is not installed
"""

from __future__ import annotations

import errno
import re


class InkproofError(Exception):
    """The base of all errors of this package.

    Args:
        message: What came, with its value, and what was expected; whole sentences.
        hint: What to do next, or None where the message says it all.
        field: The setting or argument that is at fault, where there is one.
    """

    exit_status = 1

    def __init__(self, message: str, hint: str | None = None, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.field = field

    @property
    def code(self) -> str:
        """The error's name in snake_case, as scripts see it: `unknown_run` for UnknownRunError."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", type(self).__name__.removesuffix("Error")).lower()

    def as_dict(self) -> dict[str, str | None]:
        """The error as it goes to scripts and over HTTP."""
        return {"code": self.code, "message": self.message, "hint": self.hint, "field": self.field}


class UsageError(InkproofError):
    """The request cannot be carried out as it was put."""

    exit_status = 2


class ConfigError(UsageError):
    """An unknown setting, or a value out of its limits."""


class SpaceError(UsageError):
    """A space of settings that cannot be searched."""


class UnknownRecipeError(UsageError):
    """No such recipe."""


class UnknownDatasetError(UsageError):
    """No such data set in the catalogue."""


class RunNameError(UsageError):
    """A name that cannot be the name of a run folder."""


class NoteError(UsageError):
    """A note about a run that is too long."""


class RunsDirError(UsageError):
    """A folder of runs that is no folder, or cannot be read or written."""


class ForkError(UsageError):
    """A fork at a step that its run never reached, or of what a fork cannot change."""


class OwnerRequiredError(UsageError):
    """A guest of the server asked for what only its owner may do."""


class PortError(UsageError):
    """An address or a port that cannot be listened on."""


class DataFileError(InkproofError):
    """A data file is missing, cut short, or not what it says."""


class ImageError(InkproofError):
    """An image that cannot be answered."""


class ImageFileError(ImageError):
    """Not an image, broken, or too large."""


class ImageShapeError(ImageError):
    """An array of the wrong shape or type."""


class BlankImageError(ImageError):
    """An image without ink."""


class NetworkFileError(InkproofError):
    """Not a network, or not one that takes images and gives probabilities."""


class RunError(InkproofError):
    """Something about a run folder."""


class UnknownRunError(RunError):
    """No such run."""


class UnknownStepError(RunError):
    """The run did not keep its network at that step."""


class RunExistsError(RunError):
    """The name is taken."""


class RunBusyError(RunError):
    """Another process is at work in the run folder."""


class UnknownTrashError(RunError):
    """Nothing of that name in the trash."""


class QueueFullError(RunError):
    """More runs are waiting than the queue takes."""


class BrokenRunError(RunError):
    """A folder that is half-written, foreign or damaged."""


class NotResumableError(RunError):
    """A run that has nothing left to do, or would only fail again."""


class SweepError(InkproofError):
    """Something about a sweep."""


class UnknownSweepError(SweepError):
    """No such sweep."""


class SweepExistsError(SweepError):
    """A sweep of that name searches something else."""


class SweepBusyError(SweepError):
    """Another process is at work on the sweep."""


class BrokenSweepError(SweepError):
    """A sweep whose record is missing or damaged."""


class StorageError(InkproofError):
    """A file or a folder that the system does not let be read or written."""


class TrainingError(InkproofError):
    """A training that could not go on."""


class EvaluationError(InkproofError):
    """Results of the proof suites that cannot be kept."""


class ParityError(InkproofError):
    """An exported network answers otherwise than the trained one."""


class ClusterError(InkproofError):
    """A cluster of Ray that cannot be reached, or not used."""


class MissingExtraError(InkproofError):
    """An optional part is not installed."""


def explain_storage(error: OSError) -> StorageError | None:
    """What the system says of a file as an error for people; None where it is nothing that they could mend."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        hint = "Free some space, then try again."
    elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        hint = "See who may write there, or use another folder of runs."
    elif error.errno in (errno.EMFILE, errno.ENFILE):
        hint = "Close other programs, or let more files be open at once (`ulimit -n`)."
    elif error.errno == errno.EIO:
        hint = "The disk, or the way to it, is at fault."
    else:
        return None
    names = [str(name) for name in (error.filename, error.filename2) if name]
    if not names:
        return StorageError(f"A file cannot be read or written: {error.strerror}.", hint)
    return StorageError(f"'{names[-1]}' cannot be read or written: {error.strerror}.", hint)
