"""Messages about trainings: what a form needs, the queue, measurements, the trash, what the event stream tells.

Holds no behaviour.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from inkproof.server.schemas import Message, RunName, RunView

MAX_CHANGES = 200
MAX_ORDER = 1_000

Value = bool | int | float | str | None
_Number = int | float | None
Column = Annotated[list[float | None], Field(description="One for each row; null where it was not measured.")]


class RecipeView(Message):
    """A recipe: settings to start from."""

    name: str = Field(description="Its name.")
    sentence: str = Field(description="What it is, in a sentence.")
    model: str = Field(description="Its architecture.")
    values: dict[str, Any] = Field(description="The value of each setting by dotted name.")


class SettingView(Message):
    """What is known of one setting."""

    name: str = Field(description="Its dotted name, such as `model.filters`.")
    model: str | None = Field(description="The architecture that has it; null for all.")
    type: Literal["integer", "number", "boolean", "choice", "text", "list"] = Field(description="What its values are.")
    default: Any = Field(description="Its value where the recipe names none; null if there is no default.")
    is_optional: bool = Field(description="Whether it may be null.")
    minimum: _Number = Field(description="The lowest value allowed.")
    maximum: _Number = Field(description="The highest value allowed.")
    excludes_minimum: bool = Field(description="Whether the value must lie above the minimum.")
    excludes_maximum: bool = Field(description="Whether the value must lie below the maximum.")
    choices: list[str] = Field(description="All values of a choice; else none.")
    unit: str | None = Field(description="The unit of its values, such as `seconds`.")
    help: str = Field(description="What it is, in a sentence or two.")


class Recipes(Message):
    """All that a form for a new training is drawn from."""

    recipes: list[RecipeView] = Field(description="By name.")
    settings: list[SettingView] = Field(
        description="In the order in which they are defined. One of an architecture's stands once for each that has it."
    )


class RunSettings(Message):
    """The settings of a run."""

    run: str = Field(description="The run.")
    recipe: str = Field(description="The recipe that they started from.")
    model: str = Field(description="Its architecture.")
    values: dict[str, Any] = Field(description="The value of each setting by dotted name.")


class TrainingRequest(Message):
    """A training to be queued."""

    recipe: str = Field(min_length=1, max_length=80, description="The recipe to start from.")
    changes: dict[str, Value] = Field(
        default={},
        max_length=MAX_CHANGES,
        description="Settings that differ from the recipe, by dotted name. A string is read as the setting's own type.",
    )
    name: str | None = Field(None, max_length=240, description="The run's name; the recipe's, numbered, if left out.")
    note: str | None = Field(None, max_length=10_000, description="Words about the run, up to 4,000 characters.")


class ForkRequest(Message):
    """A fork of a run to be queued."""

    step: int | None = Field(
        None,
        ge=0,
        le=10**9,
        description="The step at which to leave the run; the last one that it reached if left out.",
    )
    changes: dict[str, Value] = Field(
        default={},
        max_length=MAX_CHANGES,
        description="Settings that are to be otherwise from then on, by dotted name; `steps` counts those before the "
        "fork too.",
    )
    name: str | None = Field(None, max_length=240, description="The fork's name; RECIPE-from-STEP if left out.")
    note: str | None = Field(None, max_length=10_000, description="Words about the fork, up to 4,000 characters.")


class RunChange(Message):
    """What is to be changed of a run; what is left out stays."""

    name: str | None = Field(None, max_length=240, description="Another name.")
    note: str | None = Field(None, max_length=10_000, description="Another note, up to 4,000 characters.")


class QueueView(Message):
    """What is being trained, and what waits."""

    jobs: int = Field(description="How many trainings at once this server starts.")
    running: list[str] = Field(description="Runs being trained now, whoever started them, by name.")
    waiting: list[str] = Field(description="Runs that wait, the next one first.")
    problem: str | None = Field(description="Why the last training did not go on, in a sentence.")


class QueueOrder(Message):
    """The queue in another order."""

    waiting: list[RunName] = Field(
        max_length=MAX_ORDER,
        description="Runs in their new order. Those that no longer wait are passed over; those that are not named keep "
        "their order behind them.",
    )


class TrashedRun(Message):
    """A deleted run that can be brought back."""

    id: str = Field(description="Its name in the trash.")
    name: str = Field(description="The name that it had.")
    deleted_at: datetime = Field(description="When it was deleted.")
    kept_until: datetime = Field(description="Until when it is kept.")


class TrashView(Message):
    """Deleted runs."""

    runs: list[TrashedRun] = Field(description="The last deleted first.")


class MetricRows(Message):
    """Measurements of a run as columns; all of one length."""

    run: str = Field(description="The run.")
    first_row: int = Field(description="Which of the run's measurements the first row is, from 0.")
    num_rows: int = Field(description="How many measurements the run has, up to the last one here; here may be fewer.")
    step: list[int] = Field(description="Steps done.")
    seconds: Column = Field(description="Seconds since the training began.")
    loss: Column = Field(description="Cross-entropy of the batch in nats; null if not finite.")
    batch_accuracy: Column = Field(description="Share of the batch answered right.")
    test_accuracy: Column = Field(description="Share of all test images answered right; null where not measured.")
    validation_accuracy: Column = Field(
        description="Share of the training images held out answered right; null where not measured."
    )
    learning_rate: Column = Field(description="Size of each change of the weights.")


class Metrics(Message):
    """Measurements of several runs."""

    runs: list[MetricRows] = Field(description="In the order asked for; without those that there are not.")


class Distribution(Message):
    """How the weights, biases or activations of a layer were distributed at several steps, on one grid for all."""

    layer: str = Field(description="The layer, by its name in the model.")
    kind: str = Field(
        description="`weights`, `biases`, `activations` (of 16 test images), or what else it learns, such as `gamma`."
    )
    steps: list[int] = Field(description="n steps, ascending.")
    low: float = Field(description="Where the bins begin; all but the outermost thousandths of each step lie within.")
    high: float = Field(description="Where the bins end.")
    shares: list[list[float]] = Field(
        description="[n, m]: the share of the step's values in each of m bins of one width from low to high, 0 to 1."
    )
    mean: list[float] = Field(description="n means.")
    spread: list[float] = Field(description="n standard deviations.")


class Distributions(Message):
    """What a run logged of its layers."""

    run: str = Field(description="The run.")
    distributions: list[Distribution] = Field(
        description="By layer from the image on; none where the run logs nothing for TensorBoard."
    )


class StreamReset(Message):
    """Event `reset`: the first, and whenever it is not known what was missed. Load runs, queue and metrics anew."""


class RunRemoved(Message):
    """Event `removed`: a run was deleted, or has another name."""

    name: str = Field(description="The name that it had.")


# Event names: `reset`, `run`, `removed`, `metrics` (rows from `first_row` on), `queue`.
StreamData = StreamReset | RunView | RunRemoved | MetricRows | QueueView
