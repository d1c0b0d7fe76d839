"""Every message of the API, with shapes and units: what `docs/reference/openapi.json` and the page's types say.

Holds no behaviour. Arrays of pixels travel as Base64 of uint8 in rows; 0 is paper and 255 is ink.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from inkproof.ink.strokes import MAX_POINTS, MAX_STROKES, Drawing

MAX_INPUTS = 256
MAX_NETWORKS = 8

View = Literal["drawn", "centred"]
Pixels = Annotated[str, Field(json_schema_extra={"contentEncoding": "base64"})]
RunName = Annotated[str, Field(min_length=1, max_length=80, description="Name of a run.")]


class Message(BaseModel):
    """The base of all messages."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class ErrorBody(Message):
    """What went wrong, in whole sentences."""

    code: str = Field(description="The error's name, for programs, such as `unknown_run`.")
    message: str = Field(description="What came, and what was expected.")
    hint: str | None = Field(description="What to do next, where the message does not say it all.")
    field: str | None = Field(description="The part of the request at fault, such as `drawings[0].strokes[2].width`.")


class ErrorEnvelope(Message):
    """The one shape of every error."""

    error: ErrorBody


class TensorBoard(Message):
    """Where TensorBoard runs, or why it does not."""

    url: str | None = Field(description="Its address; null while it starts and where there is none.")
    problem: str | None = Field(description="Why there is none, in a sentence; null while all is well.")


class Health(Message):
    """That the server is there, and what stands beside it."""

    service: Literal["inkproof"] = "inkproof"
    status: Literal["ok"] = "ok"
    version: str = Field(description="Version of Inkproof.")
    tensorboard: TensorBoard
    runs_dir: str = Field(description="The folder of all runs.")
    can_train: bool = Field(
        description="Whether the asker may start, stop, rename and delete runs, and their folder can be written to."
    )
    training_problem: str | None = Field(description="Why the last training did not go on, in a sentence.")


class Accuracy(Message):
    """A measured share of right answers with its uncertainty."""

    value: float = Field(ge=0, le=1, description="Share of images answered right.")
    n: int = Field(ge=1, description="Images measured on.")
    low: float = Field(ge=0, le=1, description="Lower end of the 95 % interval (Wilson).")
    high: float = Field(ge=0, le=1, description="Upper end of the 95 % interval (Wilson).")
    set: Literal["test", "validation"] = Field(description="Which images: the test set, or training images held out.")


class RunParent(Message):
    """The run that a fork was made from."""

    name: str = Field(description="Its name at that time; it may have another now, or be deleted.")
    step: int = Field(description="The step at which the fork leaves it.")
    started_at: datetime = Field(description="When its training began: by this it is known again under another name.")


class RunTrial(Message):
    """The place of a run in a sweep."""

    sweep: str = Field(description="The sweep's name.")
    role: Literal["search", "best", "recipe"] = Field(
        description="`search`: a setting that is tried. `best`, `recipe`: the best setting and the recipe's own, anew."
    )
    number: int | None = Field(description="The trial that it belongs to, from 0.")
    is_stopped_early: bool = Field(description="Whether it was left, for others were better after as many steps.")


class RunView(Message):
    """A run: one training and its network."""

    name: str = Field(description="Its name, which is the name of its folder.")
    recipe: str | None = Field(description="The recipe that it started from.")
    model: str | None = Field(description="Its architecture.")
    note: str | None = Field(description="What a person wrote about it.")
    dataset: str | None = Field(description="The data set that it learned from; its test images are examples.")
    parent: RunParent | None = Field(description="Of a fork: the run whose first steps it shares.")
    trial: RunTrial | None = Field(description="Of a run that a sweep made: its place there.")
    status: Literal["queued", "running", "finished", "interrupted", "diverged", "failed", "broken"] = Field(
        description="`queued`: waits to be trained. `broken`: a folder that is no whole run; `problem` says why."
    )
    is_stopping: bool = Field(description="Whether a running training was asked to stop, and soon will.")
    step: int | None = Field(description="Step reached.")
    steps: int | None = Field(description="Steps to learn in all.")
    message: str | None = Field(description="What the training says about how it ended.")
    accuracy: Accuracy | None = Field(description="The newest measured accuracy.")
    num_parameters: int | None = Field(description="Numbers that the network learned.")
    training_seconds: float | None = Field(description="Time spent learning so far, in seconds.")
    images_per_second: float | None = Field(description="Speed of a running training.")
    seconds_left: float | None = Field(description="Time that a running training still needs, in seconds.")
    classes: list[str] = Field(description="Name of each class, in the order of the probabilities.")
    image_shape: tuple[int, int, int] | None = Field(description="Height, width and channels of its images, in pixels.")
    can_answer: bool = Field(description="Whether there is a network to ask, finished or not.")
    timeline: list[int] = Field(description="Steps at which the network was kept, ascending.")
    newest_step: int | None = Field(description="Step of the network that answers when no step is named.")
    started_at: datetime | None = Field(description="When the training began; when it was queued, if it waits.")
    ended_at: datetime | None = Field(description="When the training ended.")
    tensorboard_url: str | None = Field(description="TensorBoard's page of this run.")
    problem: str | None = Field(description="What is wrong with the folder.")


