"""How a sweep is watched while it goes on: in a terminal, in a log file, by a script."""

from __future__ import annotations

import json
import time
from typing import Any

from rich.progress import TaskID

from inkproof.cli.console import out
from inkproof.cli.progress import clock, make_bar
from inkproof.cli.sweep_report import as_dict, describe_trial, num_proofs, print_sweep
from inkproof.runs import RunIndex
from inkproof.sweep.record import Sweep
from inkproof.sweep.search import Unwatched, Watcher
from inkproof.sweep.table import Results, TrialRow, read_results

_ENDED = ("finished", "stopped early", "diverged", "failed")
_LOOK_SECONDS = 1.0


def choose_watcher(*, as_json: bool, quiet: bool) -> Watcher:
    """A live bar for a terminal, plain lines for anything else, JSON lines for scripts, or nothing."""
    if as_json:
        return JsonLines()
    if quiet:
        return Unwatched()
    return Bar() if out.is_terminal else Lines()


class _News(Unwatched):
    """Tells of trials that have ended since the last look."""

    def __init__(self) -> None:
        self._told: set[int] = set()
        self._next_look = 0.0

    def begin(self, sweep: Sweep, num_cpus: float) -> None:
        """Count what had ended before."""
        self._index = RunIndex(sweep.runs_dir)
        self.results = read_results(sweep, self._index.list())
        self._told = {row.number for row in self.results.trials if row.status in _ENDED}
        self.began(sweep, num_cpus)

    def look(self, sweep: Sweep) -> None:
        """Look once a second, and tell what is new."""
        if time.monotonic() >= self._next_look:
            self._next_look = time.monotonic() + _LOOK_SECONDS
            self._tell(sweep)

    def end(self, sweep: Sweep) -> None:
        """Tell what is left to tell, and how it ended."""
        self._tell(sweep)
        self.ended(sweep)

    def began(self, sweep: Sweep, num_cpus: float) -> None:
        """It begins."""

    def trial(self, sweep: Sweep, row: TrialRow) -> None:
        """A trial has ended."""

    def moved(self, sweep: Sweep) -> None:
        """Something may have moved."""

    def ended(self, sweep: Sweep) -> None:
        """It has ended."""

    def _tell(self, sweep: Sweep) -> None:
        self.listed = self._index.list()
        self.results = read_results(sweep, self.listed)
        for row in self.results.trials:
            if row.status in _ENDED and row.number not in self._told:
                self._told.add(row.number)
                self.trial(sweep, row)
        self.moved(sweep)


class Lines(_News):
    """A line for each trial that ended: for logs and pipes."""

    _is_proof_told = False

    def began(self, sweep: Sweep, num_cpus: float) -> None:
        """Say what begins."""
        print(f"{sweep.name}: {_say_size(sweep, self.results, num_cpus)}", flush=True)

    def trial(self, sweep: Sweep, row: TrialRow) -> None:
        """Say how a trial ended."""
        print(describe_trial(row), flush=True)

    def moved(self, sweep: Sweep) -> None:
        """Say once that the trials are over and the proof begins, which may take as long again."""
        if not self._is_proof_told and sweep.status == "running" and sweep.record.stage == "proving":
            self._is_proof_told = True
            count = num_proofs(sweep, self.results)
            if count:
                print(f"the trials are over; trainings on all data that prove the best: {count}", flush=True)

    def ended(self, sweep: Sweep) -> None:
        """Say how it ended."""
        print_sweep(sweep, self.results)


class Bar(_News):
    """A bar for the trials above those of the runs that are being trained; what has ended stays as a line."""

    def began(self, sweep: Sweep, num_cpus: float) -> None:
        """Show the bar."""
        out.print(f"{sweep.name}: {_say_size(sweep, self.results, num_cpus)}", soft_wrap=True, markup=False)
        self._began, self._num_before = time.monotonic(), len(self._told)
        self._bar = make_bar(transient=True)
        self._task: TaskID = self._bar.add_task("", total=sweep.record.plan.trials, name="trials", facts="workers load")
        self._running: dict[str, TaskID] = {}
        self._bar.start()

    def trial(self, sweep: Sweep, row: TrialRow) -> None:
        """Leave a line about it."""
        self._bar.console.print(describe_trial(row), markup=False, soft_wrap=True)

    def moved(self, sweep: Sweep) -> None:
        """Move all bars."""
        record = sweep.record
        proofs = len(self.results.best_runs) + len(self.results.recipe_runs)
        facts = _say_left(record.plan.trials, len(self._told), self._num_before, time.monotonic() - self._began)
        if sweep.is_asked_to_stop:
            facts = "stopping: each training writes a checkpoint"
        elif record.stage == "proving":
            facts = f"training the best anew on all data, {proofs} of {num_proofs(sweep, self.results)} done"
        elif self.results.best is not None and self.results.best.score is not None:
            facts = f"best {self.results.best.score:.2%}  {facts}"
        self._bar.update(self._task, completed=len(self._told), facts=facts)
        self._show_running(sweep)

    def ended(self, sweep: Sweep) -> None:
        """Take the bars down and show what was found."""
        self._bar.stop()
        print_sweep(sweep, self.results)

    def _show_running(self, sweep: Sweep) -> None:
        running = {
            entry.run.name: entry.record
            for entry in self._index.list()
            if entry.status == "running"
            and entry.record
            and entry.record.trial
            and entry.record.trial.sweep == sweep.name
        }
        for name in self._running.keys() - running.keys():
            self._bar.remove_task(self._running.pop(name))
        for name, record in sorted(running.items()):
            if name not in self._running:
                self._running[name] = self._bar.add_task("", total=record.steps, name=name, facts="")
            self._bar.update(
                self._running[name], completed=record.step, facts=f"step {record.step:,} of {record.steps:,}"
            )


class JsonLines(_News):
    """One JSON object a line: `begin`, `trial` for each that ended, `end` with all that was found."""

    def began(self, sweep: Sweep, num_cpus: float) -> None:
        """Write the beginning."""
        self._write({"event": "begin", "sweep": sweep.name, "num_cpus": num_cpus, "num_done": len(self._told)})

    def trial(self, sweep: Sweep, row: TrialRow) -> None:
        """Write a trial."""
        self._write({"event": "trial", **vars(row)})

    def ended(self, sweep: Sweep) -> None:
        """Write the results."""
        self._write({"event": "end", **as_dict(sweep, with_trials=True)})

    def _write(self, line: dict[str, Any]) -> None:
        print(json.dumps(line, ensure_ascii=False), flush=True)


def _say_size(sweep: Sweep, results: Results, num_cpus: float) -> str:
    plan, num_before = sweep.record.plan, len(results.trials)
    before = f", {num_before:,} begun before" if num_before else ""
    seeds = f" by {plan.seeds} seeds" if plan.seeds > 1 else ""
    whole = ", all settings of the space," if plan.trials == plan.num_settings else ""
    return f"{plan.trials:,} trials of {plan.recipe}{seeds}{whole} on {num_cpus:g} processors{before}"


def _say_left(num_trials: int, num_done: int, num_before: int, seconds: float) -> str:
    num_new = num_done - num_before
    return f"about {clock(seconds / num_new * (num_trials - num_done))} left" if num_new > 0 else ""
