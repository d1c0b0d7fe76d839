"""What a series of trainings looks like in a terminal, in a log file, and to a script."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence

from rich.progress import TaskID

from inkproof.cli.console import out
from inkproof.cli.progress import Bar, JsonLines, PlainLines, clock, make_bar
from inkproof.progress import Progress as Advance
from inkproof.progress import Reporter, Silent
from inkproof.runs import Run
from inkproof.series import PlannedRun, Series


def choose_series_reporter(planned: Sequence[PlannedRun], *, as_json: bool, quiet: bool) -> Reporter:
    """As for a single training, with the number of the seed and the time that all of them still take."""
    if as_json:
        return SeriesJson(planned)
    if quiet:
        return Silent()
    say_counted(planned)
    return SeriesBar(planned) if out.is_terminal else SeriesLines(planned)


class Schedule:
    """Which seed of how many is being trained, and how long all that are left will take."""

    def __init__(self, planned: Sequence[PlannedRun]) -> None:
        self.num_seeds = len(planned)
        self.num_done = sum(each.is_done for each in planned)
        self._durations: list[float] = []
        self._began = time.monotonic()

    def end(self) -> None:
        """A run has ended."""
        now = time.monotonic()
        self._durations.append(now - self._began)
        self._began = now
        self.num_done += 1

    def seconds_left(self, of_this_run: float | None) -> float | None:
        """The time that all runs still take, each of the coming ones as long as one did so far."""
        if of_this_run is None:
            return None
        so_far = [*self._durations, time.monotonic() - self._began + of_this_run]
        return of_this_run + (self.num_seeds - self.num_done - 1) * sum(so_far) / len(so_far)

    def seconds_left_between(self) -> float:
        """The same between two runs."""
        return (self.num_seeds - self.num_done) * sum(self._durations) / max(len(self._durations), 1)

    @property
    def place(self) -> str:
        """`seed 3 of 10`."""
        return f"seed {min(self.num_done + 1, self.num_seeds)} of {self.num_seeds}"


class SeriesBar(Silent):
    """A bar for the seeds above the bar of the run that is being trained; what has ended stays as a line."""

    def __init__(self, planned: Sequence[PlannedRun]) -> None:
        self._schedule = Schedule(planned)
        self._bar = make_bar(transient=True)
        self._run = Bar(self._bar)
        self._task: TaskID | None = None

    def begin(self, run: Run, first_step: int) -> None:
        """Show both bars."""
        place, total = self._schedule.place, self._schedule.num_seeds
        self._task = self._bar.add_task("", total=total, completed=self._schedule.num_done, name=place, facts="")
        self._run.begin(run, first_step)

    def advance(self, progress: Advance) -> None:
        """Move both bars: the seeds' by the share of this one that is done."""
        if self._task is None or not self._run.is_due(progress):
            return
        left = self._schedule.seconds_left(progress.seconds_left)
        completed = self._schedule.num_done + progress.step / progress.steps
        self._bar.update(self._task, completed=completed, facts="" if left is None else f"{clock(left)} left in all")
        self._run.advance(progress)

    def end(self, run: Run) -> None:
        """Take the bars down and say how this run ended."""
        self._schedule.end()
        self._run.end(run)
        for task in self._bar.task_ids:
            self._bar.remove_task(task)


class SeriesLines(PlainLines):
    """The lines of each run, after one that says which of how many it is."""

    def __init__(self, planned: Sequence[PlannedRun]) -> None:
        super().__init__()
        self._schedule = Schedule(planned)

    def begin(self, run: Run, first_step: int) -> None:
        """Say which run begins."""
        print(self._schedule.place, end=": ", flush=True)
        super().begin(run, first_step)

    def end(self, run: Run) -> None:
        """Say how it ended, and how long the others will take."""
        super().end(run)
        self._schedule.end()
        if left := self._schedule.seconds_left_between():
            print(f"about {clock(left)} left in all", flush=True)


class SeriesJson(JsonLines):
    """One JSON object a line: the record of each run, those counted first; the summary is the command's."""

    def __init__(self, planned: Sequence[PlannedRun]) -> None:
        for each in planned:
            if each.run is not None and each.is_done:
                self.end(each.run)

    def begin(self, run: Run, first_step: int) -> None:
        """Say nothing."""

    def advance(self, progress: Advance) -> None:
        """Say nothing."""


def say_counted(planned: Sequence[PlannedRun]) -> None:
    """Say which runs are there already, if any."""
    counted = [each.folder.name for each in planned if each.is_done]
    if counted:
        names = counted[0] if len(counted) == 1 else f"{counted[0]} to {counted[-1]}"
        out.print(f"{len(counted)} of {len(planned)} trained before: {names}", soft_wrap=True, markup=False)


def print_series(series: Series) -> None:
    """A table of the runs, and their figures in a line."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("run")
    table.add_column(f"{series.judged_by} accuracy", justify="right")
    table.add_column("training", justify="right")
    for run in series.runs:
        record, status = run.record, run.status
        accuracy = record.figures.get(f"{series.judged_by}_accuracy")
        shown = f"{accuracy:.2%}" if status == "finished" and isinstance(accuracy, float) else status
        table.add_row(Text(run.name), shown, f"{record.timings_seconds.get('training', 0.0):.1f} s")
    out.print(table)
    out.print(series.describe(), soft_wrap=True, markup=False)


def print_series_json(series: Series) -> None:
    """The summary, one JSON object on a line."""
    print(json.dumps({"event": "summary", **series.as_dict()}, ensure_ascii=False), flush=True)