class Runs(Message):
    """All runs, newest first."""

    runs: list[RunView] = Field(description="The newest first.")


class Filters(Message):
    """The weights of a network's first layer, as pictures."""

    step: int = Field(description="Step at which the network had these weights.")
    layer: Literal["convolution", "dense"] = Field(description="Kind of the first layer.")
    filters: int = Field(description="n, the number of pictures: filters, or units.")
    height: int = Field(description="Height of a picture in pixels.")
    width: int = Field(description="Width of a picture in pixels.")
    channels: int = Field(description="Channels of a picture.")
    pixels: Pixels = Field(
        description="Base64 of uint8 [n, height, width, channels]: 128 is a weight of 0, 1 is −limit, 255 is +limit."
    )
    limit: float = Field(description="The largest absolute weight.")


class NetworkChoice(Message):
    """A network to ask: of which run, and as it was when."""

    run: RunName
    step: int | None = Field(
        None, ge=0, le=10**9, description="A step of the run's timeline; null is the newest network there is."
    )


Networks = Annotated[
    list[NetworkChoice],
    Field(min_length=1, max_length=MAX_NETWORKS, description=f"1 to {MAX_NETWORKS} networks to ask."),
]


class PredictRequest(Message):
    """Inputs of exactly one kind, and the networks to ask."""

    drawings: list[Drawing] | None = Field(
        None,
        min_length=1,
        max_length=MAX_INPUTS,
        description=f"Up to {MAX_INPUTS} drawings with up to {MAX_POINTS:,} points and {MAX_STROKES} strokes together.",
    )
    images: list[Any] | None = Field(
        None,
        min_length=1,
        max_length=MAX_INPUTS,
        description=f"Up to {MAX_INPUTS} images as nested lists [height][width] or [height][width][channels] of whole "
        "numbers from 0 (paper) to 255 (ink), in the shape that the networks take.",
    )
    pngs: list[Pixels] | None = Field(
        None,
        min_length=1,
        max_length=MAX_INPUTS,
        description=f"Up to {MAX_INPUTS} image files (PNG, JPEG, GIF, BMP, WebP), each as Base64. They are read as "
        "`inkproof predict` reads files: ink and paper are found.",
    )
    networks: Networks
    views: list[View] = Field(
        default=["drawn"],
        min_length=1,
        max_length=2,
        description="`drawn`: as it lies on the pad. `centred`: as MNIST's digits were made, in a 20×20 box around "
        "the centre of mass.",
    )

    @model_validator(mode="after")
    def _check_inputs(self) -> PredictRequest:
        given = [name for name in ("drawings", "images", "pngs") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"{' and '.join(given) or 'no input'} came; one of drawings, images, pngs was expected")
        num_points = sum(drawing.num_points for drawing in self.drawings or [])
        if num_points > MAX_POINTS:
            raise ValueError(f"the drawings have {num_points:,} points; at most {MAX_POINTS:,} together were expected")
        num_strokes = sum(len(drawing.strokes) for drawing in self.drawings or [])
        if num_strokes > MAX_STROKES:
            raise ValueError(f"the drawings have {num_strokes} strokes; at most {MAX_STROKES} together were expected")
        return self


