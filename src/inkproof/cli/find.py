"""Which run, or which network file, a RUN on the command line means."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from inkproof.errors import NetworkFileError, UnknownRunError

if TYPE_CHECKING:
    from inkproof.runs import Run


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


def find_runs(names: Sequence[str], runs_dir: Path) -> list[Run]:
    """The runs of these names, each once; a name with `*`, `?` or `[` stands for all runs that match it, oldest first.

    Raises:
        UnknownRunError: If there is no such run, or none that matches.
    """
    from inkproof.runs import list_runs, open_run

    found: dict[str, Run] = {}
    for name in names:
        if not any(sign in name for sign in "*?["):
            found.setdefault(name, open_run(name, runs_dir))
            continue
        whole = [listed.run for listed in reversed(list_runs(runs_dir)) if listed.record is not None]
        matching = [run for run in whole if fnmatch.fnmatchcase(run.name, name)]
        if not matching:
            raise UnknownRunError(
                f"No run in '{runs_dir}' matches '{name}'.", "List all runs with `inkproof runs`.", field="run"
            )
        for run in matching:
            found.setdefault(run.name, run)
    return list(found.values())
