"""Which network files and which data set are meant by the names of runs and files that people give."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from inkproof.diagnosis.evaluation import Subject, open_subject
from inkproof.errors import NetworkFileError, UsageError
from inkproof.runs import NETWORK_FILE, Run, open_run

# A run, its name or its folder, or an ONNX file.
Given = str | Path | Run


def find_run(given: Given, runs_dir: Path) -> Run | None:
    """The run that is meant, None for a file.

    Args:
        given: A run; the name of one; a folder as a Path; or anything that ends in `.onnx` or is a file.
        runs_dir: The folder of all runs, for a name.

    Raises:
        UnknownRunError: If there is no such run.
    """
    if isinstance(given, Run):
        return given
    if str(given).endswith(".onnx") or Path(given).is_file():
        return None
    if isinstance(given, Path) and given.is_dir():
        return Run(given)
    return open_run(str(given), runs_dir)


def find_network(given: Given, runs_dir: Path) -> Path:
    """The finished network of a run, or the ONNX file itself; see `find_run`.

    Raises:
        UnknownRunError: If there is no such run.
        NetworkFileError: If the run is not finished. A file is not looked at.
    """
    run = find_run(given, runs_dir)
    if run is None:
        return Path(str(given))
    path = run.folder / NETWORK_FILE
    if not path.is_file():
        raise NetworkFileError(
            f"The run '{run.name}' has no finished network yet: '{path}' is not there.",
            f"Let its training end, or go on with it: inkproof resume {run.name}",
            field="run",
        )
    return path


def open_subjects(networks: Sequence[Given], runs_dir: Path) -> list[Subject]:
    """Load the networks to be judged, each under a name of its own; the same one given twice is one.

    Raises:
        UnknownRunError: If there is no such run.
        NetworkFileError: If a run is not finished, or a file is not a network.
    """
    subjects: list[Subject] = []
    for given in dict.fromkeys(networks):
        run, path = find_run(given, runs_dir), find_network(given, runs_dir)
        name = path.stem if run is None else run.name
        taken = {subject.name for subject in subjects}
        unique = next(n for n in (name, *(f"{name} ({i})" for i in range(2, len(networks) + 2))) if n not in taken)
        subjects.append(open_subject(path, unique, None if run is None else run.folder))
    return subjects


def find_dataset(networks: Sequence[Given], runs_dir: Path) -> str:
    """The data set that the runs were trained on; files are judged by that too, by MNIST where they are alone.

    Raises:
        UsageError: If the runs were trained on different ones.
    """
    found = [run for run in (find_run(given, runs_dir) for given in networks) if run is not None]
    datasets = {run.name: run.config.dataset for run in found}
    if len(set(datasets.values())) > 1:
        told = ", ".join(f"'{name}' on {dataset}" for name, dataset in datasets.items())
        raise UsageError(
            f"These runs were trained on different data sets: {told}.", "Judge them one data set at a time."
        )
    return next(iter(datasets.values()), "mnist")