class SeenImage(Message):
    """What a network sees of an input."""

    view: View = Field(description="How the input was laid into the frame.")
    height: int = Field(description="Height in pixels.")
    width: int = Field(description="Width in pixels.")
    channels: int = Field(description="1 for ink, 3 for colour.")
    pixels: Pixels = Field(description="Base64 of uint8 [height, width, channels]; 0 is paper, 255 is ink.")
    is_blank: bool = Field(description="Whether there is no ink at all, so that there is no answer.")


class Answer(Message):
    """What a network says to one view of one input."""

    run: str = Field(description="The run asked.")
    step: int = Field(description="Step of the network that answered.")
    view: View = Field(description="The view that it answered to.")
    probabilities: list[float] = Field(description="One for each class, from 0 to 1; together 1.")
    best: int = Field(description="Index of the most probable class.")


class FailedAnswer(Message):
    """Why a network could not answer; the others still did."""

    run: str = Field(description="The run asked.")
    step: int | None = Field(description="The step asked for; null for the newest.")
    view: View = Field(description="The view that was to be answered to.")
    error: ErrorBody


class InputAnswers(Message):
    """All about one input."""

    views: list[SeenImage] = Field(description="One for each view and each size that a network takes.")
    answers: list[Answer | FailedAnswer] = Field(description="One for each network and view; none for a blank view.")


class PredictResponse(Message):
    """Answers, in the order of the inputs."""

    inputs: list[InputAnswers] = Field(description="One for each input, in their order.")
    milliseconds: float = Field(description="Time that the server took, from the request read to the answer made.")


class EdgeMapRequest(Message):
    """A drawing to be moved everywhere, and the networks to ask."""

    drawing: Drawing
    networks: Networks
    view: View = Field("drawn", description="The place from which offsets count: as drawn, or centred as MNIST.")


class EdgeMap(Message):
    """One network's answers with the drawing at every place where its ink still fits the frame uncut."""

    run: str = Field(description="The run asked.")
    step: int = Field(description="Step of the network that answered.")
    centre_class: int | None = Field(
        description="The class it answers with the ink's box in the middle of the frame; null if there is no ink."
    )
    dx: list[int] = Field(description="Offsets to the right, ascending, in pixels of the network's images.")
    dy: list[int] = Field(description="Offsets down, ascending, in pixels of the network's images.")
    probabilities: list[list[float]] = Field(
        description="Probability of `centre_class` at each offset: one row for each dy, one column for each dx."
    )
    best: list[list[int]] = Field(description="The most probable class at each offset, laid out in the same way.")
    blank: bool = Field(
        description="Whether there is no ink; then there are no offsets. Ink larger than the frame is an error."
    )


class FailedMap(Message):
    """Why a network could not answer; the others still did."""

    run: str = Field(description="The run asked.")
    step: int | None = Field(description="The step asked for; null for the newest.")
    error: ErrorBody


class EdgeMapResponse(Message):
    """Edge maps, in the order of the networks asked."""

    maps: list[EdgeMap | FailedMap] = Field(description="One for each network asked, in their order.")
    milliseconds: float = Field(description="Time that the server took, from the request read to the answer made.")


class Example(Message):
    """A test image of a data set."""

    index: int = Field(description="Its index among the test images, from 0.")
    label: int = Field(description="Index of its class.")
    class_name: str = Field(description="Name of its class.")
    height: int = Field(description="Height in pixels.")
    width: int = Field(description="Width in pixels.")
    channels: int = Field(description="1 for ink, 3 for colour.")
    pixels: Pixels = Field(description="Base64 of uint8 [height, width, channels]; 0 is paper, 255 is ink.")


class ReadImageResponse(Message):
    """An image file as a network takes it."""

    height: int = Field(description="Height in pixels.")
    width: int = Field(description="Width in pixels.")
    channels: int = Field(description="1 for ink, 3 for colour.")
    pixels: Pixels = Field(description="Base64 of uint8 [height, width, channels]; 0 is paper, 255 is ink.")
    polarity: Literal["dark-on-light", "light-on-dark"] | None = Field(
        description="How the picture was read; null for colour."
    )
    polarity_detected: bool = Field(description="Whether the polarity was found in the picture rather than given.")
