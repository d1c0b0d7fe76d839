"""What the trials of a sweep came to: a row for each, read from their runs. Loads neither Ray nor Keras."""

from __future__ import annotations

import csv
import io
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from inkproof.runs import Listed, RunIndex
from inkproof.sweep.record import Sweep, SweepPlan
from inkproof.sweep.space import Value

TrialStatus = Literal["waiting", "running", "interrupted", "finished", "stopped early", "diverged", "failed"]
_LONGEST_FIRST: tuple[str, ...] = ("running", "failed", "diverged", "interrupted", "queued")


@dataclass(frozen=True)
class TrialRow:
    """One trial.

    Attributes:
        number: Its number, from 0 in the order in which they were begun.
        settings: The values that it tries.
        runs: Names of its runs, one for each seed.
        status: What became of it.
        score: Mean accuracy on the images held out, 0..1, the last measured; None before the first measurement, and
            where it diverged.
        scores: The same of each run.
        step: Steps done, of the run that has done the fewest.
        steps: Steps to do.
        seconds: Time spent training, over all its runs.
        is_recipe: Whether it is the recipe's own setting.
        message: What went wrong, if anything did.
    """

    number: int
    settings: dict[str, Value]
    runs: list[str]
    status: TrialStatus
    score: float | None
    scores: list[float]
    step: int
    steps: int
    seconds: float
    is_recipe: bool
    message: str | None

    @property
    def is_open(self) -> bool:
        """Whether there is something left to train.

        One that runs while nobody carries the sweep out was left behind by a process that was killed.
        """
        return self.status in ("waiting", "running", "interrupted", "failed")


@dataclass(frozen=True)
class Results:
    """What a sweep has found.

    Attributes:
        trials: By number.
        best: The finished trial with the highest score; of equals the one with fewer steps. None before the first.
        best_runs: Names of the finished runs of the best setting on all data, by seed.
        recipe_runs: The same of the recipe's own setting.
    """

    trials: list[TrialRow]
    best: TrialRow | None
    best_runs: list[str]
    recipe_runs: list[str]


def read_results(sweep: Sweep, listed: Sequence[Listed] | None = None) -> Results:
    """Read a sweep's results from its runs.

    Args:
        sweep: The sweep.
        listed: All runs of its folder, where they have just been listed.
    """
    plan = sweep.record.plan
    listed = RunIndex(sweep.runs_dir).list() if listed is None else listed
    of_trials: dict[int, list[Listed]] = {}
    proofs: dict[str, list[Listed]] = {"best": [], "recipe": []}
    for entry in listed:
        trial = entry.record.trial if entry.record else None
        if trial is None or trial.sweep != sweep.name:
            continue
        if trial.role == "search" and trial.number is not None:
            of_trials.setdefault(trial.number, []).append(entry)
        elif trial.role in proofs and entry.status == "finished":
            proofs[trial.role].append(entry)
    own = plan.own_settings
    rows = [_row(number, of_trials[number], plan, own) for number in sorted(of_trials)]
    best = choose_best(rows)
    # Those of an earlier best setting are no proof of this one.
    best_runs = [entry for entry in proofs["best"] if best is not None and _number(entry) == best.number]
    return Results(rows, best, _names(best_runs), _names(proofs["recipe"]))


def choose_best(rows: Sequence[TrialRow]) -> TrialRow | None:
    """The finished trial with the highest score; of equals the one with fewer steps, then the earlier."""
    finished = [row for row in rows if row.status == "finished" and row.score is not None]
    return max(finished, key=lambda row: (row.score, -row.steps, -row.number), default=None)


def write_csv(results: Results, plan: SweepPlan) -> str:
    """The trials as CSV, a line each: number, the searched settings by dotted name, status, score and cost."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = [dimension.name for dimension in plan.space]
    writer.writerow(["trial", *names, "status", "validation_accuracy", "step", "steps", "seconds", "runs"])
    for row in results.trials:
        score = "" if row.score is None else row.score
        values = [row.settings[name] for name in names]
        writer.writerow([row.number, *values, row.status, score, row.step, row.steps, row.seconds, " ".join(row.runs)])
    return text.getvalue()


def _row(number: int, entries: Sequence[Listed], plan: SweepPlan, own: dict[str, Value]) -> TrialRow:
    entries = sorted(entries, key=lambda entry: entry.record.seed if entry.record else 0)
    records = [entry.record for entry in entries if entry.record is not None]
    settings = next((record.trial.settings for record in records if record.trial), {})
    status = _status(entries, plan)
    scores = [record.trial.score for record in records if record.trial and record.trial.score is not None]
    is_scored = bool(scores) and status != "diverged"
    return TrialRow(
        number=number,
        settings=settings,
        runs=[entry.run.name for entry in entries],
        status=status,
        score=statistics.fmean(scores) if is_scored else None,
        scores=scores,
        step=min(record.step for record in records),
        steps=records[0].steps,
        seconds=round(sum(record.timings_seconds.get("training", 0.0) for record in records), 3),
        is_recipe=settings == own,
        message=next((record.message for record in records if record.message), None),
    )


def _status(entries: Sequence[Listed], plan: SweepPlan) -> TrialStatus:
    if any(entry.record and entry.record.trial and entry.record.trial.is_stopped_early for entry in entries):
        return "stopped early"
    statuses = {entry.status for entry in entries}
    for status in _LONGEST_FIRST:
        if status in statuses:
            return "waiting" if status == "queued" else status  # type: ignore[return-value]
    # A training ends a moment before its score is known; until then a mean would be one of fewer seeds.
    num_scored = sum(
        bool(entry.record and entry.record.trial and entry.record.trial.score is not None) for entry in entries
    )
    return "finished" if num_scored >= plan.seeds else "interrupted"


def _number(entry: Listed) -> int | None:
    return entry.record.trial.number if entry.record and entry.record.trial else None


def _names(entries: Sequence[Listed]) -> list[str]:
    return [entry.run.name for entry in sorted(entries, key=lambda entry: entry.record.seed if entry.record else 0)]
