"""The messages of the API about sweeps: what is searched, how far it is, what was found.

Holds no behaviour.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from inkproof.server.comparison_schemas import GroupAccuracy, Text
from inkproof.server.schemas import Message
from inkproof.server.training_schemas import MAX_CHANGES, Value
from inkproof.sweep.record import MAX_TRIALS

_MAX_SEEDS = 100
_Trials = Annotated[int, Field(ge=1, le=MAX_TRIALS)]


class SweepSummary(Message):
    """A sweep: trainings that search settings."""

    name: str = Field(description="Its name.")
    recipe: str = Field(description="The recipe whose settings are searched.")
    status: Literal["running", "finished", "interrupted", "failed"] = Field(
        description="`interrupted`: it was stopped, or its process died; it can be resumed."
    )
    stage: Literal["searching", "proving"] = Field(
        description="`proving`: the best setting and the recipe's own are trained anew, to be compared on test images."
    )
    is_stopping: bool = Field(description="Whether it was asked to stop, and soon will.")
    trials: int = Field(description="Settings to try.")
    num_ended: int = Field(description="Settings that were tried to their end, whatever it was.")
    best_score: float | None = Field(description="Accuracy of the best trial on the images held out, 0 to 1.")
    started_at: datetime = Field(description="When it began.")
    ended_at: datetime | None = Field(description="When it ended.")
    message: str | None = Field(description="What went wrong.")


class Sweeps(Message):
    """All sweeps, and whether one can be carried out."""

    sweeps: list[SweepSummary] = Field(description="The newest first.")
    is_available: bool = Field(description="Whether Ray and Optuna are installed, which carry sweeps out.")
    install: str = Field(description="The command that installs them.")
    fixed_settings: list[str] = Field(description="Settings that cannot be searched, by dotted name.")


class SearchedSetting(Message):
    """A setting that is searched."""

    name: str = Field(description="Its dotted name.")
    text: str = Field(description="As it is written: `1e-05..0.1:log`, `16..256`, `linear,relu`.")
    choices: list[bool | int | float | str] | None = Field(description="The values to choose from; null for a range.")
    low: float | None = Field(description="The lowest value of a range.")
    high: float | None = Field(description="The highest value of a range.")
    is_log: bool = Field(description="Whether a range is searched by orders of magnitude.")
    own: bool | int | float | str | None = Field(description="The recipe's own value.")


class TrialView(Message):
    """A setting that is tried."""

    number: int = Field(description="Its number, from 0 in the order in which they were begun.")
    settings: dict[str, bool | int | float | str] = Field(description="The values that it tries, by dotted name.")
    runs: list[str] = Field(description="Names of its runs, one for each seed.")
    status: Literal["waiting", "running", "interrupted", "finished", "stopped early", "diverged", "failed"] = Field(
        description="`stopped early`: others were better after as many steps."
    )
    score: float | None = Field(
        description="Mean accuracy on the images held out, 0 to 1; null before the first, or if it diverged."
    )
    scores: list[float] = Field(description="The accuracy of each run.")
    step: int = Field(description="Steps done, of the run that has done the fewest.")
    steps: int = Field(description="Steps to do.")
    seconds: float = Field(description="Time spent training, over all its runs.")
    is_recipe: bool = Field(description="Whether these are the recipe's own values.")
    message: str | None = Field(description="What went wrong.")


class SettingImportance(Message):
    """How much a setting mattered."""

    name: str = Field(description="Its dotted name.")
    share: float = Field(
        description="Its part in deciding which trials are among the best; of all settings together 1."
    )


class SweepImportance(Message):
    """How much each setting decided whether a trial is among the best (PED-ANOVA)."""

    settings: list[SettingImportance] = Field(description="The most important first.")
    num_best: int = Field(description="Trials that count as the best.")
    num_trials: int = Field(description="Trials that it rests on.")


class SweepProof(Message):
    """The best setting against the recipe's own: trained anew on all data, judged by the test images."""

    seeds: int = Field(description="By how many seeds each is to be trained; 0 if not at all.")
    best_runs: list[str] = Field(description="Finished runs of the best setting, by seed.")
    recipe_runs: list[str] = Field(description="Finished runs of the recipe's own setting, by seed.")
    finding: Literal["better", "worse", "none", "unknown"] | None = Field(
        description="What the best setting is; null while runs of either are missing."
    )
    verdict: Text | None = Field(description="The same in words.")
    best: GroupAccuracy | None = Field(description="Accuracy of the best setting.")
    recipe: GroupAccuracy | None = Field(description="Accuracy of the recipe's own.")
    num_images: int | None = Field(description="Images that both were judged by.")


class SweepView(SweepSummary):
    """A sweep with all that it found."""

    changes: dict[str, Any] = Field(description="Settings that differ from the recipe in every trial.")
    space: list[SearchedSetting] = Field(description="What is searched.")
    seeds: int = Field(description="By how many seeds each setting is trained.")
    hold_out: int = Field(description="Training images that are held out, by which trials are judged.")
    stops_early: bool = Field(description="Whether trials that fall behind are left.")
    seconds: float = Field(description="Time that it took so far.")
    num_cpus: float | None = Field(description="Processors that it has.")
    table: list[TrialView] = Field(description="The trials, by number.")
    best: int | None = Field(description="Number of the best finished trial.")
    importance: SweepImportance | None = Field(
        description="Null where nothing can be said: one setting, fewer than eight trials, or scores all equal."
    )
    proof: SweepProof


class SweepRequest(Message):
    """A sweep to be begun."""

    recipe: str = Field(min_length=1, max_length=80, description="The recipe whose settings are searched.")
    changes: dict[str, Value] = Field(
        default={}, max_length=MAX_CHANGES, description="Settings that differ from the recipe in every trial."
    )
    space: dict[str, Annotated[str, Field(max_length=1_000)]] = Field(
        max_length=MAX_CHANGES,
        description="For each setting to search `LOW..HIGH`, `LOW..HIGH:log` or `A,B,C`, by dotted name.",
    )
    trials: _Trials = Field(30, description="Settings to try.")
    seeds: int = Field(1, ge=1, le=_MAX_SEEDS, description="By how many seeds each is trained.")
    final_seeds: int = Field(
        5, ge=0, le=_MAX_SEEDS, description="By how many seeds the best and the recipe's own are trained at the end."
    )
    stops_early: bool = Field(True, description="Whether trials that fall behind are left.")
    name: str | None = Field(
        None, max_length=240, description="Its name; RECIPE-sweep, numbered, if left out. One that is there goes on."
    )


class SweepResume(Message):
    """How a sweep is to go on."""

    trials: _Trials | None = Field(None, description="Settings to try in all; as many as before if left out.")


class DeletedSweep(Message):
    """What was deleted."""

    name: str = Field(description="The sweep.")
    runs: list[str] = Field(description="Its runs that went into the trash, where they are kept for a day.")
