"""Watching a training that other processes carry out, by what it writes into its run folder. Loads nothing heavy."""

from __future__ import annotations

import json
from typing import Any

from inkproof.progress import Pace, Progress, Reporter
from inkproof.runs import METRICS_FILE, Run, RunRecord


class Follower:
    """Tells a reporter of a training from its run folder, as the training itself would.

    Args:
        run: The run that is trained.
        reporter: Who is told.
    """

    def __init__(self, run: Run, reporter: Reporter) -> None:
        self._run, self._reporter = run, reporter
        self._config = run.config
        self._judged_by = "validation" if self._config.hold_out else "test"
        self._begun: int | None = None  # the resume that was told of last
        self._pace: Pace | None = None
        self._offset, self._step = 0, -1
        self._accuracy: float | None = None
        self._before = run.record

    def look(self) -> None:
        """Tell what is new; to be called a few times a second."""
        record = self._run.record
        if record.num_resumes != self._begun:
            if not _has_begun(record, self._before):
                return
            self._begin(record)
        for row in self._read_new_rows():
            self._tell(row)

    def _begin(self, record: RunRecord) -> None:
        """The training begins, or goes on from a checkpoint after a worker was lost."""
        self._begun, self._step = record.num_resumes, record.step if record.step else -1
        self._offset = 0  # it has been written anew up to the checkpoint
        self._pace = None
        self._reporter.begin(self._run, record.step)

    def _read_new_rows(self) -> list[dict[str, Any]]:
        """Whole lines that the file has gained."""
        try:
            with (self._run.folder / METRICS_FILE).open("rb") as file:
                file.seek(self._offset)
                content = file.read()
        except FileNotFoundError:
            return []
        whole = content[: content.rfind(b"\n") + 1]
        self._offset += len(whole)
        rows = []
        for line in whole.splitlines():
            try:
                rows.append(json.loads(line))
            except ValueError:  # read from its middle, for the file was written anew just now
                continue
        return [row for row in rows if isinstance(row, dict) and (row.get("step") or 0) > self._step]

    def _tell(self, row: dict[str, Any]) -> None:
        step, steps = int(row["step"] or 0), self._config.steps
        self._step = step
        accuracy = row.get(f"{self._judged_by}_accuracy")
        self._accuracy = self._accuracy if accuracy is None else accuracy
        # By the training's own clock, for lines are read several at once.
        if self._pace is None:
            self._pace = Pace(step, row["seconds"])
        speed = self._pace.mark(step, row["seconds"])
        self._reporter.advance(
            Progress(
                step=step,
                steps=steps,
                loss=float("nan") if row["loss"] is None else row["loss"],
                batch_accuracy=row["batch_accuracy"],
                accuracy=self._accuracy,
                judged_by=self._judged_by,
                is_measured=accuracy is not None,
                images_per_second=speed * self._config.batch_size if speed else None,
                seconds_left=(steps - step) / speed if speed else None,
            )
        )


def _has_begun(record: RunRecord, before: RunRecord) -> bool:
    """Whether the images are loaded and the place to begin at is known: of that, `run.json` tells."""
    if record.status == "failed":
        return False
    return record.data_sha256 is not None and (before.data_sha256 is None or record.num_resumes > before.num_resumes)
