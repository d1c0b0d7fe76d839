"""Carrying out proof suites: several networks meet the same images, answers are saved, and an evaluation goes on.

What is measured lies in a run's `evaluation/` folder, one `SUITE.json` each; while it is being measured, the answers
so far lie in `SUITE.partial`. Both name the network, the data and the protocol that they belong to, by checksum.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import time
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkproof.data import Dataset
from inkproof.diagnosis.suites import SUITES, Answers, Cell, Suite
from inkproof.errors import EvaluationError, NetworkFileError, UsageError
from inkproof.machine import describe_machine, describe_versions, find_git_commit
from inkproof.networks import Network
from inkproof.runs import now, replace_file

EVALUATION_DIR = "evaluation"
FORMAT = 1
# A killed evaluation loses at most so much; saving costs a hundredth of it.
_SAVE_SECONDS = 2.0

# Told the suite, the images done and those to do; both over all networks and suites.
Advance = Callable[[str, int, int], None]


@dataclass(frozen=True, eq=False)
class Subject:
    """A network to be judged; made by `open_subject`.

    Attributes:
        name: What it is called in tables.
        network: The network.
        sha256: The checksum of its file.
        folder: Where results are kept, made when needed; None keeps nothing.
    """

    name: str
    network: Network
    sha256: str
    folder: Path | None = None


@dataclass(eq=False)
class _Work:
    """One network in one suite: the answers so far."""

    subject: Subject
    suite: Suite
    key: dict[str, Any]
    given: dict[str, NDArray[Any]] = field(default_factory=dict)
    seconds: float = 0.0
    saved_at: float = field(default_factory=time.monotonic)
    is_saved: bool = True


def open_subject(path: Path, name: str, folder: Path | None = None) -> Subject:
    """Load a network to be judged.

    Args:
        path: Its ONNX file.
        name: What to call it.
        folder: A run's folder, whose `evaluation/` keeps the results; None keeps nothing.

    Raises:
        NetworkFileError: If the file is missing or not a network.
    """
    network = Network.load(path)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return Subject(name, network, sha256, None if folder is None else folder / EVALUATION_DIR)


def evaluate(
    subjects: Sequence[Subject],
    dataset: Dataset,
    suites: Sequence[Suite] = tuple(SUITES.values()),
    *,
    advance: Advance | None = None,
    again: bool = False,
) -> dict[str, Any]:
    """Judge networks by suites, all by the same images.

    What was measured before, of the same network, data and protocol, is not measured again, and an evaluation that
    was interrupted goes on where it stopped.

    Args:
        subjects: The networks.
        dataset: Its test images are what they are judged by.
        suites: What to measure; all by default.
        advance: Told of progress.
        again: Measure anew what was measured before.

    Returns:
        The evaluation, as docs/reference/evaluation.md says; ready for JSON.

    Raises:
        NetworkFileError: If a network takes other images or knows other classes than the data set has.
        UsageError: If a suite is not defined for such images.
        EvaluationError: If results cannot be written.
    """
    for subject in subjects:
        _check(subject, dataset)
    for suite in suites:
        if suite.needs_grey and dataset.image_shape[2] != 1:
            raise UsageError(f"The suite '{suite.name}' takes images of one channel; '{dataset.name}' has colour.")
    found = {(subject.name, suite.name): None if again else _load(subject, suite, dataset)
             for subject in subjects for suite in suites}  # fmt: skip
    plans = {suite.name: suite.plan(dataset.test) for suite in suites}
    works = [_begin(subject, suite, dataset, again) for suite in suites for subject in subjects
             if found[subject.name, suite.name] is None]  # fmt: skip
    total = sum(len(cell.digits) for work in works for cell in plans[work.suite.name])
    done = sum(len(cell.digits) for work in works for cell in plans[work.suite.name] if cell.key in work.given)
    for suite in suites:
        mine = [work for work in works if work.suite is suite]
        if advance is not None and mine:
            advance(suite.name, done, total)
        # Closed at once whatever ends it, for that is when answers are saved.
        with contextlib.closing(_ask(mine, plans[suite.name])) as answered:
            for num_images in answered:
                done += num_images
                if advance is not None:
                    advance(suite.name, done, total)
        for work in mine:
            found[work.subject.name, suite.name] = _finish(work, plans[suite.name], dataset)
    return _gather(subjects, dataset, suites, found)


def load_result(folder: Path, suite: Suite, network_sha256: str, dataset: dict[str, Any]) -> dict[str, Any] | None:
    """What a suite measured of a network, from the folder that keeps it.

    Args:
        folder: A run's folder `evaluation`.
        suite: The suite.
        network_sha256: The checksum of the network's file.
        dataset: `name`, `sha256` and `num_images` (test images) of the data set.

    Returns:
        The result, as docs/reference/evaluation.md says; None if there is none of that network, data and protocol.
    """
    found = _read(folder / f"{suite.name}.json", _key(network_sha256, suite, dataset))
    return found if found is not None and {"score", "parts", "measured"} <= found.keys() else None


def is_begun(folder: Path, suite: Suite) -> bool:
    """Whether a part of a suite was measured, so that an evaluation would go on from there."""
    return (folder / f"{suite.name}.partial").is_file()


def lookup(result: dict[str, Any], part: str | None = None) -> dict[str, Any]:
    """The figure of a suite's result: its score, or the part of that name.

    Raises:
        UsageError: If the suite has no such part.
    """
    if part is None:
        score: dict[str, Any] = result["score"]
        return score
    if part not in result["parts"]:
        raise UsageError(
            f"The suite '{result['suite']}' has no part '{part}'.", f"It has: {', '.join(result['parts'])}."
        )
    figure: dict[str, Any] = result["parts"][part]
    return figure


def _check(subject: Subject, dataset: Dataset) -> None:
    network = subject.network
    if network.image_shape != dataset.image_shape:
        raise NetworkFileError(
            f"The network '{network.path}' takes images of shape {network.image_shape}; {dataset.image_shape} was "
            f"expected, as the test images of '{dataset.name}' have.",
            "Judge it by the data set that it was trained on.",
        )
    if len(network.classes) != len(dataset.classes):
        raise NetworkFileError(
            f"The network '{network.path}' knows {len(network.classes)} classes; {len(dataset.classes)} were "
            f"expected, as the data set '{dataset.name}' has.",
            "Judge it by the data set that it was trained on.",
        )


def _ask(works: list[_Work], plan: list[Cell]) -> Generator[int, None, None]:
    """Ask the networks about every cell that they have not answered yet; gives the number of images, cell by cell."""
    todo = [cell for cell in plan if any(cell.key not in work.given for work in works)]
    if not todo:
        return
    try:
        # The next images are made while the networks answer for these.
        with ThreadPoolExecutor(1) as maker:
            following: Future[tuple[NDArray[np.uint8], float]] = maker.submit(_make, todo[0])
            for index, cell in enumerate(todo):
                images, making_seconds = following.result()
                if index + 1 < len(todo):
                    following = maker.submit(_make, todo[index + 1])
                for work in works:
                    if cell.key in work.given:
                        continue
                    begin = time.perf_counter()
                    work.given[cell.key] = work.suite.keep(work.subject.network.predict(images))
                    work.seconds += time.perf_counter() - begin + making_seconds / len(works)
                    work.is_saved = False
                    if time.monotonic() - work.saved_at >= _SAVE_SECONDS:
                        _save(work)
                    yield len(images)
    finally:
        # Ctrl-C too ends here: what was answered is kept.
        for work in works:
            if not work.is_saved and len(work.given) < len(plan):
                _save(work)


def _make(cell: Cell) -> tuple[NDArray[np.uint8], float]:
    begin = time.perf_counter()
    return cell.make(), time.perf_counter() - begin


def _begin(subject: Subject, suite: Suite, dataset: Dataset, again: bool) -> _Work:
    work = _Work(subject, suite, _key(subject.sha256, suite, _describe(dataset)))
    if subject.folder is not None and not again:
        stored = _read(subject.folder / f"{suite.name}.partial", work.key)
        # A damaged or foreign file is as good as none: it is measured anew.
        with contextlib.suppress(KeyError, TypeError, ValueError, AttributeError):
            work.given = {key: _decode(value) for key, value in stored["given"].items()} if stored else {}
            work.seconds = float(stored["seconds"]) if stored else 0.0
    return work


def _save(work: _Work) -> None:
    work.saved_at, work.is_saved = time.monotonic(), True
    if work.subject.folder is not None:
        given = {key: _encode(value) for key, value in work.given.items()}
        _write(
            work.subject.folder / f"{work.suite.name}.partial", {**work.key, "seconds": work.seconds, "given": given}
        )


def _finish(work: _Work, plan: list[Cell], dataset: Dataset) -> dict[str, Any]:
    answers = Answers(plan, work.given, dataset.test.labels, len(dataset.classes))
    measured = {
        "ended_at": now().isoformat(timespec="seconds"),
        "seconds": round(work.seconds, 2),
        "num_images": sum(len(cell.digits) for cell in plan),
        "machine": describe_machine(),
        "versions": describe_versions(),
        "git_commit": find_git_commit(),
    }
    result = {**work.key, **work.suite.summarise(answers), "measured": measured}
    if work.subject.folder is not None:
        _write(work.subject.folder / f"{work.suite.name}.json", result)
        (work.subject.folder / f"{work.suite.name}.partial").unlink(missing_ok=True)
    return result


def _key(network_sha256: str, suite: Suite, dataset: dict[str, Any]) -> dict[str, Any]:
    """What a result belongs to: if any of it differs, it is another result."""
    return {
        "format": FORMAT,
        "suite": suite.name,
        "version": suite.version,
        "protocol": suite.protocol,
        "network_sha256": network_sha256,
        "dataset": dataset,
    }


def _describe(dataset: Dataset) -> dict[str, Any]:
    return {"name": dataset.name, "sha256": dataset.sha256, "num_images": len(dataset.test)}


def _load(subject: Subject, suite: Suite, dataset: Dataset) -> dict[str, Any] | None:
    if subject.folder is None:
        return None
    return load_result(subject.folder, suite, subject.sha256, _describe(dataset))


def _read(path: Path, key: dict[str, Any]) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    fits = isinstance(found, dict) and all(found.get(name) == value for name, value in key.items())
    return found if fits else None


def _write(path: Path, content: dict[str, Any]) -> None:
    try:
        path.parent.mkdir(exist_ok=True)
        replace_file(path, (json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n").encode())
    except OSError as error:
        raise EvaluationError(
            f"The result '{path}' cannot be written: {error.strerror}.",
            "Free some space or make the folder writable, and evaluate again: it goes on where it stopped.",
        ) from error


def _encode(array: NDArray[Any]) -> dict[str, Any]:
    return {"dtype": array.dtype.str, "shape": array.shape, "data": base64.b64encode(array.tobytes()).decode()}


def _decode(stored: dict[str, Any]) -> NDArray[Any]:
    return np.frombuffer(base64.b64decode(stored["data"]), np.dtype(stored["dtype"])).reshape(stored["shape"])


def _gather(
    subjects: Sequence[Subject],
    dataset: Dataset,
    suites: Sequence[Suite],
    found: dict[tuple[str, str], dict[str, Any] | None],
) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "dataset": _describe(dataset),
        "classes": list(dataset.classes),
        "networks": [
            {
                "name": subject.name,
                "file": str(subject.network.path),
                "sha256": subject.sha256,
                "metadata": {key: subject.network.metadata[key] for key in sorted(subject.network.metadata)},
                "suites": {suite.name: found[subject.name, suite.name] for suite in suites},
            }
            for subject in subjects
        ],
    }
