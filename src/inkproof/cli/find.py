"""Which network file a RUN on the command line means."""

from __future__ import annotations

from pathlib import Path

from inkproof.errors import NetworkFileError


def is_file(run: str) -> bool:
    """Whether RUN means a file, rather than a run of that name."""
    return run.endswith(".onnx") or Path(run).is_file()


def find_network(run: str, runs_dir: Path) -> Path:
    """The finished network of a run, or the ONNX file of that name.

    Raises:
        UnknownRunError: If there is no such run.
        NetworkFileError: If the run is not finished. A file is not looked at.
    """
    if is_file(run):
        return Path(run)
    from inkproof.runs import NETWORK_FILE, open_run

    path = open_run(run, runs_dir).folder / NETWORK_FILE
    if not path.is_file():
        raise NetworkFileError(
            f"The run '{run}' has no finished network yet: '{path}' is not there.",
            f"Let its training end, or go on with it: inkproof resume {run}",
            field="run",
        )
    return path
