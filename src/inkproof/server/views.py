"""A run folder as the API tells it. Reads only what a listing needs; loads a network only where nothing else tells."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inkproof.diagnosis.metrics import wilson
from inkproof.errors import BrokenRunError, InkproofError, NetworkFileError
from inkproof.runs import METRICS_FILE, TIMELINE_DIR, Listed, Run, RunRecord, parse_row
from inkproof.server.datasets import TestSets
from inkproof.server.networks import NetworkStore, find_network, read_step, timeline_steps
from inkproof.server.schemas import Accuracy, RunTrial, RunView

_TAIL_BYTES = 65_536  # some 500 measurements; accuracy is measured at least once among so many
_SPEED_ROWS = 20
_MAX_VIEWS = 5_000


@dataclass(frozen=True)
class _Viewed:
    """A view, and what it was made from: the run, and when something came into its timeline or went."""

    listed: Listed
    timeline: int
    view: RunView


class RunViewer:
    """Makes the API's view of runs.

    Args:
        networks: The store of networks.
        test_sets: The store of test sets.
    """

    def __init__(self, networks: NetworkStore, test_sets: TestSets) -> None:
        self._networks, self._test_sets = networks, test_sets
        self._views: dict[str, _Viewed] = {}
        self._lock = threading.Lock()

    def view_all(self, listed: Sequence[Listed], tensorboard_url: str | None) -> list[RunView]:
        """Many runs. Who asks while another does waits for it, and finds the work done."""
        with self._lock:
            return [self.view(entry, tensorboard_url) for entry in listed]

    def view(self, listed: Listed, tensorboard_url: str | None) -> RunView:
        """One run. Of a run that nobody is training, what was found the last time is told again.

        Args:
            listed: The run as a RunIndex lists it: the same object as long as nothing has changed.
            tensorboard_url: Where TensorBoard is, or None.
        """
        view = self._recall(listed)
        if tensorboard_url is None or listed.record is None:
            return view
        link = f"{tensorboard_url}?runFilter={_as_filter(listed.run.name)}#timeseries"
        return view.model_copy(update={"tensorboard_url": link})

    def _recall(self, listed: Listed) -> RunView:
        if listed.status == "running":
            return self._view(listed)
        name, timeline = listed.run.name, _changed_at(listed.run.folder / TIMELINE_DIR)
        known = self._views.get(name)
        if known is None or known.listed is not listed or known.timeline != timeline:
            known = _Viewed(listed, timeline, self._view(listed))
            if len(self._views) >= _MAX_VIEWS:
                self._views.clear()
            self._views[name] = known
        return known.view

    def _view(self, listed: Listed) -> RunView:
        run, record = listed.run, listed.record
        facts: dict[str, Any] = {"classes": [], "image_shape": None, "can_answer": False, "newest_step": None}
        if record is not None:
            facts.update(self._describe_network(run, record))
            facts.update(self._describe_training(run, record, listed.status))
        return RunView.model_validate(
            {
                **dict.fromkeys(RunView.model_fields),
                **facts,
                "name": run.name,
                "note": run.note,
                "status": listed.status,
                "is_stopping": listed.is_stopping,
                "timeline": timeline_steps(run),
                "problem": listed.problem,
            }
        )

    def _describe_network(self, run: Run, record: RunRecord) -> dict[str, Any]:
        try:
            path = find_network(run, None)
        except BrokenRunError:
            path = None
        facts: dict[str, Any] = {"can_answer": path is not None}
        if path is not None:
            facts["newest_step"] = read_step(path)
        try:
            # The data set tells the same as the network, and need not be loaded again for every new network.
            test_set = self._test_sets.get(record.dataset)
            facts |= {"classes": list(test_set.classes), "image_shape": test_set.image_shape}
        except InkproofError:
            if path is not None:
                facts |= self._ask_network(path)
        return facts

    def _ask_network(self, path: Any) -> dict[str, Any]:
        try:
            network = self._networks.get(path)
        except NetworkFileError:
            return {"can_answer": False}
        return {"classes": list(network.classes), "image_shape": network.image_shape}

    def _describe_training(self, run: Run, record: RunRecord, status: str) -> dict[str, Any]:
        # The record of a finished run tells all: to read 1,000 files of measurements would take seconds.
        is_told = status == "finished" and any(name.endswith("_accuracy") for name in record.figures)
        rows = [] if is_told else read_tail(run)
        step, seconds = record.step, record.timings_seconds.get("training")
        speed = None
        if rows and status != "finished":
            step = max(step, int(rows[-1].get("step") or 0))
            seconds = rows[-1].get("seconds") or seconds
            speed = _steps_per_second(rows[-_SPEED_ROWS:]) if status == "running" else None
        batch_size = self._batch_size(run) if speed else None
        return {
            "recipe": record.recipe,
            "model": record.model,
            "dataset": record.dataset,
            "parent": record.parent and record.parent.model_dump(),
            "trial": record.trial and record.trial.model_dump(include=set(RunTrial.model_fields)),
            "step": step,
            "steps": record.steps,
            "message": record.message,
            "accuracy": self._accuracy(record, rows),
            "num_parameters": record.figures.get("num_parameters"),
            "training_seconds": seconds,
            "images_per_second": speed * batch_size if speed and batch_size else None,
            "seconds_left": (record.steps - step) / speed if speed else None,
            "started_at": record.started_at,
            "ended_at": record.ended_at,
        }

    def _batch_size(self, run: Run) -> int | None:
        try:
            return run.config.batch_size
        except BrokenRunError:
            return None

    def _accuracy(self, record: RunRecord, rows: list[dict[str, Any]]) -> Accuracy | None:
        for name in ("test", "validation"):
            value: Any = record.figures.get(f"{name}_accuracy")
            n: Any = record.figures.get(f"num_{name}_images")
            if value is None:
                value = next(
                    (row[key] for row in reversed(rows) if row.get(key := f"{name}_accuracy") is not None), None
                )
            if value is not None and n is None and name == "test":
                try:
                    n = len(self._test_sets.get(record.dataset).labels)
                except InkproofError:
                    continue
            if isinstance(value, float) and isinstance(n, int) and n > 0 and 0 <= value <= 1:
                low, high = wilson(value * n, n)
                return Accuracy(value=value, n=n, low=low, high=high, set=name)
        return None


def _changed_at(folder: Path) -> int:
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return 0


def read_tail(run: Run) -> list[dict[str, Any]]:
    """The last measurements of a run, in order; [] if there are none."""
    path = run.folder / METRICS_FILE
    try:
        with path.open("rb") as file:
            start = max(0, path.stat().st_size - _TAIL_BYTES)
            file.seek(start)
            lines = file.read().splitlines()
    except OSError:
        return []
    found = (parse_row(line.decode(errors="replace")) for line in (lines[1:] if start else lines))
    return [row for row in found if row is not None]


def _steps_per_second(rows: list[dict[str, Any]]) -> float | None:
    timed = [(row["step"], row["seconds"]) for row in rows if isinstance(row.get("seconds"), int | float)]
    if len(timed) < 2 or timed[-1][1] <= timed[0][1] or timed[-1][0] <= timed[0][0]:
        return None
    return float((timed[-1][0] - timed[0][0]) / (timed[-1][1] - timed[0][1]))


def _as_filter(name: str) -> str:
    """TensorBoard's filter is a regular expression in the address; its runs are folders, `NAME/logs`."""
    from urllib.parse import quote

    return quote(f"^{re.escape(name)}/", safe="")
