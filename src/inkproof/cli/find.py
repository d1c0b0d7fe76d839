"""Which runs the names on the command line mean."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from inkproof.errors import UnknownRunError

if TYPE_CHECKING:
    from inkproof.runs import Run


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
        runs = [listed.run for listed in reversed(list_runs(runs_dir))]  # broken ones too: who compares is told of them
        matching = [run for run in runs if fnmatch.fnmatchcase(run.name, name)]
        if not matching:
            raise UnknownRunError(
                f"No run in '{runs_dir}' matches '{name}'.", "List all runs with `inkproof runs`.", field="run"
            )
        for run in matching:
            found.setdefault(run.name, run)
    return list(found.values())
