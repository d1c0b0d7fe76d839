"""Comparisons for the API: answers kept in memory between requests, and the images behind a table of answers."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from inkproof.data import Split
from inkproof.diagnosis.answers import AnswerBook, JudgedOn, RunAnswers, Stamp, load_judged
from inkproof.diagnosis.groups import Trained, list_groups, read_trained
from inkproof.errors import InkproofError
from inkproof.runs import Listed, Run
from inkproof.server import comparison_schemas as schemas
from inkproof.server.answering import encode
from inkproof.server.datasets import TestSets
from inkproof.server.memory import give_back

# A request that must ask many networks answers after about so long with what there is; the page asks again.
PATIENCE_SECONDS = 4.0
# Those to 10,000 images take 60 kB.
_MAX_KNOWN = 256


@dataclass(frozen=True)
class ImageChoice:
    """Which images are meant; None is any.

    Attributes:
        label: Index of their class.
        outcome: Which of the networks reads them right.
        first_answer: Index of the class that the first takes them for.
        second_answer: Index of the class that the second takes them for.
    """

    label: int | None = None
    outcome: schemas.Outcome | None = None
    first_answer: int | None = None
    second_answer: int | None = None


class Comparer:
    """Compares runs, and keeps what is dear to find again.

    Args:
        test_sets: The store of test sets.
        patience_seconds: After so long no further network is asked within one request.
    """

    def __init__(self, test_sets: TestSets, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._test_sets, self._patience = test_sets, patience_seconds
        self._known: dict[Stamp, RunAnswers] = {}
        self._asking = threading.Lock()
        self._trained: dict[tuple[Path, datetime], Trained | None] = {}
        self._held_out: dict[JudgedOn, Split] = {}

    def list_groups(self, listed: Sequence[Listed]) -> schemas.RunGroups:
        """All finished runs by their settings, the newest first; broken folders are passed over."""
        trained = []
        for entry in listed:
            if entry.status != "finished" or entry.record is None:
                continue
            # What a finished training wrote changes no more; another of its name began at another time.
            key = entry.run.folder, entry.record.started_at
            if key not in self._trained:
                with contextlib.suppress(InkproofError):
                    self._trained[key] = read_trained(entry.run)
            if found := self._trained.get(key):
                trained.append(found)
        groups = [schemas.RunGroup.model_validate(asdict(group)) for group in list_groups(trained)]
        return schemas.RunGroups(groups=groups)

    def compare(self, runs: Sequence[Run]) -> schemas.ComparisonReport:
        """The comparison of runs.

        Raises:
            UsageError: If fewer than two finished runs remain, or they were judged by different images.
            NetworkFileError: If a network that must answer cannot.
        """
        from inkproof.diagnosis.compare import compare  # loads SciPy, which the server's start must not wait for

        report = compare(runs, lambda judged_on: self._open_book(judged_on, self._patience))
        return schemas.ComparisonReport.model_validate(report.as_dict())

    def tabulate(self, first: Run, second: Run) -> schemas.AnswerTable:
        """Where two networks answer otherwise.

        Raises:
            UsageError: If a run is not finished, or they were judged by different images.
            NetworkFileError: If a network cannot answer.
        """
        judged_on = _find_judged_on(first, second)
        book = self._open_book(judged_on)
        one, other = book.get(first), book.get(second)
        classes = self._test_sets.get(judged_on.dataset).classes
        labels, n = book.split.labels, len(classes)
        right, also = one.classes == labels, other.classes == labels
        counts = {
            name: np.bincount(labels[mask], minlength=n)
            for name, mask in (
                ("both", right & also),
                ("only_first", right & ~also),
                ("only_second", also & ~right),
                ("neither", ~right & ~also),
            )
        }
        pairs = np.bincount(one.classes.astype(np.int64) * n + other.classes, minlength=n * n)
        return schemas.AnswerTable(
            classes=list(classes),
            judged_on=schemas.JudgedOn(**asdict(judged_on)),
            outcomes=[
                schemas.ClassOutcomes(label=label, **{name: int(count[label]) for name, count in counts.items()})
                for label in range(n)
            ],
            matrix=pairs.reshape(n, n).tolist(),
        )

    def find_images(
        self, first: Run, second: Run, choice: ImageChoice, *, offset: int, limit: int
    ) -> schemas.DoublyAnsweredImages:
        """The images behind a cell of the table, those first of which the networks are most sure together.

        Raises:
            UsageError: If a run is not finished, they were judged by different images, or there is no such class.
            NetworkFileError: If a network cannot answer.
        """
        judged_on = _find_judged_on(first, second)
        for name in ("label", "first_answer", "second_answer"):
            self._test_sets.get(judged_on.dataset).check_class(getattr(choice, name), field=name)
        book = self._open_book(judged_on)
        one, other = book.get(first), book.get(second)
        labels = book.split.labels
        fits = np.ones(len(labels), dtype=bool)
        for wanted, values in (
            (choice.label, labels), (choice.first_answer, one.classes), (choice.second_answer, other.classes),
        ):  # fmt: skip
            fits &= True if wanted is None else values == wanted
        if choice.outcome is not None:
            fits &= (one.classes == labels) == (choice.outcome in ("both", "only_first"))
            fits &= (other.classes == labels) == (choice.outcome in ("both", "only_second"))
        found = np.flatnonzero(fits)
        sure = one.confidence[found] + other.confidence[found]
        found = found[np.argsort(-sure, kind="stable")]
        height, width, channels = book.split.images.shape[1:]
        return schemas.DoublyAnsweredImages(
            total=len(found),
            offset=offset,
            images=[
                schemas.DoublyAnsweredImage(
                    index=int(index),
                    label=int(labels[index]),
                    answers=(int(one.classes[index]), int(other.classes[index])),
                    probabilities=(float(one.confidence[index]), float(other.confidence[index])),
                    height=height,
                    width=width,
                    channels=channels,
                    pixels=encode(book.split.images[index]),
                )
                for index in found[offset : offset + limit]
            ],
        )

    def _open_book(self, judged_on: JudgedOn, seconds: float | None = None) -> AnswerBook:
        if len(self._known) > _MAX_KNOWN:
            self._known.clear()
        return AnswerBook(judged_on, load=self._load, seconds=seconds, known=self._known, asking=self._asking)

    def _load(self, judged_on: JudgedOn) -> Split:
        """The images that runs are judged by; test images are those of the store, of the others the last are kept."""
        if judged_on.set == "test":
            test_set = self._test_sets.get(judged_on.dataset)
            if judged_on.sha256 in (None, test_set.sha256):
                return Split(test_set.images, test_set.labels)
        if judged_on not in self._held_out:
            split = load_judged(judged_on)
            self._held_out = {judged_on: Split(split.images.copy(), split.labels.copy())}
            give_back()
        return self._held_out[judged_on]


def _find_judged_on(first: Run, second: Run) -> JudgedOn:
    from inkproof.diagnosis.compare import find_judged_on

    return find_judged_on([first, second])
