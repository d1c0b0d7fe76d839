"""What the proof suites say of runs, read from their folders, and what a network answers to each test image."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from inkproof.diagnosis.evaluation import EVALUATION_DIR, is_begun, load_result
from inkproof.diagnosis.suites import SUITES, Suite
from inkproof.errors import EvaluationError, NetworkFileError, UsageError
from inkproof.networks import Network
from inkproof.runs import NETWORK_FILE, Run
from inkproof.server import evaluation_schemas as schemas
from inkproof.server.answering import encode
from inkproof.server.by_file import ByFile
from inkproof.server.datasets import TestSet, TestSets


class Proofs:
    """Reads results and asks networks about test images; keeps what is dear to find again.

    Args:
        test_sets: The store of test sets.
    """

    def __init__(self, test_sets: TestSets) -> None:
        self._test_sets = test_sets
        self._checksums = ByFile(lambda path: hashlib.sha256(path.read_bytes()).hexdigest(), capacity=1_000)
        # Those to 10,000 images take 0.4 MB; in a class everybody looks at a network of their own.
        self._answers = ByFile(_ask, capacity=32)

    def describe(self, run: Run) -> schemas.RunEvaluation:
        """What was measured of a run's network as it is now.

        Raises:
            BrokenRunError: If the folder is no whole run.
            UnknownDatasetError: If its data set is not there.
        """
        test_set = self._test_sets.get(run.record.dataset)
        sha256, problem = None, None
        try:
            sha256 = self._checksums.get(_finished(run))
        except NetworkFileError as error:
            problem = error.message
        return schemas.RunEvaluation(
            run=run.name,
            classes=list(test_set.classes),
            num_test_images=test_set.num_images,
            suites=[_view(run, suite, sha256, test_set) for suite in _defined_for(test_set)],
            problem=problem,
        )

    def choose(self, run: Run, wanted: list[schemas.SuiteName] | None) -> list[str]:
        """The suites to measure: those wanted, or all that are missing.

        Raises:
            NetworkFileError: If the run is not finished.
            UsageError: If a suite is not defined for its images.
            EvaluationError: If results could not be written.
        """
        evaluation = self.describe(run)
        _finished(run)
        if not os.access(run.folder, os.W_OK):
            raise EvaluationError(
                f"The run '{run.name}' cannot be measured: its folder cannot be written to.",
                "Serve a folder of runs that can be written to.",
                field="run",
            )
        defined = [view.suite for view in evaluation.suites]
        for suite in wanted or []:
            if suite not in defined:
                raise UsageError(
                    f"The suite '{suite}' takes images of one channel; the run '{run.name}' reads colour.",
                    f"Ask for: {', '.join(defined)}.",
                    field="suites",
                )
        return [view.suite for view in evaluation.suites if view.result is None and view.suite in (wanted or defined)]

    def find_images(
        self, run: Run, *, label: int | None, answer: int | None, offset: int, limit: int
    ) -> schemas.AnsweredImages:
        """Test images by their class and by what the finished network takes them for, the most confident first.

        Args:
            run: The run.
            label: Index of their class; None for any.
            answer: Index of the class answered; None for any.
            offset: How many to pass over.
            limit: How many to give at most.

        Raises:
            NetworkFileError: If the run is not finished, or its network does not take such images.
            UsageError: If there is no such class.
        """
        test_set = self._test_sets.get(run.record.dataset)
        for name, index in (("label", label), ("answer", answer)):
            test_set.check_class(index, field=name)
        probabilities = self._answers.get(_finished(run), test_set)  # (images, classes)
        answers, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
        fits = np.ones(len(answers), dtype=bool)
        fits &= True if label is None else test_set.labels == label
        fits &= True if answer is None else answers == answer
        found = np.flatnonzero(fits)
        found = found[np.argsort(-confidence[found], kind="stable")]
        height, width, channels = test_set.image_shape
        return schemas.AnsweredImages(
            run=run.name,
            total=len(found),
            offset=offset,
            images=[
                schemas.AnsweredImage(
                    index=int(index),
                    label=int(test_set.labels[index]),
                    answer=int(answers[index]),
                    probability=round(float(confidence[index]), 6),
                    probability_of_label=round(float(probabilities[index, test_set.labels[index]]), 6),
                    height=height,
                    width=width,
                    channels=channels,
                    pixels=encode(test_set.images[index]),
                )
                for index in found[offset : offset + limit]
            ],
        )


def _ask(path: Path, test_set: TestSet) -> NDArray[np.float32]:
    # Loaded as `evaluate` does, not as for drawings, so that a cell has as many images as the matrix says.
    network = Network.load(path)
    if len(network.classes) != len(test_set.classes):
        raise NetworkFileError(
            f"The network '{path}' knows {len(network.classes)} classes; {len(test_set.classes)} were expected, "
            "as its data set has.",
            "Restore the file, or train the run again.",
        )
    return np.nan_to_num(network.predict(test_set.images))


def _finished(run: Run) -> Path:
    path = run.folder / NETWORK_FILE
    if not path.is_file():
        raise NetworkFileError(
            f"The run '{run.name}' has no finished network yet; the suites judge finished ones.",
            f"Let its training end, or go on with it: inkproof resume {run.name}",
            field="run",
        )
    return path


def _defined_for(test_set: TestSet) -> list[Suite]:
    return [suite for suite in SUITES.values() if test_set.image_shape[2] == 1 or not suite.needs_grey]


def _view(run: Run, suite: Suite, sha256: str | None, test_set: TestSet) -> schemas.SuiteView:
    folder, result, has_part = run.folder / EVALUATION_DIR, None, False
    if sha256 is not None:
        dataset = {"name": test_set.name, "sha256": test_set.sha256, "num_images": test_set.num_images}
        stored = load_result(folder, suite, sha256, dataset)
        result = None if stored is None else _read(stored)
        has_part = result is None and is_begun(folder, suite)
    return schemas.SuiteView(
        suite=suite.name,
        num_images=result and result.num_images,
        is_begun=has_part,
        result=result,
    )


def _read(stored: dict[str, Any]) -> schemas.SuiteResult | None:
    """A stored result as the API tells it; None if somebody damaged it."""
    try:
        facts: dict[str, Any] = {key: stored["measured"][key] for key in ("ended_at", "seconds", "num_images")}
        facts |= {key: stored[key] for key in ("score", "parts")}
        facts |= {key: stored[key] for key in ("confusion", "calibration", "severities", "curves") if key in stored}
        if "offsets" in stored:
            facts["shifts"] = {
                **{key: stored[key] for key in ("offsets", "whole", "cut")},
                "per_class": [
                    {
                        "label": entry["class"],
                        "figure": entry["figure"],
                        "whole": {key: entry[key] for key in ("num_right", "n")},
                        "cut": entry["cut"],
                    }
                    for entry in stored["per_class"]
                ],
            }
        return schemas.SuiteResult.model_validate(facts)
    except (KeyError, TypeError, ValidationError):
        return None
