"""The messages of the API about proof suites: what was measured, what is being measured, and the images behind it.

Holds no behaviour. docs/reference/evaluation.md says what each suite asks.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from inkproof.server.schemas import Message, Pixels

SuiteName = Literal["clean", "edges", "shifts", "affine", "corruptions", "strokes"]


class Figure(Message):
    """A share of right answers with what it rests on."""

    value: float | None = Field(description="The share, from 0 to 1; null where nothing was asked.")
    n: int = Field(description="Answers that it is the share of.")
    low: float | None = Field(description="Lower end of the 95 % interval.")
    high: float | None = Field(description="Upper end of the 95 % interval.")
    num_digits: int = Field(description="Different test images behind the answers.")


class CurvePoint(Figure):
    """A figure at one place of a curve."""

    at: float = Field(description="The place, such as an angle in degrees.")


class CountMap(Message):
    """Right answers and answers at each offset; a row for each offset down, a column for each to the right."""

    num_right: list[list[int]] = Field(description="Right answers at each offset.")
    n: list[list[int]] = Field(description="Answers at each offset.")


class ClassShifts(Message):
    """The shift maps of one class."""

    label: int = Field(description="Index of the class.")
    figure: Figure = Field(description="Its digits where they stay whole, at all offsets together.")
    whole: CountMap
    cut: CountMap


class ShiftMaps(Message):
    """Accuracy with the digits moved by each offset."""

    offsets: list[int] = Field(description="Pixels to the right and down, ascending.")
    whole: CountMap = Field(description="Digits that stay whole there.")
    cut: CountMap = Field(description="All digits, of which some are cut by the edge of the frame.")
    per_class: list[ClassShifts] = Field(description="The same for each class.")


class CalibrationBin(Message):
    """Answers whose confidence lies between two ends."""

    low: float = Field(description="Lower end of the confidence, from 0 to 1.")
    high: float = Field(description="Upper end of the confidence.")
    confidence: float | None = Field(description="Mean probability given to the answers; null where there are none.")
    accuracy: Figure


class Calibration(Message):
    """Whether the network is as often right as it says."""

    error: float = Field(description="Expected calibration error, from 0 to 1.")
    n: int = Field(description="Answers that it rests on.")
    bins: list[CalibrationBin] = Field(description="15 of equal width, ascending.")


class SuiteResult(Message):
    """What a suite measured. Which of the parts behind `num_images` it has depends on the suite."""

    score: Figure = Field(description="The figure that counts.")
    parts: dict[str, Figure] = Field(description="Figures by name, such as `top_left` or `fog`.")
    ended_at: datetime = Field(description="When it was measured.")
    seconds: float = Field(description="How long it took.")
    num_images: int = Field(description="How many images were asked about.")
    confusion: list[list[int]] | None = Field(None, description="`clean`: rows the truth, columns the answer.")
    calibration: Calibration | None = Field(None, description="`clean`.")
    shifts: ShiftMaps | None = Field(None, description="`shifts`.")
    severities: dict[str, list[Figure]] | None = Field(
        None, description="`corruptions`: for each kind, slight to severe."
    )
    curves: dict[str, list[CurvePoint]] | None = Field(None, description="`affine` and `strokes`.")


class SuiteView(Message):
    """A suite, and what it measured of a network."""

    suite: SuiteName = Field(description="Its name.")
    num_images: int | None = Field(description="How many images it asks about; null until it was measured.")
    is_begun: bool = Field(description="Whether a part was measured; measuring it goes on from there.")
    result: SuiteResult | None = Field(description="Null where the network, as it is now, was not measured.")


class RunEvaluation(Message):
    """What the proof suites say of a run's network."""

    run: str = Field(description="Name of the run.")
    classes: list[str] = Field(description="Name of each class.")
    num_test_images: int = Field(description="Test images of its data set.")
    suites: list[SuiteView] = Field(description="Those that are defined for its images, in order.")
    problem: str | None = Field(description="Why it cannot be measured, in a sentence; null if it can.")


class EvaluationRequest(Message):
    """Which suites to measure."""

    suites: Annotated[list[SuiteName], Field(min_length=1, max_length=6)] | None = Field(
        None, description="Null measures all that were not measured yet."
    )


class EvaluationJob(Message):
    """A measuring that was asked for."""

    run: str = Field(description="Name of the run.")
    suites: list[SuiteName] = Field(description="Those asked for.")
    state: Literal["waiting", "running", "failed"] = Field(
        description="One runs at a time. What ended well is gone from the list; what failed stays until asked again."
    )
    suite: SuiteName | None = Field(description="The suite under way.")
    num_done: int = Field(description="Images asked about so far, those of an earlier attempt included.")
    num_images: int | None = Field(description="Images to ask about in all; null until that is known.")
    seconds_left: float | None = Field(description="Time still needed; null until that can be told.")
    problem: str | None = Field(description="Why it failed.")


class EvaluationJobs(Message):
    """All measurings, in the order in which they are carried out."""

    jobs: list[EvaluationJob] = Field(description="The first is at work, or the next to be.")


class AnsweredImage(Message):
    """A test image with what a network said to it."""

    index: int = Field(description="Its index among the test images, from 0.")
    label: int = Field(description="Index of its class.")
    answer: int = Field(description="Index of the most probable class.")
    probability: float = Field(description="Probability given to the answer.")
    probability_of_label: float = Field(description="Probability given to the true class.")
    height: int = Field(description="Height in pixels.")
    width: int = Field(description="Width in pixels.")
    channels: int = Field(description="1 for ink, 3 for colour.")
    pixels: Pixels = Field(description="Base64 of uint8 [height, width, channels]; 0 is paper, 255 is ink.")


class AnsweredImages(Message):
    """Some of the test images, the most confident answers first."""

    run: str = Field(description="Name of the run.")
    total: int = Field(description="How many there are.")
    offset: int = Field(description="How many were passed over.")
    images: list[AnsweredImage] = Field(description="Those behind `offset`, up to the limit.")
