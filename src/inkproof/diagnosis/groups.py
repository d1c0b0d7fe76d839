"""Which finished runs differ by nothing but their seed. Judges nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from inkproof.config import Config, load_recipe
from inkproof.diagnosis.answers import JudgedOn
from inkproof.errors import InkproofError
from inkproof.runs import Run, RunRecord

# They say how a training was run, and change nothing of what it learns; a seed is what a group is made of.
_NO_SETTINGS = ("seed", "recipe", "tensorboard", "checkpoint_steps", "checkpoint_seconds")


@dataclass(frozen=True, eq=False)
class Trained:
    """A finished run: what it learned with, and how well it reads.

    Attributes:
        run: The run.
        record: What its `run.json` says.
        settings: Its settings by dotted name, without the seed and what changes nothing.
        images_seen: Images that it learned from, repetitions counted.
        judged_on: The images that it was judged by.
        num_right: How many of them it read right.
    """

    run: Run
    record: RunRecord
    settings: dict[str, Any]
    images_seen: int
    judged_on: JudgedOn
    num_right: int

    @property
    def group_key(self) -> str:
        """The same for runs that differ by nothing but their seed."""
        return repr((self.judged_on, sorted(self.settings.items())))


@dataclass(frozen=True)
class ListedGroup:
    """A group as it is chosen from a list.

    Attributes:
        recipe: The recipe of its newest run.
        changes: Settings that differ from the recipe, by dotted name.
        judged_on: The images that its runs were judged by.
        runs: Names of its runs, in the order given.
        seeds: Their seeds.
    """

    recipe: str
    changes: dict[str, Any]
    judged_on: JudgedOn
    runs: list[str]
    seeds: list[int]


def read_trained(run: Run) -> Trained | None:
    """A run that can be compared; None where it is not finished or has no accuracy.

    Raises:
        BrokenRunError: If the folder is no whole run.
    """
    record = run.record
    judged = next((name for name in ("test", "validation") if f"{name}_accuracy" in record.figures), None)
    n = int(record.figures.get(f"num_{judged}_images", 0))
    if run.status_of(record) != "finished" or judged is None or n < 1:
        return None
    judged_on = JudgedOn(record.dataset, record.data_sha256, cast('Literal["test", "validation"]', judged), n)
    num_right = round(float(record.figures[f"{judged}_accuracy"]) * n)
    config = run.config
    return Trained(run, record, _settings_of(config), config.images_seen(config.steps), judged_on, num_right)


def list_groups(trained: Sequence[Trained]) -> list[ListedGroup]:
    """The groups of runs, in the order of their first runs."""
    members: dict[str, list[Trained]] = {}
    for one in trained:
        members.setdefault(one.group_key, []).append(one)
    return [
        ListedGroup(
            recipe=mates[0].record.recipe,
            changes=_find_changes(mates[0]),
            judged_on=mates[0].judged_on,
            runs=[mate.run.name for mate in mates],
            seeds=[mate.record.seed for mate in mates],
        )
        for mates in members.values()
    ]


def _settings_of(config: Config) -> dict[str, Any]:
    return {name: value for name, value in config.as_flat_dict().items() if name not in _NO_SETTINGS}


def _find_changes(trained: Trained) -> dict[str, Any]:
    try:
        usual = _settings_of(load_recipe(trained.record.recipe))
    except InkproofError:  # a recipe of another version
        usual = {}
    return {name: value for name, value in trained.settings.items() if name not in usual or usual[name] != value}
