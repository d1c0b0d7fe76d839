"""What a training looks like in a terminal, in a log file, and to a script."""

from __future__ import annotations

import json
import sys
import time

from rich.progress import BarColumn, Progress, TaskID, TextColumn

from inkproof.cli.console import out
from inkproof.progress import Progress as Advance
from inkproof.progress import Replay, Reporter, Silent
from inkproof.runs import Run, RunRecord

# Plain output says a line when accuracy was measured, and else at most every so many seconds.
_PLAIN_SECONDS = 10.0


def choose_reporter(*, as_json: bool, quiet: bool) -> Reporter:
    """A live bar for a terminal, plain lines for anything else, JSON lines for scripts, or nothing."""
    if as_json:
        return JsonLines()
    if quiet:
        return Silent()
    return Bar() if out.is_terminal else PlainLines()


class Bar:
    """A live bar: step of steps, loss, accuracy on the batch, last test accuracy, images a second, time left."""

    def __init__(self, bar: Progress | None = None) -> None:
        """Draw into `bar`, whose columns show `name` and `facts`; into one of its own by default."""
        self._bar = bar or make_bar()
        self._task: TaskID | None = None
        self._drawn = 0.0

    def begin(self, run: Run, first_step: int) -> None:
        """Show an empty bar, or one that starts at the checkpoint."""
        if self._task is not None:  # several workers begin anew after one was lost
            self._bar.update(self._task, completed=first_step, facts="a worker was lost: going on from the checkpoint")
            return
        self._task = self._bar.add_task(
            "", total=run.record.steps, completed=first_step, name=run.name, facts="the first step is the slowest"
        )
        self._bar.start()

    def replay(self, replay: Replay) -> None:
        """Move the bar over the steps of the run before."""
        if self._task is not None:
            self._bar.update(self._task, completed=replay.step, facts=replay.sentence)

    def advance(self, progress: Advance) -> None:
        """Move the bar, where it is due."""
        if self._task is None or not self.is_due(progress):
            return
        self._drawn = time.monotonic()
        self._bar.update(self._task, completed=progress.step, facts=self._describe(progress))

    def is_due(self, progress: Advance) -> bool:
        """Ten times a second at most: drawing costs as much as a step of a small network."""
        return time.monotonic() - self._drawn >= 0.1 or progress.step == progress.steps

    def end(self, run: Run) -> None:
        """Take the bar down, leaving its last state, and say how it ended."""
        self._bar.stop()
        out.print(summarise(run.record), soft_wrap=True, markup=False)

    def _describe(self, progress: Advance) -> str:
        return "  ".join(part for part in _facts(progress, width=out.width) if part)


def make_bar(*, transient: bool = False) -> Progress:
    """A live bar with a name before and facts behind; `transient` takes it away at its end."""
    return Progress(
        TextColumn("[bold]{task.fields[name]}"),
        BarColumn(bar_width=None),
        TextColumn("{task.fields[facts]}"),
        console=out,
        expand=True,
        transient=transient,
    )


class PlainLines:
    """A line whenever the accuracy was measured, and now and then: for logs and pipes."""

    def __init__(self) -> None:
        self._said = 0.0

    def begin(self, run: Run, first_step: int) -> None:
        """Say what begins."""
        record = run.record
        start = f"from step {first_step:,} " if first_step else ""
        print(f"{run.name}: training {start}to step {record.steps:,} in {run.folder}", flush=True)

    def replay(self, replay: Replay) -> None:
        """Say that steps are replayed, and how long it took."""
        if replay.step in (0, replay.last_step):
            print(replay.sentence, flush=True)

    def advance(self, progress: Advance) -> None:
        """Say a line, if one is due."""
        now = time.monotonic()
        if progress.is_measured or now - self._said >= _PLAIN_SECONDS:
            self._said = now
            print("  ".join(part for part in _facts(progress, width=200) if part), flush=True)

    def end(self, run: Run) -> None:
        """Say how it ended."""
        print(summarise(run.record), flush=True)


class JsonLines:
    """One JSON object a line: `begin`, `progress` whenever the accuracy was measured, `end` with the record.

    A fork says `replay` before and after it replays the steps of the run before.
    """

    def begin(self, run: Run, first_step: int) -> None:
        """Write the beginning."""
        self._write({"event": "begin", "run": run.name, "folder": str(run.folder), "step": first_step})

    def replay(self, replay: Replay) -> None:
        """Write that steps are replayed, and that they were."""
        if replay.step in (0, replay.last_step):
            self._write({"event": "replay", **vars(replay)})

    def advance(self, progress: Advance) -> None:
        """Write a measurement."""
        if progress.is_measured:
            self._write({"event": "progress", **vars(progress)})

    def end(self, run: Run) -> None:
        """Write the record."""
        self._write({"event": "end", **run.record.model_dump(mode="json")})

    def _write(self, line: dict[str, object]) -> None:
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
        sys.stdout.flush()


def summarise(record: RunRecord) -> str:
    """How a training ended, in a sentence or two, and what to do next."""
    seconds = record.timings_seconds.get("training", 0.0)
    if record.status == "finished":
        for name in ("test", "validation"):
            accuracy = record.figures.get(f"{name}_accuracy")
            if isinstance(accuracy, float):
                n = record.figures[f"num_{name}_images"]
                return (
                    f"{record.name}: {record.steps:,} steps in {seconds:.1f} s; "
                    f"right on {accuracy:.2%} of {n:,} {name} images. {record.message or ''}"
                ).rstrip()
    if record.status == "interrupted":
        return f"{record.name}: stopped at step {record.step:,}. Go on with `inkproof resume {record.name}`."
    return f"{record.name}: {record.status}. {record.message or ''}".rstrip()


def _facts(progress: Advance, width: int) -> list[str]:
    """The facts of a line, the least important left out where the terminal is narrow."""
    steps = f"{progress.steps:,}"
    accuracy = "–" if progress.accuracy is None else f"{progress.accuracy:.2%}"
    speed = "" if progress.images_per_second is None else f"{progress.images_per_second:,.0f} images/s"
    left = "" if progress.seconds_left is None else f"{clock(progress.seconds_left)} left"
    loss = f"loss {progress.loss:.3f}" if progress.loss < 1000 else f"loss {progress.loss:.1e}"
    return [
        f"step {progress.step:>{len(steps)},} of {steps}",
        loss if width >= 90 else "",
        f"batch {progress.batch_accuracy:.0%}" if width >= 100 else "",
        f"{progress.judged_by} {accuracy}",
        speed if width >= 120 else "",
        left,
    ]


def clock(seconds: float) -> str:
    """A time for people: `0:05`, `1:02:03`."""
    minutes, rest = divmod(int(seconds + 0.5), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
