"""Comparing runs fairly: what differs between them, how well they read, what it cost, and what that proves.

Runs that differ by nothing but their seed are one group. What is claimed about settings rests on several seeds; of one
training each only the two networks are compared. Trains nothing; see `significance.py` for the tests.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from inkproof.diagnosis import significance
from inkproof.diagnosis import verdict_words as words
from inkproof.diagnosis.answers import AnswerBook, JudgedOn
from inkproof.diagnosis.curves import Curve, draw_curves
from inkproof.diagnosis.groups import Trained, read_trained
from inkproof.diagnosis.metrics import wilson
from inkproof.diagnosis.verdict_words import Text
from inkproof.errors import BrokenRunError, UsageError
from inkproof.runs import Run

# Up to so many settings make a label; more are no help to the eye.
_MAX_IN_LABEL = 2


@dataclass(frozen=True, eq=False)
class Group:
    """Runs that differ by nothing but their seed.

    Attributes:
        label: Its name for people.
        runs: Its runs, by seed.
        settings: Their settings by dotted name, without the seed and what changes nothing.
        mean: Their mean accuracy.
        low: Lower end of its 95 % interval: over seeds (Student's t); over images (Wilson) of one run, and of several
            that read equally many right, whose equality is chance and no certainty.
        high: Upper end of it.
        spread: Standard deviation between seeds; None for one run.
        seconds: Mean time of a training.
        images_seen: Images that a training learned from, repetitions counted.
        num_parameters: Numbers that the network learned.
        curves: Mean and band over the steps, by name.
    """

    label: str
    runs: tuple[Trained, ...]
    settings: dict[str, Any]
    mean: float
    low: float
    high: float
    spread: float | None
    seconds: float | None
    images_seen: int
    num_parameters: int | None
    curves: dict[str, Curve]

    @property
    def interval_over(self) -> Literal["seeds", "images"]:
        """What the interval is over."""
        return "seeds" if self.spread else "images"

    @property
    def counts(self) -> list[int]:
        """Right answers of each run."""
        return [trained.num_right for trained in self.runs]

    @property
    def seeds(self) -> list[int]:
        """The seed of each run."""
        return [trained.record.seed for trained in self.runs]


@dataclass(frozen=True, eq=False)
class Comparison:
    """One group compared with the first.

    Attributes:
        group: Its index; the other is group 0.
        about: What is claimed: something of the `settings`, or of the two `networks` alone.
        finding: `better` or `worse` than group 0, `none` where no difference is shown, `unknown` where nothing can
            be said: too few seeds, no spread, or answers that are not there yet.
        test: The test behind it; None where it is unknown.
        p_holm: Its p-value, corrected for all comparisons.
        more_seeds: Seeds each, further to those there are, that would show such a difference (80 % power); None
            where that is not known, or more than a thousand.
        text: The verdict in words.
    """

    group: int
    about: Literal["settings", "networks"]
    finding: Literal["better", "worse", "none", "unknown"]
    test: significance.Test | None
    p_holm: float | None
    more_seeds: int | None
    text: Text


@dataclass(frozen=True, eq=False)
class Report:
    """A whole comparison.

    Attributes:
        judged_on: The images that all runs were judged by.
        settings: The settings that differ: for each name its value in every group.
        groups: The groups, in the order in which their first runs were given.
        comparisons: Each further group against the first.
        verdict: The headline.
        remarks: What to know beside it: runs left out, unequal versions.
        num_pending: Networks that have not answered yet.
    """

    judged_on: JudgedOn
    settings: dict[str, list[Any]]
    groups: list[Group]
    comparisons: list[Comparison]
    verdict: Text
    remarks: list[Text]
    num_pending: int

    def __str__(self) -> str:
        """The verdicts in English, one a line, and the remarks."""
        verdicts = [comparison.text.en for comparison in self.comparisons]
        headline = [] if len(verdicts) == 1 else [self.verdict.en]
        return "\n".join([*headline, *verdicts, *(remark.en for remark in self.remarks)])

    def as_dict(self) -> dict[str, Any]:
        """The comparison as it goes into JSON."""
        from inkproof.diagnosis.compare_json import as_dict

        return as_dict(self)


def compare(runs: Sequence[Run], open_book: Callable[[JudgedOn], AnswerBook] = AnswerBook) -> Report:
    """Compare finished runs by the images that they were judged by.

    Args:
        runs: Two or more; the group of the first is the one that the others are compared with.
        open_book: Gives the answers to those images, which are asked for only where two single networks are compared.

    Returns:
        The comparison. Runs that are not finished, and second runs of the same seed, are left out with a remark.

    Raises:
        UsageError: If fewer than two finished runs remain, or they were judged by different images.
        NetworkFileError: If a network that must answer cannot.
    """
    trained, remarks = _take(runs)
    judged_on = _check_judged_on(trained)
    groups = _group(trained, remarks)
    settings = _find_differing([group.settings for group in groups])
    groups = _label(groups, settings)
    book = open_book(judged_on)
    tests = [_test(groups[0], group, book) for group in groups[1:]]
    remarks += _find_remarks(trained, judged_on)
    comparisons = _judge(groups, tests)
    pending = {index for index, test in enumerate(tests, 1) if test is None and _is_single(groups[0], groups[index])}
    return Report(
        judged_on=judged_on,
        settings=settings,
        groups=groups,
        comparisons=comparisons,
        verdict=words.headline(groups[0], [(comparison.finding, comparison.text) for comparison in comparisons]),
        remarks=remarks,
        num_pending=len(pending),
    )


# ── which runs ─────────────────────────────────────────────────────────────────────────────────────


def _take(runs: Sequence[Run]) -> tuple[list[Trained], list[Text]]:
    """The runs that can be compared, and a remark on each that cannot."""
    trained, remarks = [], []
    for run in {run.folder: run for run in runs}.values():
        try:
            found, status = read_trained(run), run.status
        except BrokenRunError:
            remarks.append(words.say("left_out_broken", run=run.name))
            continue
        if found is not None:
            trained.append(found)
        else:
            key = "left_out_diverged" if status == "diverged" else "left_out"
            remarks.append(words.say(key, run=run.name, status=words.status(status)))
    if len(trained) < 2:
        told = "".join(f" {remark.en}" for remark in remarks)
        names = ", ".join(f"'{run.name}'" for run in runs) or "none"
        raise UsageError(
            f"Two or more different finished runs are needed to compare; these came: {names}.{told}",
            "List all runs with `inkproof runs`.",
            field="run",
        )
    return trained, remarks


def find_judged_on(runs: Sequence[Run]) -> JudgedOn:
    """The images that finished runs were judged by.

    Raises:
        UsageError: If fewer than two different runs are finished, or they were judged by different images.
    """
    return _check_judged_on(_take(runs)[0])


def _check_judged_on(trained: list[Trained]) -> JudgedOn:
    first, *others = trained
    for other in others:
        if other.judged_on != first.judged_on:
            one, two = str(first.judged_on), str(other.judged_on)
            if one == two:
                one, two = f"{one} ({first.judged_on.sha256})", f"{two} ({other.judged_on.sha256})"
            raise UsageError(
                f"These runs were judged by different images: '{first.run.name}' by {one}, '{other.run.name}' by "
                f"{two}. Their accuracies cannot be compared.",
                "Compare runs of one data set that hold out equally many images (`hold_out`).",
                field="run",
            )
    return first.judged_on


def _group(trained: list[Trained], remarks: list[Text]) -> list[Group]:
    members: dict[str, list[Trained]] = {}
    for one in trained:
        mates = members.setdefault(one.group_key, [])
        twin = next((mate for mate in mates if mate.record.seed == one.record.seed), None)
        if twin is None:
            mates.append(one)
        else:  # the same training over again, and no second witness
            remarks.append(words.say("same_seed", run=one.run.name, other=twin.run.name, seed=str(one.record.seed)))
    if sum(map(len, members.values())) < 2:
        raise UsageError(
            f"All these runs are the same training: settings and seed of '{trained[0].run.name}'.",
            "Train with another seed, or other settings, and compare then.",
            field="run",
        )
    return [_summarise(sorted(mates, key=lambda mate: mate.record.seed)) for mates in members.values()]


def _summarise(mates: list[Trained]) -> Group:
    first, n = mates[0], mates[0].judged_on.num_images
    counts = [mate.num_right for mate in mates]
    if len(mates) > 1:
        mean, low, high, spread = significance.mean_interval(counts, n)
    else:
        mean, low, high, spread = counts[0] / n, 0.0, 1.0, None
    if not spread:
        low, high = wilson(counts[0], n)
    seconds = [mate.record.timings_seconds["training"] for mate in mates if "training" in mate.record.timings_seconds]
    num_parameters = first.record.figures.get("num_parameters")
    return Group(
        label=first.run.name,
        runs=tuple(mates),
        settings=first.settings,
        mean=mean,
        low=low,
        high=high,
        spread=spread,
        seconds=sum(seconds) / len(seconds) if seconds else None,
        images_seen=first.images_seen,
        num_parameters=int(num_parameters) if num_parameters is not None else None,
        curves=draw_curves([mate.run for mate in mates]),
    )


# ── what differs ───────────────────────────────────────────────────────────────────────────────────


def _find_differing(settings: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """The settings whose value is not the same in all groups; None where an architecture has no such setting."""
    names = dict.fromkeys(name for one in settings for name in one)
    table = {name: [one.get(name) for one in settings] for name in names}
    return {name: values for name, values in table.items() if any(value != values[0] for value in values)}


def _label(groups: list[Group], differing: dict[str, list[Any]]) -> list[Group]:
    recipes = [group.runs[0].record.recipe for group in groups]
    labels = []
    for index, group in enumerate(groups):
        if len(group.runs) == 1:
            label = group.runs[0].run.name
        elif 0 < len(differing) <= _MAX_IN_LABEL and not any(map(words.is_of_beginning, differing)):
            label = ", ".join(f"{name} {words.format_value(values[index])}" for name, values in differing.items())
        elif recipes.count(recipes[index]) == 1:
            label = recipes[index]
        else:
            label = f"{group.runs[0].run.name} (+{len(group.runs) - 1})"
        labels.append(label)
    # A run may be named like a recipe; the name of a group's first run is nobody else's.
    return [
        replace(group, label=label if labels.count(label) == 1 else group.runs[0].run.name)
        for group, label in zip(groups, labels, strict=True)
    ]


def _find_remarks(trained: list[Trained], judged_on: JudgedOn) -> list[Text]:
    remarks = []
    if judged_on.set == "validation":
        remarks.append(words.say("validation", n=f"{judged_on.num_images:,}"))
    unequal = [name for name in ("inkproof", "keras", "tensorflow", "tensorflow-cpu")
               if len({one.record.versions.get(name) for one in trained}) > 1]  # fmt: skip
    if unequal:
        remarks.append(words.say("versions", names=", ".join(unequal)))
    machines = {str(one.record.machine.get("processor")) for one in trained}
    if len(machines) > 1:
        remarks.append(words.say("machines", n=str(len(machines))))
    return remarks


# ── what it proves ─────────────────────────────────────────────────────────────────────────────────


def _is_single(one: Group, other: Group) -> bool:
    return len(one.runs) == len(other.runs) == 1


def _is_paired(one: Group, other: Group) -> bool:
    return one.seeds == other.seeds


def _test(first: Group, second: Group, book: AnswerBook) -> significance.Test | None:
    if _is_single(first, second):
        answers = [book.get_in_time(group.runs[0].run) for group in (first, second)]
        if answers[0] is None or answers[1] is None:
            return None
        right, other = (given.classes == book.split.labels for given in answers if given is not None)
        return significance.compare_networks(int((right & ~other).sum()), int((other & ~right).sum()), len(right))
    if min(len(first.runs), len(second.runs)) < 2:
        return None
    n = first.runs[0].judged_on.num_images
    return significance.compare_seeds(first.counts, second.counts, n, paired=_is_paired(first, second))


def _judge(groups: list[Group], tests: list[significance.Test | None]) -> list[Comparison]:
    adjusted = iter(significance.holm([test.p_value for test in tests if test is not None]))
    num_tests = sum(test is not None for test in tests)
    baseline, comparisons = groups[0], []
    for index, test in enumerate(tests, 1):
        group = groups[index]
        p_holm = None if test is None else next(adjusted)
        finding: Literal["better", "worse", "none", "unknown"] = "unknown"
        more_seeds = None
        if test is not None and p_holm is not None:
            finding = "none" if p_holm > significance.LEVEL else "better" if test.difference > 0 else "worse"
            if finding == "none" and test.method != "mcnemar":
                level = significance.LEVEL / num_tests
                paired = test.method == "paired"
                needed = significance.seeds_needed(baseline.counts, group.counts, paired=paired, level=level)
                more_seeds = None if needed is None else needed - min(len(baseline.runs), len(group.runs))
        about: Literal["settings", "networks"] = "networks" if _is_single(baseline, group) else "settings"
        comparison = Comparison(index, about, finding, test, p_holm, more_seeds, Text("", ""))
        comparisons.append(replace(comparison, text=words.verdict(baseline, group, comparison, num_tests)))
    return comparisons
