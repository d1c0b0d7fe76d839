"""Which networks and which data set are meant by the runs and files that people give to be judged."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from inkproof.diagnosis.evaluation import Subject, open_subject
from inkproof.errors import UsageError
from inkproof.networks import Given, find_network, find_run


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
