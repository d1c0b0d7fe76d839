"""The messages of the API about comparisons: which setting is better, and where two networks answer otherwise.

Holds no behaviour. docs/how-to/compare-fairly.md says what a verdict means.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from inkproof.server.schemas import Accuracy, Message, Pixels

MAX_RUNS = 200

Outcome = Literal["both", "only_first", "only_second", "neither"]


class Text(Message):
    """Sentences in both languages of the page."""

    en: str = Field(description="In English.")
    zh: str = Field(description="In simplified Chinese.")


class JudgedOn(Message):
    """The images that all compared runs are judged by."""

    dataset: str = Field(description="Name of the data set.")
    sha256: str | None = Field(description="Its checksum.")
    set: Literal["test", "validation"] = Field(description="The test images, or training images held out.")
    num_images: int = Field(description="How many there are.")


class RunGroup(Message):
    """Finished runs that differ by nothing but their seed, to be chosen from a list."""

    recipe: str = Field(description="The recipe that they started from.")
    changes: dict[str, Any] = Field(description="Settings that differ from the recipe, by dotted name.")
    judged_on: JudgedOn = Field(description="Only groups that are judged by the same images can be compared.")
    runs: list[str] = Field(description="Names of the runs, the newest first.")
    seeds: list[int] = Field(description="Their seeds.")


class RunGroups(Message):
    """All finished runs."""

    groups: list[RunGroup] = Field(description="The group with the newest run first.")


class DifferingSetting(Message):
    """A setting that is not the same in all groups."""

    name: str = Field(description="Its dotted name, such as `model.filters`.")
    values: list[Any] = Field(description="Its value in each group; null where the architecture has no such setting.")


class ComparedRun(Message):
    """A run of a group."""

    name: str = Field(description="Its name.")
    seed: int = Field(description="Its seed.")
    accuracy: Accuracy
    seconds: float | None = Field(description="Time that its training took, in seconds.")


class GroupAccuracy(Message):
    """The mean accuracy of a group with its uncertainty."""

    mean: float = Field(description="Mean share of images read right, from 0 to 1.")
    low: float = Field(description="Lower end of its 95 % interval.")
    high: float = Field(description="Upper end of its 95 % interval.")
    interval_over: Literal["seeds", "images"] = Field(
        description="`seeds`: Student's t over the runs. `images`: Wilson's, of a single run, or of several that read "
        "equally many right."
    )
    spread: float | None = Field(description="Standard deviation between seeds; null for a single run.")


class GroupCurve(Message):
    """A measurement over the steps; lists of one length."""

    step: list[int] = Field(description="Steps, ascending.")
    mean: list[float] = Field(description="Mean over the runs.")
    low: list[float] = Field(description="The lowest of the runs.")
    high: list[float] = Field(description="The highest of the runs.")


class GroupCurves(Message):
    """How the runs of a group learned."""

    accuracy: GroupCurve
    loss: GroupCurve = Field(description="Cross-entropy of the batch, in nats.")


class ComparedGroup(Message):
    """Runs that differ by nothing but their seed."""

    label: str = Field(description="Its name: the settings that set it apart, its recipe, or its run.")
    runs: list[ComparedRun] = Field(description="Its runs, by seed.")
    accuracy: GroupAccuracy
    seconds: float | None = Field(description="Mean time of a training, in seconds.")
    images_seen: int | None = Field(description="Images that a training learned from, repetitions counted.")
    num_parameters: int | None = Field(description="Numbers that the network learned.")
    curves: GroupCurves


class GroupComparison(Message):
    """One group compared with the first."""

    group: int = Field(description="Its index; the other is group 0.")
    about: Literal["settings", "networks"] = Field(
        description="What is claimed: something of the settings, or (of one run each) of the two networks alone."
    )
    finding: Literal["better", "worse", "none", "unknown"] = Field(
        description="Than group 0. `none`: no difference is shown. `unknown`: nothing can be said yet."
    )
    method: Literal["paired", "welch", "mcnemar"] | None = Field(description="The test; null where it is unknown.")
    difference: float | None = Field(description="This group's share of right answers less that of group 0.")
    low: float | None = Field(description="Lower end of its 95 % interval.")
    high: float | None = Field(description="Upper end of its 95 % interval.")
    p_value: float | None = Field(description="How often chance alone makes so large a difference.")
    p_holm: float | None = Field(description="The same, corrected for all comparisons (Holm).")
    only_first: int | None = Field(description="Of two networks: images that only group 0 read right.")
    only_second: int | None = Field(description="Of two networks: images that only this group read right.")
    more_seeds: int | None = Field(
        description="Seeds each, further to those there are, that would show such a difference in four of five cases."
    )
    text: Text = Field(description="The verdict in words.")


class ComparisonReport(Message):
    """What the settings of runs do, as far as these runs can show it."""

    format: Literal[1]
    judged_on: JudgedOn
    verdict: Text = Field(description="The headline.")
    settings: list[DifferingSetting] = Field(description="Settings that differ; what is equal is left out.")
    groups: list[ComparedGroup] = Field(description="In the order in which their first runs were named.")
    comparisons: list[GroupComparison] = Field(description="Each further group against group 0.")
    remarks: list[Text] = Field(description="What to know beside it, such as runs that were left out.")
    num_pending: int = Field(
        description="Comparisons of two networks that still wait for answers; ask again, and more are there."
    )


class ClassOutcomes(Message):
    """How many images of a class each network read right."""

    label: int = Field(description="Index of the class.")
    both: int = Field(description="Both read them right.")
    only_first: int = Field(description="Only the first read them right.")
    only_second: int = Field(description="Only the second read them right.")
    neither: int = Field(description="Neither read them right.")


class AnswerTable(Message):
    """Where two networks answer otherwise."""

    classes: list[str] = Field(description="Name of each class.")
    judged_on: JudgedOn
    outcomes: list[ClassOutcomes] = Field(description="One for each class.")
    matrix: list[list[int]] = Field(
        description="How many images got each pair of answers: rows the answer of the first, columns of the second."
    )


class DoublyAnsweredImage(Message):
    """An image with what two networks said to it."""

    index: int = Field(description="Its index among the images that the runs are judged by, from 0.")
    label: int = Field(description="Index of its class.")
    answers: tuple[int, int] = Field(description="Index of the class that each network takes it for.")
    probabilities: tuple[float, float] = Field(description="Probability that each gives to its answer.")
    height: int = Field(description="Height in pixels.")
    width: int = Field(description="Width in pixels.")
    channels: int = Field(description="1 for ink, 3 for colour.")
    pixels: Pixels = Field(description="Base64 of uint8 [height, width, channels]; 0 is paper, 255 is ink.")


class DoublyAnsweredImages(Message):
    """Some of the images, the most confident answers first."""

    total: int = Field(description="How many there are.")
    offset: int = Field(description="How many were passed over.")
    images: list[DoublyAnsweredImage] = Field(description="In that order.")
