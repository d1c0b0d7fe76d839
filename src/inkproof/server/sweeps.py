"""Sweeps for the API: begun as child processes, read from their records and from the runs of their trials.

A child outlives the server, as a training does; either may die without harming the other.
"""

from __future__ import annotations

import contextlib
import importlib.util
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from inkproof.errors import BrokenSweepError, InkproofError, MissingExtraError, SweepBusyError
from inkproof.runs import Listed, Run, RunIndex, Trash, now
from inkproof.server import sweep_schemas as schemas
from inkproof.server.comparing import Comparer
from inkproof.server.comparison_schemas import Text
from inkproof.server.trainings import read_last_words
from inkproof.sweep.importance import Importance, find_importance
from inkproof.sweep.record import OUTPUT_FILE, Sweep, SweepRecord, create_sweep, list_sweeps, make_plan
from inkproof.sweep.space import FIXED_SETTINGS
from inkproof.sweep.table import Results, TrialRow, read_results, write_csv

INSTALL = "pip install 'inkproof[sweep]'"
_ENDED = ("finished", "stopped early", "diverged", "failed")
_STOP_SECONDS = 10.0  # as long as a training of the demo has
_MAX_KNOWN = 100


class Sweeps:
    """The sweeps of a folder of runs.

    Args:
        index: The runs.
        comparer: Compares the best setting with the recipe's own.
        ends_with_server: Whether sweeps are stopped with the server, as those of the demo; without, they go on alone.
    """

    def __init__(self, index: RunIndex, comparer: Comparer, *, ends_with_server: bool = False) -> None:
        self._index, self._comparer, self._ends_with_server = index, comparer, ends_with_server
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._begun: dict[str, float] = {}
        self._lock = threading.Lock()
        self._importances: dict[str, tuple[object, Importance | None]] = {}
        self._verdicts: dict[tuple[object, ...], dict[str, Any]] = {}

    def view_all(self) -> schemas.Sweeps:
        """All sweeps, the newest first; damaged ones are left out."""
        self._bury()
        listed, found = self._index.list(), []
        for sweep in list_sweeps(self._index.runs_dir):
            with contextlib.suppress(InkproofError):  # deleted or damaged meanwhile
                facts = self._summarise(sweep, sweep.record, read_results(sweep, listed))
                found.append(schemas.SweepSummary(**facts))
        return schemas.Sweeps(
            sweeps=found,
            is_available=is_available(),
            install=INSTALL,
            fixed_settings=[*FIXED_SETTINGS, "model.name"],
        )

    def describe(self, name: str) -> schemas.SweepView:
        """A sweep with its trials, and what they show.

        Raises:
            UnknownSweepError: If there is no such sweep.
            BrokenSweepError: If its record cannot be read.
        """
        self._bury()
        sweep = Sweep(self._index.runs_dir, name)
        record = sweep.record
        plan, results = record.plan, read_results(sweep, self._index.list())
        own, best = plan.own_settings, results.best
        summary = self._summarise(sweep, record, results)
        status = summary["status"]
        return schemas.SweepView(
            **summary,
            changes=plan.changes,
            space=[
                schemas.SearchedSetting(
                    **dimension.model_dump(include={"name", "low", "high", "is_log"}),
                    text=dimension.text,
                    choices=None if dimension.choices is None else list(dimension.choices),
                    own=own[dimension.name],
                )
                for dimension in plan.space
            ],
            seeds=plan.seeds,
            hold_out=plan.config().hold_out,
            stops_early=plan.can_stop_early,
            seconds=record.seconds + self._seconds_now(sweep, record),
            num_cpus=record.num_cpus,
            table=[_view_trial(row, is_running=status == "running") for row in results.trials],
            best=None if best is None else best.number,
            importance=self._weigh(sweep, record, results),
            proof=self._prove(record, results),
        )

    def tabulate(self, name: str) -> str:
        """The trials as CSV.

        Raises:
            UnknownSweepError: If there is no such sweep.
            BrokenSweepError: If its record cannot be read.
        """
        sweep = Sweep(self._index.runs_dir, name)
        return write_csv(read_results(sweep, self._index.list()), sweep.record.plan)

    def start(self, request: schemas.SweepRequest) -> str:
        """Begin a sweep, or go on with one of that name that searches the same. Its name.

        Raises:
            MissingExtraError: If Ray or Optuna is not installed.
            SpaceError: If the space cannot be searched.
            ConfigError: If a setting is unknown, or a value is out of its limits.
            SweepExistsError: If a sweep of that name searches something else.
            SweepBusyError: If it is being carried out already.
        """
        check_available()
        numbers = request.model_dump(include={"trials", "seeds", "final_seeds", "stops_early"})
        plan = make_plan(request.recipe, request.space, request.changes, **numbers)
        with self._lock:
            name = request.name or self._choose_name(f"{request.recipe}-sweep")
            self._check_is_idle(Sweep(self._index.runs_dir, name))
            self._begin(create_sweep(self._index.runs_dir, plan, name))
        return name

    def resume(self, name: str, trials: int | None = None) -> None:
        """Let a sweep go on from where it stands.

        Args:
            name: Its name.
            trials: How many settings to try in all; as many as before by default.

        Raises:
            MissingExtraError: If Ray or Optuna is not installed.
            UnknownSweepError: If there is no such sweep.
            ConfigError: If there are more trials already.
            SweepBusyError: If it is being carried out already.
        """
        check_available()
        with self._lock:
            sweep = Sweep(self._index.runs_dir, name)
            _ = sweep.record  # says if there is none
            self._check_is_idle(sweep)
            if trials is not None:
                sweep.resize(trials)
            self._begin(sweep)

    def stop(self, name: str) -> None:
        """Ask a sweep to end; trainings at hand end with a checkpoint. One that is at rest is left as it is.

        Raises:
            UnknownSweepError: If there is no such sweep.
        """
        self._bury()
        sweep = Sweep(self._index.runs_dir, name)
        if self._status(sweep, sweep.record) != "running":
            return
        child = self._children.get(name)
        if child is None or sweep.is_busy():
            sweep.ask_to_stop()
            return
        # It still loads, and would forget what it was asked before it begins.
        child.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(_STOP_SECONDS)
        if sweep.record.status == "running":
            sweep.update(status="interrupted", ended_at=now())

    def delete(self, name: str, *, with_runs: bool = False) -> list[str]:
        """Take a sweep's record away. Names of the runs that went into the trash.

        Args:
            name: Its name.
            with_runs: Whether its runs go into the trash, but for those that a process is at work in.

        Raises:
            UnknownSweepError: If there is no such sweep.
            SweepBusyError: If it is being carried out.
        """
        self._bury()
        sweep = Sweep(self._index.runs_dir, name)
        with contextlib.suppress(BrokenSweepError):  # it can be deleted all the same
            sweep.record  # noqa: B018 - says if there is none
        self._check_is_idle(sweep)
        sweep.delete()
        trashed: list[str] = []
        for run in self._runs_of(name) if with_runs else ():
            with contextlib.suppress(InkproofError):
                trashed.append(Trash(self._index.runs_dir).put(run).name)
        return trashed

    def close(self) -> None:
        """Ask the sweeps of the demo to end, and wait for them a moment; others go on."""
        if not self._ends_with_server:
            return
        for name in self._children:
            with contextlib.suppress(OSError):
                Sweep(self._index.runs_dir, name).ask_to_stop()
        for child in self._children.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(_STOP_SECONDS)
            child.terminate()

    def _begin(self, sweep: Sweep) -> None:
        sweep.forget_stop()
        sweep.update(status="running", stage="searching", ended_at=None, message=None)
        command = [sys.executable, "-m", "inkproof", "sweeps", "resume", sweep.name]
        self._begun[sweep.name] = time.monotonic()
        # Into a file and not a pipe: a sweep whose server was killed must not find its reader gone.
        with (sweep.folder / OUTPUT_FILE).open("wb") as output:
            self._children[sweep.name] = subprocess.Popen(
                [*command, "--runs-dir", str(self._index.runs_dir), "--quiet"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C in the terminal is for the server
            )

    def _bury(self) -> None:
        """Forget children that ended; one that could not even say so in its record failed."""
        with self._lock:
            for name, child in list(self._children.items()):
                if child.poll() is None:
                    continue
                del self._children[name], self._begun[name]
                sweep = Sweep(self._index.runs_dir, name)
                with contextlib.suppress(InkproofError, OSError):
                    if child.returncode != 0 and sweep.record.status == "running" and not sweep.is_busy():
                        said = read_last_words(sweep.folder / OUTPUT_FILE)
                        message = f"The sweep ended with exit status {child.returncode}. {said}".strip()
                        sweep.update(status="failed", ended_at=now(), message=message)

    def _check_is_idle(self, sweep: Sweep) -> None:
        child = self._children.get(sweep.name)
        if child is not None and sweep.record.status != "running":  # it has said how it ended, and is about to
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(_STOP_SECONDS)
        if (child is not None and child.poll() is None) or (sweep.folder.is_dir() and sweep.is_busy()):
            raise SweepBusyError(
                f"The sweep '{sweep.name}' is being carried out already.", "Watch it, or stop it first.", field="name"
            )

    def _status(self, sweep: Sweep, record: SweepRecord) -> Any:
        """The status now. A child that still loads what it needs does not hold the lock yet."""
        is_begun = record.status == "running" and sweep.name in self._children
        return "running" if is_begun else sweep.status

    def _seconds_now(self, sweep: Sweep, record: SweepRecord) -> float:
        """Time since it began or went on, which its record adds only when it ends."""
        if self._status(sweep, record) != "running":
            return 0.0
        began = self._begun.get(sweep.name)
        if began is not None:
            return round(time.monotonic() - began, 1)
        return max(0.0, round((now() - (record.resumed_at or record.started_at)).total_seconds(), 1))

    def _summarise(self, sweep: Sweep, record: SweepRecord, results: Results) -> dict[str, Any]:
        status = self._status(sweep, record)
        return {
            "name": sweep.name,
            "recipe": record.plan.recipe,
            "status": status,
            "stage": record.stage,
            "is_stopping": status == "running" and sweep.is_asked_to_stop,
            "trials": record.plan.trials,
            "num_ended": sum(row.status in _ENDED for row in results.trials),
            "best_score": None if results.best is None else results.best.score,
            "started_at": record.started_at,
            "ended_at": record.ended_at,
            "message": record.message,
        }

    def _choose_name(self, stem: str) -> str:
        """A name that no sweep has, nor had: runs that are left of one would be taken for trials of the other."""
        runs_dir = self._index.runs_dir
        taken = {entry.record.trial.sweep for entry in self._index.list() if entry.record and entry.record.trial}
        number, name = 1, stem
        while name in taken or Sweep(runs_dir, name).folder.exists():
            number += 1
            name = f"{stem}-{number}"
        return name

    def _runs_of(self, name: str) -> Sequence[Run]:
        return [entry.run for entry in self._index.list() if _belongs(entry, name)]

    def _weigh(self, sweep: Sweep, record: SweepRecord, results: Results) -> schemas.SweepImportance | None:
        ended = tuple((row.number, row.status, row.score) for row in results.trials if row.status in _ENDED)
        key = (record.started_at, ended)
        known = self._importances.get(sweep.name)
        if known is None or known[0] != key:
            known = key, find_importance(record.plan, results.trials)
            if len(self._importances) > _MAX_KNOWN:
                self._importances.clear()
            self._importances[sweep.name] = known
        found = known[1]
        return None if found is None else schemas.SweepImportance(
            settings=[schemas.SettingImportance(name=name, share=share) for name, share in found.shares.items()],
            num_best=found.num_best,
            num_trials=found.num_trials,
        )  # fmt: skip

    def _prove(self, record: SweepRecord, results: Results) -> schemas.SweepProof:
        facts: dict[str, Any] = {"finding": None, "verdict": None, "best": None, "recipe": None, "num_images": None}
        names = (*results.recipe_runs, *results.best_runs)
        if results.recipe_runs and results.best_runs:
            key = (record.name, record.started_at, names)
            if key not in self._verdicts:
                with contextlib.suppress(InkproofError):  # a run was changed by hand; the view that compares says how
                    if len(self._verdicts) > _MAX_KNOWN:
                        self._verdicts.clear()
                    self._compare(key, names)
            facts = self._verdicts.get(key, facts)
        return schemas.SweepProof(
            seeds=record.plan.final_seeds, best_runs=results.best_runs, recipe_runs=results.recipe_runs, **facts
        )

    def _compare(self, key: tuple[object, ...], names: Sequence[str]) -> None:
        report = self._comparer.compare([Run(self._index.runs_dir / name) for name in names])
        if report.num_pending > 0 or len(report.groups) != 2:  # networks still answer; asked again the next time
            return
        recipe, best = report.groups
        self._verdicts[key] = {
            "finding": report.comparisons[0].finding,
            "verdict": _name_sides(report.verdict, recipe.label, best.label),
            "best": best.accuracy,
            "recipe": recipe.accuracy,
            "num_images": report.judged_on.num_images,
        }


def _view_trial(row: TrialRow, *, is_running: bool) -> schemas.TrialView:
    # A worker takes some seconds to load before it holds the lock of the run that it has made.
    status = "waiting" if is_running and row.status == "interrupted" else row.status
    return schemas.TrialView.model_validate({**asdict(row), "status": status})


def _name_sides(verdict: Text, recipe: str, best: str) -> Text:
    """A verdict that calls the two by what they are, where it would call them by their runs."""
    en = verdict.en.replace(f"‘{best}’", "the best setting").replace(f"‘{recipe}’", "the recipe’s own")
    zh = verdict.zh.replace(f"“{best}”", "最好的设置").replace(f"“{recipe}”", "配方本身")
    return Text(en=en[:1].upper() + en[1:] if en.startswith("the best") else en, zh=zh)


def is_available() -> bool:
    """Whether Ray and Optuna are installed. Looks without loading them, which takes seconds."""
    return all(importlib.util.find_spec(name) is not None for name in ("ray", "optuna"))


def check_available() -> None:
    """Refuse what needs them.

    Raises:
        MissingExtraError: If either is missing.
    """
    if not is_available():
        raise MissingExtraError("A sweep needs Ray and Optuna, which are not installed here.", f"Run: {INSTALL}")


def _belongs(entry: Listed, name: str) -> bool:
    return entry.record is not None and entry.record.trial is not None and entry.record.trial.sweep == name
